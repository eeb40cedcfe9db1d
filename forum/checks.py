"""Checks of the configuration that a public site needs, with one sentence for each fault."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.exceptions import ImproperlyConfigured

# Of a secret, in characters; Django's own tool makes them so long.
SHORTEST_SECRET = 50
FEWEST_DIFFERENT = 20
SMTP = "django.core.mail.backends.smtp.EmailBackend"


def is_weak(secret: str) -> bool:
    return len(secret) < SHORTEST_SECRET or len(set(secret)) < FEWEST_DIFFERENT or "insecure" in secret


def faults() -> Iterator[tuple[str, str]]:
    """(name of the variable, what is wrong with it and what to do) of every fault; none for a site on this machine."""
    if not settings.IS_PUBLIC:
        return
    strong = f"at least {SHORTEST_SECRET} random characters, {FEWEST_DIFFERENT} of them different"
    if settings.DEBUG:
        yield "DEBUG", "DEBUG is on: it shows strangers the site's inside. Unset it."
    if is_weak(settings.SECRET_KEY):
        yield "SECRET_KEY", f"SECRET_KEY can be guessed. Set it to {strong}."
    first, *_ = settings.CALENDAR_SECRETS
    if first != settings.SECRET_KEY and is_weak(first):
        yield "CALENDAR_SECRETS", f"The first of CALENDAR_SECRETS can be guessed. Put one before it of {strong}."
    if not settings.HTTPS:
        yield "SITE_URL", f"SITE_URL is {settings.SITE_URL}: passwords would travel in the open. Make it https."
    if settings.TRUSTED_PROXY_COUNT < 1:
        fault = (
            "TRUSTED_PROXY_COUNT is 0, but https needs a web server in front. Set it to how many of yours are there."
        )
        yield "TRUSTED_PROXY_COUNT", fault
    if any(host.startswith(("*", ".")) for host in settings.ALLOWED_HOSTS):
        yield "ALLOWED_HOSTS", "ALLOWED_HOSTS has a wildcard: mails could name a stranger's site. Write each name out."
    if settings.EMAIL_BACKEND != SMTP:
        yield "EMAIL_URL", "EMAIL_URL names no mail server: nobody would get their code. See docs/operations.md."
    sender = settings.DEFAULT_FROM_EMAIL
    if "@" not in sender or sender.rstrip(">").endswith("@localhost"):
        yield "DEFAULT_FROM_EMAIL", f"DEFAULT_FROM_EMAIL is {sender}: mail servers refuse that. Set one of your own."


@register()
def check_configuration(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    messages: list[CheckMessage] = [Error(fault, id=f"forum.{name}") for name, fault in faults()]
    if settings.IS_PUBLIC and settings.CALENDAR_SECRETS == [settings.SECRET_KEY]:
        text = "CALENDAR_SECRETS is not set: a new SECRET_KEY will close every calendar. See docs/security.md."
        messages.append(Warning(text, id="forum.W001"))
    return messages


def refuse_to_start() -> None:
    """Raises ImproperlyConfigured with one line for each fault, if there is any."""
    found = [fault for _, fault in faults()]
    if found:
        raise ImproperlyConfigured("\n".join(["The site is not ready for strangers:", *found]))
