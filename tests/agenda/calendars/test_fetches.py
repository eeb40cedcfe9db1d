"""What is remembered of fetches: how often a calendar comes, and, when very many come, all of them in few writes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.db.backends.signals import connection_created

from accounts.models import CalendarKey
from agenda.calendars.fetches import note_fetch
from agenda.calendars.opened_key import opened_by
from agenda.models import Star, StarLog
from agenda.stars.starring import star
from tests.agenda.kvm_forum import BEFORE, add_event, add_session
from tests.conftest import wait_for_fetches

FEED = CalendarKey.Kind.FEED
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:124.0) Gecko/20100101 Firefox/124.0"
THUNDERBIRD = "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Thunderbird/115.9.0"


@pytest.fixture
def alice_key(alice) -> str:
    return CalendarKey.objects.issue(alice, name="Phone", once="phone")[1]


@pytest.fixture
def writes(shared_database) -> Iterator[list[int]]:
    """Of each write of fetches, how many they were."""
    made: list[int] = []

    def count(execute, sql, params, many, context):
        if many:
            made.append(len(params))
        return execute(sql, params, many, context)

    def watch(connection, **about):
        connection.execute_wrappers.append(count)

    connection_created.connect(watch)
    yield made
    connection_created.disconnect(watch)


def fetched(key: str, times: int) -> None:
    """One after the other, as often, each of another state; as a worker's thread does."""
    opened = opened_by(key, FEED)
    for number in range(1, times + 1):
        note_fetch(opened, f"state {number}", "Thunderbird")
    connection.close()


@pytest.mark.parametrize(
    ("gaps", "every"),
    [
        ([], None),
        ([900], 900),
        ([900, 1300], 1000),
        ([900, 1300, 600], 900),
        ([172_800], 172_800),
        ([172_801], None),
        ([900, 172_801], 900),
        ([59], None),
        ([60], 60),
        ([1, 3599, 1, 3599], 3599),  # two requests of each visit
    ],
)
def test_usual_time_between_fetches_is_an_average_of_gaps_of_two_days_at_most(alice_key, time_machine, gaps, every):
    moment = BEFORE

    for gap in [0, *gaps]:
        moment += timedelta(seconds=gap)
        time_machine.move_to(moment, tick=False)
        note_fetch(opened_by(alice_key, FEED), f"served at {moment}", "Thunderbird")

    assert CalendarKey.objects.get().fetched_every == every


def test_habit_of_no_time_at_all_is_none(alice_key, time_machine):
    time_machine.move_to(BEFORE, tick=False)
    CalendarKey.objects.update(fetched_every=0, last_used_at=BEFORE - timedelta(hours=1))

    note_fetch(opened_by(alice_key, FEED), "state 1", "Thunderbird")

    assert CalendarKey.objects.get().fetched_every == 3600


@pytest.mark.parametrize(
    ("before", "agent", "noted"),
    [
        ([], BROWSER, [("state 1", BROWSER)]),
        ([BROWSER], BROWSER, [("state 2", BROWSER)]),
        (["khal/1"], BROWSER, [("state 1", "khal/1")]),
        ([""], BROWSER, [("state 1", "")]),
        ([BROWSER, "khal/1"], BROWSER, [("state 2", "khal/1")]),
        (["khal/1"], THUNDERBIRD, [("state 2", THUNDERBIRD)]),
    ],
)
def test_look_in_a_web_browser_is_noted_until_a_program_comes(alice_key, before, agent, noted):
    for number, each in enumerate([*before, agent], start=1):
        note_fetch(opened_by(alice_key, FEED), f"state {number}", each)

    assert list(CalendarKey.objects.values_list("served", "last_client")) == noted


@pytest.mark.parametrize(("served", "kept"), [("the same", {"alarm": 5}), ("another", None)])
def test_options_of_the_last_version_are_kept_until_another_is_served(alice_key, served, kept):
    CalendarKey.objects.update(served="the same", options={"alarm": 10}, served_options={"alarm": 5})

    note_fetch(opened_by(alice_key, FEED), served, "khal/1")

    assert CalendarKey.objects.values_list("served", "options", "served_options").get() == (served, {"alarm": 10}, kept)


