"""Calendar text, ours and a client's, as components and properties, and written again (RFC 5545 section 3.1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

from icalendar.parser import Contentline, Contentlines

Zones = Callable[[str], tzinfo]  # finds a zone by its TZID; agenda/formats/zones.py

_FOLD = re.compile(rb"\r?\n[ \t]")  # in bytes, as some programs fold inside a character
_VALUE = r'(?:"[^"]*"|[^",;:]*)'
_PARAMETER = re.compile(rf";([A-Za-z0-9-]+)=({_VALUE}(?:,{_VALUE})*)")
_LINE = re.compile(rf"([A-Za-z0-9-]+)((?:{_PARAMETER.pattern})*):(?P<value>.*)", re.DOTALL)
_DURATION = re.compile(
    r"P(?:(?P<weeks>\d{1,4})W|(?:(?P<days>\d{1,4})D)?"
    r"(?:T(?:(?P<hours>\d{1,4})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,8})S)?)?)"
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
DEEPEST = 10


@dataclass(frozen=True, slots=True)
class Property:
    name: str  # upper case, like a component's
    parameters: dict[str, str]
    value: str

    @property
    def text(self) -> str:
        r"""The value of a TEXT, its escapes replaced: "\n" by a line break, "\," by a comma, and so on."""
        return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], self.value)

    def moment(self, zones: Zones) -> datetime:
        """The value of a DATE-TIME, in UTC. ValueError for a date, for floating time and for an unknown zone."""
        return moment(self.value, None if self.value.endswith("Z") else zones(self.parameters.get("TZID", "")))

    @property
    def duration(self) -> timedelta:
        """The value of a DURATION (section 3.3.6), of a TRIGGER before the start negative. ValueError if it is none."""
        found = _DURATION.fullmatch(self.value.lstrip("+-"))
        if not found or not any(found.groups()):
            raise ValueError(f"not a duration: {self.value}")
        length = timedelta(**{unit: int(number) for unit, number in found.groupdict(default="0").items()})
        return -length if self.value.startswith("-") else length

    @property
    def line(self) -> str:
        """The content line, not folded."""
        written = (
            f';{name}="{value}"' if set(",;:") & set(value) else f";{name}={value}"
            for name, value in self.parameters.items()
        )
        return f"{self.name}{''.join(written)}:{self.value}"


def moment(value: str, zone: tzinfo | None) -> datetime:
    """A DATE-TIME in UTC, or local in that zone, as a moment in UTC. ValueError for anything else."""
    if zone is None:
        return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    try:
        return datetime.strptime(value, "%Y%m%dT%H%M%S").replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        raise ValueError("before the first year") from None


@dataclass(frozen=True, slots=True)
class Component:
    name: str
    properties: list[Property] = field(default_factory=list)
    children: list[Component] = field(default_factory=list)
    at: int = field(default=0, compare=False)  # the line of its file on which it begins, where that is kept

    def named(self, name: str) -> list[Property]:
        return [each for each in self.properties if each.name == name]

    def children_named(self, name: str) -> list[Component]:
        return [each for each in self.children if each.name == name]

    def lines(self) -> Iterator[str]:
        """Its content lines, not folded, from BEGIN to END."""
        yield f"BEGIN:{self.name}"
        yield from (each.line for each in self.properties)
        for child in self.children:
            yield from child.lines()
        yield f"END:{self.name}"


def written(calendar: Component) -> bytes:
    """The calendar as text, folded; what `parse` reads."""
    lines = Contentlines(Contentline(line) for line in calendar.lines())  # type: ignore[no-untyped-call]
    folded: bytes = lines.to_ical()  # type: ignore[no-untyped-call]
    return folded


def parse(data: bytes) -> Component:
    """The one VCALENDAR in the text. Raises ValueError for anything else."""
    root = Component("")
    within = [root]
    for line in re.split(r"\r?\n", _FOLD.sub(b"", data).decode("utf-8-sig")):
        if not line:
            continue
        read = property_in(line)
        if read.name == "BEGIN":
            if len(within) > DEEPEST:
                raise ValueError("nested too deep")
            within.append(Component(read.value.strip().upper()))
            within[-2].children.append(within[-1])
        elif read.name == "END":
            if within.pop().name != read.value.strip().upper() or not within:
                raise ValueError(f"not the end of it: {line}")
        else:
            within[-1].properties.append(read)
    if len(within) > 1 or root.properties or [child.name for child in root.children] != ["VCALENDAR"]:
        raise ValueError("not one VCALENDAR")
    return root.children[0]


def property_in(line: str) -> Property:
    """The property of an unfolded content line. Raises ValueError for anything else."""
    found = _LINE.fullmatch(line)
    if not found:
        raise ValueError(f"not a content line: {line[:75]}")
    parameters = {name.upper(): value.strip('"') for name, value in _PARAMETER.findall(found[2])}
    return Property(found[1].upper(), parameters, found["value"])
