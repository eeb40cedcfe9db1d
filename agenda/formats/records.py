"""A conference's programme as plain records: what every reader of a file makes, and what every writer takes.

None means that a file does not say; an empty value means that it says there is nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date, datetime
from uuid import UUID

LARGEST_FILE = 50 * 1024 * 1024  # bytes
MOST_SESSIONS = 20_000
DEEPEST = 50  # elements, lists or objects inside each other


class RefusedFile(ValueError):
    """The file cannot be read at all. The message is one sentence for the editor: what it is, and what would do."""


@dataclass(frozen=True, slots=True)
class Around:
    """A day that dates without a year are near: the first of the event, if that `is_first`, or today for a new one."""

    day: date
    is_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CellToMend:
    """A cell of a spreadsheet that an editor may mend: `name` is "D9", and `key` tells it from that of another file.

    Where there are `choices`, it is one of these, each a value and how it is said; the value "" leaves the row out.
    """

    key: str
    name: str
    says: str
    problem: str
    suggestion: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a file that could not be understood, or only by guessing.

    `where` is its place for a person: "line 12", "row 7, column Start"; empty if it concerns the whole file.
    `text` says what was done about it, too: "The end “25:70” is no time; the session was left out."
    """

    where: str
    text: str
    cell: CellToMend | None = field(default=None, compare=False)
    leaves_out: bool = field(default=False, compare=False)  # a whole session, which is therefore not gone


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomRecord:
    name: str
    guid: UUID | None = None
    capacity: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRecord:
    name: str
    colour: str | None = None  # "#0b6e66"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerRecord:
    """A person. Sessions list them by `name`, which stands once in a programme."""

    name: str
    guid: UUID | None = None
    job_title: str | None = None
    organisation: str | None = None
    biography: str | None = None
    biography_is_cut: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialRecord:
    """A file or link. `kind` is slides, recording, paper or link; `url` absolute, or empty if it is not known.

    `is_ours` tells a file that was uploaded here; no format says that.
    """

    kind: str
    title: str
    url: str = ""
    is_ours: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UntimedRecord:
    """A session that has no time yet. `external_id` is how its source tells it from others: unique in a programme.

    Texts are plain, as the product shows them (paragraphs, "- " lists, links as addresses).
    """

    external_id: str
    title: str
    guid: UUID | None = None
    subtitle: str | None = None
    byline: str | None = None
    abstract: str | None = None
    language: str | None = None
    room: str | None = None  # names
    track: str | None = None
    speakers: tuple[str, ...] | None = None
    materials: tuple[MaterialRecord, ...] | None = None
    type: str | None = None  # "lecture", "workshop", as the source calls it; not stored
    status: str | None = None  # confirmed, tentative or cancelled
    slug: str | None = None
    url: str | None = None  # of its page
    slides_included: bool | None = None
    may_be_recorded: bool | None = None
    id: int | None = None  # of its row: a positive number that is never used for another session
    where: str = ""  # its place in the file, for problems that are found later

    def at(self, *times: datetime) -> UntimedRecord:
        """The same session with this start and this end, or without a time if there are none."""
        values = {field.name: getattr(self, field.name) for field in fields(UntimedRecord)}
        return SessionRecord(**values, start=times[0], end=times[1]) if times else UntimedRecord(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecord(UntimedRecord):
    """A session with its times, which are aware, in UTC. Every reader makes these, and no others."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeRecord:
    """A whole programme. `format` names what was read, for the editor: "pretalx schedule.json".

    `zone` is an IANA name, or empty if the file has none and none was given. `days` are its first and last day.
    """

    format: str
    sessions: tuple[SessionRecord, ...]
    title: str = ""
    acronym: str = ""
    zone: str = ""
    days: tuple[date, date] | None = None
    rooms: tuple[RoomRecord, ...] = ()
    tracks: tuple[TrackRecord, ...] = ()
    speakers: tuple[SpeakerRecord, ...] = ()
    problems: tuple[Problem, ...] = ()
    venue: str = ""
    city: str = ""
    country: str = ""
    url: str = ""
    version: str = ""
    untimed: tuple[UntimedRecord, ...] = ()  # only tables and checks of texts have these

    @property
    def listed(self) -> tuple[UntimedRecord, ...]:
        """All of its sessions, those without a time last."""
        return (*self.sessions, *self.untimed)
