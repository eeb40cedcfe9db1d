"""The middleware: the access log, headers, limits and compression."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable

import brotli
from csp.constants import HEADER
from csp.utils import build_policy
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, DataError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.request import split_domain_port
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.encoding import escape_uri_path
from requests import RequestException

from accounts.limits import TooOften
from accounts.mail import MailNotSent
from accounts.same_person import is_of_another_person
from database.outages import is_outage
from forum import errors, health, metrics
from forum.bodies import largest_body
from forum.charsets import REFUSED
from forum.logs import new_request_id, request_id

access_log = logging.getLogger("forum.access")
LONGEST_PATH = 500  # characters; no address of the site comes near


class AccessLogMiddleware:
    """One line a request: method, path, status, bytes, milliseconds. No query (searches are personal), no address.

    With LOG_FORMAT=json all lines of a request have its id, and so has the answer. Answers are counted for /metrics.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        if settings.LOG_FORMAT == "json":
            request_id.set(new_request_id(request.headers.get("X-Request-ID", "")))
        response = self.get_response(request)
        if settings.LOG_FORMAT == "json":
            response.headers["X-Request-ID"] = request_id.get()
        metrics.count(request, response.status_code)
        access_log.info(
            "%s %s %d %s %.1fms",
            request.method,
            escape_uri_path(request.path[:LONGEST_PATH]),  # a line break in it must not begin a line of its own
            response.status_code,
            "-" if response.streaming else len(response.content),
            1000 * (time.perf_counter() - began),
        )
        return response


MONITORING = {
    "/health/live": health.live,
    "/health/ready": health.ready,
    "/health/seen": health.seen,
    "/metrics": metrics.metrics,
}


class HealthMiddleware:
    """Answers monitoring at any host and scheme: a container asks 127.0.0.1, whatever the site's address is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = MONITORING.get(request.path)
        return view(request) if view else self.get_response(request)


STAYS = (
    "/calendar/",
    "/dav",
    "/.well-known/",
    "/health/",
    "/static/",
    "/media/",
)  # what programs and monitoring ask for


class FormerNamesMiddleware:
    """Sends browsers that use a former name of the site on to SITE_URL. Calendars are answered where they ask.

    A form that was opened under the former name is still taken there: a redirect would lose what was typed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.IS_PUBLIC and request.method in ("GET", "HEAD") and not request.path.startswith(STAYS):
            name, _ = split_domain_port(request.get_host())
            if name != settings.SITE_HOST:
                return HttpResponsePermanentRedirect(f"{settings.SITE_URL}{request.get_full_path()}")
        return self.get_response(request)


# What the pages never use, and no file that gets into them shall. Passkeys and copying an address are for us alone.
NEVER_USED = (
    *("accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media", "fullscreen"),
    *("geolocation", "gyroscope", "hid", "idle-detection", "magnetometer", "microphone", "midi", "payment"),
    *("picture-in-picture", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking"),
)
USED = ("clipboard-write", "publickey-credentials-create", "publickey-credentials-get")
PERMISSIONS_POLICY = ", ".join(
    [*(f"{feature}=()" for feature in NEVER_USED), *(f"{feature}=(self)" for feature in USED)]
)


class PermissionsPolicyMiddleware:
    """Adds Permissions-Policy to every answer: the features of the browser that pages may use."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers["Permissions-Policy"] = PERMISSIONS_POLICY
        return response


class ContentSecurityPolicyMiddleware:
    """django-csp's header, put together once: the site has one policy, without nonces.

    django-csp's own middleware builds it for every answer, which takes a seventh of the time of a calendar's poll.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._policy: object = None
        self._header = ""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if settings.DEBUG and response.status_code in (404, 500):
            return response  # Django's own pages for developers have inline styles
        if settings.CONTENT_SECURITY_POLICY is not self._policy:
            self._policy, self._header = settings.CONTENT_SECURITY_POLICY, build_policy()
        response.headers.setdefault(HEADER, self._header)
        return response


PAGE_METHODS = ("GET", "HEAD", "POST", "OPTIONS")


class BodyLimitMiddleware:
    """Answers 413 to a body larger than any form of ours sends, before reading any of it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        # A length that is no number Django takes for none, and reads nothing.
        if length.isdecimal() and int(length) > largest_body(request.path):
            return errors.too_large(request)
        return self.get_response(request)


class CharsetMiddleware:
    """Answers 400 in words, with all headers of a page, to what CharsetApplication refuses."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return errors.unreadable() if request.META.get(REFUSED) else self.get_response(request)


class PageMethodsMiddleware:
    """Answers 405 to methods that no page has; sends a calendar program that asks the front page on to CalDAV.

    It comes before the test for CSRF: programs take that test's 403 for a wrong password. Views that are exempt from
    the test, such as CalDAV's, answer for themselves.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: object, kwargs: object
    ) -> HttpResponse | None:
        if request.method in PAGE_METHODS or getattr(view, "csrf_exempt", False):
            return None
        caldav = reverse("agenda:caldav")
        if request.path == "/" and request.method in ("PROPFIND", "REPORT"):
            return HttpResponse(status=308, headers={"Location": caldav})  # unlike 301, it keeps method and body
        words = f"A page has no {request.method}. Calendar programs synchronise with {caldav}\n"
        headers = {"Allow": ", ".join(PAGE_METHODS), "Content-Type": "text/plain; charset=utf-8"}
        return HttpResponse(words, status=405, headers=headers)


class SamePersonMiddleware:
    """Answers 409 to a star, a rank or another form of my agenda from a page that was made for another person.

    It comes before the test for CSRF, whose page would offer the person who is there now to repeat the star.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: object, kwargs: object
    ) -> HttpResponse | None:
        is_ours = request.resolver_match and request.resolver_match.app_name == "agenda"
        if request.method != "POST" or not is_ours or getattr(view, "csrf_exempt", False):
            return None
        return errors.another_person(request) if is_of_another_person(request) else None


