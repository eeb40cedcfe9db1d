"""What goes out as a file comes in again; what the formats cannot hold is listed here."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields, replace
from uuid import UUID

import pytest
from hypothesis import given

from agenda.formats.c3voc import ATTACHED
from agenda.formats.reading import read_programme
from agenda.formats.records import MaterialRecord, ProgrammeRecord, SessionRecord
from agenda.formats.schedule_json_file import schedule_json
from agenda.formats.schedule_xml_file import schedule_xml
from agenda.formats.table_file import programme_csv, programme_xlsx
from agenda.models import Session
from agenda.programme.records import programme_record
from tests.agenda.formats.programmes import programme, random_programmes, session
from tests.agenda.shared_programmes import shared

pytestmark = pytest.mark.any_database

SOURCE = "https://forum.example/schedule"
WRITERS: dict[str, Callable[..., bytes]] = {"schedule.xml": schedule_xml, "schedule.json": schedule_json}
TABLES = {"programme.csv": programme_csv, "programme.xlsx": programme_xlsx}
# Where a session stands in the file, and how it tells it from others: by its number.
SLUG_ALLOWED = re.compile(r"[a-z0-9_-]{3,}[a-z0-9]")
OF_THE_FILE = {"where", "external_id", "id", "type"}


def back(record: ProgrammeRecord, kind: str) -> ProgrammeRecord:
    return read_programme(WRITERS[kind](record, source=SOURCE), kind)


def differing(before: object, after: object, apart: set[str]) -> dict[str, tuple[object, object]]:
    """The fields of two records that are not equal, "" being the same as None."""
    pairs = {field.name: (getattr(before, field.name), getattr(after, field.name)) for field in fields(before)}  # type: ignore[arg-type]
    return {
        name: (one, other)
        for name, (one, other) in pairs.items()
        if name not in apart and (one or other) and one != other
    }


def as_written(session: SessionRecord) -> SessionRecord:
    """The session as a file can hold it: attachments before links, and materials without an address last."""
    materials = sorted(session.materials or (), key=lambda each: (not each.url, each.url and each.kind not in ATTACHED))
    return replace(session, materials=tuple(materials))


@pytest.mark.on_postgresql
@pytest.mark.parametrize("kind", WRITERS)
def test_seed_comes_back_but_for_what_the_format_cannot_hold(kvm_forum, kind):
    before = programme_record(kvm_forum, Session.objects.all(), version="5")

    after = back(before, kind)

    assert [
        differing(as_written(one), other, OF_THE_FILE)
        for one, other in zip(before.sessions, after.sessions, strict=True)
    ] == [{}] * 20
    by_name = {speaker.name: speaker for speaker in after.speakers}
    assert [differing(speaker, by_name.pop(speaker.name), set()) for speaker in before.speakers] == [{}] * 27
    assert by_name == {}
    for name in ("title", "acronym", "venue", "city", "zone", "days", "rooms", "tracks", "url", "version", "problems"):
        assert getattr(after, name) == getattr(before, name), name


@pytest.mark.parametrize(("name", "write"), TABLES.items())
def test_seed_comes_back_from_a_table_with_all_but_its_addresses(kvm_forum, name, write):
    before = programme_record(kvm_forum, Session.objects.all())

    after = read_programme(write(before), name, zone=kvm_forum.time_zone)

    assert [
        differing(one, other, {"slug"} | OF_THE_FILE)
        for one, other in zip(before.sessions, after.sessions, strict=True)
    ] == [{}] * 20
    assert after.problems == ()


@pytest.mark.parametrize(("name", "write"), TABLES.items())
def test_midnight_markup_and_names_come_back_from_our_own_tables(name, write):
    talk = session(
        1,
        "2000-01-01T00:00",
        24 * 60,
        abstract="The code is [*here*](https://example.org/) in <b>brackets</b>",
        speakers=("Lee Ann, Red Hat", "Smith & Sons"),
        materials=(MaterialRecord(kind="slides", title="Two  blanks", url="https://example.org/a"),),
    )
    alone = replace(talk, guid=UUID(int=2), speakers=talk.speakers[1:])

    for sessions in ((talk, alone), (alone,)):
        after = read_programme(write(programme(*sessions, zone="UTC")), name)
        assert [
            differing(one, other, {"status"} | OF_THE_FILE) for one, other in zip(sessions, after.sessions, strict=True)
        ] == [{} for _ in sessions]
        assert after.problems == ()


@given(random_programmes)
def test_any_table_that_came_back_comes_back_unchanged(written):
    for name, write in TABLES.items():
        if written.sessions:
            tidy = back(written, "schedule.xml")  # a table has no row without a title
            once = read_programme(write(tidy), name, zone=written.zone)
            again = {each.guid: each for each in read_programme(write(once), name, zone=written.zone).sessions}
            assert [differing(each, again[each.guid], {"slug"} | OF_THE_FILE) for each in once.sessions] == [
                {} for _ in once.sessions
            ]


def apart(session: SessionRecord) -> set[str]:
    """The fields in which the session may differ the second time."""
    made = {"guid"} if session.guid is None else set()  # the formats demand one
    return OF_THE_FILE | made | (set() if SLUG_ALLOWED.fullmatch(session.slug or "") else {"slug"})


def changed_again(once: ProgrammeRecord, kind: str) -> list[dict[str, tuple[object, object]]]:
    """What of each session that goes ahead differs once the programme was written and read another time."""
    again = {session.external_id: session for session in back(once, kind).sessions}
    return [
        found
        for place, session in enumerate(once.sessions, start=1)
        if session.status != "cancelled"
        and (found := differing(as_written(session), again[str(place)], apart(session)))
    ]


@given(random_programmes)
def test_any_programme_that_came_back_comes_back_unchanged(written):
    for kind in WRITERS:
        if written.sessions:
            assert changed_again(back(written, kind), kind) == []


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize(
    "name",
    [
        "fosdem-2025.schedule.xml",
        "camp-2019.schedule.xml",
        "debconf-23.schedule.xml",
        "fosdem-2007.pentabarf.xml",
        "democon.pretalx.schedule.json",
    ],
)
def test_real_programme_goes_in_out_and_in_again(name, kind):
    once = read_programme(shared(name).read_bytes(), name, zone="Europe/Brussels")

    assert changed_again(once, kind) == []
