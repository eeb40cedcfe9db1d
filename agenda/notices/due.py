"""Mail about changes of starred sessions, to those who asked for it and whose calendars have not fetched them in time.

A revision of a session is in one of these states for a person. The first that fits is its state:

    minor        Time, room, and whether the session takes place stay as they were: a note alone, say. Never mailed;
                 the present note is part of the next mail about the session.
    told         A mail about it was sent. Not mailed again.
    fetched      Each of the person's calendars has it, was added after it, or does not show the event; or they
                 starred the session after it. Not mailed.
    claimed      A run is about to mail it. It waits, and so do the later revisions of its session.
    left behind  Claimed for longer than LEFT_BEHIND, and still not sent. Mailed with what changed since. As long as
                 nothing did, the Message-ID is the same, so that a mailbox knows the mail if it has it already.
    pending      None of these. Mailed, unless its session is undone, too early or over.

The session decides for all its pending revisions at once:

    undone       It is shown as the person knew it: before the revision, or by a mail, or by a calendar.
    too early    Before any start that a calendar may show, there are more minutes than the person chose.
    over         The last end that a calendar may show has passed.

A revision is claimed before its mail goes out and told after it, so that two runs never send the same mail.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q

from accounts.models import CalendarKey, User
from agenda.calendars.comparing import Facts, by_session, logs
from agenda.calendars.options import options_of
from agenda.calendars.served import Served
from agenda.calendars.truth import KeyTruth
from agenda.models import Notice, Session, SessionRevision, Star, StarLog
from agenda.models.session import is_public, order_of_sessions
from agenda.notices.choices import CHOICES
from agenda.programme.history import Shown, moment_of, shown_before, shown_now
from agenda.version_cache import TICK

LEFT_BEHIND = timedelta(minutes=10)  # a mail server answers sooner: the run that claimed so long ago has ended
PEOPLE_AT_ONCE = 100


class Change(NamedTuple):
    """A session that changed, as one person is told: what it was when they last knew it, and its revisions since."""

    session: Session
    was: Shown
    since: list[SessionRevision]
    pending: list[SessionRevision]
    zone: ZoneInfo

    @property
    def shown(self) -> list[Shown]:
        """Everything that a calendar may show of the session, from what the person knew to what it is now."""
        later = (shown_before(self.session, self.since[index:]) for index in range(1, len(self.since) + 1))
        return [self.was, *(each for each in later if each.is_published)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A user who asked for mail, and all that decides whether a mail is due to them."""

    user: User
    address: str
    keys: list[CalendarKey]
    facts: Facts
    starred_at: dict[int, datetime]  # by session
    notices: list[Notice]

    @property
    def zone(self) -> ZoneInfo | None:
        return ZoneInfo(self.user.time_zone) if self.user.time_zone else None

    @property
    def told(self) -> set[int]:
        """The pks of the revisions that a mail was sent about."""
        return {notice.revision_id for notice in self.notices if notice.sent_at}

    @property
    def claimed(self) -> dict[int, datetime]:
        """The time at which each revision (pk) was claimed, of those that are not told yet; in order of time."""
        return {notice.revision_id: notice.claimed_at for notice in self.notices if not notice.sent_at}


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One mail that is due: what it says, and the revisions (pks) that are claimed for it.

    `new` are the revisions that were not claimed before.
    """

    person: Person
    changes: list[Change]
    revisions: set[int]
    new: set[int]
    truths: list[KeyTruth]
    left_behind: datetime | None = None  # when it was claimed, if a former run left it behind


@dataclass(frozen=True, slots=True)
class ChangedSessions:
    """Sessions that changed so that somebody may have to be told now, and their revisions; both in dicts by pk.

    The sessions are in the order of the programme, the revisions of each begin with the oldest.
    """

    sessions: dict[int, Session] = field(default_factory=dict)
    revisions: dict[int, list[SessionRevision]] = field(default_factory=dict)


def tellings(now: datetime, to: User | None = None) -> Iterator[Telling]:
    """The mails that are due to all, or to one user; to be claimed before they are sent.

    They are read from the database PEOPLE_AT_ONCE at a time.
    """
    changed = _changed_sessions(now, to)
    if not changed.sessions:
        return
    wanting = EmailAddress.objects.filter(
        verified=True,
        primary=True,
        user__is_active=True,
        user__notice_minutes__isnull=False,
    ).filter(Exists(Star.objects.filter(user=OuterRef("user"), session__in=list(changed.sessions))))
    wanting = wanting.exclude(user__refused_address=F("email"))
    if to:
        wanting = wanting.filter(user=to)
    last = 0
    while batch := list(wanting.filter(user__gt=last).select_related("user").order_by("user")[:PEOPLE_AT_ONCE]):
        for person in _people(batch, changed):
            if telling := _telling(person, now):
                yield telling
        last = batch[-1].user_id


def claim(telling: Telling, now: datetime) -> bool:
    """Claims the mail for this run, in a transaction of its own; False if another run has it, or it is out of date.

    It is out of date if the person chose other minutes, or a calendar of theirs fetched, since it was worked out.
    """
    user = telling.person.user
    try:
        with transaction.atomic():
            if _has_changed(telling.person):
                return False
            if telling.left_behind:
                unsent = Notice.objects.filter(user=user, claimed_at=telling.left_behind, sent_at=None)
                if not unsent.update(claimed_at=now):
                    return False
            Notice.objects.bulk_create(Notice(user=user, revision_id=pk, claimed_at=now) for pk in telling.new)
    except IntegrityError:  # another run was there first, or the account is deleted
        return False
    return True


def note_sent(telling: Telling, now: datetime) -> None:
    """Marks the revisions of this mail as told."""
    Notice.objects.filter(user=telling.person.user, revision__in=telling.revisions).update(sent_at=now)


def note_refused(telling: Telling) -> None:
    """Has no more mail sent to this address, until the person tries again or changes it."""
    person = telling.person
    User.objects.filter(pk=person.user.pk).update(refused_address=person.address)


def _has_changed(person: Person) -> bool:
    """True if the person's choice of mail, or what their calendars were served, has changed since they were read."""
    user = User.objects.filter(pk=person.user.pk, is_active=True, notice_minutes=person.user.notice_minutes)
    served = [(key.pk, key.served, key.served_options) for key in person.keys]
    active = CalendarKey.objects.filter(user=person.user).active().values_list("pk", "served", "served_options")
    return not user.exists() or served != list(active)


