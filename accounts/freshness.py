"""What may be done only by somebody who has just shown who they are."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.decorators import reauthentication_required
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

View = Callable[[HttpRequest], HttpResponse]


def fresh_sign_in_required(view: View) -> View:
    """Asks for the password, passkey or second factor once more, unless that was within the last minutes.

    django-allauth lets those pass who have none of these, as they log in by mailed code or through another site:
    they are asked to log in anew.
    """
    guarded_by_allauth: View = reauthentication_required(view)

    @wraps(view)
    @login_required
    def guarded(request: HttpRequest) -> HttpResponse:
        if just_signed_in(request) or get_adapter().get_reauthentication_methods(request.user):
            return guarded_by_allauth(request)
        context = {"nav": "account", "redirect_field_value": request.path}
        return render(request, "account/base_reauthenticate.html", context, status=403)

    return guarded


def just_signed_in(request: HttpRequest) -> bool:
    """Whether this session's last proof of who is there is younger than what allauth takes for fresh."""
    records = get_authentication_records(request, request.user)
    return bool(records) and time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT
