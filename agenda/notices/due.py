"""Mail about changes of starred sessions, to those who asked for it and whose calendars have not fetched them in time.

A change is claimed for a person before its mail goes out, and marked as sent after it: two runs never send it twice,
and a claim that was left behind is taken up again under the same Message-ID, by which a mailbox knows what it has. If
its sessions changed again meanwhile, that is told with it, under another: only what was sent counts as told.
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
from django.db.models import Exists, OuterRef, Q

from accounts.models import CalendarKey, User
from agenda.calendars.comparing import Facts, Shown, by_session, logs, shown_before, shown_now
from agenda.calendars.options import options_of
from agenda.calendars.served import Served
from agenda.calendars.truth import KeyTruth
from agenda.models import Notice, Session, SessionRevision, Star, StarLog
from agenda.models.session import latest_note
from agenda.version_cache import TICK

# How long before a changed session matters they may be told, in minutes, and in words.
CHOICES = {15: "15 minutes", 30: "half an hour", 60: "an hour", 120: "two hours", 1440: "a day"}
LEFT_BEHIND = timedelta(minutes=10)  # a mail server answers sooner; who claimed a notice so long ago is gone
PEOPLE_AT_ONCE = 100


class Change(NamedTuple):
    """What became of a session, for one person: how it was when they last knew, and the revisions since.

    `pending` are those that they are to be told, which some calendar may not have fetched.
    """

    session: Session
    was: Shown
    since: list[SessionRevision]
    pending: list[SessionRevision]
    zone: ZoneInfo

    @property
    def note(self) -> str:
        """What the editors said about it."""
        return latest_note(reversed(self.since))

    @property
    def shown(self) -> list[Shown]:
        """All that calendars may show since they knew, and what they should; nothing that was hidden then."""
        later = (shown_before(self.session, self.since[index:]) for index in range(1, len(self.since) + 1))
        return [self.was, *(each for each in later if each.is_published)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who asked for mail, and all that decides whether they get some."""

    user: User
    address: str
    keys: list[CalendarKey]
    facts: Facts
    starred_at: dict[int, datetime]  # by session
    notices: list[Notice]

    @property
    def zone(self) -> ZoneInfo | None:
        return ZoneInfo(self.user.time_zone) if self.user.time_zone else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One mail to be: what it says, and the revisions that it is claimed for; `new` are those not claimed before."""

    person: Person
    changes: list[Change]
    revisions: set[int]
    new: set[int]
    truths: list[KeyTruth]
    left_behind: datetime | None = None  # when it was claimed by a run that never said it was sent


@dataclass(frozen=True, slots=True)
class Programme:
    """Sessions that changed and that may matter to somebody now, and their revisions, the oldest first."""

    sessions: dict[int, Session] = field(default_factory=dict)
    revisions: dict[int, list[SessionRevision]] = field(default_factory=dict)


def tellings(now: datetime) -> Iterator[Telling]:
    """The mails that are due, as read a batch of people before; to be claimed before they are sent."""
    programme = _programme(now)
    if not programme.sessions:
        return
    wanting = EmailAddress.objects.filter(
        verified=True,
        primary=True,
        user__is_active=True,
        user__notice_minutes__isnull=False,
    ).filter(Exists(Star.objects.filter(user=OuterRef("user"), session__in=list(programme.sessions))))
    last = 0
    while batch := list(wanting.filter(user__gt=last).select_related("user").order_by("user")[:PEOPLE_AT_ONCE]):
        for person in _people(batch, programme):
            if telling := _telling(person, now):
                yield telling
        last = batch[-1].user_id


def claim(telling: Telling, now: datetime) -> bool:
    """Makes the telling this run's own; False if it is another's, or is not right any more. Committed when it returns.

    Whoever fetched a calendar or changed their mind since the telling was worked out is left to the next run.
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
    Notice.objects.filter(user=telling.person.user, revision__in=telling.revisions).update(sent_at=now)


def _has_changed(person: Person) -> bool:
    user = User.objects.filter(pk=person.user.pk, is_active=True, notice_minutes=person.user.notice_minutes)
    served = [(key.pk, key.served, key.served_options) for key in person.keys]
    active = CalendarKey.objects.filter(user=person.user).active().values_list("pk", "served", "served_options")
    return not user.exists() or served != list(active)


