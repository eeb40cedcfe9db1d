"""The programme's filters: read from an address, written into one, and applied to sessions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.http import QueryDict

from agenda.models import Event, FormerSlug, Room, Session, Track
from agenda.models.session import SessionQuerySet
from agenda.programme.languages import Language
from agenda.programme.prose import fold
from agenda.programme.rows import EVER
from agenda.version_cache import Version, VersionCache
from database.prepared import Prepared

LIST, FULL, GRID = VIEWS = ("list", "full", "grid")
LONGEST_SEARCH = 200  # characters; more is cut, nobody types it
FURTHEST = 30  # days that a time may be asked for before or after the event's

_tracks = Prepared(lambda event: Track.objects.filter(event=event))
_rooms = Prepared(lambda event: Room.objects.filter(event=event))
word_cache: VersionCache[str] = VersionCache(size=5_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """The part of the programme that is asked for; all of it if every field is empty."""

    day: date | None = None
    every_day: bool = False  # asked for by name, where a long programme would open on one day
    since: datetime | None = None  # what goes ahead between the two, in the event's zone
    until: datetime | None = None
    tracks: tuple[Track, ...] = ()  # in any of them
    rooms: tuple[Room, ...] = ()
    languages: tuple[Language, ...] = ()
    q: str = ""
    starred: bool = False
    slides: bool = False
    view: str = ""  # how it is shown, not what: one of VIEWS, if asked for; travels along in every address
    at: datetime | None = None  # the moment of a preview, likewise: preview.preview_of() says who may see it

    @property
    def narrow(self) -> bool:
        """True if any filter but day, track and room is set; then even a long programme opens on all its days."""
        return bool(self.q or self.starred or self.slides or self.languages or self.since or self.until)

    @property
    def by_day_alone(self) -> bool:
        """True if no filter is set, except perhaps the day."""
        return not (self.tracks or self.rooms or self.narrow)

    @property
    def any(self) -> bool:
        return bool(self.day or not self.by_day_alone)

    @property
    def besides_search(self) -> bool:
        return replace(self, q="").any

    def query(self, **changed: Any) -> str:
        """The query of an address for these filters, some changed: "?day=2019-10-31&starred=1", or "?" for none."""
        chosen = replace(self, **changed)
        pairs = {
            "day": chosen.day.isoformat() if chosen.day else "all" if chosen.every_day else "",
            "from": written(chosen.since),
            "to": written(chosen.until),
            "track": [track.slug for track in chosen.tracks],
            "room": [room.slug for room in chosen.rooms],
            "language": [language.slug for language in chosen.languages],
            "q": chosen.q,
            "starred": "1" if chosen.starred else "",
            "slides": "1" if chosen.slides else "",
            "view": chosen.view,
            "at": written(chosen.at),
        }
        return "?" + urlencode({name: value for name, value in pairs.items() if value}, doseq=True)

    def hidden_fields(self, *asked: str) -> tuple[tuple[str, str], ...]:
        """The names and values of the hidden fields by which a form that asks for some filters keeps the others."""
        return tuple(pair for pair in parse_qsl(self.query()[1:]) if pair[0] not in asked)

    def only_day(self) -> Filters:
        """The same day in the same view, and no other filter."""
        return Filters(day=self.day, every_day=self.every_day, view=self.view, at=self.at)

    def apply(self, sessions: SessionQuerySet, event: Event, starred: set[int] | None) -> SessionQuerySet:
        """The sessions that pass every filter except the search, which matching() applies.

        `starred` are the pks of the person's stars. A public file has no person: with None, that filter is left out.
        """
        if self.day:
            sessions = sessions.on_day(event, self.day)
        if self.since or self.until:
            sessions = sessions.between(self.since or EVER[0], self.until or EVER[1])
        if self.tracks:
            sessions = sessions.filter(track__in=self.tracks)
        if self.rooms:
            sessions = sessions.filter(room__in=self.rooms)
        if self.languages:
            sessions = sessions.filter(language__in=[language.slug for language in self.languages])
        if self.slides:
            sessions = sessions.filter(slides_included=True)
        if self.starred and starred is not None:
            sessions = sessions.filter(pk__in=starred)
        return sessions

    def window(self, event: Event, open_day: date | None) -> tuple[datetime, datetime]:
        """The span of time that a page with these filters shows, if it is open on that day (None: on all)."""
        start, end = event.day_bounds(open_day) if open_day else EVER
        return max(start, self.since or start), min(end, self.until or end)


def tracks_of(event: Event) -> list[Track]:
    return _tracks.objects(event.pk)


def rooms_of(event: Event) -> list[Room]:
    return _rooms.objects(event.pk)


def read(
    query: QueryDict, event: Event, tracks: list[Track], rooms: list[Room], languages: Sequence[Language] = ()
) -> tuple[Filters, list[str]]:
    """The filters that an address asks for, and a sentence about each that makes no sense and is left out."""
    problems: list[str] = []

    def by_slug(name: str, choices: Sequence[Any]) -> tuple[Any, ...]:
        asked = dict.fromkeys(slug for slug in query.getlist(name) if slug)
        by_own = {choice.slug: choice for choice in choices}
        called = {slug: by_own.get(slug) or renamed(name, slug, event, choices) for slug in asked}
        wanted = {choice.slug for choice in called.values() if choice}
        found = tuple(choice for choice in choices if choice.slug in wanted)
        for slug in [slug for slug, choice in called.items() if choice is None]:
            problems.append(f"There is no {name} “{slug[:80]}” here; showing {'the others' if found else 'all'}.")
        return found

    asked = query.get("day", "")
    day = next((day for day in event.days if day.isoformat() == asked), None)
    if day is None and asked not in ("", "all"):
        problems.append(f"“{asked[:80]}” is not a day of this programme; showing all.")
    since, until = _between(query, event, problems)
    view = query.get("view", "")
    if view and view not in VIEWS:
        problems.append(f"There is no view “{view[:80]}”; showing the list.")
    filters = Filters(
        day=day,
        every_day=asked == "all",
        since=since,
        until=until,
        tracks=by_slug("track", tracks),
        rooms=by_slug("room", rooms),
        languages=by_slug("language", languages),
        # PostgreSQL takes no NUL in a text, and nobody types one.
        q=" ".join(query.get("q", "").replace("\0", "").split())[:LONGEST_SEARCH],
        starred=query.get("starred") == "1",
        slides=query.get("slides") == "1",
        view=view if view in VIEWS else LIST if view else "",
    )
    return filters, problems


def _between(query: QueryDict, event: Event, problems: list[str]) -> tuple[datetime | None, datetime | None]:
    """The times that the address asks for, from and to; neither if they are in the wrong order."""
    since, until = (_time(query.get(name, ""), event, problems) for name in ("from", "to"))
    if since and until and until.timestamp() <= since.timestamp():  # of one zone, they would compare by the clock
        problems.append("“to” is not after “from”; showing all.")
        return None, None
    return since, until


def renamed(name: str, slug: str, event: Event, choices: Sequence[Any]) -> Any:
    """The choice that had this slug before; None if there is none. No query for an empty slug."""
    former = FormerSlug.objects.filter(event=event, kind=name, slug=slug.replace("\0", ""))
    row = former.values_list("row", flat=True).first() if slug else None
    return None if row is None else next((choice for choice in choices if choice.pk == row), None)


def _time(asked: str, event: Event, problems: list[str]) -> datetime | None:
    """The moment that an address asks for, in the event's zone: "2019-10-31T13:00", or with an offset from UTC."""
    if not asked:
        return None
    given = None
    with suppress(ValueError):
        given = datetime.fromisoformat(asked)
    if not given or (event.starts_on - given.date()).days > FURTHEST or (given.date() - event.ends_on).days > FURTHEST:
        problems.append(f"“{asked[:80]}” is not a time of this programme, like {event.starts_on}T13:00; showing all.")
        return None
    # By way of UTC, as 02:30 is no time at all on the day on which clocks go from 02:00 to 03:00.
    return (given if given.tzinfo else given.replace(tzinfo=event.zone)).astimezone(UTC).astimezone(event.zone)


def written(moment: datetime | None) -> str:
    """The moment as _time() reads it: without an offset, except in an hour that the clocks repeat, the second time."""
    if moment is None:
        return ""
    told = moment if moment.fold else moment.replace(tzinfo=None)
    return told.isoformat(timespec="auto" if moment.second or moment.microsecond else "minutes")


def matching(versions: Iterable[Version], q: str) -> set[int]:
    """The pks of the sessions whose text contains every word of `q`; case and accents do not count."""
    wanted = fold(q).split()
    words = word_cache.get(versions, None, _words)
    return {pk for pk, text in words.items() if all(word in text for word in wanted)}


def _words(pks: list[int]) -> dict[int, str]:
    """The text of each session that is searched, folded: title, who it is by, abstract, speakers, biographies."""
    sessions = Session.objects.filter(pk__in=pks).with_details()
    return {session.pk: fold("\n".join(_texts(session))) for session in sessions}


def _texts(session: Session) -> list[str]:
    speakers = [appearance.speaker for appearance in session.appearances.all()]
    return [
        *(session.title, session.subtitle, session.credited, session.abstract),
        *(text for speaker in speakers for text in (speaker.name, speaker.role, speaker.biography)),
    ]
