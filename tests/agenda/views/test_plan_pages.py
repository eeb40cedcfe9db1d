"""The Review page: what a person decides, what changes and whom it reaches; publishing, discarding, putting back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from agenda.editing import decisions
from agenda.editing.aftermath import findings_after
from agenda.editing.changes import recording
from agenda.editing.imports import plan_for
from agenda.editing.plan import propose
from agenda.formats.records import MaterialRecord, ProgrammeRecord, SessionRecord, SpeakerRecord
from agenda.models import Batch, Event, LeftFinding, Origin, Plan, Room, Session, Source, Speaker, Star
from agenda.programme.findings import Fault
from tests.agenda.kvm_forum import add_event
from tests.agenda.pages import text_of

pytestmark = pytest.mark.any_database

NINE = datetime.fromisoformat("2026-03-01T09:00:00+00:00")  # 10:00 in Berlin
WEEKS_BEFORE = NINE - timedelta(days=30)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(WEEKS_BEFORE, tick=False) as clock:
        yield clock


@pytest.fixture
def event(db: None) -> Event:
    return add_event("spring", "Europe/Berlin", "2026-03-01", "2026-03-02")


@pytest.fixture
def source(event: Event) -> Source:
    return Source.objects.create(event=event, name="schedule.xml")


@pytest.fixture
def client(client: Client, editor: User) -> Client:
    client.force_login(editor)
    return client


def talk(key: str, title: str = "", *, hour: int = 0, **more: Any) -> SessionRecord:
    start = NINE + timedelta(hours=hour)
    named = {"title": title or f"Talk {key}", "room": "Main", **more}
    return SessionRecord(external_id=key, start=start, end=start + timedelta(hours=1), **named)


def planned(source: Source, *talks: SessionRecord, speakers: tuple[SpeakerRecord, ...] = ()) -> Plan:
    programme = ProgrammeRecord(format="schedule.xml", sessions=talks, speakers=speakers)
    return plan_for(programme, source, by=None)


def address(plan: Plan) -> str:
    return f"/spring/edit/plans/{plan.pk}/"


def shown(client: Client, plan: Plan) -> dict[str, str]:
    """The form as the page has it, for posting it back: its fingerprint."""
    page = client.get(address(plan)).content.decode()
    return {"fingerprint": page.partition('name="fingerprint" value="')[2].partition('"')[0]}


def published(
    client: Client, source: Source, *talks: SessionRecord, speakers: tuple[SpeakerRecord, ...] = (), **answers: str
) -> Batch | None:
    plan = planned(source, *talks, speakers=speakers)
    client.post(address(plan), {**shown(client, plan), "do": "publish", **answers})
    return Batch.objects.filter(plan=plan).first()


def session_of(key: str) -> Session:
    return Origin.objects.get(external_id=key).session


def edit(key: str, **values: Any) -> None:
    with recording([session_of(key).pk], by=None):
        Session.objects.filter(pk=session_of(key).pk).update(**values)


def test_page_says_what_changes_in_the_events_zone(client, source):
    published(client, source, talk("1", "KVM"), talk("2", "QEMU", hour=2), talk("3", "Xen", hour=4))
    page = text_of(
        client.get(
            address(planned(source, talk("1", "KVM", hour=1), talk("2", "QEMU 2", hour=2), talk("4", "New", hour=6)))
        )
    )

    assert "1 gone, cancelled" in page
    assert "Time Sun 1 Mar 10:00–11:00 → 11:00–12:00" in page
    assert "1 change only their text." in page
    assert "Title QEMU → QEMU 2" in page
    assert "New · Sun 1 Mar 16:00–17:00 · Main" in page


def test_publishing_leads_to_a_receipt_and_again_to_the_same(client, source):
    plan = planned(source, talk("1", "KVM"))
    form = {**shown(client, plan), "do": "publish"}

    answers = [client.post(address(plan), form) for _ in range(2)]

    batch = Batch.objects.get()
    assert {answer["Location"] for answer in answers} == {f"/spring/edit/batches/{batch.pk}/"}
    assert "1 new: all of it at once." in text_of(client.get(answers[0]["Location"]))
    assert client.get(address(plan))["Location"] == answers[0]["Location"]


def test_choices_stay_while_the_page_is_loaded_again_and_are_published(client, source):
    published(client, source, talk("1", "Old"), talk("2", "Gone", hour=2))
    edit("1", title="Ours")
    plan = planned(source, talk("1", "Theirs"))

    client.post(address(plan), {**shown(client, plan), "do": "save", "value:1:title": "new"})  # "gone:2" is unticked
    page = client.get(address(plan)).content.decode()
    client.post(address(plan), {**shown(client, plan), "do": "publish", "value:1:title": "new"})

    assert 'value="new" checked><span><b>The file’s' in page
    assert (session_of("1").title, session_of("2").status) == ("Theirs", "confirmed")


def test_conflict_stays_ours_and_says_who_made_it(client, source, editor):
    published(client, source, talk("1", "Old"))
    with recording([session_of("1").pk], by=editor, note="The speaker asked."):
        Session.objects.update(title="Ours")
    plan = planned(source, talk("1", "Theirs"))

    page = text_of(client.get(address(plan)))
    client.post(address(plan), {**shown(client, plan), "do": "publish"})

    assert "Ours: Ours editor@example.org, Fri 30 Jan 10:00: “The speaker asked.”" in page
    assert session_of("1").title == "Ours"


def test_rows_that_moved_on_are_shown_again_and_nothing_is_published(client, source):
    published(client, source, talk("1", "Old"), talk("2", hour=2))
    plan = planned(source, talk("1", "New"))
    form = shown(client, plan)
    edit("1", title="Meanwhile")

    response = client.post(address(plan), {**form, "do": "publish", "note": "Kept."}, follow=True)

    plan.refresh_from_db()
    assert "was edited meanwhile" in text_of(response)
    assert (session_of("1").title, plan.state, plan.note, plan.choices) == (
        "Meanwhile",
        "waiting",
        "Kept.",
        {"gone:2": "old"},
    )


def test_discarded_plan_changes_nothing_and_is_over(client, source):
    plan = planned(source, talk("1"))
    form = shown(client, plan)

    client.post(address(plan), {"do": "discard"})
    late = client.post(address(plan), {**form, "do": "publish"}, follow=True)

    assert Session.objects.count() == 0
    assert "This plan is over" in text_of(late)


def test_guess_that_is_taken_is_looked_at_once_more_before_it_is_published(client, source):
    published(client, source, talk("1", "KVM", guid=UUID(int=1)))
    plan = planned(source, talk("x", "KVM", guid=UUID(int=2)))
    form = {**shown(client, plan), "do": "publish", "same:x": "yes"}

    first = client.post(address(plan), form, follow=True)
    count = Session.objects.count()
    client.post(address(plan), {**shown(client, plan), "do": "publish", "same:x": "yes"})

    assert "Look at it once more" in text_of(first)
    assert (count, Session.objects.count(), session_of("x").status) == (1, 1, "confirmed")


def test_many_gone_are_asked_about(client, source):
    published(client, source, *(talk(str(n), hour=n) for n in range(12)))
    plan = planned(source, talk("0"))

    page = client.get(address(plan))
    client.post(address(plan), {**shown(client, plan), "do": "publish", "gone:5": "new"})

    assert "Is this the right file?" in text_of(page)
    assert list(Session.objects.filter(status="cancelled")) == [session_of("5")]


def test_what_is_not_ticked_stays_as_it_is_and_is_not_asked_again(client, source):
    published(client, source, talk("1", "Old"), talk("2", "Back", hour=2), talk("3", "Same", hour=4))
    published(client, source, talk("1", "Old"), talk("3", "Same", hour=4), **{"gone:2": "new"})
    newest = (talk("1", "New"), talk("2", "Back", hour=2), talk("3", "Same 3", hour=4), talk("4", "Four", hour=6))

    batch = published(client, source, *newest, boxes="all", **{"changed:3": "yes"})

    assert batch.counts == {"changed": 1, "new": 1}
    assert [(session_of(key).title, session_of(key).status, session_of(key).is_published) for key in "1234"] == [
        ("Old", "confirmed", True),
        ("Back", "cancelled", True),
        ("Same 3", "confirmed", True),
        ("Four", "confirmed", False),
    ]
    assert "Nothing to do" in text_of(client.get(address(planned(source, *newest))))


def test_box_that_was_not_ticked_is_shown_so_and_a_page_without_boxes_unticks_nothing(client, source):
    published(client, source, talk("1", "Old"))
    plan = planned(source, talk("1", "New"), talk("2", hour=2))

    client.post(address(plan), {**shown(client, plan), "boxes": "all", "new:2": "yes"})
    page = client.get(address(plan)).content.decode()
    client.post(address(plan), {**shown(client, plan), "do": "publish", "boxes": ""})

    assert 'name="changed:1" value="yes">' in page
    assert 'name="new:2" value="yes" checked>' in page
    assert session_of("1").title == "Old"


def test_no_more_is_asked_than_a_form_can_answer(client, source, monkeypatch):
    monkeypatch.setattr(decisions, "MOST_ASKED", 1)
    monkeypatch.setattr("agenda.editing.review.MOST_ASKED", 1)
    published(client, source, *(talk(str(n), "Old", hour=n) for n in range(4)))
    for key in ("0", "1"):
        edit(key, title="Ours")
    plan = planned(source, talk("0", "Theirs"), talk("1", "Theirs", hour=1))

    page = client.get(address(plan)).content.decode()
    client.post(address(plan), {**shown(client, plan), "do": "publish", "value:0:title": "new", "value:1:title": "new"})

    assert (page.count('type="radio"'), page.count('type="checkbox"')) == (2, 1)
    assert "In 1 more that both changed, ours stays." in page
    assert "The 1 without a box are done as shown." in page
    assert [(each.title, each.status) for each in Session.objects.in_order()] == [
        ("Theirs", "confirmed"),
        ("Ours", "confirmed"),
        ("Old", "confirmed"),  # its box was not ticked
        ("Old", "cancelled"),
    ]


def test_form_of_a_very_large_plan_is_taken(client, source):
    plan = planned(source, *(talk(str(n), hour=n % 24) for n in range(1100)))
    ticked = {f"new:{n}": "yes" for n in range(1, 1100)}

    response = client.post(address(plan), {"boxes": "all", **ticked})

    plan.refresh_from_db()
    assert (response.status_code, plan.choices) == (302, {"new:0": "old"})


def test_problems_of_the_programme_as_it_will_be_are_shown(client, source):
    link = MaterialRecord(kind="link", title="Home", url="https://localhost/x")
    published(client, source, talk("1", "KVM by Ada Lovelace", speakers=("Ada Lovelace",), materials=(link,)))
    both = (
        talk("1", "KVM by Ada Lovelace", speakers=(), materials=()),
        talk("2", "TBA", hour=48, speakers=("Bob Ek",)),
    )
    plan = planned(source, *both, speakers=(SpeakerRecord(name="Bob Ek"),))

    page = text_of(client.get(address(plan)))
    LeftFinding.objects.bulk_create(
        LeftFinding(event=source.event, key=each.finding.key)
        for group in findings_after(propose(plan))
        for each in group.rows
        if group.fault is Fault.NOT_LISTED
    )

    assert "1 session outside the event’s days" in page
    assert "1 person is named, but not listed" in page
    assert "1 session without a title" in page
    assert "link" not in page.partition("Problems after this plan")[2].partition("They keep nothing")[0]
    assert "is named, but not listed" not in text_of(client.get(address(plan)))


def test_same_file_again_is_nothing_to_do(client, source):
    published(client, source, talk("1"))
    plan = planned(source, talk("1"))
    feed = client.get("/spring/schedule.ics").content

    page = text_of(client.get(address(plan)))
    done = client.post(address(plan), {**shown(client, plan), "do": "publish"}, follow=True)

    assert "Nothing to do: the programme is as the file says." in page
    assert "Nothing to do" in text_of(done)
    assert client.get("/spring/schedule.ics").content == feed


def test_what_starts_within_half_an_hour_is_said_in_red(client, source, clock):
    published(client, source, talk("1", hour=1), talk("2", hour=5))
    clock.move_to(NINE + timedelta(minutes=31))
    plan = planned(source, talk("1", hour=3), talk("2", hour=5))

    page = client.get(address(plan)).content.decode()

    assert 'role="alert">Something in this plan starts within 30 minutes' in page


def test_sessions_that_move_alike_are_one_row(client, source):
    published(client, source, *(talk(str(n), hour=n) for n in range(4)))

    page = text_of(client.get(address(planned(source, *(talk(str(n), hour=n + 1) for n in range(4))))))

    assert "4 changed" in page
    assert "4 sessions change alike" in page
    assert "as it was → 1 h later" in page


def test_note_goes_with_moves_and_is_not_asked_for_texts(client, source):
    published(client, source, talk("1", "A"))
    texts = planned(source, talk("1", "B"))
    assert 'name="note"' not in client.get(address(texts)).content.decode()

    published(client, source, talk("1", "B", hour=1), note="Water in Main.")

    assert session_of("1").note == "Water in Main."


def test_receipt_puts_back_through_a_plan(client, source):
    published(client, source, talk("1", "Old"))
    batch = published(client, source, talk("1", "New"))

    asked = client.post(f"/spring/edit/batches/{batch.pk}/put-back/")
    plan = Plan.objects.get(undoes=batch)
    client.post(address(plan), {**shown(client, plan), "do": "publish"})

    assert asked["Location"] == address(plan)
    assert session_of("1").title == "Old"
    assert "This was put back." in text_of(client.get(f"/spring/edit/batches/{batch.pk}/"))


def test_words_about_people_are_shown_and_ours_stay_where_both_changed(client, source):
    ada, bob = SpeakerRecord(name="Ada", biography="Old."), SpeakerRecord(name="Bob", biography="Old.")
    both = talk("1", speakers=("Ada", "Bob"))
    published(client, source, both, speakers=(ada, bob))
    Speaker.objects.filter(name="Bob").update(biography="Ours.")
    plan = planned(source, both, speakers=(replace(ada, biography="New."), replace(bob, biography="New.")))

    page = text_of(client.get(address(plan)))
    client.post(address(plan), {**shown(client, plan), "do": "publish"})

    assert "1 person has other words about them Ada Biography Old. → New." in page
    assert "1 person was described in other words here and in the file. Ours stay. Bob" in page
    assert list(Speaker.objects.values_list("name", "biography")) == [("Ada", "New."), ("Bob", "Ours.")]


def test_titles_are_escaped(client, source):
    published(client, source, talk("1", "A"))
    page = client.get(address(planned(source, talk("1", "<b>B</b>"), talk('"><i>', "<u>")))).content.decode()

    assert "<b>B</b>" not in page
    assert "<u>" not in page
    assert '"><i>' not in page


@pytest.mark.parametrize("method", ["get", "post"])
def test_pages_are_for_editors_alone_and_of_their_event(client, source, alice, method):
    batch = published(client, source, talk("1"))
    add_event("autumn", "UTC", "2026-10-01", "2026-10-02")
    plan = planned(source, talk("1", "B"))
    paths = [address(plan), f"/spring/edit/batches/{batch.pk}/{'put-back/' if method == 'post' else ''}"]
    other = Client()
    other.force_login(alice)

    assert {getattr(other, method)(path).status_code for path in paths} == {404}
    assert {getattr(Client(), method)(path).status_code for path in paths} == {404}
    assert {getattr(client, method)(path.replace("spring", "autumn")).status_code for path in paths} == {404}


@pytest.mark.parametrize("count", [1, 3])
def test_number_of_queries_does_not_grow(client, source, alice, count, django_assert_num_queries):
    talks = [talk(str(n), hour=n, room=f"Room {n}", speakers=(f"Ada {n}",)) for n in range(count)]
    published(client, source, *talks)
    for session in Session.objects.all():
        Star.objects.create(user=alice, session=session)
        edit(session.origins.get().external_id, title="Ours")
    moved = [talk(str(n), f"Theirs {n}", hour=n + 2 * n, room="Hall") for n in range(count)]
    plan = planned(source, *moved, talk("x", hour=9))
    client.get(address(plan))

    with django_assert_num_queries(24):
        client.get(address(plan))
    assert Room.objects.count() == count
