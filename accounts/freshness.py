"""What may be done only by somebody who has just shown who they are."""

from __future__ import annotations

import time
from collections.abc import Callable

from allauth.account import app_settings
from allauth.account.authentication import get_authentication_records
from allauth.account.decorators import reauthentication_required
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


def fresh_sign_in_required(view: View) -> View:
    """Asks for the password, passkey or second factor once more, unless that was within the last minutes.

    Who has none of these is asked to log in anew: AccountAdapter.is_reauthentication_required.
    """
    guarded: View = reauthentication_required(view)
    return login_required(guarded)


def just_signed_in(request: HttpRequest) -> bool:
    """Whether this session's last proof of who is there is younger than what allauth takes for fresh."""
    records = get_authentication_records(request, request.user)
    return bool(records) and time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT
