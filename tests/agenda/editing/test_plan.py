"""Plans of imports: who is who, what is merged, what is gone and comes back; and nothing for the same file again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from accounts.models import User
from agenda.editing.apply import PlanIsOver, PlanMovedOn, publish
from agenda.editing.batches import undoing
from agenda.editing.changes import recording
from agenda.editing.imports import plan_for
from agenda.editing.plan import Proposal, propose
from agenda.editing.slugs import keep_former_slug
from agenda.formats.reading import read_programme
from agenda.formats.records import MaterialRecord, Problem, ProgrammeRecord, SessionRecord, SpeakerRecord
from agenda.models import Batch, Event, Origin, Plan, Room, Session, Source, Speaker, Star, Track
from tests.agenda.kvm_forum import add_event, add_session

NINE = datetime.fromisoformat("2026-03-01T09:00:00+00:00")
GUID = UUID("11111111-1111-4111-8111-111111111111")


@pytest.fixture
def event(db: None) -> Event:
    return add_event("spring", "Europe/Berlin", "2026-03-01", "2026-03-02")


@pytest.fixture
def source(event: Event) -> Source:
    return Source.objects.create(event=event, name="schedule.xml")


def talk(key: str, title: str = "", *, hour: int = 0, **more: Any) -> SessionRecord:
    start = NINE + timedelta(hours=hour)
    more = {"room": "Main", **more}
    return SessionRecord(
        external_id=key, title=title or f"Talk {key}", start=start, end=start + timedelta(hours=1), **more
    )


def proposed(source: Source, *talks: SessionRecord, **more: Any) -> tuple[Plan, Proposal]:
    source.refresh_from_db()  # what it said of its speakers
    plan = plan_for(ProgrammeRecord(format="a file", sessions=talks, **more), source, by=None)
    return plan, propose(plan)


def imported(source: Source, *talks: SessionRecord, choices: dict[str, str] | None = None, **more: Any) -> Batch | None:
    plan, proposal = proposed(source, *talks, **more)
    return publish(plan, by=None, fingerprint=proposal.fingerprint, choices=choices)


def put_back(batch: Batch) -> Batch | None:
    plan = undoing(batch, by=None)
    return publish(plan, by=None, fingerprint=propose(plan).fingerprint)


def titled(key: str) -> Session:
    return Origin.objects.get(external_id=key).session


def edit(session: Session, **values: Any) -> None:
    with recording([session.pk], by=None):
        Session.objects.filter(pk=session.pk).update(**values)


def kinds(proposal: Proposal) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in proposal.sessions:
        found.setdefault(each.kind, []).append(each.key)
    return found


def test_first_import_makes_everything(source):
    batch = imported(
        source,
        talk(
            "1",
            "KVM",
            speakers=("Ada", "Bob"),
            track="Virt",
            materials=(MaterialRecord(kind="link", title="Home", url="https://a.example/"),),
        ),
        talk("2", "QEMU", guid=GUID, speakers=("Bob",), subtitle="A view"),
        speakers=(SpeakerRecord(name="Ada", organisation="IBM", biography="Writes."),),
    )

    first, second = Session.objects.in_order()
    assert batch is not None
    assert batch.counts == {"new": 2}
    assert (first.title, first.room.name, first.track.name, first.slug) == ("KVM", "Main", "Virt", "kvm")
    assert [each.speaker.name for each in first.appearances.all()] == ["Ada", "Bob"]
    assert [each.url for each in first.materials.all()] == ["https://a.example/"]
    assert (second.guid, second.subtitle, Speaker.objects.get(name="Ada").organisation) == (GUID, "A view", "IBM")
    assert Room.objects.count() == 1


def test_same_file_again_is_nothing_to_do(source, client: Client):
    imported(source, talk("1", speakers=("Ada",)), talk("2", hour=1))
    feed = client.get("/spring/schedule.ics").content

    plan, proposal = proposed(source, talk("2", hour=1), talk("1", speakers=("Ada",)))

    assert (proposal.is_empty, proposal.same) == (True, 2)
    assert publish(plan, by=None, fingerprint=proposal.fingerprint) is None
    assert client.get("/spring/schedule.ics").content == feed


@pytest.mark.parametrize(
    ("ours", "theirs", "after", "is_conflict"),
    [
        ("Old", "Old", "Old", False),
        ("Ours", "Old", "Ours", False),
        ("Old", "Theirs", "Theirs", False),
        ("Both", "Both", "Both", False),
        ("Ours", "Theirs", "Ours", True),
    ],
)
def test_titles_are_merged_three_ways(source, ours, theirs, after, is_conflict):
    imported(source, talk("1", "Old"))
    if ours != "Old":
        edit(titled("1"), title=ours)

    plan, proposal = proposed(source, talk("1", theirs))
    publish(plan, by=None, fingerprint=proposal.fingerprint)

    assert titled("1").title == after
    assert bool(proposal.conflicts) == is_conflict
    _, nothing = proposed(source, talk("1", theirs))
    assert nothing.is_empty  # a conflict is asked once


def test_conflict_takes_the_file_where_an_editor_chose_it(source):
    imported(source, talk("1", "Old"))
    edit(titled("1"), title="Ours")

    imported(source, talk("1", "Theirs"), choices={"value:1:title": "new"})

    assert titled("1").title == "Theirs"


def test_absent_value_is_left_and_empty_one_is_cleared(source):
    imported(source, talk("1", subtitle="Second line", abstract="Words."))

    imported(source, talk("1", abstract=""))

    assert (titled("1").subtitle, titled("1").abstract) == ("Second line", "")


def test_gone_is_cancelled_and_back_is_reinstated(source):
    talks = [talk(str(n), hour=n) for n in range(3)]
    imported(source, *talks)

    gone = imported(source, *talks[1:])
    was = titled("0").status
    back = imported(source, *talks)

    assert (gone.counts, was, back.counts, titled("0").status) == ({"gone": 1}, "cancelled", {"back": 1}, "confirmed")


def test_gone_before_anybody_saw_it_is_unpublished(source):
    Event.objects.update(state=Event.State.HIDDEN)
    imported(source, talk("1"), talk("2", hour=1))

    imported(source, talk("2", hour=1))

    assert (titled("1").is_published, titled("1").status) == (False, "confirmed")


def test_gone_is_kept_where_an_editor_unticked_it_and_is_not_asked_again(source):
    imported(source, talk("1"), talk("2", hour=1))

    imported(source, talk("2", hour=1), choices={"gone:1": "old"})

    assert titled("1").status == "confirmed"
    assert proposed(source, talk("2", hour=1))[1].is_empty


def test_talks_made_by_hand_and_by_another_source_are_not_gone(source, event):
    add_session(event, "By hand", "2026-03-01T09:00")
    imported(Source.objects.create(event=event, name="other"), talk("9", hour=3))

    imported(source, talk("1"))

    assert set(Session.objects.values_list("status", flat=True)) == {"confirmed"}


def test_large_part_gone_is_asked_first(source):
    talks = [talk(str(n), hour=n) for n in range(20)]
    imported(source, *talks)

    _, proposal = proposed(source, *talks[:10])
    imported(source, *talks[:10], choices={"gone:15": "new"})

    assert proposal.is_mass_gone
    assert list(Session.objects.filter(status="cancelled")) == [titled("15")]


@pytest.mark.parametrize(
    ("talks", "choices"),
    [
        ([talk("2", "B", hour=1, guid=None), talk("1", "A", guid=GUID)], {}),  # another order
        ([talk("x1", "A", guid=GUID), talk("2", "B", hour=1)], {}),  # another id, the same guid
        (
            [talk("x1", "A", guid=UUID(int=7)), talk("2", "B", hour=1)],
            {"same:x1": "yes"},
        ),  # both others, the same title
        ([talk("1", "A", guid=GUID, room="Hall"), talk("2", "B", hour=1)], {}),  # another room
        ([talk("1", "A", guid=GUID, hour=30), talk("2", "B", hour=1)], {}),  # another day
    ],
)
def test_star_stays_on_its_talk(source, alice: User, talks, choices):
    imported(source, talk("1", "A", guid=GUID), talk("2", "B", hour=1))
    star = Star.objects.create(user=alice, session=titled("1"))

    plan, _ = proposed(source, *talks)
    plan.choices = choices
    plan.save()
    publish(plan, by=None, fingerprint=propose(plan).fingerprint)

    assert Session.objects.count() == 2
    star.refresh_from_db()
    assert (star.session.title, star.session.status) == ("A", "confirmed")


def test_guess_is_offered_and_not_taken(source):
    imported(source, talk("1", "A", guid=GUID))

    _, proposal = proposed(source, talk("x", " a ", guid=UUID(int=7)))

    assert [offer.key for offer in proposal.same_sessions] == ["same:x"]
    assert kinds(proposal) == {"new": ["x"], "gone": ["1"]}


def test_guid_of_another_event_is_named_and_not_taken(source):
    other = add_session(add_event("autumn", "UTC", "2026-10-01", "2026-10-02"), "Theirs", "2026-10-01T09:00", guid=GUID)

    _, proposal = proposed(source, talk("1", guid=GUID, where="line 7"))
    imported(source, talk("1", guid=GUID))

    assert proposal.problems == [("line 7", "“Theirs” has the guid of a session of Autumn; it gets a new one.")]
    assert titled("1").guid != other.guid


def test_two_talks_change_their_ids_with_each_other(source):
    one, two = UUID(int=1), UUID(int=2)
    imported(source, talk("1", "A", guid=one), talk("2", "B", hour=1, guid=two))
    pk = titled("1").pk

    imported(source, talk("2", "A", guid=one), talk("1", "B", hour=1, guid=two))

    assert titled("1").pk == pk  # the source's own id comes before the guid
    assert titled("1").title == "B"


@pytest.mark.parametrize("slug", ["", "other"], ids=["slug kept", "slug changed"])
@pytest.mark.parametrize("kind", [Room, Track, Speaker])
def test_row_that_was_renamed_here_is_known_by_its_former_name(source, kind, slug):
    named = {"room": "Hall 3", "track": f"Cloud {'and more ' * 8}", "speakers": ("Ada King",)}
    imported(source, talk("1", **named))
    row = kind.objects.get()
    row.name, row.slug = "Hall", slug or row.slug
    keep_former_slug(row)
    row.save()

    _, same = proposed(source, talk("1", **named))
    imported(source, talk("1", **named), talk("2", hour=1, **named))

    assert same.is_empty
    assert [kind.objects.count() for kind in (Room, Track, Speaker)] == [1, 1, 1]


@pytest.mark.parametrize("source_is_new", [False, True])
def test_biography_of_a_speaker_who_was_renamed_here_arrives(event, source, source_is_new):
    def file(words: str) -> dict[str, Any]:
        return {"speakers": (SpeakerRecord(name="A. King", biography=words),)}

    imported(source, talk("1", speakers=("A. King",)), **file("Counts."))
    Speaker.objects.update(name="Ada King")
    if source_is_new:
        source = Source.objects.create(event=event, name="another.xml")

    imported(source, talk("1", speakers=("A. King",)), **file("Computes."))

    assert list(Speaker.objects.values_list("name", "biography")) == [("Ada King", "Computes.")]


def test_new_room_is_not_another_one_of_a_similar_name(source):
    imported(source, talk("1", room="C"), talk("2", hour=1, room="C#"))

    imported(source, talk("1", room="C"), talk("2", hour=1, room="C#"), talk("3", hour=2, room="C++"))

    assert [titled(key).room.name for key in "123"] == ["C", "C#", "C++"]


def test_room_that_the_file_renames_is_offered(source):
    imported(source, talk("1", room="Forum 3"), talk("2", hour=1, room="Forum 3"))

    plan, proposal = proposed(source, talk("1", room="Hall B"), talk("2", hour=1, room="Hall B"))
    plan.choices = {"rename:Hall B": "yes"}
    plan.save()
    batch = publish(plan, by=None, fingerprint=propose(plan).fingerprint)

    assert [(offer.old, offer.new) for offer in proposal.renamed_rooms] == [("Forum 3", "Hall B")]
    assert (Room.objects.get().name, batch.counts) == ("Hall B", {})
    put_back(batch)
    assert Room.objects.get().name == "Forum 3"


def test_double_booking_is_that_of_the_result(source):
    imported(source, talk("1", "A"), talk("2", "B", hour=1), talk("3", "C", hour=2))

    _, swapped = proposed(source, talk("1", "A", hour=1), talk("2", "B", hour=2), talk("3", "C"))
    _, doubled = proposed(source, talk("1", "A", hour=1), talk("2", "B", hour=1), talk("3", "C", hour=2))

    assert swapped.clashes == []
    assert [(clash.needed, {clash.one.title, clash.other.title}) for clash in doubled.clashes] == [("Main", {"A", "B"})]


def test_biography_is_merged_and_put_back(source):
    ada = SpeakerRecord(name="Ada", biography="Old.")
    imported(source, talk("1", speakers=("Ada",)), speakers=(ada,))

    batch = imported(source, talk("1", speakers=("Ada",)), speakers=(replace(ada, biography="New."),))
    assert Speaker.objects.get().biography == "New."
    put_back(batch)

    assert Speaker.objects.get().biography == "Old."


def test_speaker_of_a_known_guid_is_renamed_and_not_doubled(source):
    guid = UUID(int=9)
    imported(source, talk("1", speakers=("Ada",)), speakers=(SpeakerRecord(name="Ada", guid=guid),))

    renamed = (talk("1", speakers=("Ada Lee",)), talk("2", hour=1, speakers=("Ada Lee",)))
    batch = imported(source, *renamed, speakers=(SpeakerRecord(name="Ada Lee", guid=guid),))

    assert [(each.name, each.guid) for each in Speaker.objects.all()] == [("Ada Lee", guid)]
    assert {each.speaker.name for session in Session.objects.all() for each in session.appearances.all()} == {"Ada Lee"}
    assert proposed(source, *renamed, speakers=(SpeakerRecord(name="Ada Lee", guid=guid),))[1].is_empty
    put_back(batch)
    assert Speaker.objects.get().name == "Ada"


def test_speaker_who_was_renamed_here_keeps_that_name(source):
    ada = (SpeakerRecord(name="Ada", guid=UUID(int=9)),)
    imported(source, talk("1", speakers=("Ada",)), speakers=ada)
    Speaker.objects.update(name="Ada Lee")

    imported(source, talk("1", speakers=("Ada",)), talk("2", hour=1, speakers=("Ada",)), speakers=ada)

    assert [each.name for each in Speaker.objects.all()] == ["Ada Lee"]


def test_batch_is_put_back_with_higher_sequences_and_comes_again(source):
    before, after = [talk("1", "A"), talk("2", "B", hour=1)], [talk("1", "A", hour=3), talk("3", "C", hour=1)]
    imported(source, *before)
    batch = imported(source, *after)
    moved = titled("1").sequence

    undone = put_back(batch)

    states = {origin.external_id: origin.session for origin in Origin.objects.select_related("session")}
    assert (states["1"].start, states["2"].status, states["3"].is_published) == (NINE, "confirmed", False)
    assert states["1"].sequence > moved
    assert undone.inverse_of == batch
    assert put_back(batch) is None  # there is nothing left to put back
    again = imported(source, *after)
    assert again.counts == {"changed": 1, "gone": 1, "back": 1}


def test_what_was_changed_since_is_a_conflict_when_put_back(source):
    imported(source, talk("1", "Old"))
    batch = imported(source, talk("1", "New"))
    edit(titled("1"), title="Newer")

    proposal = propose(undoing(batch, by=None))

    assert [(change.old, change.new) for _, change in proposal.conflicts] == [("Newer", "Old")]


def test_plan_that_moved_on_is_refused_and_saves_nothing(source):
    imported(source, talk("1", "Old"))
    plan, proposal = proposed(source, talk("1", "New"))
    edit(titled("1"), title="Meanwhile")

    with pytest.raises(PlanMovedOn):
        publish(plan, by=None, fingerprint=proposal.fingerprint)

    assert titled("1").title == "Meanwhile"


def test_publishing_twice_is_publishing_once(source):
    plan, proposal = proposed(source, talk("1"))

    batches = [publish(plan, by=None, fingerprint=proposal.fingerprint) for _ in range(2)]

    assert batches[0] == batches[1] == Batch.objects.get()


def test_newer_file_takes_the_place_of_a_plan_that_waits(source):
    plan, proposal = proposed(source, talk("1"))
    proposed(source, talk("2"))

    with pytest.raises(PlanIsOver):
        publish(plan, by=None, fingerprint=proposal.fingerprint)


def test_note_goes_with_moves_and_not_with_texts(source):
    imported(source, talk("1", "A"), talk("2", "B", hour=1))

    plan, proposal = proposed(source, talk("1", "A", room="Hall"), talk("2", "B2", hour=1))
    batch = publish(plan, by=None, fingerprint=proposal.fingerprint, note="Water in Main.")

    assert (titled("1").note, titled("2").note) == ("Water in Main.", "")
    put_back(batch)
    assert titled("1").note == ""


@pytest.mark.parametrize("count", [1, 3])
def test_number_of_queries_does_not_grow(source, count, django_assert_num_queries):
    talks = [talk(str(n), hour=n, speakers=(f"Ada {n}",), room=f"Room {n}") for n in range(count)]
    imported(source, *talks)
    plan, _ = proposed(source, *[replace(each, title="Moved") for each in talks])

    with django_assert_num_queries(9):
        propose(plan)


def test_what_could_not_be_read_is_not_gone(source):
    imported(source, talk("a"), talk("b", hour=1))
    left_out = Problem("row 3", "There is no start; the row was left out.", leaves_out=True)

    _, proposal = proposed(source, talk("a"), problems=(left_out,))
    assert imported(source, talk("a"), problems=(left_out,)) is None

    (gone,) = proposal.of_kind("gone")
    assert (gone.taken, proposal.is_mass_gone) == ({}, True)
    assert titled("b").status == "confirmed"
    assert imported(source, talk("a"), talk("b", hour=2)) is not None
    assert titled("b").start == NINE + timedelta(hours=2)


LACKING = [
    ("a.csv", "Title,Start,End\nKept,2026-03-01 10:00,11:00\nLost,,\n"),
    (
        "a.ics",
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nSUMMARY:Kept\r\nDTSTART:20260301T100000Z\r\nEND:VEVENT\r\n"
        "BEGIN:VEVENT\r\nUID:b\r\nSUMMARY:Lost\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    ),
    (
        "a.xml",
        "<schedule><conference><title>A</title></conference><day date='2026-03-01'><room name='R'>"
        "<event id='1'><title>Kept</title><date>2026-03-01T10:00:00+01:00</date><duration>01:00</duration></event>"
        "<event id='2'><title>Lost</title><date>soon</date><duration>01:00</duration></event></room></day></schedule>",
    ),
    (
        "a.json",
        '[{"sessions": [{"id": "1", "title": "Kept", "startsAt": "2026-03-01T10:00:00",'
        '"endsAt": "2026-03-01T11:00:00"},'
        '{"id": "2", "title": "Lost", "startsAt": null, "endsAt": null}]}]',
    ),
]


@pytest.mark.parametrize(("name", "body"), LACKING, ids=[name for name, _ in LACKING])
def test_each_reader_says_that_it_leaves_a_session_out(name, body):
    programme = read_programme(body.encode(), name=name, zone="Europe/Berlin")

    assert any(problem.leaves_out for problem in programme.problems), programme.problems
    assert [session.title for session in programme.sessions] == ["Kept"]
