"""What my agenda is made of: starred sessions with all that is said of them, free times, and clashes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple, TypeAlias, cast
from zoneinfo import ZoneInfo

from agenda.models import Event, Session
from agenda.models.session import TimedSession
from agenda.programme.filters import Filters
from agenda.programme.words import span_of

UTC_ZONE = ZoneInfo("UTC")

# What becomes of a talk: it is in the plan as the first choice before another, as a backup, beside one that it overlaps
# (open), or because what it overlaps is a backup (free).
Choice: TypeAlias = Literal["first", "backup", "open", "free"]


class Free(NamedTuple):
    """A stretch of time without a planned session, and how many others of the event take place in it."""

    start: datetime
    end: datetime
    on: int
    slug: str  # of the event
    event_zone: ZoneInfo
    zone: ZoneInfo  # in which it is said

    @property
    def query(self) -> str:
        """The query of the programme's address that lists the others."""
        since, until = (each.astimezone(self.event_zone) for each in (self.start, self.end))
        return Filters(since=since, until=until).query()

    @property
    def said(self) -> str:
        """ "11:30–13:30"."""
        return span_of(self.start, self.end, self.zone)


class Overlap(NamedTuple):
    """How the session of the item that holds this stands to another starred one that is on at the same time."""

    is_second: bool  # the item's session is the backup choice, the other the first
    is_first: bool  # the other way round
    clashes: bool  # both are in the plan


@dataclass(slots=True)
class Item:
    """A starred session, or one unstarred on this page, with all that the page says of it."""

    session: Session
    pk: int  # the session's
    event: Event  # the session's, as it is now: with a kept session comes an Event of its own time
    starred: bool = True
    hours: TimedSession = field(init=False)  # the session of an item that has a time; those without stand apart
    in_case: bool = False
    first_gone: str = ""  # why its first choice no longer is one
    zone: ZoneInfo = UTC_ZONE  # in which its times are said
    starts_on: date | None = None  # in that zone
    day: date | None = None  # whose heading it stands under
    row: str = ""  # safe HTML, the programme's own; empty where the page has more to say and renders it itself
    overlapping: list[Overlap] = field(default_factory=list)
    free_before: Free | None = None
    instead: Session | None = None  # what replaces it, if that is not starred
    clash: str = ""  # safe HTML: the box that it opens, with all that overlap it
    is_elsewhere: bool = False  # in the box of another, or on the card

    def __post_init__(self) -> None:
        self.hours = cast("TimedSession", self.session)

    @property
    def dated(self) -> bool:
        """True if it stands under a heading of another date than its start's."""
        return self.starts_on != self.day

    @property
    def is_plan(self) -> bool:
        return self.starred and not (self.in_case or self.session.is_cancelled)

    @property
    def is_plain(self) -> bool:
        """True if there is no more to say of it than the programme's row does."""
        return self.starred and not (self.overlapping or self.in_case or self.first_gone or self.instead)
