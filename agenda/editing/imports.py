"""From a programme that was read to a plan that waits for review."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from agenda.editing.naming import slug_for
from agenda.editing.wanted import wanted_of
from agenda.formats.records import ProgrammeRecord, RefusedFile
from agenda.models import Event, Plan, Source
from agenda.models.event import RESERVED_SLUGS


@transaction.atomic
def plan_for(programme: ProgrammeRecord, source: Source, *, by: User | None) -> Plan:
    """The plan to bring the source's event in step with this programme, in place of one of that source that waits."""
    Plan.objects.filter(source=source, state=Plan.Status.WAITING).update(state=Plan.Status.DISCARDED)
    count = len(programme.sessions)
    return Plan.objects.create(
        event=source.event,
        kind=Plan.Kind.IMPORT,
        source=source,
        title=f"{programme.format}, {count} session{'' if count == 1 else 's'}",
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
    event.city = programme.city[:80]
    days = [event.day_of(session.start) for session in programme.sessions]
    first, last = programme.days or (min(days), max(days))
    event.starts_on, event.ends_on = min(first, *days), max(last, *days)
    event.save()
    return event
