"""What an edit changes: a session's version, its SEQUENCE, and the revision that says what readers see anew."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agenda.editing.changes import TICK, recording, state_of, touch
from agenda.models import Appearance, Event, Material, Room, Session, SessionRevision, Speaker, Track
from tests.agenda.kvm_forum import BEFORE, add_event, add_session, session_of

NOW = BEFORE


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)


def edit(session: Session, **fields: object) -> SessionRevision | None:
    """What editing these fields makes."""
    with recording([session.pk], by=None) as edit:
        Session.objects.filter(pk=session.pk).update(**fields)
    session.refresh_from_db()
    return edit.revisions[0] if edit.revisions else None


def hall(event: Event) -> Room:
    return event.rooms.create(name="Hall", slug="hall")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("start", datetime(2019, 10, 31, 9, 0, tzinfo=UTC)),
        ("end", datetime(2019, 10, 31, 12, 0, tzinfo=UTC)),
        ("title", "Managing Babushkas"),
        ("status", "cancelled"),
        ("status", "tentative"),
    ],
)
def test_change_of_time_title_or_status_raises_sequence(opening, field, value):
    revision = edit(opening, **{field: value})

    assert (opening.sequence, opening.updated) == (1, NOW)
    assert (revision.sequence, revision.at, list(revision.changes)) == (1, NOW, [field])


def test_change_of_room_raises_sequence(opening):
    revision = edit(opening, room=hall(opening.event))

    assert opening.sequence == 1
    assert revision.changes == {"room": ["Forum 3", "Hall"]}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("byline", "Marc & friends"),
        ("abstract", "Short."),
        ("language", "fr"),
        ("slides_included", False),
        ("is_published", False),
        ("slug", "matryoshkas"),
        ("track", None),
    ],
)
def test_other_change_moves_the_version_alone(opening, field, value):
    before = state_of(opening)[field]

    revision = edit(opening, **{field: value})

    assert (opening.sequence, opening.updated) == (0, NOW)
    assert revision.changes == {field: [before, value or type(before)()]}


def test_revision_says_old_and_new_times_in_utc(opening):
    later = opening.start + timedelta(minutes=15)

    revision = edit(opening, start=later, end=opening.end + timedelta(minutes=15))

    assert revision.changes == {
        "start": ["2019-10-31T10:00:00+00:00", "2019-10-31T10:15:00+00:00"],
        "end": ["2019-10-31T10:30:00+00:00", "2019-10-31T10:45:00+00:00"],
    }
    assert opening.moved_from == datetime(2019, 10, 31, 10, 0, tzinfo=UTC)


def test_revision_keeps_who_did_it_and_the_note(opening, editor):
    with recording([opening.pk], by=editor, note="The train is late.") as edit:
        Session.objects.filter(pk=opening.pk).update(status="cancelled")

    stored = SessionRevision.objects.get()
    assert [stored] == edit.revisions
    assert (stored.session, stored.by, stored.note) == (opening, editor, "The train is late.")


def test_edit_that_changes_nothing_makes_no_revision(opening):
    before = opening.updated

    assert edit(opening, title=opening.title) is None
    assert (opening.sequence, opening.updated) == (0, before)


def test_two_edits_in_one_block_are_one_revision(opening):
    with recording([opening.pk], by=None) as edit:
        Session.objects.filter(pk=opening.pk).update(title="First thought")
        Session.objects.filter(pk=opening.pk).update(title="Second thought", status="tentative")

    opening.refresh_from_db()
    assert [revision.changes for revision in edit.revisions] == [
        {
            "title": ["Managing Matryoshkas: Testing Nested Guests", "Second thought"],
            "status": ["confirmed", "tentative"],
        }
    ]
    assert opening.sequence == 1


def test_edit_undone_in_the_block_is_none(opening):
    with recording([opening.pk], by=None) as edit:
        Session.objects.filter(pk=opening.pk).update(status="cancelled")
        Session.objects.filter(pk=opening.pk).update(status="confirmed")

    assert edit.revisions == []


def test_each_edit_raises_sequence_once_more(opening):
    edit(opening, status="cancelled")
    edit(opening, abstract="Short.")
    edit(opening, status="confirmed")

    assert opening.sequence == 2
    assert list(SessionRevision.objects.values_list("sequence", flat=True)) == [2, 1, 1]


def test_several_sessions_are_changed_together(opening):
    other = session_of("Nesting&testing")

    with recording([other.pk, opening.pk], by=None) as edit:
        Session.objects.filter(pk__in=[opening.pk, other.pk]).update(status="cancelled")

    assert [revision.session for revision in edit.revisions] == [opening, other]


def test_other_sessions_are_left_alone(opening):
    other = session_of("Nesting&testing")

    edit(opening, status="cancelled")

    before = other.updated
    other.refresh_from_db()
    assert other.updated == before


def test_speakers_are_part_of_what_readers_see(opening):
    stefan = Speaker.objects.get(name="Stefan Hajnoczi")

    with recording([opening.pk], by=None) as edit:
        Appearance.objects.create(session=opening, speaker=stefan, position=9)

    assert edit.revisions[0].changes == {"speakers": [["Marc Hartmayer"], ["Marc Hartmayer", "Stefan Hajnoczi"]]}


def test_materials_are_part_of_what_readers_see(opening):
    with recording([opening.pk], by=None) as edit:
        Material.objects.filter(session=opening).update(url="https://a.example/slides.pdf")

    assert edit.revisions[0].changes == {
        "materials": [
            [["slides", "slides pdf", ""]],
            [["slides", "slides pdf", "https://a.example/slides.pdf"]],
        ]
    }


def test_version_grows_while_the_clock_stands_still(opening):
    edit(opening, abstract="One.")
    first = opening.updated

    edit(opening, abstract="Two.")

    assert opening.updated == first + TICK


def test_version_grows_when_the_clock_is_set_back(opening, time_machine):
    edit(opening, abstract="One.")
    first = opening.updated
    time_machine.move_to(NOW - timedelta(days=1), tick=False)

    revision = edit(opening, abstract="Two.")

    assert opening.updated == revision.at == first + TICK


def test_error_inside_undoes_everything(opening):
    def edit_that_fails():
        with recording([opening.pk], by=None):
            Session.objects.filter(pk=opening.pk).update(title="Never")
            raise KeyError

    with pytest.raises(KeyError):
        edit_that_fails()

    before = opening.title, opening.updated, 0
    opening.refresh_from_db()
    assert (opening.title, opening.updated, SessionRevision.objects.count()) == before


def test_new_session_makes_its_first_revision(kvm_forum):
    with recording([], by=None) as edit:
        session = add_session(kvm_forum, "BoF", "2019-10-31 17:30")
        edit.add(session)

    session.refresh_from_db()
    assert [revision.changes for revision in edit.revisions] == [{"is_published": [False, True]}]
    assert (session.sequence, edit.revisions[0].sequence) == (0, 0)


def test_new_unpublished_session_makes_no_revision(kvm_forum):
    with recording([], by=None) as edit:
        edit.add(add_session(kvm_forum, "BoF", "2019-10-31 17:30", is_published=False))

    assert edit.revisions == []


def test_change_that_no_reader_sees_moves_the_version_without_a_revision(opening):
    Session.objects.filter(pk=opening.pk).update(is_published=False)

    assert edit(opening, title="Draft") is None
    assert (opening.sequence, opening.updated) == (1, NOW)


@pytest.mark.parametrize("published", [True, False])
def test_publishing_and_unpublishing_are_revisions(opening, published):
    Session.objects.filter(pk=opening.pk).update(is_published=not published)

    assert edit(opening, is_published=published).changes == {"is_published": [not published, published]}


def test_deleted_session_makes_no_revision(opening):
    with recording([opening.pk], by=None) as edit:
        opening.delete()

    assert edit.revisions == []


def versions() -> dict[str, tuple[int, datetime]]:
    return {session.title: (session.sequence, session.updated) for session in Session.objects.all()}


@pytest.mark.parametrize(("model", "count"), [(Event, 20), (Room, 20), (Track, 20)])
def test_touch_moves_on_all_that_show_it(kvm_forum, model, count):
    elsewhere = add_session(add_event("other", "Europe/Paris", "2019-10-31", "2019-10-31"), "Else", "2019-10-31 11:00")
    before = elsewhere.updated

    assert touch(model.objects.get(slug__in=("kvm-forum-2019", "forum-3", "kvm-forum-track-2"))) == count

    elsewhere.refresh_from_db()
    assert elsewhere.updated == before
    assert set(kvm_forum.sessions.values_list("sequence", "updated")) == {(0, before + TICK)}


def test_touch_of_a_speaker_moves_on_their_talks(kvm_forum):
    before = versions()
    chao_peng = Speaker.objects.get(name="Chao Peng")

    assert touch(chao_peng) == 2

    after = versions()
    assert {title for title in after if after[title] != before[title]} == {
        session.title for session in chao_peng.sessions.all()
    }


def test_touch_moves_on_even_when_the_clock_is_set_back(opening, time_machine):
    touch(opening.event)
    time_machine.move_to(NOW - timedelta(days=1), tick=False)

    touch(opening.event)

    opening.refresh_from_db()
    assert opening.updated == NOW + TICK


def test_versions_of_all_sessions_grow_in_the_order_of_edits(kvm_forum, time_machine):
    first, second = kvm_forum.sessions.all()[:2]
    for session in (first, second):  # the clock stands still
        with recording([session.pk], by=None):
            Session.objects.filter(pk=session.pk).update(abstract="Another one.")

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.updated, second.updated) == (NOW, NOW + TICK)


def test_touch_of_what_nobody_shows_changes_nothing(kvm_forum):
    before = versions()

    assert touch(hall(kvm_forum)) == 0
    assert versions() == before


def test_recording_takes_as_many_queries_for_1_and_3_unchanged_sessions(kvm_forum, django_assert_num_queries):
    pks = list(Session.objects.values_list("pk", flat=True))

    for count in (1, 3):
        with django_assert_num_queries(12), recording(pks[:count], by=None):
            pass
