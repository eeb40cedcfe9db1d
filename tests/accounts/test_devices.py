"""Where I am logged in: devices in words, logged out from afar, and no address kept of any."""

from __future__ import annotations

import pytest
from allauth.usersessions.models import UserSession
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.devices import device_name, noted
from tests.accounts.steps import user_of
from tests.agenda.belongings import every_row, log_in
from tests.agenda.kvm_forum import BEFORE
from tests.conftest import PASSWORD
from tests.pages import Element, page

pytestmark = pytest.mark.any_database

OVERVIEW = "/accounts/"
END_OTHERS = "/accounts/sessions/"
BACK = "/accounts/#devices"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)
LAPTOP = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
ADDRESS = "203.0.113.77"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


@pytest.fixture
def laptop(alice):
    return log_in(Client(headers={"User-Agent": LAPTOP}), alice)


@pytest.fixture
def phone(alice):
    return log_in(Client(headers={"User-Agent": PHONE}), alice)


def devices(client: Client) -> list[Element]:
    main = page(client.get(OVERVIEW)).one("main")
    below = list(main.every())
    heading = main.one("h2", id="devices")
    return next(element for element in below[below.index(heading) :] if element.tag == "ul").all("li")


def end_of(client: Client, device: int) -> str:
    """Where the button beside this device of the list sends its form."""
    return devices(client)[device].one("form")["action"]


