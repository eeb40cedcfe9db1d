"""The pass that all readers share: a programme as the rows can hold it, with a problem for all that had to change."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2s
from typing import TypeVar
from urllib.parse import urljoin, urlsplit
from uuid import UUID

from agenda.formats.plain_text import one_line, tidy
from agenda.formats.records import (
    MOST_SESSIONS,
    MaterialRecord,
    Problem,
    ProgrammeRecord,
    RefusedFile,
    RoomRecord,
    SessionRecord,
    SpeakerRecord,
    TrackRecord,
)
from agenda.formats.times import is_usable, zone_named

USUAL_LENGTH = timedelta(minutes=30)  # of a session that has none
# Characters, as the models' fields have them.
LONGEST_TITLE, LONGEST_NAME, LONGEST_PERSON, LONGEST_ID, LONGEST_URL, LONGEST_SLUG = 250, 80, 120, 200, 1000, 120
LONGEST_JOB_TITLE, LONGEST_ORGANISATION, LONGEST_MATERIAL, LONGEST_LANGUAGE = 160, 120, 120, 8
MOST_PROBLEMS = 500  # more are counted

_WORD = r"(?:cancell?ed|abgesagt|annulée?|cancelad[oa])"
# "Cancelling POSIX syscalls" and "Cancelled flights" are titles; "CANCELLED Opening" in capitals is not.
_CANCELLED_BEFORE = re.compile(
    rf"[*!\s]{{0,9}}(?:[\[(]{_WORD}[\])]\s?[:–—-]?|{_WORD}\s?(?::|\s[–—-]\s)|(?-i:CANCELL?ED)[*!]{{0,5}}\s)\s*(?=\S)",
    re.IGNORECASE,
)
_CANCELLED_AFTER = re.compile(rf"[\[(]{_WORD}[\])]$", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_SLUG = re.compile(r"[A-Za-z0-9_-]+")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?!\d)")  # "example.org:8080" is a host
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)*\.([A-Za-z]{2,24})(?::\d+)?(?=[/?#]|$)")
_FILE_ENDINGS = frozenset(
    "htm html key md odp odt pdf php png jpg jpeg ppt pptx doc docx txt xml zip ps gz mp svg".split()
)

Named = TypeVar("Named", RoomRecord, TrackRecord, SpeakerRecord)


def cleaned(programme: ProgrammeRecord) -> ProgrammeRecord:
    """The programme as the rows can hold it.

    Texts are without controls and short enough, times are possible, addresses absolute, ids and guids unique. What had
    to change is a problem. Rooms, tracks and speakers are complete: each that a session names is there, once.
    """
    if len(programme.sessions) > MOST_SESSIONS:
        raise RefusedFile(f"The file has more than {MOST_SESSIONS:,} sessions; split it into several events.")
    return _Cleaning(programme).programme()


class _Cleaning:
    def __init__(self, programme: ProgrammeRecord) -> None:
        self.given = programme
        self.problems = list(programme.problems)
        self.room = _Names(LONGEST_NAME, "room", self.problem)
        self.track = _Names(LONGEST_NAME, "track", self.problem)
        self.speaker = _Names(LONGEST_PERSON, "speaker", self.problem)
        self.base = self.url(programme.url, "", "address of the conference", "")

    def programme(self) -> ProgrammeRecord:
        given = self.given
        sessions = self.distinct([made for session in given.sessions if (made := self.session(session))])
        speakers = (name for session in sessions for name in session.speakers or ())
        zone = given.zone if zone_named(given.zone) else ""
        if given.zone and not zone:
            self.problem("", f"“{one_line(given.zone)}” is not a known time zone.")
        return replace(
            given,
            sessions=tuple(sessions),
            title=self.line(given.title, 120, "", "The conference's title"),
            acronym=self.line(given.acronym, 50, "", "The acronym"),
            venue=self.line(given.venue, 120, "", "The venue"),
            city=self.line(given.city, 80, "", "The city"),
            country=self.line(given.country, 80, "", "The country"),
            version=one_line(given.version)[:100],
            zone=zone,
            url=self.base,
            days=given.days if given.days and all(map(is_usable, given.days)) else None,
            rooms=self.complete(RoomRecord, given.rooms, self.room, (each.room for each in sessions)),
            tracks=self.complete(TrackRecord, given.tracks, self.track, (each.track for each in sessions)),
            speakers=self.complete(SpeakerRecord, given.speakers, self.speaker, speakers),
            problems=self.some_problems(),
        )

    def problem(self, where: str, text: str, *, leaves_out: bool = False) -> None:
        self.problems.append(Problem(where, text, leaves_out=leaves_out))

    def some_problems(self) -> tuple[Problem, ...]:
        first, rest = self.problems[:MOST_PROBLEMS], self.problems[MOST_PROBLEMS:]
        leaves_out = any(each.leaves_out for each in rest)
        more = [Problem("", f"There are {len(rest):,} more problems.", leaves_out=leaves_out)] if rest else []
        clean = (replace(each, where=one_line(each.where), text=shortened(one_line(each.text), 500)) for each in first)
        return (*clean, *more)

    def session(self, given: SessionRecord) -> SessionRecord | None:
        """The session; None if it starts when no session can."""
        title, is_cancelled = bare_title(one_line(given.title))
        where = given.where or f"“{shortened(title, 60)}”"
        if not is_usable(given.start):
            self.problem(where, f"It starts in the year {given.start.year}; the session was left out.", leaves_out=True)
            return None
        start, end = self.span(given, where)
        return replace(
            given,
            external_id=one_line(given.external_id) or title or "untitled",
            title=self.title(title, where),
            start=start,
            end=end,
            subtitle=self.maybe(given.subtitle, LONGEST_TITLE, where, "The subtitle"),
            byline=self.maybe(given.byline, LONGEST_TITLE, where, "The byline"),
            type=self.maybe(given.type, LONGEST_TITLE, where, "The type"),
            abstract=None if given.abstract is None else tidy(given.abstract),
            language=self.language(given.language, where),
            room=None if given.room is None else self.room(given.room, where),
            track=None if given.track is None else self.track(given.track, where),
            speakers=self.people(given.speakers, where),
            materials=self.materials(given.materials, where),
            status="cancelled" if is_cancelled else given.status,
            slug=given.slug if given.slug and _SLUG.fullmatch(given.slug) and len(given.slug) <= LONGEST_SLUG else None,
            url=None if given.url is None else self.url(given.url, where, "address of the page", self.base),
            where=shortened(one_line(given.where), LONGEST_TITLE),
        )

    def title(self, title: str, where: str) -> str:
        if not title:
            self.problem(where, "The session has no title; it is called “Untitled”.")
        return self.line(title, LONGEST_TITLE, where, "The title") or "Untitled"

    def span(self, given: SessionRecord, where: str) -> tuple[datetime, datetime]:
        """Start and end in UTC. A session without a length gets the usual one."""
        start = given.start.astimezone(UTC)
        end = given.end.astimezone(UTC) if is_usable(given.end) else start - timedelta.resolution
        if end <= start:
            said = "has no end" if end == start else "ends before it starts"
            title, minutes = shortened(one_line(given.title), 60) or "Untitled", USUAL_LENGTH // timedelta(minutes=1)
            self.problem(where, f"“{title}” {said}; {minutes} minutes were assumed.")
            end = start + USUAL_LENGTH
        return start, end

    def line(self, text: str, limit: int, where: str, what: str) -> str:
        """The text on one line, shortened with a problem if it is longer than the limit."""
        text = one_line(text)
        if len(text) > limit:
            self.problem(where, f"{what} has more than {limit} characters; it was shortened.")
        return shortened(text, limit)

    def maybe(self, text: str | None, limit: int, where: str, what: str) -> str | None:
        return None if text is None else self.line(text, limit, where, what)

    def language(self, code: str | None, where: str) -> str | None:
        """The code of a language: "de" of "de-informal", which is too long."""
        code = one_line(code or "").replace("_", "-") if code is not None else None
        if not code:
            return code
        short = code if len(code) <= LONGEST_LANGUAGE else code.partition("-")[0]
        if _LANGUAGE.fullmatch(short) and len(short) <= LONGEST_LANGUAGE:
            return short[:2].lower() + short[2:] if short[2:3] in ("", "-") else short.lower()
        self.problem(where, f"“{shortened(code, 60)}” is not a language code like en or fr; it was left out.")
        return None

    def people(self, names: tuple[str, ...] | None, where: str) -> tuple[str, ...] | None:
        if names is None:
            return None
        return tuple(dict.fromkeys(name for given in names if (name := self.speaker(given, where))))

    def materials(self, given: tuple[MaterialRecord, ...] | None, where: str) -> tuple[MaterialRecord, ...] | None:
        """The materials, each with words of its own; once if one stands there twice."""
        if given is None:
            return None
        found: dict[MaterialRecord, None] = {}
        titles: Counter[str] = Counter()
        for each in given:
            title = self.line(each.title, LONGEST_MATERIAL, where, "The title of a link") or each.kind.capitalize()
            url = self.url(each.url, where, f"address of “{title}”", self.base)
            made = replace(each, title=title, url=url)
            if made in found:
                continue
            titles[title] += 1
            if titles[title] > 1:
                ending = f" ({titles[title]})"
                made = replace(made, title=shortened(title, LONGEST_MATERIAL - len(ending)) + ending)
            found[made] = None
        return tuple(found)

    def url(self, text: str, where: str, what: str, base: str) -> str:
        """The absolute address; empty, with a problem, if there is none that a page could link to."""
        text = one_line(text).replace(" ", "%20")
        if not text:
            return ""
        url = absolute(text, base)
        if url and len(url) <= LONGEST_URL:
            return url
        if url:
            said = f"has more than {LONGEST_URL:,} characters"
        else:
            said = (
                "is not a web address"
                if _SCHEME.match(text)
                else "is incomplete, and the file does not say what it belongs to"
            )
        self.problem(where, f"The {what}, {shortened(text, 80)}, {said}; it was left out.")
        return ""

    def distinct(self, sessions: list[SessionRecord]) -> list[SessionRecord]:
        """The sessions with ids and guids of their own.

        Where several have the same one, the first in order of time keeps it, in whichever order the file has them.
        The ids of the others are numbered, so that they are the same in the next file.
        """
        ids = Counter(session.external_id for session in sessions)
        guids = Counter(session.guid for session in sessions if session.guid)
        seen: Counter[str | UUID | None] = Counter()
        taken = set(ids)
        made = list(sessions)
        for place in sorted(range(len(made)), key=lambda place: _in_time(sessions[place])):
            session = sessions[place]
            seen.update([session.external_id, session.guid] if session.guid else [session.external_id])
            external_id = session.external_id
            if seen[external_id] > 1:
                external_id = _numbered(external_id, seen, taken)
            guid = session.guid if seen[session.guid] == 1 else None
            made[place] = replace(session, external_id=self.short_id(external_id), guid=guid)
        self.note_doubles("id", ids, "they are told apart by their times")
        self.note_doubles("guid", guids, "only the first keeps it")
        return made

    def note_doubles(self, what: str, counts: Counter[str] | Counter[UUID], done: str) -> None:
        for value, times in counts.items():
            if times > 1:
                self.problem("", f"{times} sessions have the {what} {shortened(str(value), 60)}; {done}.")

    def short_id(self, external_id: str) -> str:
        if len(external_id) <= LONGEST_ID:
            return external_id
        self.problem(
            "", f"The id {shortened(external_id, 60)} has more than {LONGEST_ID} characters; it was shortened."
        )
        return _short_and_unique(external_id, LONGEST_ID)

    def complete(
        self, kind: type[Named], given: Iterable[Named], names: _Names, used: Iterable[str | None]
    ) -> tuple[Named, ...]:
        """The records under their clean names, each once, and one for each other name that a session uses."""
        found: dict[str, Named] = {}
        guids: set[UUID] = set()
        for record in given:
            if (name := names(record.name)) and name not in found:
                found[name] = self.detailed(replace(record, name=name), guids)
        for each in used:
            if each and each not in found:
                found[each] = kind(name=each)
        return tuple(found.values())

    def detailed(self, record: Named, guids: set[UUID]) -> Named:
        """The record with details that its row can hold, and a guid that none before it has."""
        if isinstance(record, TrackRecord):
            return replace(record, colour=record.colour if _COLOUR.fullmatch(record.colour or "") else None)
        if record.guid and record.guid in guids:
            self.problem("", f"“{record.name}” has the guid of another; it was left out.")
            record = replace(record, guid=None)
        guids.update([record.guid] if record.guid else [])
        if isinstance(record, RoomRecord):
            return replace(record, capacity=record.capacity if 0 < (record.capacity or 0) < 1_000_000 else None)
        what = f"“{record.name}”: the"
        return replace(
            record,
            job_title=self.maybe(record.job_title, LONGEST_JOB_TITLE, "", f"{what} job title"),
            organisation=self.maybe(record.organisation, LONGEST_ORGANISATION, "", f"{what} organisation"),
            biography=None if record.biography is None else tidy(record.biography),
        )


class _Names:
    """Names of rooms, tracks or speakers on one line and short enough. Different names stay different."""

    def __init__(self, limit: int, what: str, problem: Callable[[str, str], None]) -> None:
        self.limit, self.what, self.problem = limit, what, problem
        self.short: dict[str, str] = {}
        self.cuts: set[str] = set()

    def __call__(self, given: str, where: str = "") -> str:
        name = one_line(given)
        if len(name) <= self.limit:
            return name
        if name not in self.short:
            self.problem(where, f"A {self.what} name has more than {self.limit} characters; it was shortened.")
            cut = shortened(name, self.limit)
            self.short[name] = cut if cut not in self.cuts else _short_and_unique(name, self.limit)
            self.cuts.add(cut)
        return self.short[name]


def bare_title(title: str) -> tuple[str, bool]:
    """The title without "CANCELLED: ", "[CANCELED] " or "(cancelled)", and True if it had one of them."""
    if match := _CANCELLED_BEFORE.match(title):
        return title[match.end() :], True
    if match := _CANCELLED_AFTER.search(title):
        return title[: match.start()].rstrip(" :–—-") or title, True
    return title, False


def absolute(text: str, base: str = "") -> str:
    """The whole address on the web: https:// added to "example.org/x", the rest joined to `base`. Else empty."""
    try:
        if text.startswith("//"):
            text = f"https:{text}"
        elif not _SCHEME.match(text):
            host = _HOST.match(text)
            is_host = host is not None and (text.startswith("www.") or host[1].lower() not in _FILE_ENDINGS)
            text = f"https://{text}" if is_host else urljoin(base, text)
        parts = urlsplit(text)
        return text if parts.scheme in ("http", "https") and parts.hostname else ""
    except ValueError:
        return ""


def shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _short_and_unique(text: str, limit: int) -> str:
    """The beginning of a long text with a mark of the whole of it, so that it is always the same and only its own."""
    mark = blake2s(text.encode(), digest_size=6).hexdigest()
    return f"{text[: limit - len(mark) - 1]}…{mark}"


def _numbered(external_id: str, seen: Counter[str | UUID | None], taken: set[str]) -> str:
    while (numbered := f"{external_id} ({seen[external_id]})") in taken:
        seen[external_id] += 1
    taken.add(numbered)
    return numbered


def _in_time(session: SessionRecord) -> tuple[object, ...]:
    return session.start, session.room or "", session.title, session.end
