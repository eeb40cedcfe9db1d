"""Edits of the programme. Every change that a reader can see is saved here, and becomes a revision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.db.models.query import QuerySet
from django.utils import timezone

from accounts.models import User
from agenda.models import Event, Room, Session, SessionRevision, Speaker, Track
from agenda.version_cache import EPOCH, TICK

# A calendar takes a changed SEQUENCE for "look again": what decides whether and where to go (RFC 5545 section 3.8.7.4).
SIGNIFICANT = frozenset({"start", "end", "room", "title", "status"})

State = dict[str, Any]


def state_of(session: Session) -> State:
    """The fields of a session that a reader can see, as JSON values.

    Times are in ISO 8601, UTC; None for none. Makes no query for a session from with_details().
    """
    return {
        "title": session.title,
        "subtitle": session.subtitle,
        "byline": session.byline,
        "abstract": session.abstract,
        "language": session.language,
        "start": session.start.isoformat() if session.start else None,
        "end": session.end.isoformat() if session.end else None,
        "room": session.room.name if session.room else "",
        "track": session.track.name if session.track else "",
        "status": session.status,
        "is_published": session.is_public,
        "slides_included": session.slides_included,
        "speakers": [appearance.speaker.name for appearance in session.appearances.all()],
        "materials": [[material.kind, material.title, material.address] for material in session.materials.all()],
        "slug": session.slug,
        "note": session.note,
        "replaced_by": session.replacement.title if session.replacement else "",
    }


@dataclass(slots=True)
class Recording:
    """An edit: the sessions (pks) that it records, and once it is over, the revisions that it made.

    Only these methods save a session. If it changed without a newer version, pages and feeds would never show it.
    """

    sessions: set[int]
    revisions: list[SessionRevision] = field(default_factory=list)

    def add(self, session: Session) -> None:
        """Saves a new session, and records it like the others."""
        session.hidden_at = None if session.is_public else EPOCH
        session.save()
        self.sessions.add(session.pk)

    def change(self, session: Session, fields: Iterable[str]) -> None:
        """Saves only these fields of a session: another edit may have saved its other fields a moment ago."""
        session.save(update_fields=fields)

    def change_all(self, **values: object) -> None:
        """Gives these values to every session of this edit."""
        Session.objects.filter(pk__in=self.sessions).update(**values)


@contextmanager
def recording(sessions: Iterable[int] = (), *, by: User | None, note: str = "") -> Iterator[Recording]:
    """Opens a transaction in which these sessions (pks) are edited, and records what changed at its end.

    Each changed session then has a newer `updated`, a revision if readers see the change, and a higher `sequence` if
    the change is in SIGNIFICANT. `by` is None for an import. `note` is the reason, kept for editors with each revision.
    An error inside undoes everything.
    """
    with transaction.atomic():
        one_at_a_time()
        edit = Recording(set(sessions))
        before = {session.pk: session for session in _detailed(edit.sessions)}
        yield edit
        moment = _next_version()
        changed = []
        for session in _detailed(edit.sessions):
            if revision := _revise(session, before.get(session.pk), moment, by=by, note=note):
                edit.revisions.append(revision)
            changed += [session.pk] if session.updated == moment else []
        _renew_beside(changed, before.values(), moment)


def one_at_a_time() -> None:
    """Keeps other edits of the programme waiting until the transaction ends; SQLite has only one writer anyway.

    Two edits then make two revisions, and versions grow in the order of commits: a client that has seen one version
    has seen all versions before it.
    """
    list(Event.objects.select_for_update().order_by("pk").values_list("pk"))


def _next_version() -> datetime:
    """The present time, or just after the newest `updated` if the clock was set back."""
    newest = Session.objects.aggregate(newest=Max("updated"))["newest"]
    return max(timezone.now(), newest + TICK) if newest else timezone.now()


def _detailed(sessions: set[int]) -> QuerySet[Session]:
    return Session.objects.filter(pk__in=sessions).with_details().order_by("pk")


def _renew_beside(sessions: list[int], before: Iterable[Session], moment: datetime) -> None:
    """Gives a newer version to the sessions that name one of these as their replacement, or as what they replace."""
    if not sessions:
        return
    beside = Q(replaced_by__in=sessions) | Q(replaces__in=sessions)
    beside |= Q(pk__in=[session.replaced_by_id for session in before if session.replaced_by_id])
    # Mostly there are none, and a write costs more than a look.
    if named := set(Session.objects.filter(beside).exclude(pk__in=sessions).values_list("pk", flat=True)):
        Session.objects.filter(pk__in=named).update(updated=moment)


def _revise(
    session: Session, was: Session | None, moment: datetime, *, by: User | None, note: str
) -> SessionRevision | None:
    """Gives a changed session a newer version, and makes its revision; None if readers have never seen the session."""
    new = state_of(session)
    # To its readers a new session is one that was not published until now.
    old = state_of(was) if was else {**new, "is_published": False}
    changes = {field: [old[field], value] for field, value in new.items() if old[field] != value}
    # While the event is hidden, editors alone see which of its sessions are published.
    if not changes and (was is None or was.is_published == session.is_published):
        return None
    session.updated = moment
    session.sequence += bool(SIGNIFICANT & changes.keys())
    if new["is_published"]:
        session.hidden_at = None
    elif old["is_published"]:
        session.hidden_at = moment
    session.save(update_fields=["updated", "sequence", "hidden_at"])
    # What is done to it while it is hidden is news once it is shown again; a draft that nobody saw has no history.
    if not changes or not (old["is_published"] or new["is_published"] or session.revisions.all()):
        return None
    return SessionRevision.objects.create(
        session=session, sequence=session.sequence, at=session.updated, by=by, changes=changes, note=note
    )


@transaction.atomic
def touch(shown: Event | Room | Track | Speaker) -> int:
    """Gives a newer version to every session that shows this row, after an edit of its name, for example.

    Returns how many sessions that is.
    """
    one_at_a_time()
    sessions = Session.objects.filter(event=shown) if isinstance(shown, Event) else shown.sessions.all()
    return Session.objects.filter(pk__in=sessions.values("pk")).update(updated=_next_version())
