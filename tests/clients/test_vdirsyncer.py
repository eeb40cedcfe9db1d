"""vdirsyncer both ways, with khal reading what came: first sync, changes, deletions, alarms, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from agenda.stars.starring import star
from tests.agenda.admin.editing import change
from tests.agenda.kvm_forum import session_of
from tests.clients.site import SignIn, Visitor
from tests.clients.vdirsyncer import Vdirsyncer
from tests.conftest import PASSWORD

pytestmark = pytest.mark.any_database

MANAGING = "2019-10-31 19:00|19:30|CONFIRMED Managing Matryoshkas: Testing Nested Guests"
NESTING = "2019-10-31 19:30|20:00|CONFIRMED Nesting&testing"
KUBEVIRT = "2019-11-01 21:45|22:15|CONFIRMED KubeVirt Community Update"
DINNER = "2019-11-01 03:00|04:00|Dinner"

ALARM = """\
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:Soon
TRIGGER:-PT15M
END:VALARM
END:VEVENT"""


@pytest.fixture
def laptop(at_page: Visitor, sign_in: SignIn, tmp_path: Path) -> Vdirsyncer:
    """In step with two stars of Thursday."""
    at_page.star("Managing", "Nesting")
    laptop = Vdirsyncer(tmp_path / "laptop", sign_in)
    laptop.first_sync()
    return laptop


def with_alarm(laptop: Vdirsyncer, title: str) -> Path:
    """The file of that event, in which its reader has set an alarm."""
    file = laptop.file_of(title)
    file.write_text(file.read_text().replace("END:VEVENT", ALARM))
    return file


def test_first_sync_brings_all_stars_and_nothing_is_left_to_do(laptop):
    assert laptop.listed() == [MANAGING, NESTING]
    assert laptop.sync() == []


def test_name_and_colour_arrive(laptop):
    assert laptop.run("metasync").returncode == 0

    assert (laptop.events / "displayname").read_text() == "My agenda · Forum agenda"
    assert (laptop.events / "color").read_text() == "#0b6e66ff"


def test_colour_of_ones_own_is_kept_by_the_server(laptop, sign_in, tmp_path):
    assert laptop.run("metasync").returncode == 0
    (laptop.events / "color").write_text("#ff0000")
    assert laptop.run("metasync").returncode == 0

    anew = Vdirsyncer(tmp_path / "anew", sign_in)
    anew.first_sync()
    assert anew.run("metasync").returncode == 0

    assert (anew.events / "color").read_text() == "#ff0000"


def test_what_is_starred_and_unstarred_on_the_page_arrives(laptop, at_page):
    at_page.star("KubeVirt")
    at_page.unstar("Managing")

    laptop.sync()

    assert laptop.listed() == [NESTING, KUBEVIRT]


def test_move_and_cancelling_in_the_admin_arrive_with_higher_sequences(laptop, at_desk):
    change(at_desk.browser, session_of("Nesting"), start_1="15:00", end_1="15:30")
    change(at_desk.browser, session_of("Managing"), start_1="10:00", end_1="10:30")
    change(at_desk.browser, session_of("Managing"), status="cancelled")

    laptop.sync()

    assert laptop.listed() == [
        "2019-10-31 18:00|18:30|CANCELLED CANCELLED: Managing Matryoshkas: Testing Nested Guests",
        "2019-10-31 23:00|23:30|CONFIRMED Nesting&testing",
    ]
    assert "\nSEQUENCE:1\n" in laptop.file_of("Nesting").read_text()
    assert "\nSEQUENCE:2\n" in laptop.file_of("CANCELLED: Managing").read_text()


def test_deleted_file_unstars_on_the_page(laptop, at_page):
    laptop.file_of("Managing").unlink()

    laptop.sync()

    assert at_page.agenda() == ["Nesting&testing"]
    assert laptop.sync() == []


def test_deletion_of_what_moved_meanwhile_is_taken_back(laptop, at_page, at_desk):
    laptop.file_of("Nesting").unlink()
    change(at_desk.browser, session_of("Nesting"), start_1="15:00", end_1="15:30")

    laptop.sync()

    assert laptop.listed() == [MANAGING, NESTING.replace("19:30|20:00", "23:00|23:30")]
    assert "Nesting&testing" in at_page.agenda()


def test_alarm_of_ones_own_settles_and_stays(laptop, at_page):
    file = with_alarm(laptop, "Nesting")

    (copied,) = laptop.sync()

    assert copied == f"Copying (updating) item {session_of('Nesting').guid} to server/agenda"
    assert laptop.sync() == []
    assert ALARM in file.read_text()
    assert laptop.listed() == [MANAGING, NESTING]
    assert "Nesting&testing" in at_page.agenda()


def test_alarm_on_what_moved_meanwhile_is_a_conflict_that_loses_nothing(laptop, at_desk):
    file = with_alarm(laptop, "Nesting")
    change(at_desk.browser, session_of("Nesting"), start_1="15:00", end_1="15:30")

    done = laptop.run("sync")

    assert (done.returncode, "One item changed on both sides" in done.stderr) == (1, True)
    assert ALARM in file.read_text()


def test_server_that_wins_a_conflict_brings_the_move(laptop, sign_in, at_desk):
    laptop.set_up(sign_in, conflicts="a wins")
    with_alarm(laptop, "Nesting")
    change(at_desk.browser, session_of("Nesting"), start_1="15:00", end_1="15:30")

    laptop.sync()

    assert laptop.listed() == [MANAGING, NESTING.replace("19:30|20:00", "23:00|23:30")]
    assert laptop.sync() == []


def test_laptop_that_would_win_a_conflict_does_not_move_the_talk_back(laptop, sign_in, at_desk):
    laptop.set_up(sign_in, conflicts="b wins")
    with_alarm(laptop, "Nesting")
    change(at_desk.browser, session_of("Nesting"), start_1="15:00", end_1="15:30")

    done = laptop.run("sync")

    assert (done.returncode, "403, message='Forbidden'" in done.stderr) == (1, True)
    assert (session_of("Nesting").start.hour, session_of("Nesting").sequence) == (14, 1)
    assert laptop.listed() == [MANAGING, NESTING]


def test_event_of_ones_own_is_refused_and_holds_nothing_up(laptop, at_page):
    laptop.khal("new", "-a", "agenda", "2019-11-01", "03:00", "1h", "Dinner")
    at_page.star("KubeVirt")

    done = laptop.run("sync")

    assert (done.returncode, "403, message='Forbidden'" in done.stderr) == (1, True)
    assert laptop.listed() == [MANAGING, NESTING, DINNER, KUBEVIRT]
    assert len(at_page.agenda()) == 3


def test_choices_of_the_page_arrive_under_the_same_address(laptop, at_page, at_desk, sign_in):
    change(at_desk.browser, session_of("Managing"), status="cancelled")
    at_page.choose(sign_in, alarm="15", cancelled="drop", times="zone")

    laptop.sync()

    (text,) = laptop.files().values()
    assert "\nTRIGGER:-PT15M\n" in text
    assert "\nDTSTART;TZID=Europe/Paris:20191031T113000\n" in text
    assert laptop.listed() == [NESTING]
    assert laptop.sync() == []
    assert len(at_page.agenda()) == 2


@pytest.mark.parametrize("wrong", [{"password": PASSWORD}, {"username": "bob@example.org"}])
def test_wrong_sign_in_is_refused_from_the_first(sign_in, tmp_path, wrong):
    laptop = Vdirsyncer(tmp_path / "laptop", sign_in._replace(**wrong))

    done = laptop.run("discover")

    assert (done.returncode, "401, message='Unauthorized'" in done.stderr) == (1, True)


def test_revoked_key_is_refused_and_what_came_stays(laptop, at_page, sign_in):
    at_page.revoke(sign_in)

    for command in ("sync", "discover", "sync"):
        done = laptop.run(command)
        assert (done.returncode, "401, message='Unauthorized'" in done.stderr) == (1, True)

    assert laptop.listed() == [MANAGING, NESTING]


def test_password_mistyped_later_is_refused_and_what_came_stays(laptop, at_page, sign_in):
    laptop.set_up(sign_in._replace(password=PASSWORD))

    assert laptop.run("discover").returncode == laptop.run("sync").returncode == 1
    assert laptop.listed() == [MANAGING, NESTING]
    laptop.set_up(sign_in)
    laptop.first_sync()
    assert len(at_page.agenda()) == 2


def test_five_hundred_stars_arrive_in_few_requests(at_page, sign_in, tmp_path, many_sessions, requests):
    star(at_page.user, [session.pk for session in many_sessions], through="page")
    laptop = Vdirsyncer(tmp_path / "laptop", sign_in)

    laptop.first_sync()

    assert set(laptop.files()) == {f"{session.guid}.ics" for session in many_sessions}
    assert requests == [*["PROPFIND"] * 6, "REPORT"]
    requests.clear()
    assert laptop.sync() == []
    assert requests == ["PROPFIND"]
