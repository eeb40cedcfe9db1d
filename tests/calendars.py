"""Calendar files read as a calendar program would: content lines, and the values of their properties."""

from __future__ import annotations

import re

from django.http import HttpResponse


def content_lines(response: HttpResponse) -> list[str]:
    """Unfolded and decoded (RFC 5545 section 3.1)."""
    return re.sub(rb"\r\n[ \t]", b"", response.content).decode().split("\r\n")


def values(response: HttpResponse, name: str) -> list[str]:
    """The values of that property, in order; escaped as they stand."""
    return [line.partition(":")[2] for line in content_lines(response) if re.match(rf"{name}[:;]", line)]
