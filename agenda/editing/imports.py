"""From a programme that was read to a plan that waits for review."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

from django.db import transaction

from accounts.models import User
from agenda.editing.naming import slug_for
from agenda.editing.wanted import wanted_of
from agenda.formats.records import ProgrammeRecord, RefusedFile
from agenda.models import Event, Plan, Source
from agenda.models.event import RESERVED_SLUGS


@transaction.atomic
def plan_for(programme: ProgrammeRecord, source: Source, *, by: User | None, pk: UUID | None = None) -> Plan:
    """The plan to bring the source's event in step with this programme, in place of one of that source that waits."""
    Plan.objects.filter(source=source, state=Plan.Status.WAITING).update(state=Plan.Status.DISCARDED)
    return Plan.objects.create(
        pk=pk or uuid4(),
        event=source.event,
        kind=Plan.Kind.IMPORT,
        source=source,
        title=title_of(programme),
        wanted=wanted_of(programme),
        made_by=by,
    )


def new_event(programme: ProgrammeRecord, *, name: str = "", zone: str = "") -> Event:
    """A hidden event, saved, with the name, days, zone and place of the programme.

    Raises RefusedFile if the programme has no session or no zone, and none is given.
    """
    name, zone = (name or programme.title or "New programme")[:120], zone or programme.zone
    if not programme.sessions:
        raise RefusedFile("The file has no session that could be read, so no event can be made of it.")
    if not zone:
        raise RefusedFile("The file does not say in which time zone it is; choose one, such as Europe/Berlin.")
    taken = {*Event.objects.values_list("slug", flat=True), *RESERVED_SLUGS}
    event = Event(name=name, slug=slug_for(name, taken, 50), time_zone=zone, venue=programme.venue[:120])
    event.city, event.acronym = programme.city[:80], programme.acronym[:50]
    event.starts_on, event.ends_on = days_of(programme, event)
    event.save()
    return event


def title_of(programme: ProgrammeRecord) -> str:
    """What a plan of this programme is called: "pretalx schedule.json, 36 sessions"."""
    count = len(programme.sessions)
    return f"{programme.format}, {count} session{'' if count == 1 else 's'}"


def days_of(programme: ProgrammeRecord, event: Event) -> tuple[date, date]:
    """The first and last day of an event in whose zone this programme, which has sessions, takes place."""
    days = [event.day_of(session.start) for session in programme.sessions]
    first, last = programme.days or (min(days), max(days))
    return min(first, *days), max(last, *days)
