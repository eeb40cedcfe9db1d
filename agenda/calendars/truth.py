"""What each of a person's calendars was last given and what it does not know yet, in words they understand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.timesince import timesince

from accounts.models import CalendarKey, User
from agenda.calendars import programs
from agenda.calendars.choices_form import BY_OTHER_CHOICES, options_when_served
from agenda.calendars.fetches import USED_EVERY
from agenda.calendars.options import Options, options_of
from agenda.calendars.personal import State
from agenda.models import Session, SessionRevision, Star, StarLog
from agenda.programme.words import length_of_time, time_beside

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
NAMED = 3  # sessions; of more only the number is said


class Shown(NamedTuple):
    """As far as it matters to whoever means to be there, a session as a calendar shows it; times in UTC."""

    title: str
    start: datetime
    end: datetime
    room: str
    status: str
    is_published: bool

    @property
    def is_cancelled(self) -> bool:
        return self.status == Session.Status.CANCELLED


class Line(NamedTuple):
    """Of the log of stars."""

    pk: int
    starred: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Difference:
    """A session, what a calendar still shows of it, and the zone to say its times in."""

    session: Session
    shown: Shown
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Facts:
    """What may differ between one person's agenda and their calendars."""

    sessions: Sequence[Session]  # with event and room, in order of time: starred ones, and those that lately were
    revisions: dict[int, list[SessionRevision]]  # of each, the oldest first
    starred: set[int]
    log: dict[int, list[Line]]  # of each that was starred or unstarred lately, in order


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTruth:
    """A calendar: what is known of its fetches, and what it does not know at `moment`.

    `state` is how far it has come; None: it has not asked yet for all that there is.
    """

    key: CalendarKey
    moment: datetime
    state: State | None = None
    different: list[Difference] = field(default_factory=list)
    starred_since: list[Session] = field(default_factory=list)
    missing: list[Session] = field(default_factory=list)  # starred then, but not shown to anybody, as they are now
    unstarred_since: list[Session] = field(default_factory=list)
    withdrawn: list[Session] = field(default_factory=list)  # unpublished since; their titles are the editors' alone
    outdated: list[Session] = field(default_factory=list)  # in what is neither time nor place

    @property
    def client(self) -> str:
        return programs.program_of(self.key.last_client).name

    @property
    def is_current(self) -> bool:
        return self.state is not None and not _clauses(self)

    @property
    def has_all_talks(self) -> bool:
        """Whether it has them as they are now, if perhaps not written as its owner chose since."""
        return self.state is not None and not _lacking(self)

    @property
    def is_misleading(self) -> bool:
        """Whether it sends its owner to the wrong place, at the wrong time, or to what does not take place."""
        return bool(self.different or self.withdrawn)

    @property
    def every(self) -> timedelta | None:
        """How long it usually is from one fetch to the next; None while nobody can know."""
        return timedelta(seconds=self.key.fetched_every) if self.key.fetched_every else None

    @property
    def expected(self) -> datetime | None:
        """When the next update is to be expected, in UTC."""
        return self.key.last_used_at + self.every if self.key.last_used_at and self.every else None

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
        """What to do about it."""
        return programs.remedy_of(self.key) if self.key.last_used_at else programs.NEVER_FETCHED


def of(user: User, own_zone: ZoneInfo | None) -> list[KeyTruth]:
    """The truth about each calendar of theirs that is not revoked. As many queries for many as for one."""
    keys = list(CalendarKey.objects.filter(user=user).active())
    facts = _facts(user, [state for key in keys if (state := State.read(key.served))])
    moment = timezone.now()
    return [truth_of(key, facts, moment, own_zone) for key in keys]


def _facts(user: User, states: list[State]) -> Facts:
    """What changed since the calendar that is furthest behind was fetched; nothing if none was."""
    if not states:
        return Facts([], {}, set(), {})
    furthest_behind = min(state.updated for state in states)
    lately = StarLog.objects.filter(user=user, pk__gt=min(state.logged for state in states)).values("session")
    log = logs(StarLog.objects.filter(user=user, session__in=lately))[user.pk]
    starred = set(Star.objects.filter(user=user).values_list("session", flat=True))
    wanted = Q(pk__in=log) | Q(pk__in=starred, updated__gt=furthest_behind)
    sessions = list(Session.objects.filter(wanted).select_related("event", "room").defer("abstract").in_order())
    revisions = SessionRevision.objects.filter(session__in=sessions, at__gt=furthest_behind)
    return Facts(sessions, by_session(revisions.order_by("at", "pk")), starred, log)


def logs(lines: Iterable[StarLog]) -> dict[int, dict[int, list[Line]]]:
    """Those lines in order, by user and session (pks)."""
    found: dict[int, dict[int, list[Line]]] = defaultdict(lambda: defaultdict(list))
    for line in sorted(lines, key=lambda line: line.pk):
        found[line.user_id][line.session_id].append(Line(line.pk, line.starred, line.at))
    return found


def by_session(revisions: Iterable[SessionRevision]) -> dict[int, list[SessionRevision]]:
    found: dict[int, list[SessionRevision]] = defaultdict(list)
    for revision in revisions:
        found[revision.session_id].append(revision)
    return found


def truth_of(key: CalendarKey, facts: Facts, moment: datetime, own_zone: ZoneInfo | None) -> KeyTruth:
    """What that calendar does not know and that still matters.

    What it has is judged by the options that it was served with, what it should have by those chosen now.
    """
    state = State.read(key.served)
    truth = KeyTruth(key=key, moment=moment, state=state)
    if state is None:
        return truth
    then, options = options_when_served(key), options_of(key.options)
    for session in facts.sessions:
        since = [revision for revision in facts.revisions.get(session.pk, ()) if revision.at > state.updated]
        was, now = shown_before(session, since), shown_now(session)
        if not _matters(session, max(was.end, now.end), facts, state, moment):
            continue
        was_starred = _was_starred(session.pk, facts, state)
        had = was_starred and _holds(then, session, was)
        should_have = session.pk in facts.starred and _holds(options, session, now)
        if should_have and not had:
            (truth.missing if was_starred else truth.starred_since).append(session)
        elif had and not session.is_published:
            truth.withdrawn.append(session)
        elif had and session.pk not in facts.starred:
            truth.unstarred_since.append(session)
        elif had and was != now:
            truth.different.append(Difference(session, was, own_zone or session.event.zone))
        elif had and _is_outdated(session, since, facts, state):
            truth.outdated.append(session)
    return truth


def _matters(session: Session, over: datetime, facts: Facts, state: State, moment: datetime) -> bool:
    """Whether a session that is over then, by what is shown and by what is right, is not over yet.

    Who edits or stars what is past wants to see what comes of it as well: for a day.
    """
    since = [line.at for line in facts.log.get(session.pk, ()) if line.pk > state.logged]
    changed = max([session.updated, *since])
    return moment < over or over < changed > moment - DAY


def _was_starred(pk: int, facts: Facts, state: State) -> bool:
    """Whether the session was starred when the log of stars had come that far."""
    lines = facts.log.get(pk, [])
    before = [line.starred for line in lines if line.pk <= state.logged]
    if before:
        return before[-1]
    return not lines[0].starred if lines else pk in facts.starred


def _holds(options: Options, session: Session, shown: Shown) -> bool:
    dropped = options.drops_cancelled and shown.is_cancelled
    return options.shows(session.event_id) and shown.is_published and not dropped


def _is_outdated(session: Session, since: list[SessionRevision], facts: Facts, state: State) -> bool:
    """Whether a calendar lacks what was changed besides what is Shown: an abstract, say, or a rank."""
    first: dict[str, object] = {}
    last: dict[str, object] = {}
    for revision in since:
        for name, (old, new) in revision.changes.items():
            first.setdefault(name, old)
            last[name] = new
    # To give a speaker another name makes no revision.
    unseen = session.updated > max((each.at for each in since), default=state.updated)
    lines = [line.starred for line in facts.log.get(session.pk, ()) if line.pk > state.logged]
    ranked = bool(lines) and all(lines)
    return first != last or unseen or ranked


def shown_now(session: Session) -> Shown:
    room = session.room.name if session.room else ""
    return Shown(session.title, session.start, session.end, room, session.status, session.is_published)


def shown_before(session: Session, revisions: Iterable[SessionRevision]) -> Shown:
    """What was shown of it before these revisions, the oldest first, which are all there are since."""
    first: dict[str, Any] = {}
    for revision in revisions:
        for name, (old, _) in revision.changes.items():
            if name in Shown._fields:
                first.setdefault(name, datetime.fromisoformat(old) if name in ("start", "end") else old)
    return shown_now(session)._replace(**first)


def _sentence(truth: KeyTruth) -> str:
    """ "Work (Google Calendar) was last updated 9 hours ago and still shows “virtio-fs” at 14:15."; plain text."""
    if truth.key.last_used_at is None:
        return f"{truth.key.name} has not been updated yet."
    when = ago(truth.key.last_used_at, truth.moment)
    if truth.state is None:  # it looked around, or asks for a part of the time alone
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
    """What it has not got, the most urgent first."""
    choices = ["does not show your new choices yet"] if BY_OTHER_CHOICES in truth.key.served else []
    return [*_lacking(truth), *choices]


def _lacking(truth: KeyTruth) -> list[str]:
    """What it has not got of talks."""
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
    start, end = (time_beside(moment, session.start, found.zone) for moment in (was.start, was.end))
    moved, longer = was.start != session.start, was.end - was.start != session.duration
    if moved:
        words.append(f"from {start}" if longer else f"at {start}")
    if longer:
        words.append(f"to {end}" if moved else f"ending at {end}")
    if was.room != (session.room.name if session.room else ""):
        words.append(f"in {was.room}" if was.room else "without a room")
    return " ".join(words)


def _named(sessions: Sequence[Session]) -> str:
    return _list([f"“{session.title}”" for session in sessions])


def _those(sessions: Sequence[Session], because: str) -> str:
    """The one session by its title, several by their number, and why they are meant."""
    return f"{_named(sessions)}, which {because}" if len(sessions) == 1 else f"{len(sessions)} talks {because}"


def _talks(count: int) -> str:
    return "1 talk that is" if count == 1 else f"{count} talks that are"


def _list(words: Sequence[str]) -> str:
    if len(words) > NAMED:
        words = [*words[: NAMED - 1], f"{len(words) - NAMED + 1} more"]
    return get_text_list(list(words), "and")
