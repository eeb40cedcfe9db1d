"""Text that XML can hold."""

from __future__ import annotations

import re

# The characters that XML 1.0 section 2.2 forbids. With one of these, even escaped, the whole file is unreadable.
NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def in_xml(text: str) -> str:
    """The text without the characters that XML forbids. JSON and spreadsheets do without them, too."""
    return NOT_IN_XML.sub("", text)
