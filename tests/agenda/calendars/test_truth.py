"""What my agenda says of each calendar: when it was fetched, what it does not know yet, and what to do about it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.template.loader import render_to_string

from accounts.models import CalendarKey, User
from agenda.calendars import truth
from agenda.calendars.programs import PROGRAMS, REFRESH, program_of, program_with
from agenda.editing.changes import recording, touch
from agenda.models import Event, Room, Session, Speaker, StarLog
from agenda.stars.starring import star, unstar
from tests.agenda.kvm_forum import AFTER, BEFORE, add_event, add_session, session_of
from tests.pages import page, read_html

pytestmark = pytest.mark.any_database

PAGE = StarLog.Through.PAGE
GOOGLE = "Google-Calendar-Importer; google.com/calendar"
IPHONE = "iOS/17.5 (21F79) dataaccessd/1.0"
FETCHED = "Work (Google Calendar) was last updated 9 hours ago and"
UP_TO_DATE = f"{FETCHED} is up to date."
STILL = f"{FETCHED} still shows"
NO_CHOICES = "does not show your new choices yet"
NO_HABIT = "this calendar has not been updated often enough yet"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def calendar(user: User, name: str = "Work") -> str:
    """The address of a new calendar of theirs."""
    _, text = CalendarKey.objects.issue(user, name=name, once=name)
    return f"/calendar/{text}.ics"


@pytest.fixture
def virtio_fs(kvm_forum, alice) -> Session:
    """Thursday 14:15 to 14:45 in Lyon, 13:15 in UTC; starred by Alice."""
    session = session_of("virtio-fs")
    at = datetime(2019, 10, 31, 13, 15, tzinfo=UTC)
    Session.objects.filter(pk=session.pk).update(title="virtio-fs", start=at, end=at + timedelta(minutes=30))
    star(alice, [session.pk], through=PAGE)
    session.refresh_from_db()
    return session


@pytest.fixture
def work(client, alice, virtio_fs, time_machine) -> str:
    """Google fetched it, nine hours before what follows."""
    address = calendar(alice)
    client.get(address, headers={"User-Agent": GOOGLE})
    time_machine.shift(timedelta(hours=9))
    return address


def edit(session: Session, **fields: object) -> None:
    with recording([session.pk], by=None):
        Session.objects.filter(pk=session.pk).update(**fields)


def move(session: Session, minutes: int) -> None:
    session.refresh_from_db()
    by = timedelta(minutes=minutes)
    edit(session, start=session.start + by, end=session.end + by)


def choose(client, user: User, event: str = "kvm-forum-2019", **chosen: str) -> None:
    """The defaults and what differs from them, for the user's one calendar."""
    client.force_login(user)
    choices = {"alarm": "0", "cancelled": "mark", "times": "utc", "events": "all"}
    pk = Event.objects.get(slug=event).pk
    client.post(f"/agenda/calendars/{CalendarKey.objects.get().pk}/choose", {**choices, "event": pk, **chosen})


def sentences(user: User, zone: str = "") -> list[str]:
    return [each.sentence for each in truth.of(user, ZoneInfo(zone) if zone else None)]


def test_calendar_that_knows_everything_says_so(alice, work):
    (found,) = truth.of(alice, None)

    assert (found.sentence, found.is_current) == (UP_TO_DATE, True)


def test_calendar_still_shows_the_old_time(alice, work, virtio_fs):
    move(virtio_fs, -30)

    (found,) = truth.of(alice, None)

    assert (found.sentence, found.is_current) == (f"{STILL} “virtio-fs” at 14:15.", False)


def test_old_time_is_in_the_readers_own_zone(alice, work, virtio_fs):
    move(virtio_fs, -30)

    assert sentences(alice, "Asia/Tokyo") == [f"{STILL} “virtio-fs” at 22:15."]


def test_old_time_has_its_day_where_that_is_another(alice, work, virtio_fs):
    move(virtio_fs, 24 * 60)

    assert sentences(alice) == [f"{STILL} “virtio-fs” at Thu 14:15."]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"title": "virtio-fs 2"}, "“virtio-fs 2” under its old title “virtio-fs”"),
        ({"status": "tentative"}, "“virtio-fs” as confirmed"),
        ({"end": datetime(2019, 10, 31, 14, 15, tzinfo=UTC)}, "“virtio-fs” ending at 14:45"),
        ({"start": datetime(2019, 10, 31, 13, 30, tzinfo=UTC)}, "“virtio-fs” from 14:15 to 14:45"),
        ({"start": datetime(2019, 10, 30, 13, 30, tzinfo=UTC)}, "“virtio-fs” from Thu 14:15 to 14:45"),
        ({"end": datetime(2019, 11, 1, 14, 15, tzinfo=UTC)}, "“virtio-fs” ending at 14:45"),
        ({"room": None}, "“virtio-fs” in Forum 3"),
    ],
)
def test_calendar_still_shows_what_else_was(alice, work, virtio_fs, fields, words):
    edit(virtio_fs, **fields)

    assert sentences(alice) == [f"{STILL} {words}."]


