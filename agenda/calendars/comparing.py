"""What differs between a person's agenda and one of their calendars, as the calendar last got it; truth.py says it.

A calendar shows what it was served, with the options that it was served with. The rest is worked out from the log of
stars and the revisions of sessions since then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef

from accounts.models import CalendarKey, User
from agenda.calendars.options import Options, options_of
from agenda.calendars.served import CalendarVersion, Served
from agenda.models import Session, SessionRevision, Star, StarLog
from agenda.models.session import as_seen
from agenda.programme.history import Shown, shown_before, shown_now
from database.prepared import Prepared

DAY = timedelta(days=1)


class LogLine(NamedTuple):
    """A line of the log of stars."""

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
    """The sessions, revisions and stars in which a person's calendars may differ from their agenda."""

    sessions: Sequence[Session]  # with event and room, in order of time: starred ones, and those that lately were
    revisions: dict[int, list[SessionRevision]]  # of each, the oldest first
    starred: set[int]
    log: dict[int, list[LogLine]]  # of each that was starred or unstarred lately, in order


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A calendar, what it was last served, and how it differs from the agenda at `moment` where that still matters."""

    key: CalendarKey
    moment: datetime
    served: Served
    options: Options  # that are chosen now
    different: list[Difference] = field(default_factory=list)
    starred_since: list[Session] = field(default_factory=list)
    missing: list[Session] = field(default_factory=list)  # starred then, but to be shown only since then
    unstarred_since: list[Session] = field(default_factory=list)
    withdrawn: list[Session] = field(default_factory=list)  # unpublished since; their titles are the editors' alone
    outdated: list[Session] = field(default_factory=list)  # in what is neither time nor place

    @classmethod
    def of(cls, key: CalendarKey, facts: Facts, moment: datetime, own_zone: ZoneInfo | None) -> Self:
        """Compares the calendar with the facts; times are in `own_zone`, or in each event's own. No query."""
        found = cls(key=key, moment=moment, served=Served.to_key(key), options=options_of(key.options))
        if version := found.served.version:
            for session in facts.sessions:
                found._compare(session, facts, version, own_zone)
        return found

    def _compare(self, session: Session, facts: Facts, version: CalendarVersion, own_zone: ZoneInfo | None) -> None:
        """Puts the session on the list that it belongs to, if the calendar has not got it as it is now."""
        since = [revision for revision in facts.revisions.get(session.pk, ()) if revision.at > version.updated]
        was, now = shown_before(session, since), shown_now(session)
        ends = [end for end in (was.end, now.end) if end]
        if not ends or not _matters(session, max(ends), facts, version, self.moment):
            return
        then, options = self.served.options, self.options
        was_starred = _was_starred(session.pk, facts, version)
        had = was_starred and then.shows(session.event_id) and then.holds(was)
        should_have = session.pk in facts.starred and options.shows(session.event_id) and options.holds(now)
        if should_have and not had:
            (self.missing if was_starred else self.starred_since).append(session)
        elif had and not session.is_public:
            self.withdrawn.append(session)
        elif had and session.pk not in facts.starred:
            self.unstarred_since.append(session)
        elif had and was != now:
            self.different.append(Difference(session, was, own_zone or session.event.zone))
        elif had and _is_outdated(session, since, facts, version):
            self.outdated.append(session)

    @property
    def has_asked(self) -> bool:
        """True if the calendar has asked for all of its sessions at least once."""
        return self.served.version is not None

    @property
    def has_all_talks(self) -> bool:
        """True if the calendar has its talks as they are now, even if its owner has changed its options since."""
        lacks = self.is_misleading or self.starred_since or self.missing or self.unstarred_since or self.outdated
        return self.has_asked and not lacks

    @property
    def is_current(self) -> bool:
        return self.has_all_talks and not self.served.has_other_choices

    @property
    def is_misleading(self) -> bool:
        """True if a talk in the calendar has another title, time, room or status now, or is not public any more."""
        return bool(self.different or self.withdrawn)


_lately = Prepared(
    lambda user, logged, since: (
        StarLog.objects.filter(user=user, pk__gt=logged)
        .order_by()
        .values_list("session")
        .union(
            Star.objects.filter(user=user)
            .alias(seen=as_seen("session__"))
            .filter(seen__gt=since)
            .order_by()
            .values_list("session")
        )
    )
)


def facts_of(user: User, keys: Iterable[CalendarKey]) -> Facts:
    """What changed since the calendar that is furthest behind was updated. One query if nothing has, else four."""
    versions = [version for key in keys if (version := Served.to_key(key).version)]
    if not versions:
        return Facts([], {}, set(), {})
    furthest_behind = min(version.updated for version in versions)
    pks = {pk for (pk,) in _lately.rows(user.pk, min(version.logged for version in versions), furthest_behind)}
    if not pks:
        return Facts([], {}, set(), {})
    starred = Exists(Star.objects.filter(user=user, session=OuterRef("pk")))
    found = Session.objects.filter(pk__in=pks).annotate(starred=starred).select_related("event", "room")
    sessions = list(found.defer("abstract").in_order())
    revisions = SessionRevision.objects.filter(session__in=pks, at__gt=furthest_behind)
    return Facts(
        sessions,
        by_session(revisions.order_by("at", "pk")),
        {session.pk for session in sessions if vars(session)["starred"]},
        logs(StarLog.objects.filter(user=user, session__in=pks))[user.pk],
    )


def logs(lines: Iterable[StarLog]) -> dict[int, dict[int, list[LogLine]]]:
    """The lines in order, by user and session (pks)."""
    found: dict[int, dict[int, list[LogLine]]] = defaultdict(lambda: defaultdict(list))
    for line in sorted(lines, key=lambda line: line.pk):
        found[line.user_id][line.session_id].append(LogLine(line.pk, line.starred, line.at))
    return found


def by_session(revisions: Iterable[SessionRevision]) -> dict[int, list[SessionRevision]]:
    """The revisions by their session's pk, in the order given."""
    found: dict[int, list[SessionRevision]] = defaultdict(list)
    for revision in revisions:
        found[revision.session_id].append(revision)
    return found


def _matters(session: Session, over: datetime, facts: Facts, version: CalendarVersion, moment: datetime) -> bool:
    """True if the session is not over; `over` is when it ends, as shown by the calendar or as it is now: the later one.

    A session edited or starred after its end matters for one more day: its editor or owner looks at the result.
    """
    since = [line.at for line in facts.log.get(session.pk, ()) if line.pk > version.logged]
    changed = max([session.hidden_at or session.updated, *since])
    return moment < over or over < changed > moment - DAY


def _was_starred(pk: int, facts: Facts, version: CalendarVersion) -> bool:
    """True if the session was starred when the calendar got this version."""
    lines = facts.log.get(pk, [])
    before = [line.starred for line in lines if line.pk <= version.logged]
    if before:
        return before[-1]
    return not lines[0].starred if lines else pk in facts.starred


def _is_outdated(session: Session, since: list[SessionRevision], facts: Facts, version: CalendarVersion) -> bool:
    """True if a calendar lacks a change of something that is not in Shown: an abstract, say, or a rank."""
    first: dict[str, object] = {}
    last: dict[str, object] = {}
    for revision in since:
        for name, (old, new) in revision.changes.items():
            first.setdefault(name, old)
            last[name] = new
    # To give a speaker another name makes no revision.
    unseen = session.updated > max((each.at for each in since), default=version.updated)
    lines = [line.starred for line in facts.log.get(session.pk, ()) if line.pk > version.logged]
    ranked = bool(lines) and all(lines)
    return first != last or unseen or ranked
