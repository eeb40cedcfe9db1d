"""Programmes go in, out and in again: nothing has changed the second time but what is listed here."""

from __future__ import annotations

from collections import Counter

import pytest

from agenda.editing.apply import publish
from agenda.editing.imports import new_event, plan_for
from agenda.editing.plan import Proposal, propose
from agenda.formats.reading import read_programme
from agenda.formats.schedule_json_file import schedule_json
from agenda.formats.schedule_xml_file import schedule_xml
from agenda.models import Event, Session, Source
from agenda.programme.records import programme_record
from tests.agenda.shared_programmes import shared

# Materials without an address are in neither format.
LOST = {
    "fosdem-2025.schedule.xml": {},
    "camp-2019.schedule.xml": {"materials": 1},
    "debconf-23.schedule.xml": {},
    "fosdem-2007.pentabarf.xml": {"materials": 46},
    "kielux-2020.ics": {},
    "joco-2020.sched.ics": {},
    "joco-2023-v1.sched.ics": {},
    "joco-2023-v2.sched.ics": {},
    "democon.pretalx.schedule.json": {},
}


def proposed(event: Event, data: bytes, name: str) -> Proposal:
    source, _ = Source.objects.get_or_create(event=event, name=name)
    return propose(plan_for(read_programme(data, name), source, by=None))


def bring(data: bytes, name: str) -> Event:
    """A new event with the programme of this file."""
    programme = read_programme(data, name, zone="Europe/Brussels")
    event = new_event(programme)
    plan = plan_for(programme, Source.objects.create(event=event, name=name), by=None)
    publish(plan, by=None, fingerprint=propose(plan).fingerprint)
    return event


def lost(proposal: Proposal) -> Counter[str]:
    return Counter(change.name for each in proposal.sessions for change in each.changes)


@pytest.mark.django_db
@pytest.mark.parametrize("name", LOST)
def test_programme_goes_in_out_and_in_again(name: str) -> None:
    event = bring(shared(name).read_bytes(), name)
    record = programme_record(event, event.sessions.all())

    as_xml = proposed(event, schedule_xml(record, source="Forum agenda"), "schedule.xml")
    as_json = proposed(event, schedule_json(record, source="Forum agenda"), "schedule.json")

    assert lost(as_xml) == lost(as_json) == LOST[name]
    assert (as_xml.speakers, as_xml.of_kind("new"), as_json.of_kind("new")) == ([], [], [])


def test_seed_comes_back_from_its_xml(kvm_forum: Event) -> None:
    record = programme_record(kvm_forum, kvm_forum.sessions.all())
    data = schedule_xml(record, source="Forum agenda")
    fields = ("title", "slug", "start", "end", "room__name", "track__name", "byline", "abstract", "language", "status")
    of_speakers = ("name", "organisation", "job_title", "biography", "biography_is_cut")
    before = [
        list(kvm_forum.sessions.in_order().values_list(*fields)),
        list(kvm_forum.speakers.order_by("name").values_list(*of_speakers)),
    ]
    kvm_forum.sessions.all().delete()
    for rows in (kvm_forum.speakers, kvm_forum.rooms, kvm_forum.tracks):
        rows.all().delete()
    kvm_forum.delete()

    event = bring(data, "schedule.xml")

    assert list(event.sessions.in_order().values_list(*fields)) == before[0]
    assert list(event.speakers.order_by("name").values_list(*of_speakers)) == before[1]
    assert (event.name, event.time_zone, str(event.starts_on), str(event.ends_on)) == (
        *("KVM Forum 2019", "Europe/Paris", "2019-10-31", "2019-11-01"),
    )
    assert [[each.speaker.name for each in session.appearances.all()] for session in Session.objects.in_order()] == (
        [list(entry.speakers or ()) for entry in record.sessions]
    )
