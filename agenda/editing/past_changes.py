"""Every change of an event's programme: what, when, by whom and why; and the plan that puts one back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from agenda.editing.names import folded
from agenda.editing.wanted import Values, values_of, when
from agenda.models import Batch, Event, Plan, Session, SessionRevision
from agenda.programme.history import moment_of

BY_ITSELF = "import"  # as a person to filter by: imports that no editor published
# What can be filtered by: the words, and the fields of a revision that count as such a change.
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "time": ("Time", ("start", "end")),
    "room": ("Room", ("room",)),
    "status": ("Cancelled, or not", ("status", "replaced_by")),
    "published": ("Shown, hidden", ("is_published",)),
    "note": ("Note", ("note",)),
    "text": ("Text", ("title", "subtitle", "byline", "abstract", "language", "slug")),
    "people": ("Speakers", ("speakers",)),
    "track": ("Track", ("track",)),
    "materials": ("Materials", ("materials", "slides_included")),
}
PLAIN = ("title", "subtitle", "byline", "abstract", "language", "room", "track", "status", "note")
SAME = ("is_published", "slides_included", "speakers")


def revisions(event: Event, *, by: str = "", kind: str = "", words: str = "") -> QuerySet[SessionRevision]:
    """The changes of sessions, the newest first. `by` is a primary key or BY_ITSELF; `words` are of the title."""
    found = SessionRevision.objects.filter(session__event=event).select_related("by", "session", "batch__plan__source")
    found = found.defer("session__abstract", "batch__before", "batch__plan__wanted").order_by("-at", "-id")
    if by:
        found = found.filter(by=person(by))
    if kind in KINDS:
        any_of = Q()
        for field in KINDS[kind][1]:
            any_of |= Q(changes__has_key=field)
        found = found.filter(any_of)
    for word in words.split():
        found = found.filter(session__title__icontains=word)
    return found


def batches(event: Event, *, by: str = "") -> QuerySet[Batch]:
    """The changes of many sessions at once, also those of people and rooms alone, the newest first."""
    put_back = Exists(Batch.objects.filter(inverse_of=OuterRef("pk"), inverses=None))  # and not done again
    found = event.batches.select_related("plan__source", "by").defer("plan__wanted", "before")
    if by:
        found = found.filter(by=person(by))
    return found.annotate(put_back=put_back).order_by("-at", "-id")


def person(by: str) -> int | None:
    """The primary key that a filter asks for; None for imports, 0 for what is no person."""
    is_number = by.isascii() and by.isdigit() and len(by) < 19
    return None if by == BY_ITSELF else int(by) if is_number else 0


def people(event: Event) -> QuerySet[User]:
    """The people who changed something of the event, by name."""
    changed = SessionRevision.objects.filter(session__event=event).values("by")
    others = Q(pk__in=event.batches.values("by")) | Q(pk__in=event.row_revisions.values("by"))
    return User.objects.filter(Q(pk__in=changed) | others).order_by("email")


def can_put_back(revision: SessionRevision) -> bool:
    """True unless all that changed is its address, which a plan does not give."""
    return bool(revision.changes.keys() - {"slug"})


def putting_back(revision: SessionRevision, *, by: User) -> Plan:
    """The waiting plan that gives the session the values from before the revision; the same one if it still waits.

    What was changed again since then is a conflict, and stays unless chosen.
    """
    session = Session.objects.with_details().get(pk=revision.session_id)
    now, olds, news = values_of(session), _side(revision, 0), _side(revision, 1)
    names = [name for name in now if name in olds]
    row = {
        **{"key": str(session.pk), "session": session.pk, "title": session.title},
        "wanted": {name: olds[name] for name in names},
        "base": {name: news[name] for name in names},
    }
    plan, _ = Plan.objects.get_or_create(
        event=session.event,
        kind=Plan.Kind.EDIT,
        state=Plan.Status.WAITING,
        title=f"Put back: “{session.title}”"[:200],
        wanted={"sessions": [row], "revision": revision.pk},
        defaults={"made_by": by},
    )
    return plan


def _side(revision: SessionRevision, side: int) -> Values:
    """The values before (0) or after (1) the revision, as a plan has them."""
    changes, session = revision.changes, revision.session
    values: dict[str, Any] = {name: changes[name][side] for name in (*PLAIN, *SAME) if name in changes}
    if {"start", "end"} & changes.keys():
        values["when"] = when(_time(revision, "start", side), _time(revision, "end", side))
    if "materials" in changes:
        values["materials"] = [
            each for each in changes["materials"][side] if not each[2].startswith(settings.MEDIA_URL)
        ]
    if "replaced_by" in changes:
        values["replaced_by"] = _titled(session, changes["replaced_by"][side])
    return values


def _time(revision: SessionRevision, name: str, side: int) -> datetime | None:
    """The session's start or end (`name`) before (0) or after (1) the revision.

    One that the revision did not change is what the next change of it began with: the session may have no time now.
    """
    if name in revision.changes:
        return moment_of(revision.changes[name][side])
    since = SessionRevision.objects.filter(session=revision.session_id, pk__gt=revision.pk, changes__has_key=name)
    following = since.order_by("pk").first()
    present: datetime | None = getattr(revision.session, name)
    return moment_of(following.changes[name][0]) if following else present


def _titled(session: Session, title: str) -> int:
    """The session (pk) of the event that has this title; 0 if there is none."""
    titles = Session.objects.filter(event=session.event_id).values_list("pk", "title") if title else ()
    return next((pk for pk, each in titles if folded(each) == folded(title)), 0)
