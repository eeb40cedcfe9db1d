"""The reasons for which a calendar client's request is refused."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote


class Refused(Exception):
    """Answers with this status, and with words or with a precondition (XML) that a client can act on."""

    def __init__(self, status: int, words: str, condition: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(words or condition)
        self.status = status
        self.words = words
        self.condition = condition
        self.headers = headers or {}


def needs(privilege: str, path: str) -> Refused:
    """A 403: nobody has that privilege there (RFC 3744 section 7.1.1). The path is escaped, as clients write it."""
    resource = f"<D:resource><D:href>{quote(path)}</D:href><D:privilege><D:{privilege}/></D:privilege></D:resource>"
    return Refused(403, "", f"<D:need-privileges>{resource}</D:need-privileges>")
