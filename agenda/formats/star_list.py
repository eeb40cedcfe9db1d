"""Reads which talks somebody chose in another program: a list of guids, a calendar file, or EventFahrplan's JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

_GUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
_FOLD = re.compile(r"\r?\n[ \t]")  # RFC 5545 section 3.1
LONGEST_ID = 15  # digits


@dataclass(frozen=True, slots=True)
class Chosen:
    """A chosen session: by its guid, or by the id that schedule.xml gives it, with its title to make sure."""

    guid: UUID | None = None
    id: int | None = None
    title: str = ""


def read(data: bytes) -> list[Chosen]:
    """What was chosen, in order, each once; nothing if the data is of no kind that is known here."""
    text = data.decode("utf-8-sig", "replace").strip()
    if text.startswith(("{", "[")):
        return list(dict.fromkeys(_from_json(text)))
    if text.upper().startswith("BEGIN:VCALENDAR"):
        text = "\n".join(line for line in _FOLD.sub("", text).splitlines() if line.upper().startswith("UID"))
    return list(dict.fromkeys(Chosen(UUID(guid)) for guid in _GUID.findall(text)))


def _from_json(text: str) -> Iterator[Chosen]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return
    listed = value if isinstance(value, list) else value.get("guids") or value.get("lectures")
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, dict):
            yield from _from_lecture(each)
        elif isinstance(each, str) and _GUID.fullmatch(each.strip()):
            yield Chosen(UUID(each.strip()))


def _from_lecture(lecture: dict[str, Any]) -> Iterator[Chosen]:
    """A favourite that EventFahrplan exported. Its lecture_id is the session's id or, in newer versions, its guid."""
    for name in ("guid", "lecture_id"):
        told = str(lecture.get(name, "")).strip()
        if _GUID.fullmatch(told):
            yield Chosen(UUID(told))
            return
        if told.isascii() and told.isdecimal() and len(told) <= LONGEST_ID:
            yield Chosen(id=int(told), title=str(lecture.get("title", "")))
