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

from agenda.formats.cleaning import LONGEST_ID, USUAL_LENGTH
from agenda.formats.plain_text import one_line, plain
from agenda.formats.records import (
    MOST_SESSIONS,
    ProgrammeRecord,
    RefusedFile,
    RoomRecord,
    SessionRecord,
    SpeakerRecord,
    TrackRecord,
)
from agenda.formats.times import is_usable, zone_named

LONGEST_NAME = 1_000  # characters of a title or name that is compared
LONGEST = timedelta(days=366)  # a session that lasts longer is a slip
ASSUMED = f"{USUAL_LENGTH // timedelta(minutes=1)} minutes were assumed"

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
LANGUAGES = {
    **{"english": "en", "englisch": "en", "anglais": "en", "german": "de", "deutsch": "de", "french": "fr"},
    **{"français": "fr", "spanish": "es", "español": "es", "italian": "it", "italiano": "it", "portuguese": "pt"},
    **{"português": "pt", "dutch": "nl", "nederlands": "nl", "polish": "pl", "polski": "pl", "czech": "cs"},
    **{"russian": "ru", "japanese": "ja", "chinese": "zh", "swedish": "sv", "svenska": "sv", "ukrainian": "uk"},
}


class NotATime(ValueError):
    """A time of the file that cannot be used. The message says why, as the end of a sentence."""


def prose_of(text: str) -> str:
    """A text that may have markup, as the product shows it."""
    return plain(text)


def folded(text: str) -> str:
    """The text as it is compared: without case, marks and repeated blanks."""
    # Of a longer text, a long row of accents would first be sorted.
    return one_line(unicodedata.normalize("NFKC", text) if len(text) <= LONGEST_NAME else text).casefold()


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
        wanted = _short(one_line(wanted))
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


def in_utc(moment: datetime, zone: tzinfo | None = None) -> datetime:
    """The moment in UTC; `zone` is where a local time is. Raises NotATime for one that no conference can have."""
    placed = moment if moment.tzinfo else moment.replace(tzinfo=zone or UTC)
    if not is_usable(placed):
        raise NotATime(f"is in the year {moment.year}")
    return placed.astimezone(UTC)


def until(start: datetime, end: datetime | None) -> tuple[datetime, bool]:
    """The end of a session, and True if it had to be assumed: it has none, or no length.

    Raises NotATime for an end before the start, or a year after it.
    """
    if end is None or end == start:
        return start + USUAL_LENGTH, True
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
