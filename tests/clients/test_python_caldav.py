"""python-caldav: what a program written with the usual library finds, changes, and is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from caldav import Calendar
from caldav.collection import SynchronizableCalendarObjectCollection as Copy
from caldav.lib.error import AuthorizationError
from icalendar import Alarm

from accounts.keys import LOOKUP_LENGTH, SECRET_LENGTH
from agenda.models import Session, Star
from agenda.stars.starring import star
from tests.agenda.admin.editing import change
from tests.agenda.kvm_forum import session_of
from tests.clients.conftest import Connect
from tests.clients.site import SignIn, Visitor
from tests.conftest import PASSWORD

pytestmark = pytest.mark.any_database

TITLES = {
    "Managing": "Managing Matryoshkas: Testing Nested Guests",
    "Nesting": "Nesting&testing",
    "KubeVirt": "KubeVirt Community Update",
}


@pytest.fixture
def calendar(at_page: Visitor, sign_in: SignIn, connect: Connect) -> Calendar:
    at_page.star("Managing", "Nesting")
    return connect(sign_in)


@pytest.fixture
def copy(calendar: Calendar) -> Copy:
    """What the program keeps of it, as of now."""
    return calendar.objects(load_objects=True)


def titles(events) -> list[str]:
    return sorted(str(event.icalendar_component["SUMMARY"]) for event in events)


def event_of(copy: Copy, title: str):
    (event,) = [each for each in copy if each.icalendar_component["SUMMARY"].startswith(title)]
    return event


def test_first_sync_brings_all_stars(calendar):
    assert calendar.get_display_name() == "My agenda · Forum agenda"
    assert calendar.get_supported_components() == ["VEVENT"]
    assert titles(calendar.events()) == titles(calendar.objects(load_objects=True))
    assert titles(calendar.events()) == [TITLES["Managing"], TITLES["Nesting"]]


def test_search_by_date_finds_what_takes_place_then(calendar, at_page):
    at_page.star("KubeVirt")
    friday = {"start": datetime(2019, 11, 1, tzinfo=UTC), "end": datetime(2019, 11, 2, tzinfo=UTC)}

    (found,) = calendar.search(event=True, **friday)

    assert found.icalendar_component.start == datetime(2019, 11, 1, 12, 45, tzinfo=UTC)
    assert titles([found]) == [TITLES["KubeVirt"]]


def test_program_that_knows_the_sites_name_alone_finds_the_calendar(calendar, sign_in, server, connect):
    """Home Assistant asks people for an address, and they write the site's."""
    assert titles(connect(sign_in._replace(address=f"{server}/")).events()) == titles(calendar.events())


def test_busy_times_are_those_of_the_stars(calendar):
    found = calendar.freebusy_request(datetime(2019, 10, 31, tzinfo=UTC), datetime(2019, 11, 1, tzinfo=UTC))

    (busy,) = found.icalendar_instance.walk("VFREEBUSY")
    periods = busy["FREEBUSY"] if isinstance(busy["FREEBUSY"], list) else [busy["FREEBUSY"]]
    assert [each.to_ical() for each in periods] == [b"20191031T100000Z/20191031T110000Z"]


def test_event_is_found_by_its_uid(calendar):
    guid = str(session_of("Nesting").guid)

    assert titles([calendar.event_by_uid(guid)]) == [TITLES["Nesting"]]


def test_what_is_starred_and_unstarred_on_the_page_arrives(copy, at_page):
    at_page.star("KubeVirt")
    at_page.unstar("Nesting")

    updated, deleted = copy.sync()

    assert titles(updated) == [TITLES["KubeVirt"]]
    assert [event.url.path.rpartition("/")[2] for event in deleted] == [f"{session_of('Nesting').guid}.ics"]
    assert titles(copy) == [TITLES["KubeVirt"], TITLES["Managing"]]


def test_nothing_new_brings_nothing(copy):
    assert copy.sync() == ([], [])
    assert copy.sync() == ([], [])


def test_move_in_the_admin_arrives_with_a_higher_sequence(copy, at_desk):
    change(at_desk.browser, session_of("Nesting"), start_1="15:00", end_1="15:30")

    updated, deleted = copy.sync()

    (vevent,) = [event.icalendar_component for event in updated]
    assert (str(vevent["SUMMARY"]), vevent.start, vevent["SEQUENCE"]) == (
        *(TITLES["Nesting"], datetime(2019, 10, 31, 14, 0, tzinfo=UTC), 1),
    )
    assert deleted == []


