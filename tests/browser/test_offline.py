"""Without network: the programme stays readable, no star is lost, and none comes back."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as site
from django.db.models import F
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, Playwright, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import CalendarKey, User
from agenda.models import Event, Session, Star, StarLog
from agenda.stars.starring import star, unstar
from forum import installed
from tests.agenda.kvm_forum import add_session
from tests.agenda.programme_edits import edit
from tests.browser.conftest import PATIENCE
from tests.browser.network import Network, between
from tests.browser.phone import Phone
from tests.browser.steps import (
    LAST,
    NESTING,
    OPENING,
    PROGRAMME,
    VIRTIO_FS,
    address_of,
    expect_not_starred,
    expect_star_count,
    expect_starred,
    give_stars,
    sign_in,
    star_of,
)
from tests.browser.test_accessibility import faults

pytestmark = pytest.mark.browser

# As a worker kept them that made its answers itself, and remembered which of them was the last.
KEPT_BEFORE = """caches.open('documents').then((documents) => Promise.all([
  documents.put('/last', new Response('/kvm-forum-2019/offline/')),
  documents.put('/kvm-forum-2019/offline/', new Response('<html>', {headers: {Programme: '2019-11-01'}})),
]))"""
ANOTHER_KEPT = """caches.open('documents').then((documents) => documents.put('/another/offline/',
  new Response('<html>', {headers: {Date: 'Thu, 31 Oct 2019 10:00:00 GMT', Programme: '2019-11-01'}})))"""
ON_ITS_WAY = 2_000  # milliseconds that a request may take here: by so much a tap may seem later than it was


@pytest.fixture(autouse=True)
def event_of_tomorrow(programme: None, settings: Settings) -> Event:
    """KVM Forum as if it began tomorrow, so that no talk is folded as over, on a site whose programmes may be kept."""
    settings.OFFLINE = True
    event = Event.objects.get()
    later = timezone.now().date() + timedelta(days=1) - event.starts_on
    Session.objects.update(start=F("start") + later, end=F("end") + later)
    Event.objects.update(starts_on=event.starts_on + later, ends_on=event.ends_on + later)
    return Event.objects.get()


@pytest.fixture
def network(live_server: LiveServer, settings: Settings) -> Iterator[Network]:
    with between(live_server.thread.port) as network:
        settings.SITE_URL = network.url
        yield network


@pytest.fixture
def phone(playwright: Playwright, network: Network, tmp_path: Path) -> Iterator[Phone]:
    phone = Phone(playwright, network, tmp_path / "phone")
    yield phone
    phone.context.close()
    assert phone.errors == []


@pytest.fixture
def other_phone(playwright: Playwright, network: Network, tmp_path: Path) -> Iterator[Phone]:
    phone = Phone(playwright, network, tmp_path / "other")
    yield phone
    phone.context.close()


def log_of(title: str) -> list[tuple[bool, str]]:
    return list(StarLog.objects.filter(session__title=title).order_by("pk").values_list("starred", "through"))


def starred() -> set[str]:
    return set(Star.objects.values_list("session__title", flat=True))


def words_beside(element: Locator) -> str:
    """What site.css writes after what is in the element."""
    return str(element.evaluate("each => getComputedStyle(each, '::after').content")).split('"')[1].strip()


def banner(page: Page) -> Locator:
    return page.locator(".offline-bar")


def test_stars_given_in_a_cellar_all_arrive(phone: Phone, network: Network, alice: User, client: Client) -> None:
    give_stars(alice, OPENING)
    _, key = CalendarKey.objects.issue(alice, name="Phone", once="cellar")
    phone.log_in(alice)
    page = phone.open(PROGRAMME)

    phone.cut()
    page.reload()
    expect(banner(page)).to_contain_text(re.compile(r"No connection\. Programme of \d\d:\d\d, saved on this device\."))
    expect(page.locator(".session")).to_have_count(20)
    expect_starred(page, OPENING)
    for title in (NESTING, VIRTIO_FS, LAST, OPENING):
        star_of(page, title).click()
    expect(banner(page)).to_contain_text("4 changes wait")
    assert faults(page) == []
    page.goto(address_of(VIRTIO_FS))
    expect(page.locator(":target")).to_contain_text(VIRTIO_FS)
    expect(page.locator(":target .prose").first).to_be_visible()
    phone.restart()
    page = phone.page
    page.goto("/agenda/")
    expect(page.get_by_role("heading", level=1)).to_have_text("My agenda")
    expect(page.locator(".session:visible")).to_have_count(3)
    expect(page.locator(".star.waiting:visible")).to_have_count(3)
    assert words_beside(star_of(page, LAST)) == "waits"
    expect(banner(page)).to_contain_text("4 changes wait; your calendars do not have them yet.")
    edit(Session.objects.get(title=NESTING), title=f"{NESTING} again")
    assert starred() == {OPENING}

    phone.up()
    expect(page.locator(".since")).to_contain_text(f"1 change since your copy. Show the page of now{NESTING} again")
    expect(banner(page)).to_be_hidden()
    assert starred() == {f"{NESTING} again", VIRTIO_FS, LAST}
    assert [log_of(title) for title in (OPENING, VIRTIO_FS)] == [[(False, "offline")], [(True, "offline")]]
    assert StarLog.objects.count() == 4
    feed = client.get(f"/calendar/{key}.ics").content.decode()
    assert [feed.count(f"SUMMARY:{title[:20]}") for title in (OPENING, VIRTIO_FS, LAST)] == [0, 1, 1]
    page.get_by_role("link", name="Show the page of now").click()
    expect_starred(page, VIRTIO_FS, LAST)
    expect_star_count(page, 3)


def test_saved_star_whose_answer_is_lost_is_kept_once(phone: Phone, network: Network, alice: User) -> None:
    phone.log_in(alice)
    page = phone.open(PROGRAMME)
    network.loses = lambda method, path: method == "POST"

    star_of(page, NESTING).click()
    expect(star_of(page, NESTING)).to_have_class("star waiting")
    expect(banner(page)).to_contain_text("1 change waits")
    phone.until(f"!navigator.locks.query().then(({{held}}) => held.length) || {json.dumps(starred() == {NESTING})}")
    assert starred() == {NESTING}

    network.loses = lambda method, path: False
    page.get_by_role("button", name="Try again").click()
    expect(star_of(page, NESTING)).to_have_class("star")
    expect_starred(page, NESTING)
    expect(banner(page)).to_be_hidden()
    assert starred() == {NESTING}
    assert {starred for starred, _ in log_of(NESTING)} == {True}
    star_of(page, NESTING).click()
    expect_not_starred(page, NESTING)
    expect_star_count(page, 0)
    assert starred() == set()


def test_visitor_s_taps_come_along_to_the_account(phone: Phone, network: Network, alice: User) -> None:
    page = phone.page
    page.goto(PROGRAMME)
    phone.until("caches.match('/kvm-forum-2019/offline/')")
    assert network.asked("GET /agenda/stars") == 0  # which would give a cookie
    star_of(page, OPENING).click()
    phone.until("localStorage.stars")
    phone.cut()
    page.reload()
    expect_starred(page, OPENING)
    star_of(page, NESTING).click()
    expect(banner(page)).to_contain_text("1 change waits")
    phone.up()
    expect(banner(page)).to_be_hidden()
    page.goto(f"/accounts/login/?next={PROGRAMME}")
    sign_in(page, alice.email)
    expect(page.get_by_role("status").filter(has_text="2 talks you starred are now in your agenda.")).to_be_visible()
    assert starred() == {OPENING, NESTING}


def tap_twice(page: Page, title: str) -> None:
    """Taken and given again, which is no earlier wish."""
    star_of(page, title).click()
    star_of(page, title).click()
    expect(star_of(page, title)).to_have_class("star waiting")


def test_last_of_a_tap_and_a_calendar_wins(phone: Phone, network: Network, alice: User) -> None:
    before, after = Session.objects.get(title=NESTING), Session.objects.get(title=VIRTIO_FS)
    star(alice, [before.pk, after.pk], through=StarLog.Through.PAGE)
    phone.log_in(alice)
    page = phone.open("/agenda/")
    phone.cut()
    page.reload()

    unstar(alice, before, through=StarLog.Through.CALDAV)
    tap_twice(page, NESTING)
    tap_twice(page, VIRTIO_FS)
    page.wait_for_timeout(ON_ITS_WAY)
    unstar(alice, after, through=StarLog.Through.CALDAV)
    phone.up()

    told = page.locator(".notice").filter(has_text="Deleted in your calendar at")
    expect(told).to_contain_text(f"“{VIRTIO_FS}”: Deleted in your calendar at")
    assert starred() == {NESTING}
    told.get_by_role("button", name="Star it again").click()
    expect(told).to_have_count(0)
    phone.until("Object.keys(localStorage).every((key) => !key.startsWith('star:'))")
    assert starred() == {NESTING, VIRTIO_FS}


def in_a_cellar(user: User, *phones: Phone) -> None:
    """The user's phones, each with the programme that it has kept, and no network."""
    for each in phones:
        each.log_in(user)
        each.open(PROGRAMME)
    for each in phones:
        each.cut()
        each.page.reload()


