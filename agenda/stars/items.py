"""What my agenda is made of: starred sessions with all that is said of them, free times, and clashes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, NamedTuple, TypeAlias, cast

from django.utils.safestring import SafeString

from agenda.models import Session
from agenda.models.session import TimedSession
from agenda.stars.overlaps import Span

# What becomes of a talk: it is in the plan as the first choice before another, as a backup, beside one that it overlaps
# (open), or because what it overlaps is a backup (free).
Choice: TypeAlias = Literal["first", "backup", "open", "free"]


class ClashBox(NamedTuple):
    """Talks of which each overlaps another, when all are on or, if that is never, when one of them is; and its rows."""

    pk: int  # of the first
    span: str  # in the zone of the first
    at_once: bool  # all are on at some time
    is_open: bool  # two in the plan overlap
    rows: tuple[SafeString, ...]


@dataclass(frozen=True, slots=True)
class Free:
    """A stretch of time without a planned session, how many others take place in it, and the query that lists them."""

    span: Span
    on: int
    query: str
    slug: str  # of the event that takes place then
    said: str  # "11:30–13:30"


class Overlap(NamedTuple):
    """Another starred session that is on at the same time as the session of the item that holds this."""

    other: Session
    span: timedelta
    is_second: bool  # the item's session is the backup choice, the other the first
    is_first: bool  # the other way round
    clashes: bool  # both are in the plan


@dataclass(slots=True)
class Item:
    """A starred session, or one unstarred on this page, with all that the page says of it."""

    session: Session
    starred: bool = True
    in_case: bool = False
    first_gone: str = ""  # why its first choice no longer is one
    dated: bool = False  # it stands under a heading of another date than its start's
    row: str = ""  # safe HTML, the programme's own; empty where the page has more to say and renders it itself
    overlapping: list[Overlap] = field(default_factory=list)
    free_before: Free | None = None
    instead: Session | None = None  # what replaces it, if that is not starred
    clash: ClashBox | None = None  # the box that it opens, with all that overlap it
    may_choose: bool = False  # which of them comes first: a visitor may not
    is_elsewhere: bool = False  # in the box of another, or on the card

    @property
    def hours(self) -> TimedSession:
        """The session of an item that has a time; those without stand apart, and are asked for none."""
        return cast("TimedSession", self.session)

    @property
    def is_plan(self) -> bool:
        return self.starred and not (self.in_case or self.session.is_cancelled)

    @property
    def is_plain(self) -> bool:
        """True if there is no more to say of it than the programme's row does."""
        return self.starred and not (self.overlapping or self.in_case or self.first_gone or self.instead)
