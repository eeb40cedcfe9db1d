"""Reads a programme in Sessionize's JSON, as its API gives it: the views All, GridSmart and Sessions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from agenda.formats.assembly import (
    ASSUMED,
    Identities,
    NotATime,
    assembled,
    guid_of,
    in_utc,
    language_of,
    prose_of,
    until,
)
from agenda.formats.cleaning import bare_title
from agenda.formats.plain_text import one_line
from agenda.formats.records import (
    LARGEST_FILE,
    MaterialRecord,
    Problem,
    ProgrammeRecord,
    RefusedFile,
    RoomRecord,
    SessionRecord,
    SpeakerRecord,
)
from agenda.formats.times import zone_named

TRACK, TYPE, LANGUAGE = ("track", "stream", "theme"), ("format", "type"), ("language", "sprache", "langue")
DECLINED = ("declined", "decline_queue", "rejected", "nominated", "waitlisted")
SHOWN = 60  # characters of a value that could not be read


class _Entry(NamedTuple):
    """A session of the file, and the room in whose list it stands."""

    session: dict[str, Any]
    room: str
    where: str


def looks_like(data: bytes, name: str) -> bool:
    """True for JSON with the names that Sessionize gives its fields."""
    begin = data[:1000].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return begin.startswith((b"{", b"[")) and (b"startsAt" in data or b"isServiceSession" in data)


def read(data: bytes, *, zone: str = "") -> ProgrammeRecord:
    """The programme. `zone` is where its times are, as Sessionize writes them without one. Raises RefusedFile."""
    whole = _loaded(data)
    view, entries = _entries(whole)
    if not entries:
        raise RefusedFile("This file of Sessionize has no sessions: take the view “All” or “GridSmart” of its API.")
    return _SessionizeFile(whole if isinstance(whole, dict) else {}, view, zone).programme(entries)


def _loaded(data: bytes) -> Any:
    if len(data) > LARGEST_FILE:
        raise RefusedFile("This file is larger than 50 MB: export one event alone.")
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise RefusedFile("This is not JSON that can be read to its end: download it once more.") from None


def _entries(whole: Any) -> tuple[str, list[_Entry]]:
    """The view, and its sessions, each once. A plenum session may stand in the list of every room."""
    if isinstance(whole, dict):
        found = [_Entry(each, "", f"session {at}") for at, each in enumerate(_list(whole, "sessions"), start=1)]
        return "All", found
    groups = [each for each in whole if isinstance(each, dict)] if isinstance(whole, list) else []
    if any("rooms" in group or "timeSlots" in group for group in groups):
        return "GridSmart", _once(_of_grid(groups))
    sessions = (each for group in groups for each in _list(group, "sessions"))
    return "Sessions", [_Entry(each, "", f"session {at}") for at, each in enumerate(sessions, start=1)]


def _of_grid(days: list[dict[str, Any]]) -> Iterator[_Entry]:
    for day in days:
        date = one_line(_text(day, "date"))[:10]
        for room in _list(day, "rooms"):
            for session in _list(room, "sessions"):
                yield _Entry(session, one_line(_text(room, "name")), f"day {date}, {one_line(_text(room, 'name'))}")
        for slot in _list(day, "timeSlots"):
            for room in _list(slot, "rooms"):
                if isinstance(found := room.get("session"), dict):
                    yield _Entry(found, one_line(_text(room, "name")), f"day {date}, {one_line(_text(room, 'name'))}")


def _once(entries: Iterator[_Entry]) -> list[_Entry]:
    """The sessions, each once by its id and start; one that stands in several rooms has the room it names itself."""
    found: dict[tuple[str, str], _Entry] = {}
    for entry in entries:
        key = one_line(_text(entry.session, "id")), one_line(_text(entry.session, "startsAt"))
        known = found.setdefault(key, entry)
        if known.room != entry.room:
            found[key] = known._replace(room=one_line(_text(entry.session, "room")))
    return list(found.values())


def _list(owner: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects in a list of that name; none if it is absent or something else."""
    found = owner.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _text(owner: dict[str, Any], name: str) -> str:
    """The text or number of that name; empty if it is absent, null or something else."""
    found = owner.get(name)
    return str(found) if isinstance(found, str | int | float) and not isinstance(found, bool) else ""


