"""Pages as a person reads them."""

from __future__ import annotations

from typing import Any

from lxml import html


def text_of(response: Any) -> str:
    """The words of the page, each run of blanks as one."""
    return " ".join(html.fromstring(response.content).text_content().split())
