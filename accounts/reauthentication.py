"""Pages that ask for a log-in a few minutes old at most."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from allauth.account import app_settings
from allauth.account.authentication import get_authentication_records
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.mfa.models import Authenticator
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.models import User

View = Callable[..., HttpResponse]
SECOND_FACTORS = {Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES}


def recent_login_required(view: View) -> View:
    """The view, which asks for password, passkey or second factor again unless that was within the last minutes.

    An account with none of these is asked to log in again: AccountAdapter.is_reauthentication_required.
    """
    guarded: View = reauthentication_required(view)
    return login_required(guarded)


def ask_who_is_there(request: HttpRequest) -> None:
    """Does nothing if that was shown within the last minutes. Otherwise raises what the middleware answers: it asks."""
    raise_if_reauthentication_required(request, app="")


def just_logged_in(request: HttpRequest) -> bool:
    """True if the last log-in or reauthentication of this cookie session is within ACCOUNT_REAUTHENTICATION_TIMEOUT."""
    records = get_authentication_records(request, request.user)
    return bool(records) and _is_recent(records[-1])


def owes_second_factor(request: HttpRequest) -> bool:
    """True if the user has an authenticator app, and this cookie session has shown no code of it in the last minutes.

    A recovery code counts, too. A password, however fresh, must not be enough to take the second step away.
    """
    if not has_app(request.user):
        return False
    records = get_authentication_records(request, request.user)
    return not any(record.get("type") in SECOND_FACTORS and _is_recent(record) for record in records)


def leads_to_second_step(request: HttpRequest) -> bool:
    """True if the next page is one of those that change the second step or show its codes."""
    page = request.POST.get("next") or request.GET.get("next") or ""
    return page.startswith(reverse("mfa_index"))


def has_app(user: object) -> bool:
    """True if this is a user with an authenticator app, which is what a second step is."""
    return isinstance(user, User) and Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


def _is_recent(record: dict[str, Any]) -> bool:
    return bool(time.time() - record["at"] < app_settings.REAUTHENTICATION_TIMEOUT)
