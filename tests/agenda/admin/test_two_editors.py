"""Two editors who have one form of /admin/ open, and save it one after the other."""

from __future__ import annotations

import pytest
from django.urls import reverse

from agenda.editing.changes import state_of
from agenda.models import Session
from tests.agenda.admin.editing import act, address, answer, change, filled, read, save
from tests.agenda.kvm_forum import BEFORE


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def rows(event):
    session = event.sessions.get(slug="managing-matryoshkas-testing-nested-guests")
    return {
        "session": (session, "byline", "title"),
        "room": (session.room, "name", "capacity"),
        "track": (session.track, "name", "position"),
        "speaker": (session.speakers.get(), "name", "organisation"),
        "event": (event, "name", "city"),
    }


KINDS = ["session", "room", "track", "speaker", "event"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_only_one_changed_is_merged(desk, other_desk, kvm_forum, kind):
    row, mine, theirs = rows(kvm_forum)[kind]
    sent = filled(desk, address(row))

    change(other_desk, row, **{theirs: "77"})
    response = save(desk, row, sent, **{mine: "Mine"})

    row.refresh_from_db()
    assert response.status_code == 302
    assert (getattr(row, mine), str(getattr(row, theirs))) == ("Mine", "77")


@pytest.mark.parametrize("kind", KINDS)
def test_what_both_changed_the_same_way_is_saved(desk, other_desk, kvm_forum, kind):
    row, field, _ = rows(kvm_forum)[kind]
    sent = filled(desk, address(row))

    change(other_desk, row, **{field: "Both"})

    assert save(desk, row, sent, **{field: "Both"}).status_code == 302


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("choice", "kept"), [("theirs", "Theirs"), ("mine", "Mine")])
def test_what_both_changed_differently_is_asked(desk, other_desk, root, kvm_forum, kind, choice, kept):
    row, field, _ = rows(kvm_forum)[kind]
    sent = filled(desk, address(row))
    change(other_desk, row, **{field: "Theirs"})

    asked = save(desk, row, sent, **{field: "Mine"})

    assert asked.status_code == 409
    assert read(asked).texts("label.choice") == ["Theirs Theirs", "Mine Mine"]
    assert any(str(root) in text for text in read(asked).texts("li"))
    assert answer(desk, row, asked, **{field: choice}).status_code == 302
    row.refresh_from_db()
    assert getattr(row, field) == kept


def test_rooms_are_asked_about_by_name(desk, other_desk, opening):
    theirs, mine = (opening.event.rooms.create(name=name, slug=name.lower()) for name in ("Hall", "Attic"))
    sent = filled(desk, address(opening))
    change(other_desk, opening, room=str(theirs.pk))

    asked = save(desk, opening, sent, room=str(mine.pk))

    assert read(asked).texts("label.choice") == ["Theirs Hall", "Mine Attic"]


def test_page_asks_again_until_each_field_is_chosen(desk, other_desk, opening):
    sent = filled(desk, address(opening))
    change(other_desk, opening, title="Theirs")
    asked = save(desk, opening, sent, title="Mine", byline="Kept")

    again = answer(desk, opening, asked)

    assert again.status_code == 409
    assert answer(desk, opening, again, title="mine").status_code == 302
    opening.refresh_from_db()
    assert (opening.title, opening.byline) == ("Mine", "Kept")


def test_form_without_its_base_asks_about_every_difference(desk, opening):
    sent = filled(desk, address(opening))

    assert save(desk, opening, sent, _base="forged", title="Mine").status_code == 409


def test_move_of_the_first_stays_and_is_theirs_in_the_history(desk, other_desk, root, editor, opening):
    sent = filled(desk, address(opening))
    change(other_desk, opening, start_1="10:30", note="The room is free earlier.")

    save(desk, opening, sent, byline="Marc")

    second, first = opening.revisions.all()
    assert (first.by, set(first.changes)) == (root, {"start", "note"})
    assert (second.by, set(second.changes)) == (editor, {"byline"})


