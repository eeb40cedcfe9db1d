"""Refuses a Content-Type that names a character set that is none. Django would read the address in it, and fail.

It fails before there is a request, so that the server would answer with an empty 500.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable
from typing import Any

from django.utils.http import parse_header_parameters

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
REFUSED = "forum.odd_charset"  # in the environment of a request: True for what is refused
# Python has them, but they are no character sets: they compute, or fail in ways of their own.
NO_CHARSETS = ("idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape")


def is_charset(name: str) -> bool:
    """True for a character set that Python can read text in."""
    try:
        found = codecs.lookup(name).name
        b"a".decode(found, "replace")  # refused by base64 and other codecs that make no text
    except (LookupError, ValueError):
        return False
    return found.replace("_", "-") not in NO_CHARSETS


def is_readable(content_type: str) -> bool:
    """True for a Content-Type that can be parsed, and whose character set is one, if it names any."""
    try:
        _, parameters = parse_header_parameters(content_type)
    except (LookupError, ValueError):  # "charset*=idna''utf-8", say: RFC 2231 section 4
        return False
    return is_charset(parameters.get("charset", "utf-8"))


class CharsetApplication:
    """A WSGI application that takes an unreadable Content-Type away, and notes that for CharsetMiddleware."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not is_readable(environ.get("CONTENT_TYPE", "")):
            environ |= {"CONTENT_TYPE": "", REFUSED: True}
        return self.application(environ, start_response)
