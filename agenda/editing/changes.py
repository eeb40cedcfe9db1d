"""What an edit changed, and the revision it makes: every change a reader can see goes through here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.db.models.query import QuerySet
from django.utils import timezone

from accounts.models import User
from agenda.models import Event, Room, Session, SessionRevision, Speaker, Track

# A calendar takes a changed SEQUENCE for "look again": what decides whether and where to go (RFC 5545 section 3.8.7.4).
SIGNIFICANT = frozenset({"start", "end", "room", "title", "status"})
TICK = timedelta(microseconds=1)

Seen = dict[str, Any]


def state_of(session: Session) -> Seen:
    """What a reader can see of a session, as JSON values; times in ISO 8601, UTC. No query after with_details()."""
    return {
        "title": session.title,
        "byline": session.byline,
        "abstract": session.abstract,
        "language": session.language,
        "start": session.start.isoformat(),
        "end": session.end.isoformat(),
        "room": session.room.name if session.room else "",
        "track": session.track.name if session.track else "",
        "status": session.status,
        "is_published": session.is_published,
        "slides_included": session.slides_included,
        "speakers": [appearance.speaker.name for appearance in session.appearances.all()],
        "materials": [[material.kind, material.title, material.address] for material in session.materials.all()],
        "slug": session.slug,
    }


class Edit:
    """One edit of some sessions, and, once it is over, the revisions that it made."""

    def __init__(self, pks: Iterable[int]) -> None:
        self.pks = list(pks)
        self.revisions: list[SessionRevision] = []

    def add(self, session: Session) -> None:
        """Saves a new session, and counts it among those edited."""
        session.save()
        self.pks.append(session.pk)

    def save(self, session: Session, fields: Iterable[str]) -> None:
        """Writes these fields of a session alone: another edit may have changed others a moment ago."""
        session.save(update_fields=fields)

    def set(self, **values: Any) -> None:
        """Gives these values to all sessions of the edit."""
        Session.objects.filter(pk__in=self.pks).update(**values)


@contextmanager
def recording(pks: Iterable[int], *, by: User | None, note: str = "") -> Iterator[Edit]:
    """A transaction in which the sessions with these primary keys are edited; `by` is None for an import.

    At its end each changed session has a newer `updated`, a higher `sequence` where that matters, and a revision.
    An error inside undoes everything.
    """
    edit = Edit(pks)
    with transaction.atomic():
        _one_at_a_time()
        before = {session.pk: state_of(session) for session in _detailed(edit.pks)}
        yield edit
        moment = _next_version()
        for session in _detailed(edit.pks):
            revision = _revise(session, before.get(session.pk), moment, by=by, note=note)
            if revision:
                edit.revisions.append(revision)


def _one_at_a_time() -> None:
    """Keeps every other edit of the programme waiting until this transaction ends (SQLite has but one writer anyhow).

    So two edits make two revisions, neither hides the other, and versions grow in the order of commits: a reader who
    saw one version has seen all before it.
    """
    list(Event.objects.select_for_update().order_by("pk").values_list("pk"))


def _next_version() -> datetime:
    """The present, but later than every `updated` so far, even if the clock was set back."""
    newest = Session.objects.aggregate(newest=Max("updated"))["newest"]
    return max(timezone.now(), newest + TICK) if newest else timezone.now()


def _detailed(pks: Iterable[int]) -> QuerySet[Session]:
    return Session.objects.filter(pk__in=list(pks)).with_details().order_by("pk")


def _revise(
    session: Session, old: Seen | None, moment: datetime, *, by: User | None, note: str
) -> SessionRevision | None:
    """Moves the session's version on and writes what changed of what readers see or saw; None if they never saw it."""
    new = state_of(session)
    if old is None:  # to its readers a new session is one that was not published until now
        old = {**new, "is_published": False}
    changes = {field: [old[field], value] for field, value in new.items() if old[field] != value}
    if not changes:
        return None
    session.updated = moment
    session.sequence += bool(SIGNIFICANT & changes.keys())
    session.save(update_fields=["updated", "sequence"])
    # What is done to it while it is hidden is news once it is shown again; a draft that nobody saw has no history.
    if not (old["is_published"] or new["is_published"] or session.revisions.all()):
        return None
    return SessionRevision.objects.create(
        session=session, sequence=session.sequence, at=session.updated, by=by, changes=changes, note=note
    )


@transaction.atomic
def touch(shown: Event | Room | Track | Speaker) -> int:
    """Moves on the version of every session that shows this (its name, say, was edited); how many those are."""
    _one_at_a_time()
    sessions = Session.objects.filter(event=shown) if isinstance(shown, Event) else shown.sessions.all()
    return Session.objects.filter(pk__in=sessions.values("pk")).update(updated=_next_version())
