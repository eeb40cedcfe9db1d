"""The history of an event besides its sessions: of itself, its rooms, tracks, speakers and announcements."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from agenda.editing.apply import publish
from agenda.editing.imports import plan_for
from agenda.editing.noting import noting
from agenda.editing.plan import propose
from agenda.editing.slugs import keep_former_slug
from agenda.formats.records import ProgrammeRecord, SessionRecord
from agenda.models import Announcement, Room, RowRevision, Session, Source, Speaker, Track
from tests.agenda.kvm_forum import add_event, add_session
from tests.agenda.pages import text_of
from tests.pages import page

pytestmark = pytest.mark.any_database

HISTORY = "/spring/edit/history/"
NINE = datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-02-01T09:00:00+00:00", tick=False) as clock:
        yield clock


@pytest.fixture
def rows(db: None) -> dict[str, Any]:
    """One of each kind, by the name of the kind."""
    event = add_event("spring", "Europe/Berlin", "2026-03-01", "2026-03-02")
    room = Room.objects.create(event=event, name="Red", slug="red", capacity=40)
    shown = {"start": NINE, "end": NINE.replace(hour=18), "room": room}
    return {
        "event": event,
        "room": room,
        "track": Track.objects.create(event=event, name="Bugs", slug="bugs"),
        "speaker": Speaker.objects.create(event=event, name="Ada", slug="ada", biography="Counts."),
        "announcement": Announcement.objects.create(event=event, text="Lunch.", **shown),
    }


@pytest.fixture
def client(client: Client, editor: User, rows: dict[str, Any]) -> Client:
    client.force_login(editor)
    return client


def change(row: Any, by: User | None, **values: Any) -> RowRevision:
    with noting(getattr(row, "event", row), type(row), by=by) as revisions:
        type(row).objects.filter(pk=row.pk).update(**values)
    return revisions[0]


def said(client: Client, query: str = "") -> list[str]:
    return [each.text for listed in page(client.get(HISTORY + query)).all("ol.history") for each in listed.all("li")]


def put_back(client: Client, revision: RowRevision) -> str:
    answer = client.post(f"{HISTORY}rows/{revision.pk}/put-back", follow=True)
    return text_of(answer)


CHANGED = [
    ("event", {"city": "Ulm"}, "Event: Spring city: none → Ulm", "the-event"),
    ("event", {"state": "hidden"}, "Event: Spring state: published → hidden", "the-event"),
    ("event", {"programme_on": "2026-02-20"}, "Event: Spring programme on: none → Fri 20 Feb 2026", "the-event"),
    ("event", {"lists_cancelled": False}, "Event: Spring lists cancelled: yes → no", "the-event"),
    ("room", {"slug": "blue", "capacity": None}, "Room: Red capacity: 40 → none; address: red → blue", "rooms"),
    ("track", {"colour": "#ff0000"}, "Track: Bugs colour: #0b6e66 → #ff0000", "tracks"),
    ("speaker", {"biography": "Wrote."}, "Speaker: Ada biography edited", "speakers"),
    (
        *("announcement", {"room": None, "end": NINE.replace(hour=12)}),
        *("Announcement: Lunch. end: Sun 1 Mar 2026, 19:00 CET → Sun 1 Mar 2026, 13:00 CET; room: Red → none",),
        "announcements",
    ),
]


@pytest.mark.on_postgresql
@pytest.mark.parametrize(("kind", "values", "words", "asked"), CHANGED)
def test_change_is_said_filtered_and_put_back(client, rows, editor, kind, values, words, asked):
    row = rows[kind]
    talk = add_session(rows["event"], "Ants", "2026-03-01 10:00", room=rows["room"])
    before = {name: getattr(row, name) for name in values}
    revision = change(row, editor, **values)

    assert said(client)[0].startswith(f"Sun 1 Feb 10:00 {words} {editor} Put back")
    assert said(client, f"?kind={asked}&q={row!s:.3}&by={editor.pk}") == said(client)
    assert said(client, "?kind=time") == said(client, "?kind=deleted") == []
    for _ in range(2):
        assert "is as it was" in put_back(client, revision)

    row.refresh_from_db()
    assert {name: getattr(row, name) for name in values} == before
    assert RowRevision.objects.count() == 2
    assert str(revision) == f"{kind} {revision.name}: {', '.join(revision.changes)}"
    renewed = Session.objects.get(pk=talk.pk).updated > talk.updated
    assert renewed == (kind in ("event", "room"))


@pytest.mark.on_postgresql
def test_rows_that_a_file_and_a_form_make_are_said_with_their_batch(client, rows, editor):
    source = Source.objects.create(event=rows["event"], name="schedule.xml")
    talk = SessionRecord(
        external_id="1", title="Bees", start=NINE, end=NINE.replace(hour=10), room="Hall", speakers=("Eve",)
    )
    plan = plan_for(ProgrammeRecord(format="a file", sessions=(talk,)), source, by=editor)
    batch = publish(plan, by=editor, fingerprint=propose(plan).fingerprint)
    client.post(
        "/admin/agenda/track/add/", {"event": rows["event"].pk, "name": "Art", "colour": "#123456", "position": 1}
    )

    made = RowRevision.objects.order_by("pk").values_list("kind", "name", "batch", "by")
    assert list(made) == [
        *(("room", "Hall", batch.pk, editor.pk), ("speaker", "Eve", batch.pk, editor.pk)),
        ("track", "Art", None, editor.pk),
    ]
    assert all(revision.was_added for revision in RowRevision.objects.all())
    (line,) = said(client, "?kind=tracks")
    assert line == f"Sun 1 Feb 10:00 Track: Art added {editor}"


@pytest.mark.on_postgresql
@pytest.mark.parametrize("kind", ["room", "track", "announcement", "speaker", "session"])
def test_deleted_row_is_said_and_made_again_if_only_its_name_led_to_it(client, rows, kind):
    row = rows.get(kind) or add_session(rows["event"], "Ants", "2026-03-01 10:00")
    address = f"/admin/agenda/{kind}/{row.pk}/delete/"

    client.post(address, {"post": "yes"})

    revision = RowRevision.objects.get(kind=kind)
    assert revision.was_deleted
    assert any("deleted" in line for line in said(client))
    texts = [put_back(client, revision) for _ in range(2)]
    is_again = kind in ("room", "track", "announcement")
    assert list(type(row).objects.filter(event=rows["event"]).values_list("pk", flat=True)) == [row.pk] * is_again
    assert ["is as it was" in text for text in texts] == [is_again] * 2


def test_what_cannot_be_as_it_was_stays_and_says_why(client, rows, editor):
    room, event, lunch = rows["room"], rows["event"], rows["announcement"]
    renamed = change(room, editor, name="Blue")
    change(room, editor, name="Green")
    moved = change(event, editor, starts_on="2026-02-28")
    without = change(lunch, editor, room=None)
    recoloured = change(rows["track"], editor, slug="art")
    Track.objects.create(event=event, name="Other", slug="bugs")

    assert "“Blue” was changed again since" in put_back(client, renamed)
    assert "cannot be put back from here" in put_back(client, moved)
    assert "It cannot be as it was" in put_back(client, recoloured)
    room.delete()
    assert "“Green” is gone" in put_back(client, without)
    rows["track"].delete()
    assert "“Bugs” was deleted since" in put_back(client, recoloured)
    assert not any("Put back" in line for line in said(client, "?kind=the-event"))


@pytest.mark.on_postgresql
@pytest.mark.parametrize("slug", ["red", "blue"])
def test_room_that_was_renamed_since_is_found_again(client, rows, editor, slug):
    without = change(rows["announcement"], editor, room=None)
    room = rows["room"]
    room.name, room.slug = "Blue", slug
    keep_former_slug(room)
    room.save()

    put_back(client, without)

    assert Announcement.objects.get().room == room


def test_room_that_is_gone_is_not_another_one_of_a_similar_name(client, rows, editor):
    Room.objects.filter(pk=rows["room"].pk).update(name="Red #", slug="red-number")
    Room.objects.create(event=rows["event"], name="Red", slug="red")
    without = change(rows["announcement"], editor, room=None)
    rows["room"].delete()

    assert "“Red #” is gone, which it named." in put_back(client, without)
    assert Announcement.objects.get().room is None


def test_put_back_is_for_editors_of_that_event_and_by_post(client, rows, editor, alice):
    add_event("autumn", "Europe/Berlin", "2026-03-01", "2026-03-02")
    revision = change(rows["room"], editor, capacity=1)

    assert client.get(f"{HISTORY}rows/{revision.pk}/put-back").status_code == 405
    assert client.post(f"/autumn/edit/history/rows/{revision.pk}/put-back").status_code == 404
    client.force_login(alice)
    assert client.post(f"{HISTORY}rows/{revision.pk}/put-back").status_code == 404
    assert RowRevision.objects.count() == 1
