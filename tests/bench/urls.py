"""The site's addresses and, before them, the view that every other is measured by."""

from __future__ import annotations

from random import Random

from django.http import HttpRequest, HttpResponse
from django.urls import path

from forum.urls import urlpatterns as site
from tests.bench.event import prose

SIZE = 10 * 1024  # bytes
HEAD, FOOT = b"<!doctype html><title>Yardstick</title><p>", b"</p>"
TEXT = prose(Random(10), SIZE).encode()[: SIZE - len(HEAD) - len(FOOT)]
PAGE = HEAD + TEXT + FOOT


def yardstick(request: HttpRequest) -> HttpResponse:
    """10 KB of HTML that need no work at all: what remains is the server and the middleware."""
    return HttpResponse(PAGE)


urlpatterns = [path("bench/yardstick", yardstick, name="yardstick"), *site]
