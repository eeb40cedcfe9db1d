"""Keeps a made-up conference beside the other events, of which today is the second of three days."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from agenda.editing import states
from agenda.editing.apply import publish
from agenda.editing.changes import recording
from agenda.editing.imports import new_event, plan_for
from agenda.editing.plan import propose
from agenda.editing.shifting import shift_sessions
from agenda.management import made_up
from agenda.models import Event, Session, SessionRevision, Source

SOURCE = "make demo"  # by which the event is known, whatever its name and address are now
ELSEWHERE = "Europe/Berlin"  # where this machine's own zone is not known
BEFORE_TODAY = timedelta(days=1)
CANCELLED_NOTE = "The speaker has a cold and no voice. The slides will be here by the evening."
MOVED_NOTE = "Moved, as the projector in the Sail Loft has to be replaced."


def zone_here() -> str:
    """The zone that this machine's clock is set to, so that the conference runs while people here are awake."""
    name = Path("/etc/localtime").resolve().as_posix().partition("/zoneinfo/")[2]
    return name if name in available_timezones() else ELSEWHERE


class Command(BaseCommand):
    help = (
        "Makes an event of three days that surround today, with some 300 invented talks. Repeated on another day, it "
        "moves the event and its talks there; stars stay."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--zone", default="", help="where a new event is, like Europe/Berlin; else as this machine")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        source = Source.objects.select_related("event").filter(name=SOURCE, address="").first()
        zone = source.event.time_zone if source else options["zone"] or zone_here()
        if zone not in available_timezones():
            raise CommandError(f"“{zone}” is not a time zone that is known; one is Europe/Berlin.")
        first_day = timezone.now().astimezone(ZoneInfo(zone)).date() - BEFORE_TODAY
        if source is None:
            source, done = make(first_day, zone), "Made"
        elif source.event.starts_on != first_day:
            move(source, first_day)
            done = "Moved"
        else:
            return
        self.stdout.write(f"{done} {source.event}, from {source.event.starts_on} to {source.event.ends_on}.")


def make(first_day: date, zone: str) -> Source:
    """The source of a new event that is public, has had its two changes, and has a few talks without a time."""
    programme = made_up.programme(first_day, zone)
    event = new_event(programme)
    source = Source.objects.create(event=event, name=SOURCE, zone=zone)
    plan = plan_for(programme, source, by=None)
    publish(plan, by=None, fingerprint=propose(plan).fingerprint)
    for external_id in made_up.WITHOUT_TIME:
        give(source, external_id, start=None, end=None)
    give(source, made_up.WITHOUT_TIME[-1], room=None)
    states.publish(event, by=None)
    change(source)
    return source


def move(source: Source, first_day: date) -> None:
    """Moves the event and its talks to other days."""
    event = source.event
    was, length = event.starts_on, event.ends_on - event.starts_on
    event.starts_on, event.ends_on = first_day, first_day + length
    event.save(update_fields=["starts_on", "ends_on"])
    shift_sessions(event, first_day=was, zone=event.zone, by=None)
    give(source, made_up.CANCELLED, status=Session.Status.CONFIRMED, note="")
    give(source, made_up.MOVED, **place_of(event, made_up.MOVED), note="")
    change(source)


def change(source: Source) -> None:
    """Cancels one of today's talks and moves another, as an editor would.

    Earlier changes are forgotten: they would name other days.
    """
    SessionRevision.objects.filter(session__event=source.event).delete()
    give(source, made_up.CANCELLED, status=Session.Status.CANCELLED, note=CANCELLED_NOTE)
    give(source, made_up.MOVED, **place_of(source.event, made_up.FREE), note=MOVED_NOTE)


def place_of(event: Event, external_id: str) -> dict[str, Any]:
    """When and where the programme has the session, or the free slot, with this id."""
    start, end = made_up.span_of(event.starts_on, event.zone, external_id)
    return {"start": start, "end": end, "room": event.rooms.filter(name=made_up.room_of(external_id)).first()}


def give(source: Source, external_id: str, **values: Any) -> None:
    """Gives these values to the session, as one recorded edit; does nothing if it was deleted."""
    session = Session.objects.filter(origins__source=source, origins__external_id=external_id).first()
    if session is None:
        return
    with recording([session.pk], by=None) as edit:
        for name, value in values.items():
            setattr(session, name, value)
        edit.change(session, values)