def _changed_sessions(now: datetime, starred_by: User | None) -> ChangedSessions:
    """The sessions with a change that may be due to a person: not minor, nor too early or over for all. One query."""
    latest = (now - timedelta(days=2)).date()  # whatever the zone, and however late the last talk
    going_on = Q(session__event__ends_on__gte=latest) | Q(session__end__gt=now)  # a talk may come after its event
    if starred_by:
        going_on &= Q(session__stars__user=starred_by)
    found = by_session(
        SessionRevision.objects.filter(going_on, is_public("session__"))
        .select_related("session__event", "session__room", "session__replaced_by")
        .defer("session__abstract")
        .order_by(*order_of_sessions("session__"), "at", "pk")
    )
    soon = now + timedelta(minutes=max(CHOICES))
    sessions = {}
    for pk, revisions in found.items():
        starts, ends = _times(revisions)
        is_near = any(start <= soon for start in starts) and any(end > now for end in ends)
        if is_near and not all(map(_is_minor, revisions)):
            sessions[pk] = revisions[0].session
    return ChangedSessions(sessions, {pk: found[pk] for pk in sessions})


def _times(revisions: list[SessionRevision]) -> tuple[list[datetime], list[datetime]]:
    """All starts and all ends that a session had and has."""
    starts, ends = [revisions[0].session.start], [revisions[0].session.end]
    for revision in revisions:
        starts += map(moment_of, revision.changes.get("start", ()))
        ends += map(moment_of, revision.changes.get("end", ()))
    return [start for start in starts if start], [end for end in ends if end]


def _is_minor(revision: SessionRevision) -> bool:
    """True unless the revision moved, cancelled or reinstated the session."""
    changes = revision.changes
    return not ({"start", "end", "room"} & changes.keys() or Session.Status.CANCELLED in changes.get("status", ()))


def _people(batch: list[EmailAddress], changed: ChangedSessions) -> Iterator[Person]:
    """The people with these addresses, and what decides on their mail; as many queries for many people as for one."""
    users = [address.user_id for address in batch]
    keys: dict[int, list[CalendarKey]] = defaultdict(list)
    stars: dict[int, dict[int, datetime]] = defaultdict(dict)
    notices: dict[int, list[Notice]] = defaultdict(list)
    for key in CalendarKey.objects.filter(user__in=users).active():
        keys[key.user_id].append(key)
    for star in Star.objects.filter(user__in=users, session__in=list(changed.sessions)):
        stars[star.user_id][star.session_id] = star.created
    open_or_recent = Q(sent_at=None) | Q(revision__session__in=list(changed.sessions))
    for notice in Notice.objects.filter(open_or_recent, user__in=users).order_by("claimed_at", "pk"):
        notices[notice.user_id].append(notice)
    log = logs(StarLog.objects.filter(user__in=users, session__in=list(changed.sessions)))
    for address in batch:
        mine = stars[address.user_id]
        facts = Facts(
            [each for each in changed.sessions.values() if each.pk in mine],
            changed.revisions,
            set(mine),
            log[address.user_id],
        )
        yield Person(
            user=address.user,
            address=address.email,
            keys=keys[address.user_id],
            facts=facts,
            starred_at=mine,
            notices=notices[address.user_id],
        )


def _telling(person: Person, now: datetime) -> Telling | None:
    """The mail that is due to the person: the one left behind first, else what is pending; None if there is nothing."""
    claims: dict[datetime, set[int]] = defaultdict(set)
    for revision, claimed_at in person.claimed.items():
        claims[claimed_at].add(revision)
    for claimed_at, revisions in claims.items():
        if claimed_at <= now - LEFT_BEHIND and (changes := _changes(person, now, _changed_by(revisions, person))):
            return _as_telling(person, changes, now, claimed_at)
    waiting = _changed_by(set(person.claimed), person)
    changes = _changes(person, now, [session for session in person.facts.sessions if session not in waiting])
    return _as_telling(person, changes, now) if changes else None