def test_look_at_a_renewed_address_is_not_noted(alice_key):
    CalendarKey.objects.update(last_client="khal/1")  # which had the address before

    note_fetch(opened_by(alice_key, FEED), "state", BROWSER)

    assert CalendarKey.objects.get().last_used_at is None


def test_first_program_after_a_look_is_noted_at_once(alice_key, time_machine):
    time_machine.move_to(BEFORE, tick=False)
    note_fetch(opened_by(alice_key, FEED), "state", BROWSER)
    time_machine.shift(120)

    note_fetch(opened_by(alice_key, FEED), "state", "khal/1")

    key = CalendarKey.objects.get()
    assert (key.last_client, key.last_used_at - BEFORE, key.fetched_every) == ("khal/1", timedelta(minutes=2), None)


@pytest.mark.usefixtures("shared_database")
def test_fetch_among_few_is_written_when_it_is_noted(alice_key):
    wait_for_fetches()

    note_fetch(opened_by(alice_key, FEED), "state 1", "Thunderbird")

    assert CalendarKey.objects.get().served == "state 1"


def test_very_many_fetches_are_few_writes_and_the_last_of_each_key_stays(writes, alice):
    keys = [CalendarKey.objects.issue(alice, name="Phone", once=str(number))[1] for number in range(40)]
    session = add_session(add_event("forum", "Europe/Paris", "2019-10-30", "2019-11-01"), "Talk", "2019-10-30T10:00")

    with ThreadPoolExecutor(8) as threads:
        noted = [threads.submit(fetched, key, times=5) for key in keys]
        starred = star(alice, [session.pk], through=StarLog.Through.PAGE)
        for each in noted:
            each.result()
    wait_for_fetches()

    assert set(CalendarKey.objects.values_list("served", "last_client")) == {("state 5", "Thunderbird")}
    assert sum(writes) >= len(keys) > 2 * len(writes)
    assert (starred, Star.objects.count()) == (1, 1)


@pytest.mark.usefixtures("shared_database")
def test_process_that_ends_waits_until_all_is_written(alice_key):
    server = threading.Thread(target=fetched, args=[alice_key, 10], daemon=True)
    server.start()
    server.join()

    (writing,) = (thread for thread in threading.enumerate() if thread.name == "fetches")

    assert not writing.daemon
    wait_for_fetches()


@pytest.mark.django_db(transaction=True)
def test_fetch_that_cannot_be_noted_is_logged_and_no_more(alice_key, caplog):
    def fail(execute, sql, params, many, context):
        raise OperationalError("database is locked")

    opened = opened_by(alice_key, FEED)
    with connection.execute_wrapper(fail):
        note_fetch(opened, "state 1", "Thunderbird")

    assert caplog.messages == ["Fetches of calendars that could not be noted: 1 (OperationalError)"]
    assert CalendarKey.objects.get().served == ""


@pytest.mark.usefixtures("shared_database")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # the one that is meant to be
def test_writer_that_ends_in_something_unforeseen_is_followed_by_another(alice_key):
    def fail(connection, **about):
        if threading.current_thread().name == "fetches":
            raise RuntimeError("no memory left")

    connection_created.connect(fail)
    fetched(alice_key, times=10)
    wait_for_fetches()
    connection_created.disconnect(fail)

    fetched(alice_key, times=11)
    wait_for_fetches()

    assert CalendarKey.objects.get().served == "state 11"


def test_earlier_fetch_written_later_changes_nothing(alice_key, time_machine):
    opened = opened_by(alice_key, FEED)
    time_machine.move_to(BEFORE, tick=False)
    note_fetch(opened, "later", "Thunderbird")
    time_machine.move_to(BEFORE - timedelta(seconds=1), tick=False)

    note_fetch(opened, "earlier", "Thunderbird")

    assert CalendarKey.objects.get().served == "later"
