"""A visitor's stars when several tabs star at once, and when one of them logs in meanwhile: none is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session as CookieSession
from django.test import Client

from accounts.models import User
from agenda.models import Session
from agenda.stars.starred import VISITOR_STARS
from tests.agenda.kvm_forum import BEFORE, KVM
from tests.conftest import PASSWORD
from tests.pages import page
from tests.threads import all_at_once

COOKIE = settings.SESSION_COOKIE_NAME
ROUNDS = 4


@pytest.fixture(autouse=True)
def clock(time_machine, kvm_forum):
    time_machine.move_to(BEFORE, tick=False)


def tab_of(browser: Client) -> Client:
    """Another tab of that browser, as it is now: its own requests, the same cookies."""
    tab = Client()
    tab.cookies.load({name: cookie.value for name, cookie in browser.cookies.items()})
    return tab


def starring(tab: Client, session: Session, word: str = "star") -> Callable[[], tuple[int, str, int]]:
    """Sends the form; returns the session's pk, the cookie that the browser is given, and the status."""
    at = f"{session.get_absolute_url()}{word}"

    def send() -> tuple[int, str, int]:
        response = tab.post(at)
        return session.pk, response.cookies[COOKIE].value if COOKIE in response.cookies else "", response.status_code

    return send


def stars_of(user: User) -> set[int]:
    return set(Session.objects.filter(stars__user=user).values_list("pk", flat=True))


@pytest.mark.parametrize("has_begun", [False, True])
def test_tabs_that_star_at_once_lose_nothing(shared_database, client, has_begun):
    client.get(KVM)  # the cookie of accounts.browsers
    first, *sessions = Session.objects.select_related("event")[:9]
    before = {starring(client, first)()[0]} if has_begun else set()

    answers = all_at_once(*(starring(tab_of(client), session) for session in sessions))

    assert {status for *_, status in answers} == {302}
    (key,) = {cookie for _, cookie, _ in answers}
    client.cookies[COOKIE] = key
    assert set(client.session[VISITOR_STARS]) == before | {session.pk for session in sessions}
    assert CookieSession.objects.count() == 1


def test_tabs_that_star_and_unstar_at_once_keep_both(shared_database, client):
    sessions = list(Session.objects.select_related("event")[:8])
    for session in sessions[:4]:
        client.post(f"{session.get_absolute_url()}star")

    all_at_once(
        *(starring(tab_of(client), session, "unstar") for session in sessions[:4]),
        *(starring(tab_of(client), session) for session in sessions[4:]),
    )

    assert set(client.session[VISITOR_STARS]) == {session.pk for session in sessions[4:]}


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_star_answered_while_the_visitor_logs_in_is_in_the_account(shared_database, client, alice, round_):
    first, *sessions = Session.objects.select_related("event")[:9]
    starring(client, first)()
    tabs = [starring(tab_of(client), session) for session in sessions]

    def log_in() -> None:
        client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})

    _, *answers = all_at_once(log_in, *tabs) if round_ else [log_in(), *(tab() for tab in tabs)]

    taken = {pk for pk, _, status in answers if status == 302}
    assert {status for *_, status in answers} <= {302, 409}
    assert stars_of(alice) == taken | {first.pk}
    assert {cookie for _, cookie, status in answers if status != 302} <= {""}  # which would take the log-in's place
    assert page(client.get("/agenda/")).one("h1").text == "My agenda"


@pytest.mark.parametrize("word", ["star", "unstar"])
def test_tap_with_the_cookie_of_before_a_log_in_is_refused_in_words(client, alice, word):
    session = Session.objects.select_related("event").first()
    client.post(f"{session.get_absolute_url()}star")
    late = tab_of(client)
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})

    response = late.post(f"{session.get_absolute_url()}{word}", headers={"referer": f"http://testserver{KVM}"})

    assert response.status_code == 409
    assert '<a class="button primary" href="/kvm-forum-2019/">Go back</a>' in response.content.decode()
    assert COOKIE not in response.cookies
    assert stars_of(alice) == {session.pk}


@pytest.fixture
def broken_log_in() -> Iterator[None]:
    """Breaks each log-in after all else was done at it."""

    def fail(**about: object) -> None:
        raise RuntimeError

    user_logged_in.connect(fail, weak=False)
    yield
    user_logged_in.disconnect(fail)


@pytest.mark.usefixtures("broken_log_in")
def test_visitor_whose_log_in_breaks_off_keeps_the_stars(client, alice):
    session = Session.objects.select_related("event").first()
    starring(client, session)()
    client.raise_request_exception = False

    response = client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})

    assert (response.status_code, stars_of(alice)) == (500, set())
    assert client.session[VISITOR_STARS] == [session.pk]
