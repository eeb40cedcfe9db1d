"""What readers of programmes share: clean texts, identities, times that can be, and the whole programme at the end."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from agenda.formats.records import (
    MOST_SESSIONS,
    ProgrammeRecord,
    RefusedFile,
    RoomRecord,
    SessionRecord,
    SpeakerRecord,
    TrackRecord,
)

LONGEST_ID = 200  # characters; Origin.external_id holds as many
FIRST_YEAR, LAST_YEAR = 1970, 2100  # no conference is outside, and a calendar counts from 1970
ASSUMED_LENGTH = timedelta(minutes=30)  # of a session whose end the file does not say
LONGEST = timedelta(days=366)  # a session that lasts longer is a slip
ASSUMED = "30 minutes were assumed"

_NOT_IN_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_LINE_BREAK = re.compile("\r\n?|[\x85\u2028\u2029]")
_BLANKS = re.compile(r"[ \t\n]+")
_BLANKS_AT_END = re.compile(r"(?<![ \t])[ \t]+$", re.MULTILINE)
_CANCELLED = re.compile(
    r"(?:[(\[*]{1,3}(?:cancell?ed|abgesagt|annulé)[)\]*]{1,3}[:\-–—]?|(?:cancell?ed|abgesagt|annulé) ?[:–—]"
    r"|(?:cancell?ed|abgesagt|annulé) - )\s?",
    re.IGNORECASE,
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
LANGUAGES = {
    **{"english": "en", "englisch": "en", "anglais": "en", "german": "de", "deutsch": "de", "french": "fr"},
    **{"français": "fr", "spanish": "es", "español": "es", "italian": "it", "italiano": "it", "portuguese": "pt"},
    **{"português": "pt", "dutch": "nl", "nederlands": "nl", "polish": "pl", "polski": "pl", "czech": "cs"},
    **{"russian": "ru", "japanese": "ja", "chinese": "zh", "swedish": "sv", "svenska": "sv", "ukrainian": "uk"},
}


class NotATime(ValueError):
    """A time of the file that cannot be used. The message says why, as the end of a sentence."""


def text_of(text: str) -> str:
    """The text with its paragraphs, without what no page can show and without blanks at the ends of its lines."""
    lines = _LINE_BREAK.sub("\n", text).replace("\x0b", "\n").replace("\x0c", "\n")
    return _BLANKS_AT_END.sub("", _NOT_IN_TEXT.sub("", lines)).strip()


def line_of(text: str) -> str:
    """The text on one line: a title, a name."""
    return _BLANKS.sub(" ", text_of(text))


def prose_of(text: str) -> str:
    """A text that may have markup, as the product shows it."""
    return text_of(text)


def uncancelled(title: str) -> tuple[str, bool]:
    """The title without a "CANCELLED:" before it, and True if there was one."""
    found = _CANCELLED.match(title)
    rest = title[found.end() :].strip() if found else ""
    return (rest, True) if rest else (title, False)


def folded(text: str) -> str:
    """The text as it is compared: without case, marks and repeated blanks."""
    return line_of(unicodedata.normalize("NFKC", text)).casefold()


def guid_of(text: str) -> UUID | None:
    """The UUID that the text is, or that it has before "@"."""
    name = text.partition("@")[0].removeprefix("urn:uuid:")
    return UUID(name) if _UUID.fullmatch(name) else None


def language_of(text: str) -> str | None:
    """The code of a language given as code or name; None for anything else."""
    word = text.strip().casefold()
    primary = word.replace("_", "-").partition("-")[0]
    if word in LANGUAGES:
        return LANGUAGES[word]
    return primary if len(primary) == 2 and primary.isascii() and primary.isalpha() else None


def identity(title: str, speakers: Iterable[str]) -> str:
    """An external_id for a session whose source has none: the same for the same title and speakers in any order."""
    whole = "\n".join([folded(title), *sorted(map(folded, speakers))])
    return f"title:{hashlib.sha256(whole.encode()).hexdigest()[:32]}"


class Identities:
    """Gives each session of a programme an external_id of its own, of a length that can be stored."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def give(self, wanted: str, title: str = "") -> tuple[str, bool]:
        """An id that no session has yet, and True if another session has the one that was wanted.

        A second session of that id is told apart by its title, and only then by its place in the file.
        """
        wanted = _short(line_of(wanted))
        given, number = wanted, 1
        while given in self._given:
            given = _short(f"{wanted} {folded(title)}" + (f" #{number}" if number > 1 else ""))
            number += 1
        self._given.add(given)
        return given, given != wanted


def _short(text: str) -> str:
    if len(text) <= LONGEST_ID:
        return text
    return f"{text[: LONGEST_ID - 33]}-{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def zone_named(name: str) -> tzinfo | None:
    """The zone of that IANA name; None if there is none."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        return None


def in_utc(moment: datetime, zone: tzinfo | None = None) -> datetime:
    """The moment in UTC; `zone` is where a local time is. Raises NotATime for one that no conference can have."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise NotATime(f"is in the year {moment.year}")
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone or UTC)).astimezone(UTC)


def until(start: datetime, end: datetime | None) -> tuple[datetime, bool]:
    """The end of a session, and True if it had to be assumed: it has none, or no length.

    Raises NotATime for an end before the start, or a year after it.
    """
    if end is None or end == start:
        return start + ASSUMED_LENGTH, True
    if end < start:
        raise NotATime("is before the start")
    if end - start > LONGEST:
        raise NotATime("is too far off")
    return end, False


def assembled(sessions: Iterable[SessionRecord], zone: str = "", **fields: Any) -> ProgrammeRecord:
    """The programme of these sessions: with their days in that zone, and the rooms, tracks and speakers they name.

    `fields` are the programme's others; rooms, tracks and speakers given there come first. Raises RefusedFile for more
    than MOST_SESSIONS sessions.
    """
    listed = tuple(sessions)
    if len(listed) > MOST_SESSIONS:
        raise RefusedFile(f"This programme has more than {MOST_SESSIONS:,} sessions: too many for one event.")
    days = [session.start.astimezone(zone_named(zone) or UTC).date() for session in listed]
    rooms = {room.name: room for room in fields.pop("rooms", ())}
    tracks = {track.name: track for track in fields.pop("tracks", ())}
    speakers = {speaker.name: speaker for speaker in fields.pop("speakers", ())}
    for session in listed:
        if session.room:
            rooms.setdefault(session.room, RoomRecord(name=session.room))
        if session.track:
            tracks.setdefault(session.track, TrackRecord(name=session.track))
        for name in session.speakers or ():
            speakers.setdefault(name, SpeakerRecord(name=name))
    programme = ProgrammeRecord(sessions=listed, zone=zone, **fields)
    if programme.days is None and days:
        programme = replace(programme, days=_span(days))
    return replace(
        programme, rooms=tuple(rooms.values()), tracks=tuple(tracks.values()), speakers=tuple(speakers.values())
    )


def _span(days: list[date]) -> tuple[date, date]:
    return min(days), max(days)