def _programme(now: datetime) -> Programme:
    """What changed of the events that may not be over, as far as somebody may have to know of it now. One query."""
    latest = (now - timedelta(days=2)).date()  # whatever the zone, and however late the last talk
    going_on = Q(session__event__ends_on__gte=latest) | Q(session__end__gt=now)  # a talk may come after its event
    found = by_session(
        SessionRevision.objects.filter(going_on, session__is_published=True)
        .select_related("session__event", "session__room")
        .defer("session__abstract")
        .order_by("at", "pk")
    )
    soon = now + timedelta(minutes=max(CHOICES))
    sessions = {}
    for pk, revisions in found.items():
        starts, ends = _times(revisions)
        if any(map(_is_significant, revisions)) and min(starts) <= soon and max(ends) > now:
            sessions[pk] = revisions[0].session
    return Programme(sessions, {pk: found[pk] for pk in sessions})


def _times(revisions: list[SessionRevision]) -> tuple[list[datetime], list[datetime]]:
    """All starts and ends that a session had, and has."""
    starts, ends = [revisions[0].session.start], [revisions[0].session.end]
    for revision in revisions:
        starts += map(datetime.fromisoformat, revision.changes.get("start", ()))
        ends += map(datetime.fromisoformat, revision.changes.get("end", ()))
    return starts, ends


def _is_significant(revision: SessionRevision) -> bool:
    """Whether it moved, cancelled or reinstated the session."""
    changes = revision.changes
    return bool({"start", "end", "room"} & changes.keys()) or Session.Status.CANCELLED in changes.get("status", ())


def _people(batch: list[EmailAddress], programme: Programme) -> Iterator[Person]:
    """Those people with all that decides; as many queries for many as for one."""
    users = [address.user_id for address in batch]
    keys: dict[int, list[CalendarKey]] = defaultdict(list)
    stars: dict[int, dict[int, datetime]] = defaultdict(dict)
    notices: dict[int, list[Notice]] = defaultdict(list)
    for key in CalendarKey.objects.filter(user__in=users).active():
        keys[key.user_id].append(key)
    for star in Star.objects.filter(user__in=users, session__in=list(programme.sessions)):
        stars[star.user_id][star.session_id] = star.created
    open_or_recent = Q(sent_at=None) | Q(revision__session__in=list(programme.sessions))
    for notice in Notice.objects.filter(open_or_recent, user__in=users).order_by("claimed_at", "pk"):
        notices[notice.user_id].append(notice)
    log = logs(StarLog.objects.filter(user__in=users, session__in=list(programme.sessions)))
    for address in batch:
        mine = stars[address.user_id]
        facts = Facts([programme.sessions[pk] for pk in mine], programme.revisions, set(mine), log[address.user_id])
        yield Person(
            user=address.user,
            address=address.email,
            keys=keys[address.user_id],
            facts=facts,
            starred_at=mine,
            notices=notices[address.user_id],
        )


def _telling(person: Person, now: datetime) -> Telling | None:
    """The mail that this person should get now: one that was left behind, or what is new; None if there is nothing."""
    unsent: dict[datetime, set[int]] = defaultdict(set)
    for notice in person.notices:
        if notice.sent_at is None:
            unsent[notice.claimed_at].add(notice.revision_id)
    for claimed_at, revisions in unsent.items():
        if claimed_at <= now - LEFT_BEHIND and (changes := _changes(person, now, _changed_by(revisions, person))):
            return _as_telling(person, changes, now, claimed_at)
    # Another run may be sending what it claimed: what became of the same sessions since waits for that.
    in_doubt = _changed_by(set().union(*unsent.values()), person)
    changes = _changes(person, now, [session for session in person.facts.sessions if session not in in_doubt])
    return _as_telling(person, changes, now) if changes else None


def _changed_by(revisions: set[int], person: Person) -> list[Session]:
    made = person.facts.revisions
    return [each for each in person.facts.sessions if any(revision.pk in revisions for revision in made[each.pk])]


