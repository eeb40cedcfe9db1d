"""Reads a page of Sched that lists sessions with descriptions and speakers: saved as HTML, or its text copied.

On such a page a session begins with its title line ("Title - Speaker, Organisation"), then come its abstract, speakers
and files, and last a line with its date and times, below which stand its room, its track and further fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import dropwhile

from agenda.formats import page_text
from agenda.formats.assembly import (
    ASSUMED,
    Identities,
    NotATime,
    assembled,
    identity,
    in_utc,
    until,
)
from agenda.formats.cleaning import bare_title
from agenda.formats.page_text import PageLine
from agenda.formats.plain_text import one_line
from agenda.formats.records import Problem, ProgrammeRecord, RefusedFile, SessionRecord, SpeakerRecord
from agenda.formats.sched_people import heading_of, split_files, split_people, split_title
from agenda.formats.times import zone_named
from agenda.formats.zone_guess import guess

LARGEST_PAGE = 10 * 1024 * 1024  # bytes
OTHERS = (b"PK", b"%PDF", b"BEGIN:", b"{", b"[", b"<?xml")  # how files of other kinds begin
FILTERED = "[clear filter]"
SLIDES_FIELD = "session slides included"
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()

_DAY = re.compile(r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? [A-Z][a-z]{2,8} \d{1,2}")
_HOUR = re.compile(r"\d{1,2}:\d{2}\s?(?:[ap]m)? [A-Z]{2,5}", re.IGNORECASE)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})\s?([ap]m)?", re.IGNORECASE)
_WHEN = re.compile(
    r"[A-Z][a-z]{2,5}day,? (?P<day>[A-Z][a-z]{2,8} \d{1,2}, \d{4}),? (?P<start>\d{1,2}:\d{2}(?:\s?[ap]m)?)\s?[-–]\s?"
    r"(?:[A-Z][a-z]{2,5}day,? (?P<until>[A-Z][a-z]{2,8} \d{1,2}, \d{4}),? )?(?P<end>\d{1,2}:\d{2}(?:\s?[ap]m)?)"
    r"\s(?P<zone>[A-Z]{2,5})",
    re.IGNORECASE,
)
_BLANKS = re.compile(r"\s+")
_KEY = re.compile(r"/event/([0-9A-Za-z]{3,40})(?![0-9A-Za-z])")


def looks_like(data: bytes, name: str) -> bool:
    """True if the page has a line with the date and times of a session, as Sched writes it."""
    if len(data) > LARGEST_PAGE or data.startswith(OTHERS):
        return False
    return bool(_WHEN.search(_BLANKS.sub(" ", page_text.decoded(data))))


def read(data: bytes, *, zone: str = "") -> ProgrammeRecord:
    """The programme on a page of Sched. `zone` counts where the page's abbreviation fits it. Raises RefusedFile."""
    if len(data) > LARGEST_PAGE:
        raise RefusedFile("This page is larger than 10 MB: save the list of one conference alone.")
    page = _SchedPage(page_text.lines_of(data))
    if not page.ends:
        raise RefusedFile(
            "This page has no session with its date and times, as Sched's list with descriptions has: open that list"
            " (“Expanded”) and save it."
        )
    return page.programme(zone)


def _is_heading(line: PageLine) -> bool:
    """True for a day or an hour between sessions."""
    text = line.text.strip()
    return bool(_HOUR.fullmatch(text) or _DAY.fullmatch(text))


def _is_field(line: PageLine) -> bool:
    """True for a line below a session's room: its track, after a coloured mark, or another field."""
    return line.text.startswith(("\xa0", "•", " ")) or "/type/" in line.link


def _moment(day: str, clock: str, zone: tzinfo) -> datetime:
    """The time of "October 31, 2019" and "11:00" or "11:00am" in the zone, in UTC. Raises NotATime."""
    found = _CLOCK.fullmatch(clock)
    month, date, year = day.replace(",", "").split()
    try:
        hour = int(found[1]) if found else -1
        if found and found[3]:
            hour = hour % 12 + (12 if found[3].casefold() == "pm" else 0)
        local = datetime(int(year), MONTHS.index(month[:3].casefold()) + 1, int(date), tzinfo=zone)
        return in_utc(local.replace(hour=hour, minute=int(found[2]) if found else 0))
    except NotATime:
        raise
    except ValueError:
        raise NotATime(f"“{day} {clock}” is none") from None