class _SessionizeFile:
    """The lists of a file by id, and what could not be understood."""

    def __init__(self, whole: dict[str, Any], view: str, hint: str) -> None:
        self._view = view
        self._zone = hint if zone_named(hint) else ""
        self._has_zones = True
        self._rooms = {_text(each, "id"): one_line(_text(each, "name")) for each in _list(whole, "rooms")}
        self._people = {_text(each, "id"): person(each) for each in _list(whole, "speakers")}
        self._categories = {
            _text(item, "id"): (one_line(_text(category, "title")), one_line(_text(item, "name")))
            for category in _list(whole, "categories")
            for item in _list(category, "items")
        }
        self._ids = Identities()
        self._problems: list[Problem] = []

    def programme(self, entries: list[_Entry]) -> ProgrammeRecord:
        sessions = [session for entry in entries if (session := self._session(entry))]
        if not self._zone and not self._has_zones:
            text = "The times have no zone; they were read as UTC. Choose the zone they are in."
            self._problems.insert(0, Problem("", text))
        listed = {name for session in sessions for name in session.speakers or ()}
        return assembled(
            sessions,
            self._zone,
            format=f"Sessionize {self._view}",
            rooms=tuple(RoomRecord(name=name) for name in self._rooms.values() if name),
            speakers=tuple(person for person in self._people.values() if person.name in listed),
            problems=tuple(self._problems),
        )

    def _session(self, entry: _Entry) -> SessionRecord | None:
        """The session; None, and a problem, if it has no title or time."""
        session = entry.session
        title, is_cancelled = bare_title(one_line(_text(session, "title")))
        try:
            if not title:
                raise NotATime("A session has no title")
            if _text(session, "status").casefold() in DECLINED:
                raise NotATime(f"“{title}” was not accepted")
            start, end = self._times(session, title, entry.where)
        except NotATime as error:
            self._problems.append(Problem(entry.where, f"{error}; it was left out.", leaves_out=True))
            return None
        chosen = self._chosen(session)
        track, language = (_first(chosen, words) for words in (TRACK, LANGUAGE))
        type_ = "service" if session.get("isServiceSession") is True else _first(chosen, TYPE)
        cancelled = is_cancelled or _text(session, "status").casefold() in ("cancelled", "canceled")
        number = one_line(_text(session, "id"))
        return SessionRecord(
            external_id=self._ids.give(number or title, title)[0],
            guid=guid_of(number),
            title=title,
            start=start,
            end=end,
            abstract=prose_of(_text(session, "description")),
            language=language_of(language) if language else None,
            room=self._rooms.get(_text(session, "roomId")) or one_line(_text(session, "room")) or entry.room,
            track=track,
            type=type_,
            speakers=self._speakers(session),
            materials=self._materials(session),
            status="cancelled" if cancelled else "confirmed",
            where=entry.where,
        )

    def _times(self, session: dict[str, Any], title: str, where: str) -> tuple[datetime, datetime]:
        """Start and end in UTC. Raises NotATime."""
        start = self._moment(session, "startsAt", title)
        if start is None:
            raise NotATime(f"“{title}” has no time yet")
        finish = self._moment(session, "endsAt", title)
        try:
            end, is_assumed = until(start, finish)
        except NotATime as error:
            raise NotATime(f"The end of “{title}” {error}") from None
        if is_assumed:
            self._problems.append(Problem(where, f"“{title}” has no length; {ASSUMED}."))
        return start, end

    def _moment(self, session: dict[str, Any], name: str, title: str) -> datetime | None:
        text = one_line(_text(session, name))
        if not text:
            return None
        try:
            found = datetime.fromisoformat(text)
            self._has_zones = self._has_zones and found.tzinfo is not None
            return in_utc(found, zone_named(self._zone) or UTC)
        except NotATime as error:
            raise NotATime(f"The time of “{title}” {error}") from None
        except ValueError:
            raise NotATime(f"The time of “{title}”, “{text[:SHOWN]}”, is none") from None

    def _speakers(self, session: dict[str, Any]) -> tuple[str, ...]:
        """The names: All lists ids, the other views objects with id and name."""
        listed = session.get("speakers")
        names = []
        for each in listed if isinstance(listed, list) else []:
            if isinstance(each, dict):
                names.append(one_line(_text(each, "name")))
            elif isinstance(each, str | int) and str(each) in self._people:
                names.append(self._people[str(each)].name)
        return tuple(dict.fromkeys(filter(None, names)))

    def _chosen(self, session: dict[str, Any]) -> list[tuple[str, str]]:
        """The categories of a session, as (category, item): by ids in All, spelt out in the other views."""
        ids = session.get("categoryItems")
        known = map(str, ids if isinstance(ids, list) else [])
        found = [self._categories[each] for each in known if each in self._categories]
        spelt = [
            (one_line(_text(category, "name")), one_line(_text(item, "name")))
            for category in _list(session, "categories")
            for item in _list(category, "categoryItems")
        ]
        return [*found, *spelt]

    def _materials(self, session: dict[str, Any]) -> tuple[MaterialRecord, ...]:
        """The recording and the live page, where the organisers gave their addresses."""
        given = [("recording", "Recording", "recordingUrl"), ("link", "Live", "liveUrl")]
        found = [(kind, title, one_line(_text(session, name))) for kind, title, name in given]
        return tuple(
            MaterialRecord(kind=kind, title=title, url=url)
            for kind, title, url in found
            if url.startswith(("https://", "http://"))
        )


def _first(chosen: list[tuple[str, str]], words: tuple[str, ...]) -> str | None:
    """The first item of a category whose title has one of these words."""
    return next((item for category, item in chosen if any(word in category.casefold() for word in words)), None)


def person(speaker: dict[str, Any]) -> SpeakerRecord:
    whole = one_line(_text(speaker, "fullName")) or one_line(
        f"{_text(speaker, 'firstName')} {_text(speaker, 'lastName')}"
    )
    return SpeakerRecord(
        name=whole,
        guid=guid_of(one_line(_text(speaker, "id"))),
        job_title=one_line(_text(speaker, "tagLine")) if "tagLine" in speaker else None,
        biography=prose_of(_text(speaker, "bio")) if "bio" in speaker else None,
        biography_is_cut=False if "bio" in speaker else None,
    )