def test_calendar_still_shows_the_old_room_and_time(alice, work, virtio_fs):
    hall = Room.objects.create(event=virtio_fs.event, name="Hall", slug="hall")
    move(virtio_fs, -30)
    edit(virtio_fs, room=hall)

    assert sentences(alice) == [f"{STILL} “virtio-fs” at 14:15 in Forum 3."]


def test_calendar_shows_what_was_first_when_it_moved_twice(alice, work, virtio_fs):
    move(virtio_fs, -30)
    move(virtio_fs, -60)

    assert sentences(alice) == [f"{STILL} “virtio-fs” at 14:15."]


def test_move_there_and_back_is_no_difference(alice, work, virtio_fs):
    move(virtio_fs, -30)
    move(virtio_fs, 30)

    assert sentences(alice) == [UP_TO_DATE]


def test_calendar_does_not_show_a_cancellation_yet(alice, work, virtio_fs):
    edit(virtio_fs, status="cancelled")

    assert sentences(alice) == [f"{FETCHED} does not show yet that “virtio-fs” is cancelled."]


def test_calendar_still_shows_as_cancelled_what_takes_place_after_all(client, alice, work, virtio_fs):
    edit(virtio_fs, status="cancelled")
    client.get(work, headers={"User-Agent": GOOGLE})
    edit(virtio_fs, status="confirmed")

    assert sentences(alice) == [
        "Work (Google Calendar) was last updated just now and still shows “virtio-fs” as cancelled."
    ]


def test_fetch_makes_it_know(client, alice, work, virtio_fs):
    move(virtio_fs, -30)

    client.get(work, headers={"User-Agent": GOOGLE})

    assert sentences(alice) == ["Work (Google Calendar) was last updated just now and is up to date."]


def test_each_calendar_knows_what_it_was_given(client, alice, work, virtio_fs, time_machine):
    move(virtio_fs, -30)
    client.get(calendar(alice, "Phone"), headers={"User-Agent": IPHONE})
    time_machine.shift(1)
    calendar(alice, "Laptop")

    assert sentences(alice) == [
        f"{STILL} “virtio-fs” at 14:15.",
        "Phone (Apple Calendar on an iPhone or iPad) was last updated just now and is up to date.",
        "Laptop has not been updated yet.",
    ]


def test_calendar_named_after_its_client_is_not_named_twice(client, alice, virtio_fs):
    client.get(calendar(alice, "Google Calendar 2"), headers={"User-Agent": GOOGLE})

    assert sentences(alice) == ["Google Calendar 2 was last updated just now and is up to date."]


def test_calendar_does_not_have_what_was_starred_since(alice, work):
    star(alice, [session_of("KubeVirt").pk], through=PAGE)
    one = sentences(alice)
    star(alice, [session_of("Nesting").pk], through=PAGE)

    assert one == [f"{FETCHED} does not have “{session_of('KubeVirt').title}”, which you starred since."]
    assert sentences(alice) == [f"{FETCHED} does not have 2 talks you starred since."]


def test_calendar_still_has_what_was_unstarred(alice, work, virtio_fs):
    move(virtio_fs, -30)
    unstar(alice, virtio_fs, through=PAGE)

    assert sentences(alice) == [f"{FETCHED} still has “virtio-fs”, which you unstarred."]


def test_star_taken_back_is_no_difference(alice, work, virtio_fs):
    other = session_of("KubeVirt")
    unstar(alice, virtio_fs, through=PAGE)
    star(alice, [virtio_fs.pk, other.pk], through=PAGE)
    unstar(alice, other, through=PAGE)

    assert sentences(alice) == [UP_TO_DATE]


def test_star_given_twice_since_is_one_difference(client, alice, work, virtio_fs):
    unstar(alice, virtio_fs, through=PAGE)
    client.get(work, headers={"User-Agent": GOOGLE})
    for _ in range(2):
        star(alice, [virtio_fs.pk], through=PAGE)
        unstar(alice, virtio_fs, through=PAGE)
    star(alice, [virtio_fs.pk], through=PAGE)

    (found,) = truth.of(alice, None)

    assert [session.title for session in found.starred_since] == ["virtio-fs"]