class NulMiddleware:
    """Takes NUL, which PostgreSQL refuses, out of headers, and drops cookies that have one.

    In an address or a form it is what the person asked for: forms refuse it, and errors.broken() answers the rest.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        for name, value in request.META.items():
            if name.startswith("HTTP_") and "\0" in value:
                request.META[name] = value.replace("\0", "")
        if "\\" in request.META.get("HTTP_COOKIE", ""):  # "\\000", between quotes, is read as NUL
            request.COOKIES = {name: value for name, value in request.COOKIES.items() if "\0" not in value}
        return self.get_response(request)


class RefusalsMiddleware:
    """Answers 429, 503 or 409 if a view raises TooOften, MailNotSent or UpdateError; 503 if another site is gone.

    If the account or the event was deleted meanwhile, what then failed in the database is answered with 410.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, TooOften):
            return errors.too_often(request, exception.seconds)
        if isinstance(exception, UpdateError):
            request.session.modified = False  # it cannot be saved
            return (
                errors.account_deleted(request) if errors.is_deleted(request) else errors.logged_in_meanwhile(request)
            )
        error = exception.__cause__ if isinstance(exception, Http404) else exception
        rows_are_gone = isinstance(error, (DatabaseError, ObjectDoesNotExist)) and not isinstance(error, DataError)
        if rows_are_gone and not is_outage(error):
            if errors.is_deleted(request):
                request.session.modified = False
                return errors.account_deleted(request)
            if errors.is_event_deleted(request):
                return errors.not_found(request, exception)
        if isinstance(exception, RequestException):
            return errors.no_answer_elsewhere(request)
        return errors.no_mail(request) if isinstance(exception, MailNotSent) else None


AS_THEY_ARE = ("text/calendar", "application/zip")
SHORTEST = 200  # bytes; a shorter answer is not compressed. GZipMiddleware has the same limit
QUALITY = 5  # of 11: as fast as gzip, and an eighth smaller


class PageCompressionMiddleware(GZipMiddleware):
    """Compresses pages: by brotli where the browser reads it, otherwise by gzip.

    Calendars and files go out as they are: compression would weaken their ETags, which clients compare. A zip is
    compressed already.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if "ETag" in response.headers or response.headers.get("Content-Type", "").startswith(AS_THEY_ARE):
            return response
        codings = request.headers.get("Accept-Encoding", "").replace(" ", "").split(",")
        if "br" not in codings or "Content-Encoding" in response.headers:
            return super().process_response(request, response)
        if not isinstance(response, HttpResponse) or len(response.content) < SHORTEST:
            return super().process_response(request, response)
        patch_vary_headers(response, ("Accept-Encoding",))
        response.content = brotli_of(response.content)
        response.headers["Content-Encoding"] = "br"
        response.headers["Content-Length"] = str(len(response.content))
        return response


def brotli_of(page: bytes) -> bytes:
    """The compressed page, with 1 to 100 bytes at its end that browsers skip.

    An observer of the network sees lengths. A page is shorter if a text on it repeats a secret on it, so its length
    would help to guess the secret (BREACH). A random length makes that hard. GZipMiddleware adds as many bytes.
    """
    compressor, skipped = brotli.Compressor(quality=QUALITY), 1 + secrets.randbelow(100)
    whole = compressor.process(page) + compressor.flush()
    metadata = (0b010110 | skipped - 1 << 6).to_bytes(2, "little") + bytes(skipped)  # RFC 7932, 9.2: one byte of length
    return bytes(whole + metadata + compressor.finish())


OF_ONE_PERSON = ("/accounts/", "/agenda/")


class PrivateMiddleware:
    """Pages show stars, names and form tokens: unless a view says otherwise, no shared cache may keep its answer.

    No cache at all keeps what a browser with a session gets. Otherwise, Back would show it after log-out, or to the
    next person who logs in. The same is true of pages about one person, on which somebody types an address or a code.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        personal = request.path.startswith(OF_ONE_PERSON) or settings.SESSION_COOKIE_NAME in request.COOKIES
        response.headers.setdefault("Cache-Control", "private, no-store" if personal else "private")
        return response


class StorageMiddleware:
    """Has the browser delete what it keeps of the site when its session is over: see docs/security.md.

    It is over where its cookie is taken away: by logging out, deleting the account, or being logged out elsewhere.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        cookie = response.cookies.get(settings.SESSION_COOKIE_NAME)
        if cookie and not cookie.value:
            response.headers["Clear-Site-Data"] = '"storage"'
        return response