def test_later_of_two_phones_wins_whichever_comes_first(
    phone: Phone, other_phone: Phone, network: Network, alice: User
) -> None:
    star(alice, [Session.objects.get(title=NESTING).pk], through=StarLog.Through.PAGE)
    in_a_cellar(alice, phone, other_phone)

    star_of(phone.page, NESTING).click()
    star_of(phone.page, LAST).click()
    phone.page.wait_for_timeout(ON_ITS_WAY)
    tap_twice(other_phone.page, NESTING)
    star_of(other_phone.page, LAST).click()
    star_of(other_phone.page, LAST).click()
    other_phone.up()
    expect(banner(other_phone.page)).to_be_hidden()
    phone.up()

    expect(phone.page.locator(".notice").filter(has_text="on this device at")).to_have_count(2)
    assert starred() == {NESTING}
    expect_starred(phone.page, NESTING)


def test_order_of_taps_holds_where_clocks_are_wrong(
    phone: Phone, other_phone: Phone, network: Network, alice: User
) -> None:
    early, late = Session.objects.get(title=NESTING), Session.objects.get(title=LAST)
    star(alice, [early.pk, late.pk], through=StarLog.Through.PAGE)
    phone.set_clock_wrong(timedelta(days=1))
    other_phone.set_clock_wrong(timedelta(days=-1))
    in_a_cellar(alice, phone, other_phone)

    star_of(phone.page, NESTING).click()
    phone.page.wait_for_timeout(ON_ITS_WAY)
    unstar(alice, early, through=StarLog.Through.PAGE)
    star(alice, [early.pk], through=StarLog.Through.PAGE)
    unstar(alice, late, through=StarLog.Through.PAGE)
    tap_twice(other_phone.page, LAST)
    for each in (phone, other_phone):
        each.up()
        expect(banner(each.page)).to_be_hidden()

    expect(phone.page.locator(".notice").filter(has_text=f"“{NESTING}”: Starred at")).to_be_visible()
    assert starred() == {NESTING, LAST}
    assert [each for each, _ in log_of(LAST)] == [True, False, True]


