"""The log formatter that keeps secrets out of the logs. Imported before the apps are ready, so it imports no model."""

from __future__ import annotations

import json
import logging
import re
import uuid
from contextvars import ContextVar
from datetime import UTC, datetime

from django.http.request import split_domain_port

from accounts.keys import LOOKUP_LENGTH

MOST_HOSTS = 10  # lines a minute, of each process
LONGEST_HOST = 253  # characters; so long may a name be (RFC 1035)
LONGEST_LINE = 20_000  # characters of a log entry, its traceback included; what is longer is cut before any search
# A calendar's address, up to .ics or .json where there is one: a mistyped key may hold anything. Bounded, so that the
# time to search grows with the text alone.
CALENDAR_KEY = re.compile(
    rf"(/calendar/[^/\s?\"']{{{LOOKUP_LENGTH}}})(?:[^\n?\"']{{0,200}}?\.(?:ics|json)|[^/\s?\"']*)", re.IGNORECASE
)
# Whatever could be most of a key, wherever a slip has put it; not the names of classes, which have no digit.
LONG_RUN = re.compile(
    rf"([A-Za-z0-9]{{{LOOKUP_LENGTH}}})(?:[A-Za-z0-9]{{25,}}|(?=[A-Za-z]{{0,25}}[0-9])[A-Za-z0-9]{{12,}})"
)


def without_keys(text: str) -> str:
    """The text, cut at LONGEST_LINE. Of every calendar key, only the first part is left, which opens nothing."""
    if len(text) > LONGEST_LINE:
        text = text[:LONGEST_LINE] + "…"
    return LONG_RUN.sub(r"\1…", CALENDAR_KEY.sub(r"\1…", text))


class OneLine(logging.Filter):
    """Takes the traceback off what was answered with 4xx: anybody can send such a request, again and again."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", 500) < 500:
            record.exc_info = None
        return True


class StrangeHosts(logging.Filter):
    """Says of a Host that is no name of this site which variable would make it one, MOST_HOSTS times a minute."""

    def __init__(self) -> None:
        super().__init__()
        self._minute = self._said = 0

    def filter(self, record: logging.LogRecord) -> bool:
        minute = int(record.created // 60)
        self._said = self._said + 1 if minute == self._minute else 1
        self._minute = minute
        host = vars(record)["request"].META.get("HTTP_HOST", "")[:LONGEST_HOST]
        name, _ = split_domain_port(host)
        remedy = f"If it names this site, add {name!r} to ALLOWED_HOSTS." if name else "It is no host's name."
        record.msg = f"Refused the Host {host!r}. {remedy}"
        return self._said <= MOST_HOSTS


class DiscreetFormatter(logging.Formatter):
    """Formats every entry of every handler, with its traceback, so that none holds a whole calendar key."""

    def format(self, record: logging.LogRecord) -> str:
        return without_keys(super().format(record))


# Of the request that this thread answers; "" outside of one.
request_id: ContextVar[str] = ContextVar("request_id", default="")
FROM_IN_FRONT = re.compile(r"[A-Za-z0-9-]{8,64}")


def new_request_id(given: str = "") -> str:
    """The id that the web server in front has given to the request, if it looks like one; else a new one."""
    return given if FROM_IN_FRONT.fullmatch(given) and without_keys(given) == given else str(uuid.uuid4())


class JsonFormatter(logging.Formatter):
    """One object a line: time, level, logger, request, message and error; as discreet as the other formatter."""

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request": request_id.get(),
            "message": without_keys(record.getMessage()),
            "error": without_keys(self.formatException(record.exc_info)) if record.exc_info else "",
        }
        return json.dumps({name: value for name, value in said.items() if value}, ensure_ascii=False)
