"""What may be wrong with a programme, as the editing pages say it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from agenda.formats.records import MaterialRecord, UntimedRecord


class Fault(Enum):
    """A kind of finding: its key, and one and many of it in a heading. In the order in which an editor wants them."""

    ROOM_TWICE = "room-twice", "double-booked room", "double-booked rooms"
    PERSON_TWICE = "person-twice", "double-booked person", "double-booked people"
    BACKWARDS = "backwards", "session ends before it starts", "sessions end before they start"
    HOURS = "hours", "doubt about the time zone", "doubts about the time zone"
    DAYS = "days", "doubt about the days", "doubts about the days"
    OUTSIDE = "outside", "session outside the event’s days", "sessions outside the event’s days"
    NO_ROOM = "no-room", "session without a room", "sessions without a room"
    NO_TITLE = "no-title", "session without a title", "sessions without a title"
    TOO_LONG = "too-long", "session of 24 hours or more", "sessions of 24 hours or more"
    NOT_LISTED = "not-listed", "person is named, but not listed", "people are named, but not listed"
    TWO_WAYS = "two-ways", "person written in two ways", "people written in two ways"
    TYPED_TWICE = "typed-twice", "pair of titles that differ by a letter", "pairs of titles that differ by a letter"
    LINK = "link", "link that leads nowhere", "links that lead nowhere"
    NO_SLIDES = "no-slides", "session without its promised slides", "sessions without their promised slides"

    def __init__(self, key: str, one: str, many: str) -> None:
        self.key, self.one, self.many = key, one, many

    @property
    def is_grave(self) -> bool:
        """True if attendees will stand before a closed door or miss a talk, should it be so."""
        return self in (Fault.ROOM_TWICE, Fault.PERSON_TWICE, Fault.BACKWARDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mend:
    """A safe repair: what a button for it says, and the new value of one field of the session."""

    words: str
    session: str  # its external_id
    field: str  # "speakers" or "materials"
    value: tuple[str, ...] | tuple[MaterialRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that may be wrong: a sentence, the sessions (external_ids) that it concerns, and their places."""

    fault: Fault
    text: str
    sessions: tuple[str, ...] = ()
    where: str = ""  # in the file, if it comes from one: "line 12"
    about: tuple[str, ...] = ()  # what else tells it from others of its kind: a room, names
    mend: Mend | None = None

    @property
    def key(self) -> str:
        """The same as long as the same thing is wrong with the same sessions."""
        told_apart = "\0".join((*sorted(self.sessions), "", *self.about))
        return f"{self.fault.key}:{hashlib.sha256(told_apart.encode(errors='replace')).hexdigest()[:24]}"


def found(
    fault: Fault,
    text: str,
    sessions: Iterable[UntimedRecord] = (),
    about: tuple[str, ...] = (),
    mend: Mend | None = None,
) -> Finding:
    """The finding about these sessions."""
    sessions = tuple(sessions)
    return Finding(
        fault=fault,
        text=text,
        sessions=tuple(each.external_id for each in sessions),
        where=", ".join(each.where for each in sessions if each.where),
        about=about,
        mend=mend,
    )


def counted(fault: Fault, number: int) -> str:
    """ "1 session without a room", "2 sessions without a room"."""
    return f"{number} {fault.one if number == 1 else fault.many}"
