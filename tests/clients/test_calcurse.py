"""calcurse-caldav, two-way: the same journeys with a program that knows nothing but listings and ETags."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.machine import MISSING_CALCURSE, calcurse
from tests.agenda.admin.editing import change
from tests.agenda.kvm_forum import session_of
from tests.clients.calcurse import Calcurse
from tests.clients.site import SignIn, Visitor
from tests.conftest import PASSWORD

PROGRAMS = calcurse()
pytestmark = [pytest.mark.skipif(PROGRAMS is None, reason=MISSING_CALCURSE), pytest.mark.any_database]

MANAGING = "2019-10-31 11:00|11:30|Managing Matryoshkas: Testing Nested Guests"
NESTING = "2019-10-31 11:30|12:00|Nesting&testing"
KUBEVIRT = "2019-11-01 13:45|14:15|KubeVirt Community Update"
DINNER = "BEGIN:VEVENT\nUID:mine\nDTSTART:20191031T180000Z\nDTEND:20191031T190000Z\nSUMMARY:Dinner\nEND:VEVENT\n"
NOTHING_TO_DO = [0, 0, 0, 0]


@pytest.fixture
def start(at_page: Visitor, tmp_path: Path) -> Callable[[SignIn], Calcurse]:
    """calcurse with nothing in it."""
    return lambda sign_in: Calcurse(PROGRAMS, tmp_path / "terminal", sign_in, at_page.user.pk)


@pytest.fixture
def terminal(at_page: Visitor, sign_in: SignIn, start: Callable[[SignIn], Calcurse]) -> Calcurse:
    """In step with two stars of Thursday."""
    at_page.star("Managing", "Nesting")
    terminal = start(sign_in)
    assert terminal.first_sync() == [2, 0, 0, 0]
    return terminal


def refusal(terminal: Calcurse, *options: str) -> str:
    """What it says and ends with, in one line."""
    done = terminal.run_caldav(*options)
    assert done.returncode == 1, done
    return " ".join(done.stderr.split())


def test_first_sync_brings_all_stars_and_nothing_is_left_to_do(terminal):
    assert terminal.listed() == [MANAGING, NESTING]
    assert terminal.sync() == NOTHING_TO_DO


def test_what_is_starred_and_unstarred_on_the_page_arrives(terminal, at_page):
    at_page.star("KubeVirt")
    at_page.unstar("Managing")

    assert terminal.sync() == [1, 1, 0, 0]
    assert terminal.listed() == [NESTING, KUBEVIRT]


def test_move_and_cancelling_in_the_admin_arrive(terminal, at_desk):
    change(at_desk.browser, session_of("Nesting"), start_1="15:00", end_1="15:30")
    change(at_desk.browser, session_of("Managing"), status="cancelled")

    assert terminal.sync() == [2, 0, 0, 0]
    assert terminal.listed() == [
        MANAGING.replace("Man", "CANCELLED: Man"),
        NESTING.replace("11:30|12:00", "15:00|15:30"),
    ]
    assert terminal.sync() == NOTHING_TO_DO


def test_deleting_in_the_program_unstars_on_the_page(terminal, at_page):
    terminal.delete("Managing")

    assert terminal.sync() == [0, 0, 0, 1]
    assert at_page.agenda() == ["Nesting&testing"]
    assert terminal.sync() == NOTHING_TO_DO


def test_deletion_of_what_moved_meanwhile_is_taken_back(terminal, at_page, at_desk):
    terminal.delete("Nesting")
    change(at_desk.browser, session_of("Nesting"), start_1="15:00", end_1="15:30")

    assert terminal.sync() == [1, 0, 0, 0]
    assert terminal.listed() == [MANAGING, NESTING.replace("11:30|12:00", "15:00|15:30")]
    assert len(at_page.agenda()) == 2


def test_event_of_ones_own_is_refused(terminal, at_page):
    terminal.add(DINNER)

    assert "replied with HTTP status code 403" in refusal(terminal)
    assert at_page.agenda() == ["Managing Matryoshkas: Testing Nested Guests", "Nesting&testing"]
    terminal.delete("Dinner")
    assert terminal.sync() == NOTHING_TO_DO


@pytest.mark.parametrize("wrong", [{"password": PASSWORD}, {"username": "bob@example.org"}])
def test_wrong_sign_in_is_refused_from_the_first(start, at_page, sign_in, wrong):
    at_page.star("Managing")
    terminal = start(sign_in._replace(**wrong))

    assert "replied with HTTP status code 401" in refusal(terminal, "--init=two-way")
    assert terminal.listed() == []


def test_revoked_key_is_refused_and_what_came_stays(terminal, at_page, sign_in):
    at_page.revoke(sign_in)

    assert "replied with HTTP status code 401" in refusal(terminal)
    assert terminal.listed() == [MANAGING, NESTING]


def test_password_mistyped_later_is_refused_and_what_came_stays(terminal, sign_in):
    terminal.set_up(sign_in._replace(password=PASSWORD))

    assert "replied with HTTP status code 401" in refusal(terminal)
    assert terminal.listed() == [MANAGING, NESTING]
    terminal.set_up(sign_in)
    assert terminal.sync() == NOTHING_TO_DO