def test_taps_wait_for_their_own_person(phone: Phone, network: Network, alice: User, bob: User) -> None:
    phone.log_in(alice)
    page = phone.open(PROGRAMME)
    phone.cut()
    page.reload()
    star_of(page, NESTING).click()
    phone.log_in(bob)
    phone.up()
    page.goto(PROGRAMME)
    expect_not_starred(page, NESTING)
    phone.until("JSON.parse(localStorage.stars).at > 0")
    star_of(page, LAST).click()
    expect_star_count(page, 1)

    assert list(Star.objects.values_list("user", "session__title")) == [(bob.pk, LAST)]
    phone.log_in(alice)
    page.goto(PROGRAMME)
    expect_starred(page, NESTING)
    expect_not_starred(page, LAST)
    expect_star_count(page, 1)

    # Then she logs out, while what waits cannot be saved.
    network.loses = lambda method, path: method == "POST" and "logout" not in path
    star_of(page, VIRTIO_FS).click()
    expect(star_of(page, VIRTIO_FS)).to_have_class("star waiting")
    network.closed = ("/agenda/stars",)
    page.goto("/accounts/logout/")
    expect(page.locator(".if-waiting")).to_have_text(re.compile("If you log out now, they are lost"))
    expect(page.locator(".if-waiting")).to_be_visible()
    page.get_by_role("main").get_by_role("button", name="Log out").click()
    expect(page.get_by_role("status").first).to_contain_text("You are logged out.")
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('star:'))") == []