def test_speaker_removed_by_the_first_is_gone_from_the_second_form(desk, other_desk, opening):
    sent = filled(desk, address(opening))
    change(other_desk, opening, **{"appearances-0-DELETE": "on"})

    response = save(desk, opening, sent, byline="Marc")

    assert response.status_code == 302
    assert not opening.appearances.exists()


@pytest.mark.parametrize(("choice", "count"), [("theirs", 0), ("mine", 1)])
def test_speaker_removed_by_one_and_changed_by_the_other_is_asked(desk, other_desk, opening, choice, count):
    sent = filled(desk, address(opening))
    change(other_desk, opening, **{"appearances-0-DELETE": "on"})

    asked = save(desk, opening, sent, **{"appearances-0-position": "4"})

    assert asked.status_code == 409
    assert answer(desk, opening, asked, **{"appearances-0-DELETE": choice}).status_code == 302
    assert opening.appearances.count() == count


def test_speakers_and_materials_that_each_adds_are_all_kept(desk, other_desk, opening):
    first, second = opening.event.speakers.exclude(pk__in=opening.speakers.all())[:2]
    sent = filled(desk, address(opening))
    change(other_desk, opening, **{"appearances-1-speaker": str(first.pk), "materials-0-title": "paper"})

    response = save(
        desk, opening, sent, **{"appearances-1-speaker": str(second.pk), "materials-0-url": "https://example.org/"}
    )

    assert response.status_code == 302
    assert {first, second} <= set(opening.speakers.all())
    assert list(opening.materials.values_list("title", "url")) == [("paper", "https://example.org/")]


def test_speaker_removed_by_both_is_gone(desk, other_desk, opening):
    sent = filled(desk, address(opening))
    change(other_desk, opening, **{"appearances-0-DELETE": "on"})

    assert save(desk, opening, sent, **{"appearances-0-DELETE": "on"}).status_code == 302
    assert not opening.appearances.exists()


@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_change_between_the_question_and_its_answer_is_asked_again(desk, other_desk, opening, choice):
    sent = filled(desk, address(opening))
    change(other_desk, opening, title="Theirs")
    asked = save(desk, opening, sent, title="Mine")
    change(other_desk, opening, title="Third", byline="Marc")

    response = answer(desk, opening, asked, title=choice)

    opening.refresh_from_db()
    assert response.status_code == (409 if choice == "mine" else 302)
    assert (opening.title, opening.byline) == ("Third", "Marc")


ELSEWHERE = {  # what is done on another page of the site while the form of a session is open
    "cancelled in the list": lambda desk, session: act(desk, "cancel", session, note="Ill."),
    "byline follows a name": lambda desk, session: change(desk, session.speakers.get(), name="Jo", mend_bylines="on"),
    "clocks of the event": lambda desk, session: change(desk, session.event, time_zone="Europe/London"),
    "event moved along": lambda desk, session: change(
        desk, session.event, starts_on="07/11/2019", ends_on="08/11/2019", its_sessions="shift"
    ),
    "event moved away": lambda desk, session: change(desk, session.event, starts_on="01/11/2019", its_sessions="keep"),
}


@pytest.mark.parametrize("done", ELSEWHERE)
def test_what_was_done_on_another_page_stays(desk, other_desk, opening, done):
    sent = filled(desk, address(opening))
    ELSEWHERE[done](other_desk, opening)
    opening.refresh_from_db()
    expected = {**state_of(opening), "abstract": "Mine"}

    response = save(desk, opening, sent, abstract="Mine")

    assert response.status_code == 302
    assert state_of(Session.objects.get(pk=opening.pk)) == expected


def test_row_that_is_gone_leads_to_the_list(desk, opening):
    other = Session.objects.exclude(pk=opening.pk)[0]
    sent = filled(desk, address(other))
    Session.objects.filter(pk=other.pk).delete()

    assert save(desk, other, sent, title="Mine").url == reverse("admin:index")