def test_title_of_what_was_withdrawn_is_not_told(alice, work, virtio_fs):
    edit(virtio_fs, is_published=False, title="Secret")

    assert sentences(alice) == [f"{FETCHED} still has 1 talk that is no longer in the programme."]


def test_calendar_does_not_have_yet_what_was_published_again(client, alice, work, virtio_fs):
    edit(virtio_fs, is_published=False)
    client.get(work, headers={"User-Agent": GOOGLE})
    edit(virtio_fs, is_published=True)

    assert sentences(alice) == ["Work (Google Calendar) was last updated just now and does not have “virtio-fs” yet."]


@pytest.mark.parametrize("change", ["abstract", "speaker", "hidden"])
def test_other_changes_are_older_details(alice, work, virtio_fs, change):
    if change == "abstract":
        edit(virtio_fs, abstract="Short.")
    elif change == "speaker":
        touch(Speaker.objects.get(sessions=virtio_fs))
    else:
        edit(virtio_fs, is_published=False)
        edit(virtio_fs, abstract="Written while nobody saw it.")
        edit(virtio_fs, is_published=True)

    assert sentences(alice) == [f"{FETCHED} has older details of “virtio-fs”."]


def test_calendar_does_not_know_a_rank_yet(alice, work, virtio_fs):
    StarLog.objects.create(user=alice, session=virtio_fs, starred=True, through=PAGE)

    assert sentences(alice) == [f"{FETCHED} has older details of “virtio-fs”."]


def test_several_differences_are_one_sentence(alice, work, virtio_fs):
    first, second = session_of("KubeVirt"), session_of("Nesting")
    star(alice, [first.pk, second.pk], through=PAGE)
    move(virtio_fs, -30)

    assert sentences(alice) == [
        "Work (Google Calendar) was last updated 9 hours ago, still shows “virtio-fs” at 14:15 "
        "and does not have 2 talks you starred since."
    ]


def test_of_many_sessions_only_some_are_named(client, alice, work, kvm_forum, time_machine):
    event = add_event("other", "Europe/Paris", "2019-10-31", "2019-10-31")
    talks = [add_session(event, f"Talk {number}", f"2019-10-31 1{number}:00") for number in range(5)]
    star(alice, [talk.pk for talk in talks], through=PAGE)
    client.get(work, headers={"User-Agent": GOOGLE})
    for talk in talks:
        edit(talk, status="cancelled")

    assert sentences(alice) == [
        "Work (Google Calendar) was last updated just now and does not show yet that “Talk 0”, “Talk 1” and 3 more "
        "are cancelled."
    ]


def test_what_is_over_does_not_matter(alice, work, virtio_fs, time_machine):
    star(alice, [session_of("KubeVirt").pk], through=PAGE)
    move(virtio_fs, -30)
    time_machine.move_to(AFTER, tick=False)

    (found,) = truth.of(alice, None)

    assert found.is_current


def test_what_is_edited_or_starred_once_it_is_over_is_told_for_a_day(client, alice, work, virtio_fs, time_machine):
    time_machine.move_to(AFTER, tick=False)
    client.get(work, headers={"User-Agent": GOOGLE})
    move(virtio_fs, -30)
    star(alice, [session_of("KubeVirt").pk], through=PAGE)
    told = []
    for _ in range(2):
        time_machine.shift(timedelta(hours=23, minutes=59))
        (found,) = truth.of(alice, None)
        told.append((len(found.different), len(found.starred_since)))

    assert told == [(1, 1), (0, 0)]


@pytest.mark.parametrize("minutes", [-120, 120])
def test_what_is_not_over_by_the_old_or_the_new_time_matters(alice, work, virtio_fs, time_machine, minutes):
    old_end = virtio_fs.end
    move(virtio_fs, minutes)
    time_machine.move_to(old_end + timedelta(minutes=-1 if minutes < 0 else 1), tick=False)

    assert [found.is_current for found in truth.of(alice, None)] == [False]


def test_calendar_that_leaves_cancelled_ones_out_does_not_miss_them(client, alice, work, virtio_fs):
    CalendarKey.objects.update(options={"cancelled": "drop"})
    edit(virtio_fs, status="cancelled")
    before = sentences(alice)
    client.get(work, headers={"User-Agent": GOOGLE})
    after = sentences(alice)
    edit(virtio_fs, status="confirmed")

    assert before == [f"{FETCHED} does not show yet that “virtio-fs” is cancelled."]
    assert after == ["Work (Google Calendar) was last updated just now and is up to date."]
    assert sentences(alice) == ["Work (Google Calendar) was last updated just now and does not have “virtio-fs” yet."]


def test_events_that_it_does_not_show_do_not_matter(alice, work, virtio_fs):
    CalendarKey.objects.update(options={"events": []})

    move(virtio_fs, -30)

    assert sentences(alice) == [UP_TO_DATE]


def test_talk_of_an_event_that_was_not_chosen_then_is_not_said_to_be_shown(client, alice, work, virtio_fs):
    add_event("dev-days", "UTC", "2019-11-01", "2019-11-02")
    choose(client, alice, events="chosen", event="dev-days")
    client.get(work, headers={"User-Agent": GOOGLE})
    move(virtio_fs, -30)

    choose(client, alice)

    assert sentences(alice) == [
        f"Work (Google Calendar) was last updated just now, does not have “virtio-fs” yet and {NO_CHOICES}."
    ]


@pytest.mark.parametrize("chosen", [{"alarm": "5"}, {"events": "chosen"}, {"events": "chosen", "event": "dev-days"}])
def test_wrong_time_is_told_whatever_is_chosen_before_the_next_fetch(client, alice, work, virtio_fs, chosen):
    add_event("dev-days", "UTC", "2019-11-01", "2019-11-02")
    move(virtio_fs, -30)

    choose(client, alice, **chosen)

    (found,) = truth.of(alice, None)
    words = f"Work (Google Calendar) was last updated 9 hours ago, still shows “virtio-fs” at 14:15 and {NO_CHOICES}."
    assert (found.sentence, found.is_misleading, found.has_all_talks) == (words, True, False)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [("mark", "drop", "still shows “virtio-fs” as cancelled"), ("drop", "mark", "does not have “virtio-fs” yet")],
)
def test_cancelled_talk_is_where_the_choices_of_the_last_fetch_put_it(
    client, alice, work, virtio_fs, before, after, words
):
    choose(client, alice, cancelled=before)
    edit(virtio_fs, status="cancelled")
    client.get(work, headers={"User-Agent": GOOGLE})
    for choice in ({"cancelled": before, "alarm": "5"}, {"cancelled": after}):
        choose(client, alice, **choice)
    edit(virtio_fs, status="confirmed")

    assert sentences(alice) == [f"Work (Google Calendar) was last updated just now, {words} and {NO_CHOICES}."]


def test_nobody_elses_stars_and_calendars_matter(alice, bob, work, virtio_fs):
    unstar(alice, virtio_fs, through=PAGE)
    star(bob, [virtio_fs.pk, session_of("KubeVirt").pk], through=PAGE)
    star(alice, [virtio_fs.pk], through=PAGE)

    assert (sentences(alice), sentences(bob)) == ([UP_TO_DATE], [])


def test_revoked_calendar_is_left_out(alice, work, virtio_fs):
    CalendarKey.objects.update(revoked=BEFORE)

    assert truth.of(alice, None) == []


@pytest.mark.parametrize(
    ("every", "words"),
    [
        (None, f"Google usually updates every 4 to 24 hours; {NO_HABIT} to say when next."),
        (12 * 3600, "It is usually updated every 12 h; the next update is expected in 3 h."),
        (9 * 3600 + 59, "It is usually updated every 9 h; the next update is expected now."),
        (30, "It is usually updated every 1 min; the next update is overdue by 8 h 59 min."),
        (8 * 3600 + 55 * 60, "It is usually updated every 8 h 55 min; the next update is expected now."),
        (8 * 3600, "It is usually updated every 8 h; the next update is overdue by 1 h."),
    ],
)
def test_next_fetch_is_told_from_the_usual_pause(alice, work, every, words):
    CalendarKey.objects.update(fetched_every=every)

    (found,) = truth.of(alice, None)

    assert found.rhythm == words
    assert found.expected == (BEFORE + timedelta(seconds=every) if every else None)


@pytest.mark.parametrize(
    ("agent", "begins", "renew"),
    [
        (GOOGLE, "Google updates calendars when it likes", True),
        ("Microsoft.Exchange/15.20", "On a computer, press Send/Receive All Folders.", True),
        (IPHONE, "Open Calendar, tap Calendars at the bottom, and pull", False),
        ("macOS/14.5 (23F79) CalendarAgent/1.0", "In Calendar choose View → Refresh Calendars.", False),
        ("ICSx5/2.2 (Android 14)", "Open ICSx5 and pull", False),
        ("DAVx5/4.4 (dav4jvm)", "Open your account in DAVx5", False),
        ("Mozilla/5.0 (X11) Gecko/20100101 Thunderbird/128.0", "In Thunderbird’s calendar press Synchronise.", False),
        ("Fantastical/3", "Refresh the calendar there", False),
    ],
)
def test_what_to_do_depends_on_the_client(client, alice, virtio_fs, agent, begins, renew):
    client.get(calendar(alice), headers={"User-Agent": agent})

    (found,) = truth.of(alice, None)

    assert found.remedy.words.startswith(begins)
    assert found.remedy.renew is renew


@pytest.mark.parametrize(
    ("name", "agent", "program"),
    [
        ("Google Calendar", "Fetcher/1.0", "Google Calendar"),
        ("Google Calendar 2", "", "Google Calendar"),
        ("Outlook", "Mozilla/5.0 (X11) Gecko/20100101 Firefox/128.0", "Outlook"),
        ("Google Calendar", "ICSx5/2.2 (Android 14)", "ICSx5"),
        ("Android", "Fetcher/1.0", "Fetcher"),
    ],
)
def test_program_that_is_not_known_is_taken_from_the_calendars_name(client, alice, kvm_forum, name, agent, program):
    client.get(calendar(alice, name), headers={"User-Agent": agent})

    (found,) = truth.of(alice, None)

    assert program_with(found.key).name == program
    assert found.remedy == {each.name: each.remedy for each in PROGRAMS}.get(program, REFRESH)


def test_what_to_do_for_outlook_agrees_with_how_often_it_comes(client, alice, virtio_fs):
    client.get(calendar(alice), headers={"User-Agent": "Microsoft.Exchange/15.20"})

    (found,) = truth.of(alice, None)

    assert found.rhythm == f"On the web, Outlook usually updates every 4 to 24 hours; {NO_HABIT} to say when next."
    assert "On the web, Outlook updates when it likes, and nothing forces it:" in found.remedy.words


def late(client, user) -> list[str]:
    """Above my agenda, of calendars that are late."""
    client.force_login(user)
    return page(client.get("/agenda/")).texts("p.late")


def test_agenda_has_a_line_for_each_calendar_that_is_late_and_no_more(client, alice, work, virtio_fs):
    client.get(calendar(alice, "Phone"), headers={"User-Agent": IPHONE})
    CalendarKey.objects.filter(name="Work").update(fetched_every=3600)
    edit(virtio_fs, title="<b>virtio-fs</b>")

    assert late(client, alice) == ["Work is late: last updated 9 hours ago."]


def test_calendar_that_only_looked_around_is_not_said_to_have_been_fetched(alice, virtio_fs, time_machine):
    CalendarKey.objects.issue(alice, name="Phone", once="phone", kind="caldav")
    CalendarKey.objects.update(last_used_at=BEFORE, last_client="DAVx5/4.4-ose")
    time_machine.shift(timedelta(minutes=3))

    (found,) = truth.of(alice, None)

    assert found.sentence == "Phone (DAVx5) connected 3 minutes ago, but has not asked for all your talks yet."
    assert found.remedy == program_of("DAVx5").remedy


def test_agenda_offers_nothing_where_everything_is_known(client, alice, work):
    CalendarKey.objects.update(fetched_every=3600)

    assert late(client, alice) == []


def test_agenda_does_not_alarm_for_what_misleads_nobody(client, alice, work, opening):
    star(alice, [opening.pk], through=StarLog.Through.PAGE)

    assert late(client, alice) == []
    assert page(client.get("/agenda/")).one("ul.keys").one("small").text == (
        f"{FETCHED} does not have “{opening.title}”, which you starred since."
    )


def test_row_says_what_is_not_known_and_when_that_ends(alice, work, virtio_fs):
    CalendarKey.objects.update(fetched_every=12 * 3600)
    move(virtio_fs, -30)
    (found,) = truth.of(alice, None)

    shown = read_html(render_to_string("agenda/_calendar_truth.html", {"truth": found}))

    assert shown.texts("p") == [f"{found.sentence} {found.rhythm}", found.remedy.words]


@pytest.mark.parametrize("count", [1, 3])
def test_truth_takes_as_many_queries_for_1_and_3_calendars_and_changes(
    client, alice, kvm_forum, django_assert_num_queries, count
):
    starred, since = Session.objects.all()[:count], Session.objects.all()[10 : 10 + count]
    star(alice, [session.pk for session in starred], through=PAGE)
    for number in range(count):
        client.get(calendar(alice, f"Calendar {number}"))
    for session in starred:
        edit(session, status="cancelled")
    star(alice, [session.pk for session in since], through=PAGE)

    with django_assert_num_queries(5):  # keys, log of stars, stars, sessions, revisions
        found = truth.of(alice, None)
        assert len([each.sentence for each in found]) == count