def _as_telling(person: Person, changes: list[Change], now: datetime, left_behind: datetime | None = None) -> Telling:
    told = Facts([change.session for change in changes], person.facts.revisions, person.facts.starred, person.facts.log)
    truths = [KeyTruth.of(key, told, now, person.zone) for key in person.keys]
    pending = {revision.pk for change in changes for revision in change.pending}
    new = pending - {notice.revision_id for notice in person.notices}
    # Of a claim that was left behind: what is not told now, being hidden, say, waits for its own time.
    made = {revision.pk for change in changes for revision in person.facts.revisions[change.session.pk]}
    unsent = [notice for notice in person.notices if notice.sent_at is None and notice.revision_id in made]
    return Telling(
        person=person,
        changes=changes,
        revisions=new | {notice.revision_id for notice in unsent if notice.claimed_at == left_behind},
        new=new,
        truths=[truth for truth in truths if not truth.has_all_talks],
        left_behind=left_behind,
    )


def _changes(person: Person, now: datetime, sessions: list[Session]) -> list[Change]:
    """What of these they were not told, is not in all their calendars, and matters within the minutes they chose."""
    found = (_change(person, session) for session in sessions)
    before = timedelta(minutes=person.user.notice_minutes or 0)
    changes = [change for change in found if change and _matters(change, now, before)]
    return sorted(changes, key=lambda change: (change.session.start, change.session.pk))


def _matters(change: Change, now: datetime, before: timedelta) -> bool:
    """Whether it is time, by any start that some calendar may show, and the session not over by any end."""
    shown = change.shown
    return min(each.start for each in shown) - before <= now < max(each.end for each in shown)


def _change(person: Person, session: Session) -> Change | None:
    """What became of this session since they knew of it last; None if nothing did that they must be told."""
    revisions = person.facts.revisions[session.pk]
    sent_at = {notice.revision_id: notice.sent_at for notice in person.notices}
    told = [revision for revision in revisions if sent_at.get(revision.pk)]
    # Claimed, and perhaps sent before a crash: of each mail the newest, as it said how the session was by then.
    claimed_at = {notice.revision_id: notice.claimed_at for notice in person.notices if not notice.sent_at}
    in_doubt = list({claimed_at[each.pk]: each.at for each in revisions if each.pk in claimed_at}.values())
    knew = _knew(person, session)
    pending = [
        revision
        for revision in revisions
        if _is_significant(revision) and revision not in told and any(revision.at > moment for moment in knew)
    ]
    if not pending:
        return None
    moments = [*knew, *in_doubt]
    if told:  # a mail told them last: then what calendars showed before it is known to be wrong
        moments = [told[-1].at, *(moment for moment in moments if moment > told[-1].at)]
    for moment in moments:
        since = [revision for revision in revisions if revision.at > moment]
        was = shown_before(session, since)
        if _differs(was, shown_now(session)):
            return Change(session, was, since, pending, person.zone or session.event.zone)
    return None


def _knew(person: Person, session: Session) -> list[datetime]:
    """How far each calendar that has or should have the session has come, the one furthest behind first.

    Not before the star, nor before the calendar was added: then its owner saw the programme as it was. Of a session
    that was hidden then, they know how it was before.
    """
    moments = []
    for key in person.keys:
        served = Served.to_key(key)
        if any(options.shows(session.event_id) for options in (served.options, options_of(key.options))):
            version = served.version
            came = max(version.updated if version else key.created - TICK, person.starred_at[session.pk] - TICK)
            moments.append(_last_shown(person.facts.revisions[session.pk], came))
    return sorted(moments)


def _last_shown(revisions: list[SessionRevision], moment: datetime) -> datetime:
    """That moment, or where the session was unpublished then, the one before it was."""
    for revision in reversed(revisions):
        if revision.at <= moment and "is_published" in revision.changes:
            return moment if revision.changes["is_published"][1] else revision.at - TICK
    return moment


def _differs(was: Shown, now: Shown) -> bool:
    return (was.start, was.end, was.room, was.is_cancelled) != (now.start, now.end, now.room, now.is_cancelled)