class _SchedPage:
    """The lines of a page, and what its sessions need to know of it."""

    def __init__(self, lines: list[PageLine]) -> None:
        self.lines = [PageLine(each.number, each.text.rstrip(), each.link) for each in lines]
        self.ends = [place for place, line in enumerate(self.lines) if _WHEN.fullmatch(line.text.strip())]
        self.problems: list[Problem] = []
        self._people: dict[str, SpeakerRecord] = {}
        self._ids = Identities()
        self._zone: tzinfo = UTC
        self._has_slides_field = any(SLIDES_FIELD in line.text.casefold() for line in self.lines)
        found = (line.text.removesuffix(FILTERED) for line in self.lines if line.text.endswith(FILTERED))
        self._usual_track = next(map(one_line, found), None)

    def programme(self, hint: str) -> ProgrammeRecord:
        heading = heading_of(self.lines[: self._first()])
        zone = self._find_zone(heading.country, hint)
        self._zone = zone_named(zone) or UTC
        sessions = [session for piece in self._pieces() if (session := self._session(*piece))]
        return assembled(
            sessions,
            zone,
            format="Sched page",
            speakers=tuple(self._people.values()),
            problems=tuple(self.problems),
            **heading._asdict(),
        )

    def _find_zone(self, country: str, hint: str) -> str:
        """The zone of the page's times, by what it writes ("CET"), its country and the hint."""
        when = _WHEN.fullmatch(self.lines[self.ends[0]].text.strip())
        if when is None:
            return hint
        said = when["zone"].upper()
        try:
            zone, is_assumed = guess(said, country, _moment(when["day"], "12:00", UTC), hint)
        except NotATime:
            return hint
        if is_assumed:
            zone = zone or (hint if zone_named(hint) else "")
            text = f"Times are in “{said}”; {zone or 'UTC'} was assumed. Choose another zone if that is wrong."
            self.problems.append(Problem("", text))
        return zone

    def _first(self) -> int:
        """Where the first session begins: after the heading of its hour, or of its day."""
        before = self.lines[: self.ends[0]]
        for heading in (_HOUR, _DAY):
            for place, line in enumerate(before):
                if heading.fullmatch(line.text.strip()):
                    return place + 1
        return 0

    def _pieces(self) -> Iterator[tuple[list[PageLine], PageLine, list[PageLine]]]:
        """Each session's lines above its times, the line of its times, and those below."""
        begin = self._first()
        for end in self.ends:
            below = end + 1
            while below < len(self.lines) and self._is_below(below):
                below += 1
            body = dropwhile(lambda line: not line.text.strip() or _is_heading(line), self.lines[begin:end])
            yield list(body), self.lines[end], [line for line in self.lines[end + 1 : below] if line.text]
            begin = below

    def _is_below(self, place: int) -> bool:
        """True if that line still belongs to the session whose times are above it."""
        line = self.lines[place]
        if not line.text:
            following = self.lines[place + 1 : place + 2]
            return any(each.text and _is_field(each) for each in following)
        return not _is_heading(line) and not _KEY.search(line.link)

    def _session(self, body: list[PageLine], when: PageLine, below: list[PageLine]) -> SessionRecord | None:
        """The session of these lines; None, and a problem, if it cannot be read."""
        if not body:
            self.problems.append(
                Problem(f"line {when.number}", "These times have no title; they were left out.", leaves_out=True)
            )
            return None
        where = f"line {body[0].number}"
        above, files = split_files(body[1:])
        abstract, people = split_people(above)
        names = tuple(person.name for person in people)
        title, byline = split_title(one_line(body[0].text), names)
        title, is_cancelled = bare_title(title)
        try:
            start, end = self._times(when, title, where)
        except NotATime as error:
            text = f"The time of “{title}” cannot be used: {error}; it was left out."
            self.problems.append(Problem(where, text, leaves_out=True))
            return None
        for person in people:
            self._add_person(person)
        return SessionRecord(
            external_id=self._id(body[0].link, title, names),
            title=title,
            start=start,
            end=end,
            byline=byline,
            abstract=abstract,
            room=next((one_line(line.text) for line in below if not _is_field(line)), ""),
            track=self._track(below),
            speakers=names,
            materials=files,
            status="cancelled" if is_cancelled else "confirmed",
            slides_included=self._slides_included(below),
            where=where,
        )

    def _id(self, link: str, title: str, names: tuple[str, ...]) -> str:
        """Sched's own key, where the page links it."""
        key = _KEY.search(link)
        return self._ids.give(key[1] if key else identity(title, names), title)[0]

    def _times(self, line: PageLine, title: str, where: str) -> tuple[datetime, datetime]:
        """Start and end in UTC; an end before the start is on the next day. Raises NotATime."""
        when = _WHEN.fullmatch(line.text.strip())
        if when is None:
            raise NotATime("it is none")
        start = _moment(when["day"], when["start"], self._zone)
        end = _moment(when["until"] or when["day"], when["end"], self._zone)
        if end < start and not when["until"]:
            end += timedelta(days=1)
        end, is_assumed = until(start, end)
        if is_assumed:
            self.problems.append(Problem(where, f"“{title}” has no length; {ASSUMED}."))
        return start, end

    def _track(self, below: list[PageLine]) -> str | None:
        """Its first track; where a page shows one track alone, sessions without a mark are of that one, too."""
        marked = (line for line in below if _is_field(line) and "•" not in line.text)
        return next((one_line(line.text) for line in marked), self._usual_track)

    def _slides_included(self, below: list[PageLine]) -> bool | None:
        """What the organiser's field says; no for a session without it, where others have it."""
        if not self._has_slides_field:
            return None
        fields = (one_line(line.text.replace("•", " ")).casefold() for line in below)
        return any(text.startswith(SLIDES_FIELD) and text.endswith(("yes", "true")) for text in fields)

    def _add_person(self, person: SpeakerRecord) -> None:
        """Adds a speaker; of several texts about one person, the longest is kept."""
        known = self._people.setdefault(person.name, person)
        if len(person.biography or "") > len(known.biography or ""):
            self._people[person.name] = person
