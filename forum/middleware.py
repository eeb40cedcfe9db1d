"""What every request passes through: the access log, and the filter that keeps secrets out of every log."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

from accounts.keys import LOOKUP_LENGTH

access_log = logging.getLogger("forum.access")

# Up to .ics where there is one: a mistyped key may hold anything.
CALENDAR_KEY = re.compile(rf"(/calendar/[^/\s?\"']{{{LOOKUP_LENGTH}}})(?:[^\n?\"']*?\.ics|[^/\s?\"']*)", re.IGNORECASE)


def without_keys(text: str) -> str:
    """The text with every calendar address cut after the part of the key that opens nothing."""
    return CALENDAR_KEY.sub(r"\1…", text)


class HideCalendarKeys(logging.Filter):
    """On every handler: no log line of ours, Django's or a library's holds a whole calendar address."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if "/calendar/" in message:
            record.msg, record.args = without_keys(message), ()
        return True


class AccessLogMiddleware:
    """One line a request: method, path, status, bytes, milliseconds. No query (searches are personal), no address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        access_log.info(
            "%s %s %d %s %.1fms",
            request.method,
            quote(request.path),  # encoded again, so that no path can look like a line of its own
            response.status_code,
            "-" if response.streaming else len(response.content),
            1000 * (time.perf_counter() - began),
        )
        return response


class PagesGZipMiddleware(GZipMiddleware):
    """Compresses pages. Calendars go out as they are: compressing would weaken their ETags, which clients compare."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.headers.get("Content-Type", "").startswith("text/calendar"):
            return response
        return super().process_response(request, response)


class PrivateMiddleware:
    """Pages show stars, names and form tokens: unless a view says otherwise, no shared cache may keep its answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private")
        return response
