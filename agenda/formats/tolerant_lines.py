"""Reads the lines of a calendar more tolerantly than contentlines.parse: programs write calendars in many ways."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agenda.formats.contentlines import Component, property_in
from agenda.formats.plain_text import one_line
from agenda.formats.records import MOST_SESSIONS, Problem, RefusedFile

DEEPEST = 10  # components inside each other
MOST_PARTS = MOST_SESSIONS + 1_000  # events and zones of a calendar
SHOWN = 60  # characters of a line that could not be read

_LINE_END = re.compile(rb"\r\r\n|\r\n|\n|\r")


def is_calendar(data: bytes) -> bool:
    """True if the file begins as a calendar."""
    return _begins(data).upper().startswith("BEGIN:VCALENDAR")


def components(data: bytes, problems: list[Problem]) -> Component:
    """All that the file has, under a component without a name. A line that cannot be read is added to the problems.

    Raises RefusedFile for a file that ends too early.
    """
    return _components(_lines(data, problems), problems)


def _begins(data: bytes) -> str:
    return (_decoded(data[:200]) or data[:200].decode("latin-1")).lstrip("\ufeff \t\r\n")


def _decoded(data: bytes) -> str | None:
    """The text of a file that says its encoding by its first bytes; None for others."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    return None


def _lines(data: bytes, problems: list[Problem]) -> Iterator[tuple[int, str]]:
    """The content lines, unfolded, each with the number of its first line in the file.

    They are unfolded as bytes, since some programs fold inside a character.
    """
    if not data.startswith(b"\xef\xbb\xbf") and (text := _decoded(data)) is not None:
        data = text.encode("utf-8", "replace")
    begun, parts = 0, [b""]
    foreign = False
    for number, line in enumerate(_LINE_END.split(data.removeprefix(b"\xef\xbb\xbf")), start=1):
        if line[:1] in (b" ", b"\t") and begun:
            parts.append(line[1:])
        else:
            yield begun, _text(whole := b"".join(parts))
            foreign = foreign or _is_foreign(whole)
            begun, parts = number, [line]
    yield begun, _text(b"".join(parts))
    if foreign:
        problems.append(Problem("", "The file is not in UTF-8; it was read as Western European text."))


def _is_foreign(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return True
    return False


def _text(line: bytes) -> str:
    return line.decode("cp1252", "replace") if _is_foreign(line) else line.decode()


def _components(lines: Iterator[tuple[int, str]], problems: list[Problem]) -> Component:
    """All that the file has, under a component without a name. A line that cannot be read is a problem."""
    within: list[Component] = [Component("")]
    unread = None  # the component whose unread line was named last: one problem for each is enough
    for number, line in lines:
        if not line.strip():
            continue
        try:
            found = property_in(line.lstrip("\ufeff"))
        except ValueError:
            if unread is not within[-1]:
                unread = within[-1]
                text = f"“{one_line(line)[:SHOWN]}” is no line of a calendar; it was passed over."
                problems.append(Problem(f"line {number}", text))
            continue
        if found.name == "BEGIN":
            _begin(within, found.value.strip().upper(), number, problems)
        elif found.name == "END":
            _end(within, found.value.strip().upper(), number, problems)
        else:
            within[-1].properties.append(found)
    if len(within) > 1:
        raise RefusedFile("This calendar ends in the middle, without END:VCALENDAR: download it once more.")
    return within[0]


def _begin(within: list[Component], name: str, number: int, problems: list[Problem]) -> None:
    if len(within) > DEEPEST:
        raise RefusedFile("This calendar has parts inside parts without end; export it once more.")
    if name == within[-1].name == "VEVENT":
        within.pop()
        problems.append(Problem(f"line {number}", "The event before has no END:VEVENT; it was read up to here."))
    if len(within[-1].children) > MOST_PARTS:
        raise RefusedFile(f"This calendar has more than {MOST_SESSIONS:,} events: export one conference alone.")
    within.append(Component(name, at=number))
    within[-2].children.append(within[-1])


def _end(within: list[Component], name: str, number: int, problems: list[Problem]) -> None:
    if name in (each.name for each in within[1:]):
        while within.pop().name != name:
            pass
    else:
        problems.append(Problem(f"line {number}", f"“END:{name[:SHOWN]}” ends nothing; it was passed over."))