def test_cancelling_in_the_admin_arrives_with_a_higher_sequence(copy, at_desk):
    change(at_desk.browser, session_of("Nesting"), start_1="15:00", end_1="15:30")
    change(at_desk.browser, session_of("Nesting"), status="cancelled")

    updated, _ = copy.sync()

    (vevent,) = [event.icalendar_component for event in updated]
    assert (str(vevent["STATUS"]), vevent["SEQUENCE"]) == ("CANCELLED", 2)


def test_deleting_in_the_program_unstars_on_the_page(copy, at_page):
    event_of(copy, "Nesting").delete()

    assert at_page.agenda() == [TITLES["Managing"]]


def test_deleted_event_comes_back_with_its_star(copy, at_page):
    event_of(copy, "Nesting").delete()
    copy.sync()
    at_page.star("Nesting")

    updated, _ = copy.sync()

    assert titles(updated) == [TITLES["Nesting"]]


def test_event_of_ones_own_is_refused(copy, calendar):
    with pytest.raises(AuthorizationError):
        calendar.save_event(
            uid="mine@example.org",
            dtstart=datetime(2019, 10, 31, 18, 0, tzinfo=UTC),
            dtend=datetime(2019, 10, 31, 19, 0, tzinfo=UTC),
            summary="Dinner",
        )

    assert copy.sync() == ([], [])
    assert Star.objects.count() == 2


def test_rewritten_programme_is_refused(copy, calendar):
    event = event_of(copy, "Nesting")
    event.icalendar_component["SUMMARY"] = "Lunch"

    with pytest.raises(AuthorizationError):
        event.save()

    assert titles(calendar.events()) == [TITLES["Managing"], TITLES["Nesting"]]


def test_alarm_of_ones_own_is_taken_and_changes_nothing(copy, calendar):
    before = {str(event.url): event.data for event in calendar.events()}
    event = event_of(copy, "Nesting")
    alarm = Alarm.from_ical("BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:x\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\n")
    event.icalendar_component.add_component(alarm)

    event.save()

    assert {str(event.url): event.data for event in calendar.events()} == before
    assert copy.sync() == ([], [])


def test_calendar_can_be_neither_deleted_nor_made(calendar, at_page):
    with pytest.raises(AuthorizationError):
        calendar.client.principal().make_calendar(name="Mine", cal_id="mine")
    with pytest.raises(AuthorizationError):
        calendar.delete()

    assert at_page.agenda() == [TITLES["Managing"], TITLES["Nesting"]]


def test_programme_that_was_asked_for_can_be_read_and_not_changed(calendar, at_page, sign_in):
    at_page.choose(sign_in, collections="kvm-forum-2019")

    own, programme = calendar.client.principal().calendars()
    copy = programme.objects(load_objects=True)

    assert (own.get_display_name(), own.url) == ("My agenda · Forum agenda", calendar.url)
    assert titles(copy) == sorted(Session.objects.values_list("title", flat=True))
    with pytest.raises(AuthorizationError):
        event_of(copy, "Nesting").delete()
    assert copy.sync() == ([], [])
    assert at_page.agenda() == [TITLES["Managing"], TITLES["Nesting"]]


WRONG: dict[str, Callable[[SignIn], SignIn]] = {
    "the account's own password": lambda right: right._replace(password=PASSWORD),
    "another's name": lambda right: right._replace(username="bob@example.org"),
    "another secret": lambda right: right._replace(password=right.password[:LOOKUP_LENGTH] + "2" * SECRET_LENGTH),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_sign_in_is_refused(sign_in, bob, connect, wrong):
    with pytest.raises(AuthorizationError):
        connect(wrong(sign_in))


def test_revoked_key_is_refused_and_the_copy_stays(copy, at_page, sign_in):
    at_page.revoke(sign_in)

    with pytest.raises(AuthorizationError):
        copy.sync()

    assert titles(copy) == [TITLES["Managing"], TITLES["Nesting"]]


def test_five_hundred_stars_arrive_in_few_requests(at_page, sign_in, connect, many_sessions, requests):
    star(at_page.user, [session.pk for session in many_sessions], through="page")
    calendar = connect(sign_in)
    requests.clear()

    copy = calendar.objects(load_objects=False)
    events = calendar.events()

    assert len(copy) == 500
    assert titles(events) == sorted(Session.objects.filter(stars__user=at_page.user).values_list("title", flat=True))
    assert requests == ["REPORT", "REPORT"]
