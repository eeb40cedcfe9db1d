"""Several programs of one person, each with a key of its own: one after the other, and at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import TypeVar

import pytest
from caldav.collection import SynchronizableCalendarObjectCollection as Copy
from django.db import connections

from agenda.models import StarLog
from agenda.stars.starring import star
from tests.clients.conftest import Connect
from tests.clients.site import Visitor
from tests.clients.vdirsyncer import Vdirsyncer
from tests.conftest import signed_up

pytestmark = pytest.mark.any_database

TITLES = ["Managing", "Nesting", "virtio-fs", "KubeVirt"]
T = TypeVar("T")


@pytest.fixture
def laptops(at_page: Visitor, tmp_path: Path) -> list[Vdirsyncer]:
    """Two, in step with four stars."""
    at_page.star(*TITLES)
    laptops = [Vdirsyncer(tmp_path / name, at_page.add_calendar()) for name in ("one", "two")]
    for laptop in laptops:
        laptop.first_sync()
    return laptops


@pytest.fixture
def phones(at_page: Visitor, connect: Connect) -> list[Copy]:
    """Two of python-caldav, in step with four stars."""
    at_page.star(*TITLES)
    return [connect(at_page.add_calendar()).objects(load_objects=True) for _ in range(2)]


def at_once(*tasks: Callable[[], T]) -> list[T]:
    """What each returns; all begin at the same moment."""
    ready = Barrier(len(tasks))

    def run(task: Callable[[], T]) -> T:
        ready.wait()
        try:
            return task()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(tasks)) as threads:
        return list(threads.map(run, tasks))


def titles(copy: Copy) -> list[str]:
    return sorted(str(event.icalendar_component["SUMMARY"]) for event in copy)


def events_of(phone: Copy, *beginnings: str) -> list:
    return [each for each in phone if str(each.icalendar_component["SUMMARY"]).startswith(beginnings)]


def unstarred() -> list[str]:
    """The titles of all that was unstarred from a program, by the log."""
    log = StarLog.objects.filter(starred=False, through=StarLog.Through.CALDAV)
    return sorted(log.values_list("session__title", flat=True))


def test_deletion_in_one_reaches_the_other(laptops, connect, at_page):
    phone = connect(at_page.add_calendar()).objects(load_objects=True)
    laptops[0].file_of("Nesting").unlink()
    laptops[0].sync()

    _, deleted = phone.sync()
    laptops[1].sync()

    assert len(deleted) == 1
    assert sorted(at_page.agenda()) == titles(phone)
    assert laptops[1].listed() == laptops[0].listed()
    assert len(laptops[1].listed()) == 3


def test_revoking_one_leaves_the_other_in_step(at_page, connect):
    lost, kept = at_page.add_calendar(), at_page.add_calendar()
    copy = connect(kept).objects(load_objects=True)
    at_page.revoke(lost)
    at_page.star("Nesting")

    updated, _ = copy.sync()

    assert titles(updated) == ["Nesting&testing"]


def test_laptops_that_sync_at_once_agree_with_the_page(laptops, at_page):
    one, two = laptops
    one.file_of("Nesting").unlink()
    two.file_of("KubeVirt").unlink()

    at_once(one.sync, two.sync, lambda: at_page.star("SPDK"), lambda: at_page.unstar("virtio-fs"))
    one.sync()
    two.sync()

    assert [title[:8] for title in at_page.agenda()] == ["Managing", "SPDK Vho"]
    assert [line.rpartition("CONFIRMED ")[2] for line in one.listed()] == at_page.agenda()
    assert two.listed() == one.listed()
    assert (one.sync(), two.sync()) == ([], [])


def test_same_event_deleted_in_both_at_once_is_unstarred_once(phones, at_page):
    (here,), (there,) = (events_of(phone, "Nesting") for phone in phones)

    at_once(here.delete, there.delete)
    for phone in phones:
        phone.sync()

    assert unstarred() == ["Nesting&testing"]
    assert titles(phones[0]) == titles(phones[1]) == sorted(at_page.agenda())


def test_deletions_and_syncs_in_many_threads_lose_none(phones, at_page, connect):
    watchers = [connect(at_page.add_calendar()).objects(load_objects=True) for _ in range(3)]
    doomed = [events_of(phones[0], "Managing")[0], events_of(phones[1], "virtio-fs")[0]]

    at_once(*(event.delete for event in doomed), *(watcher.sync for watcher in watchers), lambda: at_page.star("SPDK"))
    for copy in [*phones, *watchers]:
        copy.sync()

    assert [title[:7] for title in unstarred()] == ["Managin", "virtio-"]
    assert {tuple(titles(copy)) for copy in [*phones, *watchers]} == {tuple(sorted(at_page.agenda()))}
    assert len(at_page.agenda()) == 3


def test_nobody_gets_what_is_anothers(phones, server, connect):
    bob = Visitor(server, signed_up("bob@example.org"))
    bob.star("SPDK")
    copy = connect(bob.add_calendar()).objects(load_objects=True)

    for phone in phones:
        phone.sync()

    assert [title[:4] for title in titles(copy)] == ["SPDK"]
    assert len(titles(phones[0])) == 4


def test_first_syncs_of_five_hundred_stars_at_once_are_complete(at_page, connect, many_sessions):
    star(at_page.user, [session.pk for session in many_sessions], through="page")
    calendars = [connect(at_page.add_calendar()) for _ in range(3)]

    lists = at_once(*(calendar.events for calendar in calendars))

    assert [titles(events) for events in lists] == [sorted(session.title for session in many_sessions)] * 3
