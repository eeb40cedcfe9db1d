"""The form of a session in /admin/: what is shown, saved and recorded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from agenda.editing.changes import state_of
from agenda.models import Event, Session, SessionRevision
from agenda.programme.history import FIELDS
from tests.agenda.admin.editing import address, change, errors, filled, messages, page, send
from tests.agenda.kvm_forum import BEFORE, add_event, session_of

pytestmark = pytest.mark.any_database

ADD = "/admin/agenda/session/add/"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def new_york():
    """A later event, with a track."""
    event = add_event("devconf", "America/New_York", "2019-12-01", "2019-12-02")
    event.default_track = event.tracks.create(name="Main", slug="main")
    event.save()
    return event


def last_revision(session):
    return session.revisions.first()


def test_form_shows_times_in_the_zone_of_the_event_and_names_it(desk, opening):
    sent = filled(desk, address(opening))

    assert (sent["start_0"], sent["start_1"]) == ("31/10/2019", "11:00")
    assert (sent["end_0"], sent["end_1"]) == ("31/10/2019", "11:30")
    assert page(desk.get(address(opening))).one("div.description").text == "Times are in Europe/Paris (CET, UTC+1)."


def test_saving_without_a_change_writes_nothing(desk, kvm_forum):
    before = list(Session.objects.values())

    for session in kvm_forum.sessions.all():
        assert change(desk, session).redirect_chain == [(reverse("admin:agenda_session_changelist"), 302)]

    assert list(Session.objects.values()) == before
    assert not SessionRevision.objects.exists()


def test_moving_raises_sequence_and_says_who_did_it_and_the_note(desk, editor, opening):
    change(desk, opening, start_1="10:30", end_1="11:00", note="The room is free earlier.")

    opening.refresh_from_db()
    assert opening.start == datetime(2019, 10, 31, 9, 30, tzinfo=UTC)
    assert (opening.sequence, opening.updated) == (1, BEFORE)
    revision = last_revision(opening)
    assert (revision.by, revision.sequence, revision.note) == (editor, 1, "")
    assert revision.changes == {
        "start": ["2019-10-31T10:00:00+00:00", "2019-10-31T09:30:00+00:00"],
        "end": ["2019-10-31T10:30:00+00:00", "2019-10-31T10:00:00+00:00"],
        "note": ["", "The room is free earlier."],
    }


def test_cancelling_raises_sequence(desk, opening):
    change(desk, opening, status="cancelled")

    opening.refresh_from_db()
    assert (opening.status, opening.sequence) == ("cancelled", 1)
    assert last_revision(opening).changes == {"status": ["confirmed", "cancelled"]}


def test_speakers_and_materials_are_one_change_with_the_session(desk, opening):
    other = opening.event.speakers.get(name="Chao Peng")

    change(
        desk,
        opening,
        byline="Marc Hartmayer & Chao Peng",
        **{"appearances-1-speaker": str(other.pk), "materials-0-url": "https://example.org/slides.pdf"},
    )

    assert last_revision(opening).changes == {
        "byline": ["Marc Hartmayer, IBM", "Marc Hartmayer & Chao Peng"],
        "speakers": [["Marc Hartmayer"], ["Marc Hartmayer", "Chao Peng"]],
        "materials": [[["slides", "slides pdf", ""]], [["slides", "slides pdf", "https://example.org/slides.pdf"]]],
    }


def test_speaker_added_without_a_position_comes_last(desk, opening):
    change(desk, opening, **{"appearances-1-speaker": str(opening.event.speakers.get(name="Chao Peng").pk)})

    listed = opening.appearances.values_list("position", "speaker__name")
    assert list(listed) == [(0, "Marc Hartmayer"), (1, "Chao Peng")]


def test_speaker_taken_off_the_list_is_recorded(desk, opening):
    change(desk, opening, **{"appearances-0-DELETE": "on"})

    assert last_revision(opening).changes == {"speakers": [["Marc Hartmayer"], []]}


def test_note_can_be_written_alone_corrected_and_withdrawn(desk, opening):
    shown = []
    for note in ("Bring a laptop.\r\nAnd a cable.", "Bring two laptops.", "  \r\n "):
        change(desk, opening, note=note)
        shown.append(filled(desk, address(opening))["note"])

    opening.refresh_from_db()
    assert shown == ["Bring a laptop.\r\nAnd a cable.", "Bring two laptops.", ""]
    assert (opening.note, opening.sequence, opening.updated > BEFORE) == ("", 0, True)
    assert [revision.changes["note"] for revision in opening.revisions.all()] == [
        ["Bring two laptops.", ""],
        ["Bring a laptop.\nAnd a cable.", "Bring two laptops."],
        ["", "Bring a laptop.\nAnd a cable."],
    ]


def test_reason_is_kept_with_the_change_apart_from_the_note_to_attendees(desk, opening):
    change(desk, opening, start_1="10:30", reason=" The room\r\nis free. ", note="Earlier than printed.")

    opening.refresh_from_db()
    assert (last_revision(opening).note, opening.note) == ("The room\nis free.", "Earlier than printed.")
    assert filled(desk, address(opening))["reason"] == ""
    assert page(desk.get(address(opening))).one("div.field-revisions").texts("em") == ["The room is free."]
    assert "is free" not in desk.get(opening.get_absolute_url()).content.decode()


def test_reason_without_a_change_is_said_to_be_dropped(desk, opening):
    response = change(desk, opening, reason="None.")

    assert messages(response)[0].startswith("The reason was not kept")
    assert not SessionRevision.objects.exists()


def test_slug_is_explained_in_one_place(desk, opening):
    shown = page(desk.get(address(opening))).one("div", id="id_slug_helptext").text

    assert shown == Session._meta.get_field("slug").help_text
    assert "former one" in shown


def test_past_changes_are_shown_with_editor_time_and_values(desk, opening):
    change(desk, opening, start_1="10:30", is_published=None)

    (entry,) = page(desk.get(address(opening))).one("div.field-revisions").texts("p")

    assert entry == (
        "Wed 30 Oct 2019, 09:00 CET, editor@example.org: "
        "start: Thu 31 Oct 2019, 11:00 CET → Thu 31 Oct 2019, 10:30 CET; published: yes → no"
    )


def test_past_changes_of_an_import_have_no_editor(desk, opening):
    changes = {"speakers": [[], ["Marc", "Jing"]], "abstract": ["a", "b"]}
    SessionRevision.objects.create(session=opening, sequence=0, changes=changes, note="From the office.")

    (entry,) = page(desk.get(address(opening))).one("div.field-revisions").texts("p")

    assert entry == (
        "Wed 30 Oct 2019, 09:00 CET, an import: abstract edited; speakers: none → Marc, Jing From the office."
    )


def test_past_changes_name_every_field_that_a_reader_sees(opening):
    assert set(FIELDS) == set(state_of(opening))


def test_event_of_a_session_stays(desk, opening):
    change(desk, opening, event=str(new_york().pk), byline="Marc")

    opening.refresh_from_db()
    assert (opening.event.slug, opening.byline) == ("kvm-forum-2019", "Marc")


def test_new_session_starts_with_the_event_and_its_track(desk, kvm_forum):
    sent = filled(desk, ADD)

    assert (sent["event"], sent["track"]) == (str(kvm_forum.pk), str(kvm_forum.default_track_id))


def test_new_session_starts_with_the_event_that_the_list_shows(desk, kvm_forum):
    event = new_york()

    sent = filled(desk, f"{ADD}?_changelist_filters=event__id__exact%3D{event.pk}")

    assert (sent["event"], sent["track"]) == (str(event.pk), str(event.default_track_id))


@pytest.mark.parametrize("query", ["start=x", "room=x", "event=x", "_changelist_filters=event__id__exact%3Dx"])
def test_new_session_starts_the_same_whatever_stands_in_the_address(desk, kvm_forum, query):
    sent = filled(desk, f"{ADD}?{query}")

    assert (sent["event"], sent["start_0"]) == (str(kvm_forum.pk), "")


@pytest.mark.on_postgresql
def test_new_session_without_any_event_asks_for_one(desk):
    response = send(desk, ADD, title="First")

    assert errors(response)["event"] == ["This field is required."]


NEW = {
    **{"title": "Opening", "slug": "opening", "start_0": "01/12/2019", "start_1": "09:00"},
    **{"end_0": "01/12/2019", "end_1": "09:45"},
}


def test_new_session_is_in_the_zone_of_the_chosen_event_and_recorded(desk, editor, kvm_forum):
    event = new_york()
    speaker = event.speakers.create(name="Carol", slug="carol")

    send(desk, ADD, **NEW, event=str(event.pk), track="", **{"appearances-0-speaker": str(speaker.pk)})

    session = event.sessions.get()
    assert list(session.appearances.values_list("position", "speaker__name")) == [(0, "Carol")]
    assert session.start == datetime(2019, 12, 1, 14, 0, tzinfo=UTC)
    assert last_revision(session).changes == {"is_published": [False, True]}
    assert last_revision(session).by == editor


def test_new_session_with_a_wrong_speaker_leaves_nothing(desk, kvm_forum):
    event = new_york()
    stranger = kvm_forum.speakers.get(name="Chao Peng")

    response = send(desk, ADD, **NEW, event=str(event.pk), track="", **{"appearances-0-speaker": str(stranger.pk)})

    assert errors(response) == {
        "appearances-0-speaker": ["“Chao Peng” is a speaker of KVM Forum 2019, not of Devconf. Choose another."]
    }
    assert page(response).one("div.description").text == (
        "Times are in the zone of the event: America/New_York (EST, UTC-5) for Devconf. Use the event chosen above"
    )
    assert not event.sessions.exists()


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"end_1": "10:45"}, {"end": ["It ends before it starts."]}),
        ({"end_1": "11:00"}, {"end": ["It ends when it starts."]}),
        ({"start_1": "25:00"}, {"start": ["Write the time like 14:15."]}),
        ({"start_0": "31/02/2019"}, {"start": ["Write the date like 31/10/2019."]}),
        ({"start_0": ""}, {"start": ["Write a date and a time."]}),
        ({"start_0": "", "start_1": ""}, {"start": ["It has an end: write its start, too, or empty both."]}),
        ({"start_0": "01/01/0001"}, {"start": ["The year 1 cannot be right. Write the date like 31/10/2019."]}),
        ({"end_0": "31/12/9999"}, {"end": ["The year 9999 cannot be right. Write the date like 31/10/2019."]}),
        ({"slug": "nesting-testing"}, {"slug": ["Another session of KVM Forum 2019 has it. Write one of its own."]}),
        ({"title": "x" * 251}, {"title": ["Ensure this value has at most 250 characters (it has 251)."]}),
        ({"abstract": "a\0b"}, {"abstract": ["Null characters are not allowed."]}),
        (
            {"room": "abc"},
            {"room": ["Select a valid choice. That choice is not one of the available choices."]},
        ),
        ({"materials-0-url": "javascript:alert(1)"}, {"materials-0-url": ["Enter a valid URL."]}),
    ],
)
def test_what_cannot_be_is_refused_in_words(desk, opening, fields, refused):
    response = change(desk, opening, **fields)

    assert errors(response) == refused
    assert not SessionRevision.objects.exists()


LASTS = (
    "KVM Forum 2019 is from Thursday 31 October 2019 to Friday 1 November 2019 (a day ends at 04:00 the next morning)"
)


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"start_1": "03:59"}, {"start": [f"{LASTS}. This is before it."]}),
        ({"start_0": "02/11/2019", "end_0": "02/11/2019"}, {"start": [f"{LASTS}. This is after it."]}),
        ({"end_0": "02/11/2019", "end_1": "04:01"}, {"end": [f"{LASTS}. This is after it."]}),
    ],
)
def test_what_lies_outside_the_event_is_refused(desk, opening, fields, refused):
    assert errors(change(desk, opening, **fields)) == refused


def test_what_lies_outside_since_the_event_changed_can_be_edited_where_it_is(desk, opening):
    Event.objects.update(starts_on="2019-11-01")

    change(desk, opening, status="cancelled", note="No room for it.")

    opening.refresh_from_db()
    assert (opening.status, opening.note) == ("cancelled", "No room for it.")
    assert list(errors(change(desk, opening, start_1="10:45"))) == ["start"]


def test_last_day_goes_on_until_four_in_the_morning(desk, opening):
    change(desk, opening, start_0="02/11/2019", start_1="03:00", end_0="02/11/2019", end_1="04:00")

    opening.refresh_from_db()
    assert opening.end == datetime(2019, 11, 2, 3, 0, tzinfo=UTC)


SKIPPED = (
    "02:30 does not exist on Sunday 31 March 2019 in Europe/Paris, as the clocks change then. Choose another time."
)
TWICE = "02:30 happens twice on Sunday 27 October 2019 in Europe/Paris, first in CEST, then in CET. Choose one."


@pytest.mark.parametrize(("day", "sentence"), [("31/03/2019", SKIPPED), ("27/10/2019", TWICE)])
def test_hour_in_which_clocks_change_is_refused(desk, opening, day, sentence):
    response = change(desk, opening, start_0=day, start_1="02:30")

    assert errors(response)["start"] == [sentence]


@pytest.mark.parametrize(("which", "hour"), [("0", 0), ("1", 1)])
def test_hour_that_happens_twice_is_the_one_that_was_chosen(desk, opening, which, hour):
    Event.objects.update(starts_on="2019-10-26", ends_on="2019-10-27")
    day = {"start_0": "27/10/2019", "start_1": "02:30", "end_0": "27/10/2019", "end_1": "04:00"}
    asked = page(change(desk, opening, **day)).one("select", name="start_2")

    change(desk, opening, **day, start_2=which)

    opening.refresh_from_db()
    assert len(asked.all("option")) == 3
    assert opening.start == datetime(2019, 10, 27, hour, 30, tzinfo=UTC)
    assert filled(desk, address(opening))["start_2"] == which


def test_room_and_track_of_another_event_are_refused(desk, opening):
    event = new_york()
    room = event.rooms.create(name="Hall", slug="hall")

    response = change(desk, opening, room=str(room.pk), track=str(event.default_track_id))

    assert errors(response) == {
        "room": ["“Hall” is a room of Devconf, not of KVM Forum 2019. Choose another."],
        "track": ["“Main” is a track of Devconf, not of KVM Forum 2019. Choose another."],
    }


def test_double_booking_is_saved_with_a_warning_that_names_the_other(desk, opening):
    response = change(desk, opening, end_1="11:45")

    opening.refresh_from_db()
    assert opening.end == datetime(2019, 10, 31, 10, 45, tzinfo=UTC)
    assert messages(response)[0] == (
        "Double booking: Forum 3 is in use by “Nesting&testing” (Thu 31 Oct 2019, 11:30–12:00 CET)."
    )


def test_double_booked_speaker_is_named(desk, kvm_forum):
    first = session_of("Hybird")
    response = change(desk, session_of("A Lightweight"), start_1="11:15", end_1="11:30", room="")

    assert messages(response)[0] == (
        f"Double booking: Chao Peng is also speaking in “{first}” (Fri 1 Nov 2019, 11:00–11:30 CET)."
    )


def test_speaker_listed_twice_is_refused(desk, opening):
    response = change(
        desk, opening, **{"appearances-1-speaker": filled(desk, address(opening))["appearances-0-speaker"]}
    )

    assert response.redirect_chain == []
    assert opening.appearances.count() == 1


def test_speakers_can_be_exchanged(desk, kvm_forum):
    session = session_of("Making the Most of NBD")
    sent = filled(desk, address(session))
    first, second = sent["appearances-0-speaker"], sent["appearances-1-speaker"]

    change(desk, session, **{"appearances-0-speaker": second, "appearances-1-speaker": first})

    assert last_revision(session).changes == {
        "speakers": [["Richard W.M. Jones", "Eric Blake"], ["Eric Blake", "Richard W.M. Jones"]]
    }


def test_speaker_can_take_the_place_of_one_that_is_taken_off(desk, kvm_forum):
    session = session_of("Making the Most of NBD")
    second = filled(desk, address(session))["appearances-1-speaker"]

    change(desk, session, **{"appearances-0-speaker": second, "appearances-1-DELETE": "on"})

    assert last_revision(session).changes == {"speakers": [["Richard W.M. Jones", "Eric Blake"], ["Eric Blake"]]}


def test_positions_change_the_order_of_speakers(desk, kvm_forum):
    session = session_of("Making the Most of NBD")

    change(desk, session, **{"appearances-0-position": "2"})

    assert last_revision(session).changes == {
        "speakers": [["Richard W.M. Jones", "Eric Blake"], ["Eric Blake", "Richard W.M. Jones"]]
    }


def test_material_that_a_browser_would_run_is_refused(desk, opening, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    page_with_script = SimpleUploadedFile("slides.html", b"<script>alert(1)</script>")

    response = change(desk, opening, **{"materials-0-file": page_with_script})

    assert list(errors(response)) == ["materials-0-file"]
    assert list(tmp_path.iterdir()) == []


def test_refused_form_names_the_file_to_choose_again(desk, opening, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    response = change(desk, opening, title="", **{"materials-0-file": SimpleUploadedFile("<slides>.pdf", b"%PDF-1.4")})

    assert page(response).texts("p.errornote")[1:] == ["Browsers do not keep files. Choose yours again: <slides>.pdf"]
    assert list(tmp_path.iterdir()) == []


def test_material_file_is_recorded(desk, opening, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    change(desk, opening, **{"materials-0-file": SimpleUploadedFile("slides.pdf", b"%PDF-1.4")})

    assert last_revision(opening).changes["materials"][1] == [["slides", "slides pdf", "/media/materials/slides.pdf"]]


def test_form_offers_rooms_and_speakers_of_its_event(desk, opening):
    event = opening.event

    form = page(desk.get(address(opening)))

    for name in ("room", "track", "appearances-0-speaker"):
        assert form.one("select", name=name)["data-ajax--url"] == f"/admin/autocomplete/?event={event.pk}"


def test_session_that_is_not_there_leads_back_to_the_start(desk, opening):
    response = desk.get("/admin/agenda/session/99999/change/", follow=True)

    assert response.redirect_chain == [("/admin/", 302)]


def test_form_has_the_address_of_its_page(desk, opening):
    at = page(desk.get(address(opening))).link("View on site")

    assert desk.get(at).url.endswith(opening.get_absolute_url())


@pytest.mark.on_postgresql
@pytest.mark.parametrize(
    ("day", "time"),
    [("01/12/2019", "09:00"), ("02/12/2019", "00:30"), ("03/12/2019", "00:30")],  # the last two: in the night
)
def test_add_another_keeps_event_day_room_and_track(desk, kvm_forum, day, time):
    event = new_york()
    room = event.rooms.create(name="Hall", slug="hall")
    fields = NEW | {"event": str(event.pk), "room": str(room.pk)}
    fields |= {"start_0": day, "start_1": time, "end_0": "", "end_1": ""}

    at = send(desk, ADD, **fields, _addanother="").redirect_chain[-1][0]

    sent = filled(desk, at)
    assert [sent[name] for name in ("event", "room", "track", "start_0", "start_1")] == [
        *(str(event.pk), str(room.pk), str(event.default_track_id), day, "")
    ]


def test_form_sent_twice_adds_one_session(desk, kvm_forum):
    fields = NEW | {"event": str(new_york().pk), "slug": ""}
    send(desk, ADD, **fields)

    again = send(desk, ADD, **fields)

    assert errors(again) == {
        "title": ["It is there already, at that time and in that room. To add one more, write a slug of its own."]
    }
    send(desk, ADD, **fields | {"slug": "second"})
    send(desk, ADD, **fields | {"start_1": "09:05"})
    assert Session.objects.filter(title="Opening").count() == 3


@pytest.mark.on_postgresql
def test_title_of_any_script_gets_a_slug_and_an_empty_end_half_an_hour(desk, kvm_forum):
    event = new_york()
    fields = NEW | {"title": "日本語の発表", "slug": "", "end_0": "", "end_1": ""}

    send(desk, ADD, **fields, event=str(event.pk))

    session = event.sessions.get()
    assert session.slug
    assert session.duration == timedelta(minutes=30)


def test_title_that_is_too_long_is_not_cut_by_the_browser(desk, opening):
    assert "maxlength" not in page(desk.get(address(opening))).one("input", name="title").attributes
