"""Says of a file that holds no programme what it is, and what would do instead."""

from __future__ import annotations

import json

from agenda.formats.schedule_xml import root_of

TAKEN = "schedule.xml, schedule.json, iCalendar, a spreadsheet (.xlsx, .ods, .csv) or Sessionize's JSON"

# How files begin, and what people call them. Longer beginnings first where one begins another.
_BEGINNINGS = {
    b"%PDF": "a PDF",
    b"\x89PNG": "an image",
    b"GIF8": "an image",
    b"\xff\xd8\xff": "an image",
    b"RIFF": "an image or a sound",
    b"\xd0\xcf\x11\xe0": "a file of an old Office program (.xls, .doc or .ppt), which should be saved as .xlsx",
    b"\x1f\x8b": "a compressed file, which must be unpacked first",
    b"BZh": "a compressed file, which must be unpacked first",
    b"\xfd7zXZ": "a compressed file, which must be unpacked first",
    b"7z\xbc\xaf": "a compressed file, which must be unpacked first",
    b"Rar!": "a compressed file, which must be unpacked first",
    b"PK": "a ZIP file and no spreadsheet",
    b"SQLite format 3": "a database",
    b"{\\rtf": "a text document",
    b"BEGIN:VCARD": "an address card",
}
_ROOTS = {
    "html": "a web page",
    "conference": "EuroPython's own XML",
    "iCalendar": "xCal",
    "icalendar": "xCal",
    "rss": "a news feed",
    "feed": "a news feed",
    "RDF": "RDF",
    "svg": "an image",
    "plist": "a property list of Apple's",
}
_HTML = (b"<!doctype html", b"<html", b"<head", b"<body")


def what_it_is(data: bytes, name: str) -> str:
    """One sentence: what the file is, and what would do."""
    if not data.strip():
        return "The file is empty; choose the file of a programme."
    return f"This is {_kind(data)}; an import takes {TAKEN}."


def _kind(data: bytes) -> str:
    head = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    for beginning, kind in _BEGINNINGS.items():
        if head.startswith(beginning):
            return kind
    if any(each in head[:1024].lower() for each in _HTML):
        return "a web page, perhaps an error message or a log-in form"
    if head[:1] == b"<" and b"<!ENTITY" in data[: 64 * 1024]:
        return "XML that defines entities of its own, which are not read"
    if root := root_of(data):
        return _ROOTS.get(root, f"XML of another kind (its first element is <{root[:40]}>)")
    if head[:1] in (b"{", b"["):
        return _json(data)
    if head[:1] == b"<":
        return "damaged XML or HTML"
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "a file of another kind, and no text"
    return "text in which no programme was found"


def _json(data: bytes) -> str:
    """JSON, with the names that stand outermost in it."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return "JSON that is damaged, or ends in the middle"
    found = found[0] if isinstance(found, list) and found else found
    names = ", ".join(f"“{key[:30]}”" for key in list(found)[:4]) if isinstance(found, dict) else ""
    return f"JSON of another kind (it has {names})" if names else "JSON of another kind"
