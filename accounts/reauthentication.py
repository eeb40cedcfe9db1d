"""Pages that ask for a log-in a few minutes old at most."""

from __future__ import annotations

import time
from collections.abc import Callable

from allauth.account import app_settings
from allauth.account.authentication import get_authentication_records
from allauth.account.decorators import reauthentication_required
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


def recent_login_required(view: View) -> View:
    """The view, which asks for password, passkey or second factor again unless that was within the last minutes.

    An account with none of these is asked to log in again: AccountAdapter.is_reauthentication_required.
    """
    guarded: View = reauthentication_required(view)
    return login_required(guarded)


def just_logged_in(request: HttpRequest) -> bool:
    """True if the last log-in or reauthentication of this cookie session is within ACCOUNT_REAUTHENTICATION_TIMEOUT."""
    records = get_authentication_records(request, request.user)
    return bool(records) and time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT
