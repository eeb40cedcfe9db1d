"""Stars with JavaScript: they follow the taps, however fast, and a failed save is never shown as saved."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from accounts.models import User
from tests.browser.conftest import OpenPage
from tests.browser.steps import (
    NESTING,
    OPENING,
    PROGRAMME,
    VIRTIO_FS,
    expect_not_starred,
    expect_star_count,
    expect_starred,
    give_stars,
    row_of,
    star_of,
    unstarred_row_of,
)
from tests.browser.trouble import Trouble

pytestmark = pytest.mark.browser


def test_star_count_in_the_header_follows(page: Page) -> None:
    page.goto(PROGRAMME)
    expect_star_count(page, 0)

    star_of(page, OPENING).click()
    expect_star_count(page, 1)
    star_of(page, NESTING).click()
    expect_star_count(page, 2)
    star_of(page, OPENING).click()
    expect_star_count(page, 1)

    page.reload()
    expect_star_count(page, 1)
    expect_starred(page, NESTING)
    expect_not_starred(page, OPENING)


def test_first_stars_in_two_tabs_at_once_are_both_kept(page: Page) -> None:
    other = page.context.new_page()
    tabs = {page: OPENING, other: NESTING}
    for tab in tabs:
        tab.goto(PROGRAMME)

    for tab, talk in tabs.items():
        star_of(tab, talk).evaluate("star => { star.click(); }")  # does not wait for the answer
    for tab, talk in tabs.items():
        expect_starred(tab, talk)

    page.reload()
    expect_star_count(page, 2)


FAILED_SAVES = {
    "no answer": (lambda route: route.abort(), ["net::ERR_FAILED", "htmx:sendError", "htmx:afterRequest"]),
    "403": (lambda route: route.fulfill(status=403), ["status of 403", "Response Status Error Code 403"]),
    "409": (lambda route: route.fulfill(status=409), ["status of 409", "Response Status Error Code 409"]),
    "503": (lambda route: route.fulfill(status=503), ["status of 503", "Response Status Error Code 503"]),
    "500": (lambda route: route.fulfill(status=500), ["status of 500", "Response Status Error Code 500"]),
}


@pytest.mark.parametrize(("answer", "notes"), FAILED_SAVES.values(), ids=FAILED_SAVES)
def test_failed_save_is_shown_as_failed_and_can_be_repeated(
    page: Page, trouble: Trouble, answer: Callable[[Route], None], notes: list[str]
) -> None:
    trouble.foresee(*notes)
    page.goto(PROGRAMME)
    page.route("**/star", answer, times=1)
    star = star_of(page, OPENING)

    star.click()

    expect(page.get_by_role("alert")).to_contain_text("Not saved")
    expect(star).to_have_class("star failed")
    expect_not_starred(page, OPENING)
    expect_star_count(page, 0)

    star.click()

    expect_starred(page, OPENING)
    expect_star_count(page, 1)
    expect(star).to_have_class("star")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_star_on_the_page_of_a_person_who_logged_out_leads_to_a_fresh_page(
    open_page: OpenPage, trouble: Trouble, alice: User
) -> None:
    trouble.foresee("status of 409", "Response Status Error Code 409")
    give_stars(alice, OPENING)
    page = open_page(alice)
    page.goto(PROGRAMME)
    page.context.clear_cookies(name="sessionid")

    star_of(page, NESTING).click()
    expect_not_starred(page, NESTING)
    page.get_by_role("alert").get_by_role("link", name="Reload").click()

    expect_star_count(page, 0)
    expect_not_starred(page, OPENING)
    star_of(page, NESTING).click()
    expect_starred(page, NESTING)


@pytest.mark.parametrize(("seconds", "wait"), [(20, "a minute"), (60, "a minute"), (2201, "37 minutes")])
def test_star_too_many_says_how_long_to_wait(page: Page, trouble: Trouble, seconds: int, wait: str) -> None:
    trouble.foresee("status of 429", "Response Status Error Code 429")
    page.goto(PROGRAMME)
    page.route("**/star", lambda route: route.fulfill(status=429, headers={"Retry-After": str(seconds)}))

    star_of(page, OPENING).click()

    expect(page.get_by_role("alert")).to_contain_text(f"Not saved: that was very often. Wait {wait}, then try again.")
    expect_not_starred(page, OPENING)


def test_failed_unstar_is_shown_as_still_starred(open_page: OpenPage, trouble: Trouble, alice: User) -> None:
    give_stars(alice, OPENING)
    page = open_page(alice)
    page.goto(PROGRAMME)
    trouble.foresee(*FAILED_SAVES["no answer"][1])
    page.route("**/unstar", lambda route: route.abort())

    star_of(page, OPENING).click()

    expect(page.get_by_role("alert")).to_contain_text("Not saved")
    expect_starred(page, OPENING)
    expect_star_count(page, 1)


def test_star_whose_page_is_left_before_the_answer_is_saved_from_the_next(open_page: OpenPage, alice: User) -> None:
    give_stars(alice, NESTING)
    page = open_page(alice)
    page.goto(PROGRAMME)
    page.route(re.compile("/(un)?star$"), lambda route: None)
    star_of(page, OPENING).click()
    star_of(page, NESTING).click()

    with page.expect_response(lambda response: response.request.method == "POST"):
        page.goto("/kvm-forum-2019/speakers/")

    expect_star_count(page, 1)
    assert [star.session.title for star in alice.stars.all()] == [OPENING]


def test_double_click_stars(page: Page) -> None:
    page.goto(PROGRAMME)

    star_of(page, OPENING).dblclick()

    expect_star_count(page, 1)
    expect_starred(page, OPENING)
    page.reload()
    expect_starred(page, OPENING)


def test_taps_faster_than_the_answers_are_all_saved(page: Page) -> None:
    page.goto(PROGRAMME)
    waiting = hold_first_answer(page)

    for title in (OPENING, NESTING, VIRTIO_FS):
        star_of(page, title).click()
        assert star_of(page, title).evaluate("star => getComputedStyle(star, '::before').content") == '"★" / ""'
    expect_star_count(page, 0)
    waiting[0].continue_()

    expect_star_count(page, 3)
    expect_starred(page, OPENING, NESTING, VIRTIO_FS)
    page.reload()
    expect_starred(page, OPENING, NESTING, VIRTIO_FS)


def test_tap_after_a_double_tap_is_saved(page: Page) -> None:
    page.goto(PROGRAMME)
    waiting = hold_first_answer(page)

    star_of(page, OPENING).dblclick()
    star_of(page, NESTING).click()
    waiting[0].continue_()

    expect_starred(page, OPENING, NESTING)
    expect_star_count(page, 2)


def test_agenda_follows_without_reloading(open_page: OpenPage, alice: User) -> None:
    give_stars(alice, OPENING, NESTING, VIRTIO_FS)
    page = open_page(alice)
    page.goto("/agenda/")
    expect(page.get_by_text("3 talks · 1 h 30 min")).to_be_visible()
    page.evaluate("window.stillTheSamePage = true")

    star_of(page, NESTING).click()

    expect(unstarred_row_of(page, NESTING)).to_have_count(1)
    expect_not_starred(page, NESTING)
    expect(page.get_by_text("2 talks · 1 h ·")).to_be_visible()
    expect_star_count(page, 2)
    assert page.evaluate("window.stillTheSamePage")


def test_agenda_follows_taps_faster_than_the_answers(open_page: OpenPage, alice: User) -> None:
    give_stars(alice, OPENING, NESTING, VIRTIO_FS)
    page = open_page(alice)
    page.goto("/agenda/")
    waiting = hold_first_answer(page)

    for title in (OPENING, NESTING, VIRTIO_FS):
        star_of(page, title).click()
    waiting[0].continue_()

    for title in (OPENING, NESTING, VIRTIO_FS):
        expect(unstarred_row_of(page, title)).to_have_count(1)
    expect_star_count(page, 0)
    page.goto("/agenda/")
    expect(page.get_by_role("heading", name="Nothing starred yet")).to_be_visible()


def test_undo_in_the_agenda_stars_again_and_the_row_stays_until_the_page_is_left(
    open_page: OpenPage, alice: User
) -> None:
    give_stars(alice, OPENING, NESTING, VIRTIO_FS)
    page = open_page(alice)
    page.goto("/agenda/")
    for title in (OPENING, NESTING):
        star_of(page, title).click()
        expect(unstarred_row_of(page, title)).to_have_count(1)

    page.get_by_role("button", name=f"Undo and star {NESTING} again").click()

    expect_starred(page, NESTING, VIRTIO_FS)
    expect_star_count(page, 2)
    expect(unstarred_row_of(page, NESTING)).to_have_count(0)
    expect(unstarred_row_of(page, OPENING)).to_have_count(1)
    page.goto(PROGRAMME)
    page.goto("/agenda/")
    expect_starred(page, NESTING, VIRTIO_FS)
    expect(row_of(page, OPENING)).to_have_count(0)


def hold_first_answer(page: Page) -> list[Route]:
    """The first star or unstar waits in the list until it is told to go on; later ones pass."""
    waiting: list[Route] = []
    page.route("**/sessions/**", lambda route: waiting.append(route), times=1)
    return waiting
