"""What each of a person's calendars was last given and what it does not know yet, in words they understand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, cast
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.timesince import timesince

from accounts.models import CalendarKey, User
from agenda.calendars import programs
from agenda.calendars.comparing import Comparison, Difference, facts_of
from agenda.calendars.fetches import USED_EVERY
from agenda.models import Session
from agenda.programme.prose import in_isolates
from agenda.programme.words import length_of_time, time_beside
from database.prepared import Prepared

MINUTE = timedelta(minutes=1)
UNKNOWN_HABIT = timedelta(days=1)  # the longest that Google and Outlook usually take
NAMED = 3  # sessions; of more only the number is said


class KeyState(NamedTuple):
    """The state of a calendar in few words: "up to date", "updated 6 minutes ago"."""

    kind: Literal["current", "new", "late"]
    words: str
    when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTruth(Comparison):
    """A comparison in words, with what is known of the calendar's fetches."""

    @property
    def client(self) -> str:
        return programs.program_of(self.key.last_client).name

    @property
    def every(self) -> timedelta | None:
        """The usual time from one fetch to the next; None as long as it is unknown."""
        return timedelta(seconds=self.key.fetched_every) if self.key.fetched_every else None

    @property
    def expected(self) -> datetime | None:
        """The time of the next update, if the calendar keeps its habit; in UTC."""
        return self.key.last_used_at + self.every if self.key.last_used_at and self.every else None

    @property
    def is_late(self) -> bool:
        """True if it lacks something, and is overdue by its own habit (by a day, if that is unknown)."""
        if self.key.last_used_at is None or self.has_all_talks:
            return False
        return self.moment > self.key.last_used_at + (self.every or UNKNOWN_HABIT) + USED_EVERY

    @property
    def is_up_to_date(self) -> bool:
        """True if it was updated, and has all that it should show."""
        return self.key.last_used_at is not None and self.is_current

    @property
    def state(self) -> KeyState:
        """What its line in the list says."""
        if self.key.last_used_at is None:
            return KeyState("new", "not updated yet", "")
        when = ago(self.key.last_used_at, self.moment)
        if self.is_late:
            return KeyState("late", "late", f"last updated {when}")
        if self.is_up_to_date:
            return KeyState("current", "up to date", f"updated {when}")
        return KeyState("new", "not up to date yet", f"updated {when}")

    @property
    def late_words(self) -> str:
        return f"{self.key.name} is late: last updated {ago(self.key.last_used_at or self.key.created, self.moment)}."

    @property
    def sentence(self) -> str:
        return _sentence(self)

    @property
    def rhythm(self) -> str:
        """ "It is usually updated every 8 h; the next update is expected in 2 h."; "" if it was never updated."""
        if self.every and self.expected:
            return _rhythm(self.every, self.expected, self.moment)
        return programs.first_rhythm(self.key) if self.key.last_used_at else ""

    @property
    def remedy(self) -> programs.Remedy:
        """What to do where the calendar is behind."""
        return programs.remedy_of(self.key) if self.key.last_used_at else programs.NEVER_FETCHED


_keys = Prepared(lambda user: CalendarKey.objects.filter(user=user).active())


def of(user: User, own_zone: ZoneInfo | None) -> list[KeyTruth]:
    """The truth about each calendar of the user's that is not revoked. As many queries for many as for one."""
    keys = _keys.objects(user.pk)
    facts, moment = facts_of(user, keys), timezone.now()
    return [KeyTruth.of(key, facts, moment, own_zone) for key in keys]


def _sentence(truth: KeyTruth) -> str:
    """ "Work (Google Calendar) was last updated 9 hours ago and still shows “virtio-fs” at 14:15."; plain text."""
    if truth.key.last_used_at is None:
        return f"{truth.key.name} has not been updated yet."
    when = ago(truth.key.last_used_at, truth.moment)
    if not truth.has_asked:  # it looked around, or asks for a part of the time alone
        return f"{_name(truth)} connected {when}, but has not asked for all your talks yet."
    fetched = f"was last updated {when}"
    return f"{_name(truth)} {get_text_list([fetched, *(_clauses(truth) or ['is up to date'])], 'and')}."