def writes(client: Client) -> list[str]:
    """What a look at my agenda writes into the database."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get("/agenda/")
    return [query["sql"].split()[0] for query in queries if not query["sql"].startswith("SELECT")]


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (PHONE, "Safari on an iPhone"),
        (LAPTOP, "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0", "Edge on Windows"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0.0.0 Safari/537.36 OPR/112", "Opera on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/17.5 Safari/605.1.15", "Safari on a Mac"),
        ("Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/126.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (Linux; Android 14; SM-S921B) SamsungBrowser/25.0 Chrome/121", "Samsung Internet on Android"),
        ("Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) FxiOS/127.0 Mobile Safari/605", "Firefox on an iPad"),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/126.0.0.0 Safari/537.36", "Chrome on ChromeOS"),
        ("Something/1.0 (Windows)", "A browser on Windows"),
        ("Safari/1.0", "Safari"),
        ("curl/8.5.0", "curl"),
        ("", "A device that does not say what it is"),
    ],
)
def test_device_is_named_in_words(user_agent, name):
    assert device_name(user_agent) == name


def test_list_has_this_device_first_and_when_others_were_seen(laptop, phone, time_machine):
    time_machine.shift(3600)

    assert [device.text for device in devices(laptop)] == [
        "Firefox on Linux This device Logged in on 30 October 2019",
        "Safari on an iPhone Log out Safari on an iPhone, last seen an hour ago "
        "Last seen an hour ago, logged in on 30 October 2019",
    ]


def test_list_has_nobody_elses_device(laptop, bob):
    log_in(Client(headers={"User-Agent": PHONE}), bob)

    assert len(devices(laptop)) == 1


def test_every_way_in_makes_a_device(client, alice):
    client.force_login(alice)

    assert [device.text for device in devices(client)] == [
        "A device that does not say what it is This device Logged in on 30 October 2019"
    ]


def test_device_whose_log_in_ran_out_is_not_listed(laptop, phone, time_machine):
    time_machine.shift(179 * 24 * 3600)
    laptop.post(OVERVIEW, {"display_name": "", "time_zone": ""})
    laptop.cookies.clear()
    log_in(laptop, UserSession.objects.first().user)
    time_machine.shift(2 * 24 * 3600)

    assert len(devices(laptop)) == 1


def test_new_password_takes_other_devices_off_the_list(laptop, phone):
    new = "marble-lantern-7"

    laptop.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})

    assert [device.one("span.badge").text for device in devices(laptop)] == ["This device"]
    assert user_of(phone) is not None
    assert phone.get(OVERVIEW).status_code == 302


def test_ending_a_device_logs_it_out_at_its_next_request(laptop, phone, alice):
    response = laptop.post(end_of(laptop, 1), follow=True)

    assert response.redirect_chain == [(BACK, 302)]
    assert page(response).one("div", id="messages").texts("p") == ["Safari on an iPhone is logged out."]
    assert (user_of(laptop), user_of(phone)) == (alice, None)
    assert phone.get(OVERVIEW)["Location"] == "/accounts/login/?next=/accounts/"
    assert len(devices(laptop)) == 1


def test_ending_everywhere_else_leaves_this_device(laptop, phone, alice, bob):
    others = log_in(Client(), bob)

    response = laptop.post(END_OTHERS, follow=True)

    assert page(response).one("div", id="messages").texts("p") == ["You are logged out everywhere else."]
    assert (user_of(laptop), user_of(phone), user_of(others)) == (alice, None, bob)


def test_ending_everywhere_else_is_offered_where_there_is_one(laptop, alice):
    alone = page(laptop.get(OVERVIEW)).texts("button")
    log_in(Client(), alice)

    assert set(page(laptop.get(OVERVIEW)).texts("button")) - set(alone) == {
        "Log out everywhere else",
        "Log out A device that does not say what it is, last seen now",
    }


def test_ending_somebody_elses_device_is_404(laptop, bob):
    bobs = log_in(Client(), bob)

    assert laptop.post(f"/accounts/sessions/{UserSession.objects.get(user=bob).pk}/end").status_code == 404
    assert user_of(bobs) == bob


def test_ending_what_is_gone_or_this_device_is_404(laptop, phone, alice):
    address = end_of(laptop, 1)
    laptop.post(address)

    assert laptop.post(address).status_code == 404
    assert laptop.post(f"/accounts/sessions/{10**40}/end").status_code == 404
    assert laptop.post(f"/accounts/sessions/{UserSession.objects.get().pk}/end").status_code == 404
    assert user_of(laptop) == alice


def test_ending_asks_for_sign_in(client, phone):
    one = f"/accounts/sessions/{UserSession.objects.get().pk}/end"

    for address in (one, END_OTHERS):
        assert client.post(address)["Location"] == f"/accounts/login/?next={address}"
    assert user_of(phone) is not None


def test_looking_ends_nothing(laptop, phone):
    one = end_of(laptop, 1)

    assert laptop.get(one).status_code == 405
    assert laptop.get(END_OTHERS)["Location"] == BACK
    assert user_of(phone) is not None


def test_device_is_written_down_once_in_ten_minutes(laptop, time_machine):
    at_once = [writes(laptop), writes(laptop)]
    time_machine.shift(599)
    before = writes(laptop)
    time_machine.shift(1)
    after = [writes(laptop), writes(laptop)]

    assert (at_once, before, after) == ([[], []], [], [["UPDATE"], []])
    assert UserSession.objects.get().last_seen_at == timezone.now()


def test_device_is_written_down_by_one_process_alone(laptop, time_machine):
    time_machine.shift(599)
    noted.clear()  # as in a process that has not seen this device

    assert writes(laptop) == []


def test_visitors_leave_no_device(client, db):
    client.post("/agenda/time-zone/", {"time_zone": "Asia/Tokyo"})

    assert writes(client) == []
    assert not UserSession.objects.exists()


def test_device_that_is_not_known_yet_is_found_out(laptop, time_machine):
    UserSession.objects.all().delete()
    time_machine.shift(600)

    laptop.get("/agenda/")

    assert UserSession.objects.get().user_agent == LAPTOP


def test_no_table_keeps_the_address_that_anybody_came_from(client, alice, time_machine):
    came_from = {"REMOTE_ADDR": ADDRESS}
    log_in(client, alice, **came_from)
    new = {"password1": "marble-lantern-7", "password2": "marble-lantern-7"}
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, **new}, **came_from)
    time_machine.shift(3600)
    client.post("/accounts/data/delete", **came_from)  # too late: allauth would keep the request, to repeat it
    client.post("/accounts/2fa/recovery-codes/generate/", **came_from)

    assert [row for row in every_row() if ADDRESS in row] == []
    assert set(UserSession.objects.values_list("ip", flat=True)) == {"::"}


def test_limits_still_know_the_address(client, alice, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}
    wrong = {"login": "alice@example.org", "password": "wrong"}

    answers = [client.post("/accounts/login/", wrong, REMOTE_ADDR=ADDRESS).status_code for _ in range(3)]

    assert answers == [200, 200, 429]
    assert client.post("/accounts/login/", wrong, REMOTE_ADDR="203.0.113.78").status_code == 200
