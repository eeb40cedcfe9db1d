"""What is secret in a test, and whether any of it turned up in the logs, a Referer or the editing history."""

from __future__ import annotations

import io
import re
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qsl

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.core import mail
from playwright.sync_api import BrowserContext, Request

from accounts.keys import LOOKUP_LENGTH, SECRET_LENGTH
from accounts.models import CalendarKey
from tests.forum.secrecy import SHORTEST, found

COOKIES = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)
# allauth's fields that hold one; what is typed wrong is somebody's password, too.
FIELDS = ("password", "password1", "password2", "oldpassword", "csrfmiddlewaretoken")
CODE = re.compile(r"[A-Z0-9]{4}-[A-Z0-9]{4}")
WHOLE_KEY = re.compile(rf"/calendar/(\w{{{LOOKUP_LENGTH + SECRET_LENGTH}}})")


class Leaks:
    """Told of every browser and every request of a test; what the server writes goes to the log."""

    def __init__(self, log: io.StringIO) -> None:
        self.log = log
        self.typed: set[str] = set()
        self.cookies: set[str] = set()
        self.keys: set[str] = set()
        self.referers: set[str] = set()

    def watch(self, context: BrowserContext) -> None:
        context.on("request", self._sent)

    def request_came(self, environ: dict[str, Any], **kwargs: object) -> None:
        """A receiver of Django's request_started, in the server's threads."""
        sent = SimpleCookie(environ.get("HTTP_COOKIE", ""))
        self.cookies |= {sent[name].value for name in COOKIES if name in sent}
        self.keys |= set(WHOLE_KEY.findall(environ["PATH_INFO"]))
        self.referers.add(environ.get("HTTP_REFERER", ""))

    def context_ends(self, context: BrowserContext) -> None:
        """Its last cookies, which it may have sent nowhere."""
        self.cookies |= {str(cookie["value"]) for cookie in context.cookies() if cookie["name"] in COOKIES}

    def found(self) -> list[str]:
        """The secrets that are where nobody may read them, and all calendar addresses that are not cut short there."""
        text = "\n".join([self.log.getvalue(), *self.referers, *editing_history()])
        secrets = {*self.typed, *self.cookies, *self.keys, *mailed_codes(), *second_factors()}
        lookups = CalendarKey.objects.values_list("lookup", flat=True)
        addresses = rf"/calendar/\w{{{LOOKUP_LENGTH + 1}}}"
        whole_keys = re.findall("|".join([addresses, *(rf"{lookup}\w" for lookup in lookups)]), text)
        return sorted({*found((secret for secret in secrets if len(secret) >= SHORTEST), text), *whole_keys})

    def _sent(self, request: Request) -> None:
        """To whichever site: forms, and where the browser says that it comes from."""
        self.referers.add(request.headers.get("referer", ""))
        form = parse_qsl((request.post_data_buffer or b"").decode("latin-1"))
        self.typed |= {value for name, value in form if name in FIELDS}


def editing_history() -> list[str]:
    return [f"{entry.object_repr} {entry.change_message}" for entry in LogEntry.objects.all()]


def mailed_codes() -> set[str]:
    return {code for message in mail.outbox for code in CODE.findall(str(message.body).partition("\n")[0])}


def second_factors() -> set[str]:
    """The apps' secrets, and what the recovery codes are made of and are."""
    codes = []
    for factor in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN):
        codes += [factor.data.get("secret", ""), factor.data.get("seed", "")]
        if factor.type == Authenticator.Type.RECOVERY_CODES:
            codes += factor.wrap().get_unused_codes()
    return set(codes)
