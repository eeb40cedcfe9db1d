"""Programmes go in, out and in again: nothing has changed the second time but what is listed in UNSAID."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from agenda.editing.apply import publish
from agenda.editing.imports import new_event, plan_for
from agenda.editing.plan import Proposal, propose
from agenda.formats.reading import read_programme
from agenda.formats.records import ProgrammeRecord
from agenda.formats.schedule_json_file import schedule_json
from agenda.formats.schedule_xml_file import schedule_xml
from agenda.formats.table_file import programme_csv, programme_xlsx
from agenda.models import Event, Material, Source
from agenda.programme.records import programme_record
from tests.agenda.shared_programmes import shared

pytestmark = pytest.mark.any_database

NAMES = [
    "fosdem-2025.schedule.xml",
    "camp-2019.schedule.xml",
    "debconf-23.schedule.xml",
    "fosdem-2007.pentabarf.xml",
    "kielux-2020.ics",
    "joco-2020.sched.ics",
    "joco-2023-v1.sched.ics",
    "joco-2023-v2.sched.ics",
    "democon.pretalx.schedule.json",
]


def proposed(event: Event, data: bytes, name: str) -> Proposal:
    source, _ = Source.objects.get_or_create(event=event, name=name)
    return propose(plan_for(read_programme(data, name), source, by=None))


def bring(data: bytes, name: str, zone: str = "") -> Event:
    """A new event with the programme of this file, whose times are of that zone where it has none."""
    programme = read_programme(data, name, zone=zone)
    event = new_event(programme)
    plan = plan_for(programme, Source.objects.create(event=event, name=name), by=None)
    publish(plan, by=None, fingerprint=propose(plan).fingerprint)
    return event


def lost(proposal: Proposal) -> Counter[str]:
    return Counter(change.name for each in proposal.sessions for change in each.changes)


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES)
def test_programme_goes_in_out_and_in_again(name: str) -> None:
    event = bring(shared(name).read_bytes(), name, "Europe/Brussels")
    record = programme_record(event, event.sessions.all())

    as_xml = proposed(event, schedule_xml(record, source="Forum agenda"), "schedule.xml")
    as_json = proposed(event, schedule_json(record, source="Forum agenda"), "schedule.json")

    assert lost(as_xml) == lost(as_json) == {}
    assert (as_xml.speakers, as_xml.of_kind("new"), as_json.of_kind("new")) == ([], [], [])


Rows = list[tuple[object, ...]]
OF_SESSIONS = (
    *("title", "slug", "language", "start", "end", "room__name", "track__name", "subtitle", "byline", "abstract"),
    *("status", "slides_included"),
)
OF_SPEAKERS = ("name", "organisation", "job_title", "biography", "biography_is_cut")
OF_MATERIALS = ("session__title", "kind", "title", "url")
UNSAID = ("slug", "language")  # what the fixture has and a page of Sched does not say


def contents(event: Event, *, but: tuple[str, ...] = ()) -> dict[str, Rows]:
    """All that the event's sessions are made of, in order."""
    sessions = event.sessions.in_order()
    listed = sessions.values_list("title", "appearances__speaker__name")
    return {
        "event": [(event.name, event.time_zone, event.starts_on, event.ends_on, event.venue, event.city)],
        "sessions": list(sessions.values_list(*(name for name in OF_SESSIONS if name not in but))),
        "speakers": list(event.speakers.order_by("name").values_list(*OF_SPEAKERS)),
        "appearances": list(listed.order_by("title", "appearances__position")),
        "materials": list(Material.objects.filter(session__in=sessions).order_by("pk").values_list(*OF_MATERIALS)),
        "tracks": list(event.tracks.values_list("name", "colour")),
        "rooms": list(event.rooms.values_list("name", "capacity")),
    }


def remove(event: Event) -> None:
    event.sessions.all().delete()
    for rows in (event.speakers, event.rooms, event.tracks):
        rows.all().delete()
    event.delete()


@pytest.mark.parametrize("write", [schedule_xml, schedule_json])
def test_seed_comes_back_whole(kvm_forum: Event, write: Callable[..., bytes]) -> None:
    data = write(programme_record(kvm_forum, kvm_forum.sessions.all()), source="https://forum.example/schedule")
    before = contents(kvm_forum)
    remove(kvm_forum)

    assert contents(bring(data, "schedule")) == before
    assert (len(before["sessions"]), len(before["speakers"])) == (20, 27)


def test_seeds_page_gives_the_fixture(kvm_forum: Event) -> None:
    event = bring(shared("../seed/kvm-forum-2019-track-2.txt").read_bytes(), "page.txt")

    assert contents(event, but=UNSAID) == contents(kvm_forum, but=UNSAID)
    assert {session.language for session in event.sessions.all()} == {""}


@pytest.mark.parametrize(("write", "name"), [(programme_csv, "schedule.csv"), (programme_xlsx, "schedule.xlsx")])
def test_seeds_spreadsheet_changes_nothing(
    kvm_forum: Event, write: Callable[[ProgrammeRecord], bytes], name: str
) -> None:
    data = write(programme_record(kvm_forum, kvm_forum.sessions.all()))

    proposal = proposed(kvm_forum, data, name)

    assert (proposal.is_empty, proposal.same, proposal.kept, proposal.problems) == (True, 20, [], [])
