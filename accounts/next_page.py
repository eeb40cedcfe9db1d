"""The page that a person wanted to open before they had to log in, and the log-in that waits in this browser."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from allauth.account.internal.stagekit import get_pending_stage
from allauth.account.utils import passthrough_next_redirect_url
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

BEGUN = "Another log-in was begun in this browser, and what you sent was not used. Finish that one, or cancel it first."
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


def begun_log_in_told(view: View) -> View:
    """The view, which says so where it uses nothing of a form because another log-in in this browser waits for more."""

    @wraps(view)
    def telling(request: HttpRequest) -> HttpResponse:
        stage = get_pending_stage(request) if request.method == "POST" else None
        response = view(request)
        if stage and stage.urlname and response.get("Location") == reverse(stage.urlname):
            messages.info(request, BEGUN)
        return response

    return telling
