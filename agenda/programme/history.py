"""The revisions of a session, read and put into words, for every page, calendar and mail that tells of a change."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.utils.formats import date_format

from agenda.models import Session, SessionRevision
from agenda.models.session import has_time
from agenda.programme.prose import in_isolates
from agenda.programme.words import date_and_time, start_of, time_beside, until, zone_name

# In reading order: PostgreSQL keeps the keys of a JSON object in an order of its own.
FIELDS = (
    *("title", "subtitle", "byline", "abstract", "language", "start", "end", "room", "track", "status"),
    *("is_published", "slides_included", "speakers", "materials", "slug", "note"),
    "replaced_by",
)
LONG = frozenset({"abstract", "materials"})  # too long to say what they were; only that they changed is said


class Shown(NamedTuple):
    """The fields of a session that tell a reader where to be and when; times in UTC."""

    title: str
    start: datetime | None
    end: datetime | None
    room: str
    status: str
    is_published: bool

    @property
    def is_cancelled(self) -> bool:
        return self.status == Session.Status.CANCELLED

    @property
    def has_time(self) -> bool:
        return self.start is not None


def shown_now(session: Session) -> Shown:
    """The fields as they are shown now. Makes no query if room and event were fetched."""
    room = session.room.name if session.room else ""
    return Shown(session.title, session.start, session.end, room, session.status, session.is_public)


def shown_before(session: Session, revisions: Iterable[SessionRevision]) -> Shown:
    """The fields as they were shown before these revisions, which are all since then, the oldest first."""
    was = shown_now(session)
    for revision in reversed(list(revisions)):
        was = _undone(was, revision)
    return was


def moved_from(session: Session) -> datetime | None:
    """The start that readers knew first; None if the session starts then, even if it was moved and moved back."""
    start = _first_shown(session).start
    return start if start != session.start else None


def was_in(session: Session) -> str:
    """The room that readers knew first; empty if the session is there, or had no room then."""
    room = _first_shown(session).room
    return room if room != shown_now(session).room else ""


def _first_shown(session: Session) -> Shown:
    """The fields as readers knew them first: at the first time that the session was published."""
    was = known = shown_now(session)
    for revision in session.revisions.all():  # the newest first
        was = _undone(was, revision)
        known = was if was.is_published else known
    return known


def _undone(shown: Shown, revision: SessionRevision) -> Shown:
    """The fields as they were before this revision, from what they were after it."""
    old = {name: values[0] for name, values in revision.changes.items() if name in Shown._fields}
    times = {name: moment_of(old[name]) for name in ("start", "end") if name in old}
    return shown._replace(**old | times)


def moment_of(value: str | None) -> datetime | None:
    """A time as a revision has it."""
    return datetime.fromisoformat(value) if value else None


def changes_in_words(revision: SessionRevision, zone: ZoneInfo) -> str:
    """Each changed field, before and after: "room: Forum 3 → Forum 1; abstract edited"; times in the zone."""
    changed = [field for field in FIELDS if field in revision.changes]
    return "; ".join(_in_words(field, revision.changes[field], zone) for field in changed)


def headline(session: Session, was: Shown, zone: ZoneInfo) -> str:
    """The change that matters most, and the title: "Moved to 13:45: virtio-fs"; on one line."""
    if session.is_cancelled:
        what = "Cancelled"
    elif was.is_cancelled:
        what = "Takes place after all"
    elif was.start != session.start:
        what = _new_time(session, was, zone)
    elif shown_now(session).room != was.room:
        what = f"Now in {in_isolates(session.room)}" if session.room else "Its room has changed"
    else:
        what = f"Now ends at {time_beside(session.end, session.start, zone)}" if has_time(session) else "Has changed"
    return " ".join(f"{what}: {in_isolates(session.title)}".split())


def _new_time(session: Session, was: Shown, zone: ZoneInfo) -> str:
    if not has_time(session):
        return "Has no time for now"
    if was.start is None:
        return f"Has a time now, {start_of(session.start, session.end, zone, dated=True)}"
    return f"Moved to {time_beside(session.start, was.start, zone)}"


def in_a_sentence(session: Session, was: Shown, zone: ZoneInfo) -> str:
    """The change in one sentence: "“KVM” is now on Friday 1 November, 13:45–14:15 CET; it was in Forum 1."."""
    now, title = shown_now(session), in_isolates(session.title)
    if now.is_cancelled:
        instead = f" Instead: “{in_isolates(session.instead.title)}”." if session.instead else ""
        return f"Cancelled: “{title}”, which was to be {_on(was, zone)}.{instead}"
    if was.is_cancelled:
        return f"“{title}” takes place after all: {_on(now, zone)}."
    if was.start and not now.start:
        return f"“{title}” has no time for now; it was {_on(was, zone)}."
    if now.start and not was.start:
        return f"“{title}” has a time now: {_when_and_where(now, zone)}."
    before = []
    if was.start and was.end and now.start and (was.start, was.end) != (now.start, now.end):
        before.append(f"at {until(time_beside(was.start, now.start, zone), was.start, was.end, zone)}")
    if was.room != now.room:
        before.append(f"in {in_isolates(was.room)}" if was.room else "without a room")
    return f"“{title}” is now {_on(now, zone)}; it was {' '.join(before)}."


def _in_words(field: str, change: list[Any], zone: ZoneInfo) -> str:
    if field in LONG:
        return f"{field} edited"
    old, new = change
    return f"{field.removeprefix('is_').replace('_', ' ')}: {_value(field, old, zone)} → {_value(field, new, zone)}"


def _value(field: str, value: Any, zone: ZoneInfo) -> str:
    if field in ("start", "end"):
        return date_and_time(datetime.fromisoformat(value), zone) if value else "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(in_isolates, value if isinstance(value, list) else [value])) or "none"


def _on(shown: Shown, zone: ZoneInfo) -> str:
    return f"on {_when_and_where(shown, zone)}" if shown.start else "at a time that is not known yet"


def _when_and_where(shown: Shown, zone: ZoneInfo) -> str:
    """The day, times and room: "Thursday 31 October, 13:45–14:15 CET, in Forum 3"; empty without a time."""
    if shown.start is None or shown.end is None:
        return ""
    day = date_format(shown.start.astimezone(zone), "l j F")
    span = until(time_beside(shown.start, shown.start, zone), shown.start, shown.end, zone)
    place = f", in {in_isolates(shown.room)}" if shown.room else ""
    return f"{day}, {span} {zone_name(shown.start, zone)}{place}"


def marks(changes: dict[str, list[Any]], session: Session, zone: ZoneInfo) -> list[tuple[str, str]]:
    """A change in few words, to stand beside where the session is now: ("moved", "moved from 14:15").

    The first of each pair is the kind of mark: new, moved or cancelled. Of a cancelled session, only that is said.
    """
    if session.is_cancelled:
        return [("cancelled", "cancelled")]
    said: dict[str, Callable[[Any], tuple[str, str]]] = {  # by field, from the value before
        "is_published": lambda _: ("new", "new"),
        "status": lambda _: ("moved", "takes place after all"),
        "start": lambda old: ("moved", _moved("moved from", old, session, session.start, zone)),
        "end": lambda old: ("moved", _moved("was until", old, session, session.end, zone)),
        "room": lambda old: ("moved", f"was in {in_isolates(old)}" if old else "has a room now"),
        "title": lambda old: ("moved", f"was called “{in_isolates(old)}”"),
        "note": lambda _: ("moved", "new note"),
    }
    wanted = [field for field in said if field in changes]
    if "start" in wanted and "end" in wanted:  # the end moves along
        wanted.remove("end")
    if "note" in wanted and len(wanted) > 1:  # it explains what is said already
        wanted.remove("note")
    return [said[field](changes[field][0]) for field in wanted]


def _moved(words: str, old: str | None, session: Session, now: datetime | None, zone: ZoneInfo) -> str:
    """What is said of another start or end, which is `now`, after these words; and of a time that came or went."""
    if now is None or not has_time(session):
        return "has no time for now"
    if not old:
        return f"has a time now: {start_of(session.start, session.end, zone, dated=True)}"
    return f"{words} {time_beside(datetime.fromisoformat(old), now, zone)}"