def _rhythm(every: timedelta, expected: datetime, moment: datetime) -> str:
    wait = length_of_time(abs(expected - moment))
    if moment <= expected - MINUTE:
        following = f"the next update is expected in {wait}"
    elif moment <= expected + USED_EVERY:  # until then it may have come, and got nothing new
        following = "the next update is expected now"
    else:
        following = f"the next update is overdue by {wait}"
    return f"It is usually updated every {length_of_time(max(every, MINUTE))}; {following}."


def ago(before: datetime, moment: datetime) -> str:
    """ "9 hours ago"; "just now" for less than a minute."""
    span = timesince(before, moment, depth=1).replace("\xa0", " ")
    return "just now" if span == "0 minutes" else f"{span} ago"


def _name(truth: KeyTruth) -> str:
    name, client = truth.key.name, truth.client
    return name if not client or client in name else f"{name} ({client})"


def _clauses(truth: KeyTruth) -> list[str]:
    """What the calendar does not have, the most urgent first."""
    choices = ["does not show your new choices yet"] if truth.served.has_other_choices else []
    return [*_lacking(truth), *choices]


def _lacking(truth: KeyTruth) -> list[str]:
    """What the calendar does not have of talks, the most urgent first."""
    newly_cancelled = [each.session for each in truth.different if _is_newly_cancelled(each)]
    others = [_shown(each) for each in truth.different if not _is_newly_cancelled(each)]
    be = "are" if len(newly_cancelled) > 1 else "is"
    found = (
        (newly_cancelled, f"does not show yet that {_named(newly_cancelled)} {be} cancelled"),
        (others, f"still shows {_list(others)}"),
        (truth.starred_since, f"does not have {_those(truth.starred_since, 'you starred since')}"),
        (truth.missing, f"does not have {_named(truth.missing)} yet"),
        (truth.unstarred_since, f"still has {_those(truth.unstarred_since, 'you unstarred')}"),
        (truth.withdrawn, f"still has {_talks(len(truth.withdrawn))} no longer in the programme"),
        (truth.outdated, f"has older details of {_named(truth.outdated)}"),
    )
    return [words for lacking, words in found if lacking]


def _is_newly_cancelled(found: Difference) -> bool:
    return found.session.is_cancelled and not found.shown.is_cancelled


def _shown(found: Difference) -> str:
    """ "“virtio-fs” at 14:15 in Forum 2": what differs, as the calendar has it."""
    session, was = found.session, found.shown
    words = [f"“{session.title}”"]
    if was.title != session.title:
        words.append(f"under its old title “{was.title}”")
    if was.status != session.status:
        words.append(f"as {was.status}")
    begins, until = cast("tuple[datetime, datetime]", (was.start, was.end))  # no calendar holds it without a time
    start, end = time_beside(begins, session.start, found.zone), time_beside(until, begins, found.zone)
    moved, longer = begins != session.start, until - begins != session.duration
    if moved:
        words.append(f"from {start}" if longer else f"at {start}")
    if longer:
        words.append(f"to {end}" if moved else f"ending at {end}")
    if was.room != (session.room.name if session.room else ""):
        words.append(f"in {in_isolates(was.room)}" if was.room else "without a room")
    return " ".join(words)


def _named(sessions: Sequence[Session]) -> str:
    return _list([f"“{session.title}”" for session in sessions])


def _those(sessions: Sequence[Session], because: str) -> str:
    """The sessions in words, a single one by its title, several by their number; and why they are listed."""
    return f"{_named(sessions)}, which {because}" if len(sessions) == 1 else f"{len(sessions)} talks {because}"


def _talks(count: int) -> str:
    return "1 talk that is" if count == 1 else f"{count} talks that are"


def _list(words: Sequence[str]) -> str:
    if len(words) > NAMED:
        words = [*words[: NAMED - 1], f"{len(words) - NAMED + 1} more"]
    return get_text_list(list(words), "and")
