"""The page that a person wanted to open before they had to log in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from allauth.account.utils import passthrough_next_redirect_url
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

View = Callable[..., HttpResponse]


def next_page_kept(view: View) -> View:
    """The view, whose redirects to the log-in pages carry `next` along if it is a page of this site."""

    @wraps(view)
    def keeping(request: HttpRequest) -> HttpResponse:
        response = view(request)
        target = response.get("Location")
        if target in (reverse("account_login"), reverse("account_request_login_code")):
            response["Location"] = passthrough_next_redirect_url(request, target, REDIRECT_FIELD_NAME)
        return response

    return keeping