def test_networks_that_only_look_like_one(phone: Phone, network: Network, alice: User) -> None:
    phone.log_in(alice)
    page = phone.open(PROGRAMME)
    network.be("portal")
    page.get_by_role("searchbox").fill(NESTING)
    expect(page.get_by_role("alert")).to_contain_text("Not up to date: there is no connection")
    expect(page.locator(".session")).to_have_count(20)
    star_of(page, NESTING).click()
    expect(star_of(page, NESTING)).to_have_class("star waiting")
    with page.expect_response("**/version"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # the page looks for changes
    page.wait_for_timeout(500)
    expect(page.locator("#fresh")).to_be_empty()
    page.goto("/agenda/")
    expect(page.get_by_role("heading", name="Log in to the Wi-Fi")).to_be_visible()

    network.be("silent")
    began = time.monotonic()
    page.goto(PROGRAMME)
    expect(page.locator(".session")).to_have_count(20)
    assert 3.5 < time.monotonic() - began < PATIENCE / 1000
    expect_starred(page, NESTING)
    expect(banner(page)).to_contain_text("1 change waits")

    network.be("up")
    page.get_by_role("button", name="Try again").click()
    expect(banner(page)).to_be_hidden()
    expect_starred(page, NESTING)
    phone.until("Object.keys(localStorage).every((key) => !key.startsWith('star:'))")
    assert starred() == {NESTING}
    before = len(network.answered)
    page.reload()
    phone.until("document.readyState === 'complete'")
    page.wait_for_timeout(500)
    more = {each.split()[1] for each in network.answered[before:] if "/static/" not in each}
    assert more - {"/sw.js"} == {PROGRAMME}


def test_phone_without_room_and_other_workers(
    phone: Phone, network: Network, alice: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone.log_in(alice)
    page = phone.open(PROGRAMME)
    network.be("cut")
    phone.leave_no_room()
    star_of(page, NESTING).click()
    expect(page.get_by_role("alert")).to_contain_text("Not saved")
    page.evaluate("localStorage.removeItem('filled')")
    phone.context.set_offline(True)
    expect(banner(page)).to_contain_text("No connection. This page is of")
    expect(page.get_by_role("button", name="use mine")).to_be_disabled()
    assert words_beside(page.locator(".needs-network").first) == "needs a connection"
    assert faults(page) == []
    phone.up()
    expect(page.get_by_role("button", name="use mine")).to_be_enabled()

    # All is evicted, and comes back with the next page.
    page.evaluate("caches.keys().then((names) => Promise.all(names.map((name) => caches.delete(name))))")
    page.evaluate("localStorage.clear()")
    phone.open(PROGRAMME)
    phone.until("caches.match('/static/forum/site.css')")

    # Where the browser has no room for another programme, that of before stays.
    page.evaluate(KEPT_BEFORE)
    phone.change_room(network.url, 1)
    before = network.asked("GET /kvm-forum-2019/offline/")
    page.evaluate("navigator.serviceWorker.controller.postMessage({keep: '/kvm-forum-2019/offline/'})")
    page.wait_for_timeout(1000)
    assert network.asked("GET /kvm-forum-2019/offline/") == before + 1
    assert page.evaluate("caches.match('/kvm-forum-2019/offline/').then((kept) => kept.text())") == "<html>"
    phone.change_room(network.url, None)

    # A worker with other files takes over, renews what one of before kept, and both know the pages of the other.
    edit(Session.objects.get(title=NESTING), title=f"{NESTING} again")
    monkeypatch.setattr(installed, "FILES", installed.FILES[:3])
    page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one.update())")
    phone.until("caches.match('/static/forum/favicon.svg').then((file) => !file)")
    monkeypatch.undo()
    page.evaluate(ANOTHER_KEPT)
    phone.cut()
    page.goto("/agenda/")
    expect(page.get_by_role("heading", level=1)).to_have_text("My agenda")
    expect(page.get_by_text("Also saved on this device: another")).to_be_visible()
    expect(page.get_by_role("link", name="another")).to_have_attribute("href", "/another/")
    page.goto(address_of(NESTING + " again"))
    expect(page.locator(":target")).to_contain_text(f"{NESTING} again")
    phone.up()

    settings.OFFLINE = False
    page.goto(PROGRAMME)
    page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one?.update())")
    phone.until("navigator.serviceWorker.getRegistration().then((one) => !one)")
    phone.until("caches.keys().then(({length}) => !length)")
    star_of(page, f"{NESTING} again").click()
    expect_starred(page, f"{NESTING} again")


