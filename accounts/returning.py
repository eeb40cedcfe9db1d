"""The place that somebody wanted to go to before they had to log in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from allauth.account.utils import passthrough_next_redirect_url
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

View = Callable[..., HttpResponse]


def place_kept(view: View) -> View:
    """Where the view sends somebody back to the entrance, their `next` goes with them, if it is on this site."""

    @wraps(view)
    def keeping(request: HttpRequest) -> HttpResponse:
        response = view(request)
        place = response.get("Location")
        if place in (reverse("account_login"), reverse("account_request_login_code")):
            response["Location"] = passthrough_next_redirect_url(request, place, REDIRECT_FIELD_NAME)
        return response

    return keeping