def _changed_by(revisions: set[int], person: Person) -> list[Session]:
    """The person's sessions that these revisions (pks) changed."""
    made = person.facts.revisions
    return [each for each in person.facts.sessions if any(revision.pk in revisions for revision in made[each.pk])]


def _as_telling(person: Person, changes: list[Change], now: datetime, left_behind: datetime | None = None) -> Telling:
    """The mail about these changes, with what the person's calendars still show of them."""
    told = Facts([change.session for change in changes], person.facts.revisions, person.facts.starred, person.facts.log)
    truths = [KeyTruth.of(key, told, now, person.zone) for key in person.keys]
    pending = {revision.pk for change in changes for revision in change.pending}
    new = pending - {notice.revision_id for notice in person.notices}
    # A claim that was left behind may hold more: a session that is hidden now, say, waits for its own time.
    made = {revision.pk for change in changes for revision in person.facts.revisions[change.session.pk]}
    return Telling(
        person=person,
        changes=changes,
        revisions=new | {pk for pk, claimed_at in person.claimed.items() if pk in made and claimed_at == left_behind},
        new=new,
        truths=[truth for truth in truths if not truth.has_all_talks],
        left_behind=left_behind,
    )


def _changes(person: Person, now: datetime, sessions: list[Session]) -> list[Change]:
    """The changes of these sessions that are due: pending, and neither undone nor too early nor over."""
    found = (_change(person, session) for session in sessions)
    before = timedelta(minutes=person.user.notice_minutes or 0)
    return [change for change in found if change and _is_time(change, now, before)]


def _is_time(change: Change, now: datetime, before: timedelta) -> bool:
    """True if the change is neither too early, by any start that a calendar may show, nor over, by any end."""
    starts = [each.start for each in change.shown if each.start]
    ends = [each.end for each in change.shown if each.end]
    return bool(starts) and min(starts) - before <= now < max(ends)


def _change(person: Person, session: Session) -> Change | None:
    """What became of the session since the person last knew it; None if nothing is pending, or it is undone."""
    revisions = person.facts.revisions[session.pk]
    told, fetched = person.told, _fetched(person, session)
    pending = [each for each in revisions if _is_pending(each, told, fetched)]
    for moment in _last_known(person, revisions, fetched) if pending else ():
        since = [revision for revision in revisions if revision.at > moment]
        was = shown_before(session, since)
        if _differs(was, shown_now(session)):
            return Change(session, was, since, pending, person.zone or session.event.zone)
    return None


def _is_pending(revision: SessionRevision, told: set[int], fetched: list[datetime]) -> bool:
    """True if the revision is neither minor nor told, and a calendar has not fetched it."""
    return not _is_minor(revision) and revision.pk not in told and any(revision.at > moment for moment in fetched)


def _last_known(person: Person, revisions: list[SessionRevision], fetched: list[datetime]) -> list[datetime]:
    """The moments at which the person may have last known the session, the likeliest first.

    They know it from calendars, and from mails that were claimed and perhaps sent. A mail that was sent shows that
    what any calendar had before it is out of date.
    """
    claimed = person.claimed
    # Each mail says how the session was when it was claimed: by its newest revision.
    mailed = {claimed[each.pk]: each.at for each in revisions if each.pk in claimed}
    moments = [*fetched, *mailed.values()]
    told = [revision.at for revision in revisions if revision.pk in person.told]
    return [told[-1], *(moment for moment in moments if moment > told[-1])] if told else moments


def _fetched(person: Person, session: Session) -> list[datetime]:
    """The moment up to which each calendar that has or should have the session has fetched it; from early to late.

    No moment is before the star, or before the calendar was added: the person saw the programme then. If the session
    was hidden at a moment, the one just before it was hidden is used instead.
    """
    moments = []
    for key in person.keys:
        served = Served.to_key(key)
        if any(options.shows(session.event_id) for options in (served.options, options_of(key.options))):
            version = served.version
            came = max(version.updated if version else key.created - TICK, person.starred_at[session.pk] - TICK)
            moments.append(_last_published(person.facts.revisions[session.pk], came))
    return sorted(moments)


def _last_published(revisions: list[SessionRevision], moment: datetime) -> datetime:
    """The moment itself; if the session was hidden at that moment, the one just before it was hidden."""
    for revision in reversed(revisions):
        if revision.at <= moment and "is_published" in revision.changes:
            return moment if revision.changes["is_published"][1] else revision.at - TICK
    return moment


def _differs(was: Shown, now: Shown) -> bool:
    """True if the change is not undone: another place or time, or newly cancelled, or not cancelled any more."""
    return (was.start, was.end, was.room, was.is_cancelled) != (now.start, now.end, now.room, now.is_cancelled)
