"""Parses calendar text, ours and a client's, into components and properties (RFC 5545 section 3.1) to compare."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

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

    @property
    def moment(self) -> datetime:
        """The value of a DATE-TIME, in UTC. ValueError for a date, for floating time and for an unknown zone."""
        if self.value.endswith("Z"):
            return datetime.strptime(self.value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        local = datetime.strptime(self.value, "%Y%m%dT%H%M%S").replace(tzinfo=_zone(self.parameters.get("TZID", "")))
        try:
            return local.astimezone(UTC)
        except OverflowError:
            raise ValueError("before the first year") from None

    @property
    def duration(self) -> timedelta:
        """The value of a DURATION (section 3.3.6) that is not negative. ValueError for anything else."""
        found = _DURATION.fullmatch(self.value.removeprefix("+"))
        if not found or not any(found.groups()):
            raise ValueError(f"not a duration: {self.value}")
        return timedelta(**{unit: int(number) for unit, number in found.groupdict(default="0").items()})


def _zone(name: str) -> ZoneInfo:
    """The IANA zone. Some programs write its name, of two or three parts, at the end of a longer name of their own.

    Outlook writes Windows' name of the zone: "Romance Standard Time" is Europe/Paris.
    """
    name = WINDOWS_TO_OLSON.get(name, name)
    for parts in (0, 3, 2):
        with suppress(OSError, ValueError, LookupError):
            return ZoneInfo("/".join(name.split("/")[-parts:]))
    raise ValueError(f"no such zone: {name}")


@dataclass(frozen=True, slots=True)
class Component:
    name: str
    properties: list[Property] = field(default_factory=list)
    children: list[Component] = field(default_factory=list)

    def named(self, name: str) -> list[Property]:
        return [each for each in self.properties if each.name == name]

    def children_named(self, name: str) -> list[Component]:
        return [each for each in self.children if each.name == name]


def parse(data: bytes) -> Component:
    """The one VCALENDAR in the text. Raises ValueError for anything else."""
    root = Component("")
    within = [root]
    for line in re.split(r"\r?\n", _FOLD.sub(b"", data).decode("utf-8-sig")):
        if not line:
            continue
        read = _property(line)
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


def _property(line: str) -> Property:
    found = _LINE.fullmatch(line)
    if not found:
        raise ValueError(f"not a content line: {line[:75]}")
    parameters = {name.upper(): value.strip('"') for name, value in _PARAMETER.findall(found[2])}
    return Property(found[1].upper(), parameters, found["value"])
