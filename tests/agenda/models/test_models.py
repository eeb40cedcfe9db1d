"""The programme's models: days that end at four, what is on when, and what the database itself refuses."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from agenda.models import Event, Material, Room, Session, SessionRevision, Speaker, Star, StarLog, Track
from agenda.models.event import validate_event_slug
from agenda.models.session import is_editor, is_visible_to
from agenda.programme.history import moved_from, was_in
from tests.agenda.kvm_forum import add_event, add_session, session_of

NOVEMBER_2 = date(2019, 11, 2)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def new_york(db):
    """An event over the night in which its clocks go back from 02:00 to 01:00."""
    return add_event("night-talks", "America/New_York", "2019-11-02", "2019-11-03")


@pytest.fixture
def lord_howe(db):
    """An event on the day whose clocks go forward by half an hour, at 02:00."""
    return add_event("island-talks", "Australia/Lord_Howe", "2019-10-05", "2019-10-06")


def test_day_lasts_from_four_to_four(kvm_forum):
    assert kvm_forum.day_bounds(date(2019, 10, 31)) == (at("2019-10-31 03:00"), at("2019-11-01 03:00"))


def test_day_has_25_hours_when_the_clocks_go_back(new_york):
    start, end = new_york.day_bounds(NOVEMBER_2)

    assert (start, end) == (at("2019-11-02 08:00"), at("2019-11-03 09:00"))


def test_day_is_half_an_hour_short_on_lord_howe(lord_howe):
    start, end = lord_howe.day_bounds(date(2019, 10, 5))

    assert (start, end - start) == (at("2019-10-04 17:30"), timedelta(hours=23, minutes=30))


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2019-11-03 05:30", 2),  # 01:30 for the first time
        ("2019-11-03 06:30", 2),  # 01:30 once more
        ("2019-11-03 08:59", 2),  # 03:59
        ("2019-11-03 09:00", 3),
        ("2019-11-02 07:59", 1),
        ("2019-11-02 08:00", 2),
    ],
)
def test_late_talk_belongs_to_the_evening_before(new_york, moment, day):
    assert new_york.day_of(at(moment)) == date(2019, 11, day)


def test_sessions_on_a_day_are_those_of_its_night_too(new_york):
    evening = add_session(new_york, "Evening", "2019-11-02 23:00")
    night = add_session(new_york, "Night", "2019-11-03 01:30")
    add_session(new_york, "Breakfast", "2019-11-03 08:00")

    assert list(Session.objects.on_day(new_york, NOVEMBER_2)) == [evening, night]


def test_event_lists_its_days(kvm_forum):
    assert kvm_forum.days == [date(2019, 10, 31), date(2019, 11, 1)]


def test_event_begins_and_ends_at_four_in_its_zone(kvm_forum):
    assert not kvm_forum.has_begun(at("2019-10-31 02:59"))
    assert kvm_forum.has_begun(at("2019-10-31 03:00"))
    assert not kvm_forum.has_ended(at("2019-11-02 02:59"))
    assert kvm_forum.has_ended(at("2019-11-02 03:00"))


@pytest.mark.parametrize(
    ("moment", "slug"),
    [
        ("2019-01-01 12:00", "first"),
        ("2019-05-02 12:00", "first"),
        ("2019-05-03 12:00", "second"),
        ("2019-06-02 12:00", "second"),
        ("2025-01-01 12:00", "second"),
    ],
)
def test_current_event_runs_or_is_next_or_was_last(db, moment, slug):
    add_event("second", "Europe/Paris", "2019-06-01", "2019-06-02")
    add_event("first", "Europe/Paris", "2019-05-01", "2019-05-02")

    assert Event.objects.current(at(moment)).slug == slug


def test_without_events_none_is_current(db):
    assert Event.objects.current(at("2019-10-31 12:00")) is None


@pytest.mark.parametrize(
    ("parts", "place"),
    [
        (
            {"venue": "Lyon Convention Centre", "city": "Lyon", "country": "France"},
            "Lyon Convention Centre, Lyon, France",
        ),
        ({"city": "Lyon"}, "Lyon"),
        ({}, ""),
    ],
)
def test_event_says_where_as_far_as_known(parts, place):
    assert Event(**parts).place == place


def test_session_says_where_as_far_as_known(opening):
    assert opening.place == "Forum 3, Lyon Convention Centre, Lyon"

    opening.room = None
    assert opening.place == "Lyon Convention Centre, Lyon"


@pytest.mark.parametrize("slug", ["admin", "agenda", "calendar", "accounts", "static", "media", "dev", "dav", "health"])
def test_event_cannot_take_an_address_of_the_site(slug):
    with pytest.raises(ValidationError, match="an address of the site itself"):
        validate_event_slug(slug)


def test_event_in_no_known_zone_is_refused(kvm_forum):
    kvm_forum.time_zone = "Europe/Lyon"

    with pytest.raises(ValidationError, match="is not a time zone"):
        kvm_forum.full_clean()


@pytest.mark.parametrize("colour", ["teal", "#0B6E66", "#fff", "red;background:url(//evil.example)"])
def test_track_of_no_colour_is_refused(kvm_forum, colour):
    with pytest.raises(ValidationError, match="Write the colour as #"):
        Track(event=kvm_forum, name="Track", slug="track", colour=colour).full_clean()


@pytest.mark.parametrize(
    ("name", "initials"),
    [("Richard W.M. Jones", "RW"), ("Alex Bennée", "AB"), ("érika", "É"), ("", ""), ("Xiao Guang Rong", "XG")],
)
def test_initials_are_of_the_first_two_names(name, initials):
    assert Speaker(name=name).initials == initials


@pytest.mark.parametrize(
    ("job_title", "organisation", "role"), [("Engineer", "IBM", "Engineer, IBM"), ("", "IBM", "IBM"), ("", "", "")]
)
def test_role_is_job_title_and_organisation(job_title, organisation, role):
    assert Speaker(job_title=job_title, organisation=organisation).role == role


def test_material_opens_at_its_address_or_its_file_or_nowhere():
    assert Material(url="https://a.example/x.pdf", file="materials/x.pdf").address == "https://a.example/x.pdf"
    assert Material(file="materials/x.pdf").address == "/media/materials/x.pdf"
    assert Material().address == ""


def test_rows_are_named_as_people_would(kvm_forum, opening, alice):
    assert [str(row) for row in (kvm_forum, opening, kvm_forum.rooms.get(), kvm_forum.tracks.get())] == [
        "KVM Forum 2019",
        "Managing Matryoshkas: Testing Nested Guests",
        "Forum 3",
        "KVM Forum Track 2",
    ]
    assert str(opening.appearances.get()) == "Marc Hartmayer in “Managing Matryoshkas: Testing Nested Guests”"
    assert str(opening.materials.get()) == "slides pdf"
    revision = SessionRevision(session=opening, changes={"start": [], "room": []})
    assert str(revision) == "Managing Matryoshkas: Testing Nested Guests: start, room"


def test_stars_name_nobody(opening, alice):
    star = Star.objects.create(user=alice, session=opening)
    entry = StarLog.objects.create(user=alice, session=opening, starred=True, through="page")

    assert (str(star), str(entry)) == (f"star {star.pk}", f"star log {entry.pk}")


def test_overlap_is_told_to_the_minute(kvm_forum, opening):
    second = session_of("Nesting&testing")
    within = add_session(kvm_forum, "Within", "2019-10-31 11:10", minutes=10)
    across = add_session(kvm_forum, "Across", "2019-10-31 10:30", minutes=90)
    add_session(kvm_forum, "Before", "2019-10-31 10:30", minutes=30)
    add_session(add_event("other", "Europe/Paris", "2019-10-31", "2019-10-31"), "Elsewhere", "2019-10-31 11:00")

    assert set(Session.objects.at_the_same_time_as(opening)) == {within, across}
    assert set(Session.objects.at_the_same_time_as(second)) == {across}


def test_order_is_by_start_then_room_then_title(kvm_forum):
    hall = Room.objects.create(event=kvm_forum, name="A hall", slug="hall", position=1)
    rows = [
        add_session(kvm_forum, title, start, room=room)
        for title, start, room in [
            ("Late", "2019-10-31 08:30", None),
            ("B", "2019-10-31 08:00", hall),
            ("A", "2019-10-31 08:00", hall),
            ("Z", "2019-10-31 08:00", kvm_forum.rooms.get(slug="forum-3")),
        ]
    ]

    assert list(Session.objects.in_order().filter(pk__in=[row.pk for row in rows])) == rows[::-1]


def test_going_ahead_is_all_but_the_cancelled(opening):
    Session.objects.filter(pk=opening.pk).update(status="cancelled")

    assert opening not in Session.objects.going_ahead()
    assert Session.objects.going_ahead().count() == 19


def test_unpublished_sessions_are_visible_to_editors_alone(opening, alice, editor, root):
    Session.objects.filter(pk=opening.pk).update(is_published=False)
    opening.refresh_from_db()
    users = (AnonymousUser(), alice, editor, root)

    seen = {str(user): Session.objects.visible_to(user).count() for user in users}

    assert seen == {"AnonymousUser": 19, str(alice): 19, str(editor): 20, str(root): 20}
    assert [is_visible_to(opening, user) for user in users] == [False, False, True, True]


@pytest.mark.parametrize("field", ["is_active", "is_staff"])
def test_former_editor_is_none(editor, field):
    setattr(editor, field, False)

    assert not is_editor(editor)


def test_staff_without_the_right_is_no_editor(alice):
    alice.is_staff = True

    assert not is_editor(alice)


def test_details_take_four_queries_however_many_sessions(kvm_forum, django_assert_num_queries):
    for count in (1, 3, 20):
        with django_assert_num_queries(4):
            for session in Session.objects.with_details()[:count]:
                assert session.place
                assert [appearance.speaker.get_absolute_url() for appearance in session.appearances.all()]
                assert (moved_from(session), was_in(session), session.credited) == (None, "", session.byline)
                assert session.materials.all() is not None


def test_database_refuses_a_session_that_ends_as_it_starts(opening):
    with pytest.raises(IntegrityError, match="session_ends_after_start"), transaction.atomic():
        Session.objects.filter(pk=opening.pk).update(end=opening.start)


def test_database_refuses_an_event_that_ends_before_it_starts(kvm_forum):
    with pytest.raises(IntegrityError, match="event_ends_after_start"), transaction.atomic():
        Event.objects.update(ends_on=date(2019, 10, 30))


def test_database_refuses_a_second_star_on_a_session(opening, alice):
    Star.objects.create(user=alice, session=opening)

    with pytest.raises(IntegrityError), transaction.atomic():
        Star.objects.create(user=alice, session=opening)


def test_database_refuses_two_sessions_of_one_address(kvm_forum, opening):
    with pytest.raises(IntegrityError), transaction.atomic():
        add_session(kvm_forum, "Another", "2019-10-31 12:00", slug=opening.slug)


def test_room_track_and_speaker_stay_while_a_session_has_them(opening):
    for row in (opening.room, opening.track, opening.speakers.get()):
        with pytest.raises(ProtectedError):
            row.delete()


def test_natural_keys_find_their_rows(kvm_forum, opening):
    rows = [
        kvm_forum,
        opening,
        kvm_forum.rooms.get(),
        kvm_forum.tracks.get(),
        opening.speakers.get(),
        opening.appearances.get(),
        opening.materials.get(),
    ]

    assert [type(row).objects.get_by_natural_key(*row.natural_key()) for row in rows] == rows