def test_star_in_a_box_of_overlapping_talks_is_tapped_without_network(
    phone: Phone, network: Network, alice: User
) -> None:
    opening = Session.objects.select_related("event").get(title=OPENING)
    add_session(opening.event, "Keynote", f"{timezone.localtime(opening.start, opening.event.zone):%Y-%m-%d %H:%M}")
    give_stars(alice, "Keynote", OPENING)
    phone.log_in(alice)
    page = phone.open("/agenda/")
    network.be("cut")
    phone.context.set_offline(True)

    box = page.locator(".clash-box")
    expect(box.locator(".needs-network")).to_have_count(2)
    assert words_beside(box.locator("legend > span")) == "That needs a connection."
    assert [radio.is_disabled() for radio in box.get_by_role("radio").all()] == [True, True]
    star_of(page, "Keynote").click()
    expect(star_of(page, "Keynote")).to_have_attribute("title", "waits to be saved")
    expect(banner(page)).to_contain_text("1 change waits")
    assert faults(page) == []
    phone.up()

    expect(box).to_have_count(0)
    expect_starred(page, OPENING)
    assert starred() == {OPENING}


def test_installing_is_offered_in_one_line(phone: Phone, alice: User, browser: Browser, network: Network) -> None:
    give_stars(alice, OPENING)
    phone.log_in(alice)
    page = phone.open("/agenda/")
    hint = page.locator("#install")
    expect(hint).to_be_hidden()
    page.evaluate(
        "dispatchEvent(Object.assign(new Event('beforeinstallprompt'), {prompt: () => { window.asked = true; }}))"
    )
    hint.get_by_role("button", name="install this site").click()
    assert page.evaluate("window.asked")
    hint.get_by_role("button", name="No, thanks").click()
    page.reload()
    expect(hint).to_have_count(0)

    iphone = browser.new_context(base_url=network.url, user_agent="Mozilla/5.0 (iPhone) AppleWebKit/605 Safari/605")
    iphone.add_cookies([each for each in phone.context.cookies() if each["name"] == site.SESSION_COOKIE_NAME])
    page = iphone.new_page()
    page.goto("/agenda/")
    expect(page.locator("#install")).to_contain_text("sign in there with the code")
    iphone.close()
