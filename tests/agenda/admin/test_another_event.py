"""The form of a new session, once another event is chosen in it: what stays, and what is said to be dropped."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.agenda.admin.editing import filled, page, send
from tests.agenda.admin.test_session_form import ADD, NEW, new_york
from tests.agenda.kvm_forum import BEFORE

pytestmark = pytest.mark.any_database


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def values(response):
    """What the form that came back would send."""

    class Browser:
        def get(self, at):
            return response

    return filled(Browser(), ADD)


def said(response):
    return page(response).one("ul.messagelist").texts("li") if response.context["messages"] else []


def use(desk, event, **fields):
    return send(desk, ADD, **NEW | fields, event=str(event.pk), _use_event="")


PAPER = {
    **{"materials-TOTAL_FORMS": "2", "materials-0-kind": "paper", "materials-0-title": "Paper"},
    "materials-0-url": "https://example.org/",
}


def test_new_session_of_another_event_takes_that_event_s_track(desk, kvm_forum):
    event = new_york()

    send(desk, ADD, **NEW, event=str(event.pk))

    assert event.sessions.get().track == event.default_track


def test_another_event_brings_its_zone_and_track_and_keeps_what_was_typed(desk, kvm_forum):
    event = new_york()
    typed = NEW | PAPER | {"note": "Bring a laptop.", "reason": "Asked for."}

    response = use(desk, event, **typed)

    sent = values(response)
    assert [name for name, value in typed.items() if sent.get(name) != value] == ["materials-TOTAL_FORMS"]
    assert sent["track"] == str(event.default_track_id)
    description = page(response).one("div.description").text
    assert description.startswith("Times are in the zone of the event: America/New_York (EST, UTC-5) for Devconf")
    assert (said(response), event.sessions.count()) == ([], 0)


def test_what_was_kept_for_another_event_is_saved_with_it(desk, kvm_forum):
    event = new_york()
    sent = values(use(desk, event, **PAPER))

    assert desk.post(ADD, sent).status_code == 302

    assert list(event.sessions.get().materials.values_list("title", "url")) == [("Paper", "https://example.org/")]


@pytest.mark.on_postgresql
def test_what_only_the_former_event_has_is_named_and_dropped(desk, kvm_forum):
    event, speakers = new_york(), kvm_forum.speakers.order_by("pk")[:2]
    fields = {
        "appearances-TOTAL_FORMS": "2",
        **{f"appearances-{number}-speaker": str(speaker.pk) for number, speaker in enumerate(speakers)},
        "room": str(kvm_forum.rooms.get(name="Forum 3").pk),
        "track": str(kvm_forum.tracks.create(name="Other", slug="other").pk),
    }

    response = use(desk, event, **fields)

    assert said(response) == [
        "Not kept, as “Devconf” has its own: room “Forum 3”, track “Other”, "
        f"speaker “{speakers[0]}”, speaker “{speakers[1]}”."
    ]
    assert {"room", "appearances-0-speaker"}.isdisjoint(values(response))


def test_the_same_event_again_keeps_its_room_and_speakers(desk, kvm_forum):
    speaker, room = kvm_forum.speakers.first(), kvm_forum.rooms.first()
    fields = {"appearances-0-speaker": str(speaker.pk), "appearances-0-position": "3", "room": str(room.pk)}

    response = use(desk, kvm_forum, **fields)

    assert {name: values(response)[name] for name in fields} == fields
    assert said(response) == []


def test_file_that_was_chosen_is_named(desk, kvm_forum):
    response = use(
        desk,
        new_york(),
        **PAPER,
        **{"materials-1-kind": "slides", "materials-1-file": SimpleUploadedFile("deck.pdf", b"%PDF")},
    )

    assert said(response) == ["Browsers send a file only once. Choose again: “deck.pdf”."]
    assert values(response)["materials-TOTAL_FORMS"] == "2"


@pytest.mark.on_postgresql
@pytest.mark.parametrize("number", ["x", "9" * 30, "9" * 5000, "\0"])
def test_numbers_that_are_none_are_dropped(desk, kvm_forum, number):
    fields = {"room": number, "track": number, "appearances-0-speaker": number, "materials-TOTAL_FORMS": number}

    assert said(use(desk, kvm_forum, **fields)) == []


@pytest.mark.parametrize(
    ("day", "names"),
    [("26/10/2019", "CEST, UTC+2"), ("27/10/2019", "CEST, UTC+2, then CET, UTC+1"), ("28/10/2019", "CET, UTC+1")],
)
def test_zone_has_the_name_of_the_chosen_day(desk, kvm_forum, day, names):
    kvm_forum.starts_on = "2019-10-26"
    kvm_forum.save()

    response = use(desk, kvm_forum, start_0=day)

    assert page(response).one("span", id="zone-names").text == names


def test_zone_has_all_its_names_until_a_day_is_chosen(desk, kvm_forum):
    kvm_forum.starts_on = "2019-10-26"
    kvm_forum.save()

    assert page(desk.get(ADD)).one("span", id="zone-names").text == "CEST, UTC+2, then CET, UTC+1"
