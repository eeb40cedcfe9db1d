"""A page that stays open while the person changes: what is tapped on it is not given to the person of now."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.contrib.sessions.models import Session as CookieSession
from django.test import Client
from django.urls import resolve

from accounts.models import CalendarKey, User
from agenda.models import Star, StarLog
from agenda.stars.starred import VISITOR_STARS
from agenda.stars.starring import star
from tests.accounts.steps import be_logged_in
from tests.agenda.kvm_forum import BEFORE, KVM, add_session, session_of
from tests.forum.addresses import address, routes, signed_in
from tests.pages import page, read_html

pytestmark = pytest.mark.any_database

# Forms of my agenda are those of these pages; editors' pages are theirs alone.
NOT_MINE = ("admin/", "media/", "health/", "dav", "calendar/", "<slug:event_slug>/edit/", "dev/")
FORMS = {
    f"agenda:{name}"
    for name in (
        *("star", "unstar", "choose", "time-zone", "notices", "stars-read", "data-delete"),
        *("calendar-add", "calendar-rename", "calendar-choose", "calendar-renew", "calendar-revoke"),
    )
}
Form = tuple[str, dict[str, str]]


@pytest.fixture(autouse=True)
def clock(time_machine, things):
    time_machine.move_to(BEFORE, tick=False)


def forms_of(client: Client, pages: set[str]) -> Iterator[Form]:
    """Where each form and each button of these pages leads, and what it sends."""
    for at in sorted(pages):
        answer = client.get(at)
        if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
            continue
        root = page(answer)
        forms = {form.attributes.get("id", ""): form.fields() for form in root.all("form", method="post")}
        for form in root.all("form", method="post"):
            if "action" in form.attributes or "id" not in form.attributes:
                yield form.attributes.get("action") or at, form.fields()
        for button in root.all("button"):
            if "formaction" in button.attributes:
                yield button["formaction"], forms[button["form"]]


def mine(client: Client, things: dict[str, object]) -> dict[str, Form]:
    """One of the forms of each kind, by the name of its view."""
    pages = {address(route, things) for route in routes() if not route.startswith(NOT_MINE)}
    found = {resolve(at.partition("?")[0]).view_name: (at, fields) for at, fields in forms_of(client, pages)}
    return {name: form for name, form in found.items() if name.startswith("agenda:")}


def log_out(browser: Client, alice: User, bob: User) -> None:
    browser.logout()


def end_elsewhere(browser: Client, alice: User, bob: User) -> None:
    CookieSession.objects.filter(pk=browser.session.session_key).delete()


def log_in_as_bob(browser: Client, alice: User, bob: User) -> None:
    browser.cookies = signed_in(bob).cookies


def everything() -> list[object]:
    rows = (Star.objects.order_by("pk"), CalendarKey.objects.order_by("pk"), User.objects.order_by("pk"))
    return [list(each.values()) for each in rows] + [StarLog.objects.count(), CookieSession.objects.count()]


@pytest.mark.parametrize("change", [log_out, end_elsewhere, log_in_as_bob])
def test_no_form_of_my_agenda_from_another_persons_page_changes_anything(
    alice, bob, browsers, things, change: Callable
):
    browser = browsers["alice"]
    nesting = session_of("Nesting&testing")  # which she has starred
    other = add_session(
        nesting.event, "Overlaps", nesting.start.astimezone(nesting.event.zone).strftime("%Y-%m-%d %H:%M")
    )
    star(alice, [other.pk], through=StarLog.Through.PAGE)
    forms = mine(browser, things)
    change(browser, alice, bob)
    before = everything()

    answers = {
        (name, *headers): browser.post(at, fields, headers=headers).status_code
        for name, (at, fields) in forms.items()
        for headers in ({}, {"HX-Request": "true"})
    }

    assert {each: status for each, status in answers.items() if status != 409} == {}
    assert everything() == before
    assert browser.session.get(VISITOR_STARS) is None
    assert forms.keys() >= FORMS


@pytest.mark.parametrize("htmx", [False, True])
def test_page_of_a_visitor_changes_nothing_for_the_person_who_logged_in(alice, bob, htmx):
    browser = Client(enforce_csrf_checks=True)
    (form,) = page(browser.get(KVM)).all("form", id="stars")
    log_in_as_bob(browser, alice, bob)

    answer = browser.post(
        f"{KVM}sessions/nesting-testing/star", form.fields(), headers={"HX-Request": "true"} if htmx else {}
    )

    assert (answer.status_code, Star.objects.filter(user=bob).count()) == (409, 0)


@pytest.mark.parametrize(("change", "word"), [(log_out, "Log in"), (log_in_as_bob, "Open the page again")])
def test_answer_leads_to_a_fresh_page(alice, bob, browsers, change, word):
    browser = browsers["alice"]
    (form,) = page(browser.get(f"{KVM}?day=2019-10-31")).all("form", id="stars")
    change(browser, alice, bob)

    answer = browser.post(f"{KVM}sessions/nesting-testing/star", form.fields())

    root = read_html(answer.content.decode())
    assert root.one("h1").text == "Another person’s page"
    assert root.all("a.primary")[0].text == word
    fresh = browser.get(root.link("Open the page again"))
    (form,) = page(fresh).all("form", id="stars")
    assert browser.post(f"{KVM}sessions/nesting-testing/star", form.fields()).status_code == 302


def test_page_of_the_same_person_keeps_working(alice, browsers):
    browser = browsers["alice"]
    (form,) = page(browser.get(KVM)).all("form", id="stars")
    be_logged_in(browser, alice)  # once more; the test for CSRF has its own say

    assert browser.post(f"{KVM}sessions/moving-s390-kvm-unit-tests-up-the-stack/star", form.fields()).status_code == 302
