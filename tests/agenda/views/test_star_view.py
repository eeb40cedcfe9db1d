"""Starring from a page: by form or by htmx, for visitors and for people with an account."""

from __future__ import annotations

import pytest
from django.test import Client

from agenda.models import Session, Star, StarLog
from agenda.stars.starred import VISITOR_STARS
from tests.agenda.kvm_forum import BEFORE, add_event, add_session, session_of
from tests.pages import page

pytestmark = pytest.mark.any_database

SESSION = "/kvm-forum-2019/sessions/managing-matryoshkas-testing-nested-guests/"
STAR, UNSTAR = f"{SESSION}star", f"{SESSION}unstar"
PLACE = "#s-managing-matryoshkas-testing-nested-guests"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def visitor_stars(client: Client) -> list[int]:
    return client.session.get(VISITOR_STARS, [])


def test_visitor_stars_into_the_cookie_session(client, opening):
    response = client.post(STAR)

    assert (response.status_code, response["Location"]) == (302, SESSION + PLACE)
    assert visitor_stars(client) == [opening.pk]
    assert Star.objects.count() == StarLog.objects.count() == 0


def test_visitor_unstars(client, opening):
    other = session_of("Nesting&testing")
    client.post(STAR)
    client.post(f"{other.get_absolute_url()}star")

    response = client.post(UNSTAR)

    assert response.status_code == 302
    assert visitor_stars(client) == [other.pk]


def test_visitor_may_repeat_both(client, opening):
    statuses = [client.post(address).status_code for address in (STAR, STAR, UNSTAR, UNSTAR)]

    assert statuses == [302, 302, 302, 302]
    assert visitor_stars(client) == []


def test_visitor_who_unstars_nothing_gets_no_cookie(client, opening):
    assert client.post(UNSTAR).cookies == {}


def test_alice_stars_and_bob_sees_nothing_of_it(client, alice, bob, opening):
    client.force_login(alice)

    response = client.post(STAR)

    assert response.status_code == 302
    assert list(Star.objects.values_list("user", "session")) == [(alice.pk, opening.pk)]
    assert list(StarLog.objects.values_list("user", "starred", "through")) == [(alice.pk, True, "page")]
    client.force_login(bob)
    assert page(client.get(SESSION)).one("button.star")["aria-pressed"] == "false"


def test_alice_may_repeat_both(client, alice, opening):
    client.force_login(alice)

    for address in (STAR, STAR, UNSTAR, UNSTAR):
        client.post(address)

    assert Star.objects.count() == 0
    assert list(StarLog.objects.order_by("pk").values_list("starred", flat=True)) == [True, False]


def test_htmx_gets_the_button_that_undoes_it(client, opening):
    response = client.post(STAR, headers=HTMX)

    part = page(response)
    button = part.one("button")
    assert (button["aria-pressed"], button["aria-label"]) == ("true", f"Star: {opening.title}")
    assert button["formaction"] == button["hx-post"] == UNSTAR
    assert response["HX-Trigger"] == "stars-changed"


def test_htmx_gets_the_new_count_beside_the_button(client, opening):
    client.post(f"{session_of('Nesting&testing').get_absolute_url()}star")

    part = page(client.post(STAR, headers=HTMX))

    assert part.one("span", id="star-count", hx_swap_oob="true").text == "2"


def test_htmx_gets_no_number_when_the_last_star_is_gone(client, opening):
    client.post(STAR)

    part = page(client.post(UNSTAR, headers=HTMX))

    assert part.one("button")["aria-pressed"] == "false"
    assert part.one("button")["hx-post"] == STAR
    assert part.one("span", id="star-count").text == ""


@pytest.mark.parametrize("address", [STAR, UNSTAR])
@pytest.mark.parametrize("method", ["get", "head", "put", "delete"])
def test_other_methods_are_refused(client, opening, address, method):
    assert getattr(client, method)(address).status_code == 405


@pytest.mark.parametrize("word", ["star", "unstar"])
@pytest.mark.parametrize("path", ["kvm-forum-2019/sessions/nothing", "no-event/sessions/nothing"])
def test_unknown_session_is_not_found(client, kvm_forum, path, word):
    assert client.post(f"/{path}/{word}").status_code == 404


def test_session_of_another_event_is_not_found(client, opening):
    add_event("other", "Europe/Paris", "2019-10-31", "2019-10-31")

    assert client.post(STAR.replace("kvm-forum-2019", "other")).status_code == 404


@pytest.mark.parametrize("address", [STAR, UNSTAR])
def test_unpublished_session_is_not_found_but_by_editors(client, alice, editor, opening, address):
    Session.objects.filter(pk=opening.pk).update(is_published=False)
    statuses = [client.post(address).status_code]
    for user in (alice, editor):
        client.force_login(user)
        statuses.append(client.post(address).status_code)

    assert statuses == [404, 404, 302]


def test_stale_form_is_refused_and_offers_to_repeat(kvm_forum, opening):
    client = Client(enforce_csrf_checks=True)

    response = client.post(STAR, {"next": "/kvm-forum-2019/?q=nested"})

    assert response.status_code == 403
    form = page(response).one("form", action=STAR)
    assert form.fields()["next"] == "/kvm-forum-2019/?q=nested"
    assert client.post(STAR, form.fields())["Location"] == f"/kvm-forum-2019/?q=nested{PLACE}"
    assert visitor_stars(client) == [opening.pk]


@pytest.mark.parametrize(
    "next_",
    [
        "/kvm-forum-2019/",
        "/kvm-forum-2019/?day=2019-10-31&q=nested%20guests&view=full",
        "/agenda/",
        "http://testserver/kvm-forum-2019/",
    ],
)
def test_way_back_is_the_page_the_form_stood_on(client, opening, next_):
    assert client.post(STAR, {"next": next_})["Location"] == next_ + PLACE


def test_way_back_replaces_the_fragment(client, opening):
    assert client.post(STAR, {"next": "/agenda/#elsewhere"})["Location"] == f"/agenda/{PLACE}"


@pytest.mark.parametrize(
    "next_",
    [
        "",
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example/",
        "\\\\evil.example",
        "http:///evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        " //evil.example",
        "\x00//evil.example",
        "https://testserver@evil.example/",
        "https://testserver.evil.example/",
        "/?q=" + "x" * 20_000,
        "#only-a-fragment",
    ],
)
def test_way_back_is_never_another_site(client, opening, next_):
    response = client.post(STAR, {"next": next_})

    assert response["Location"] == SESSION + PLACE
    assert visitor_stars(client) == [opening.pk]


def test_way_back_cannot_split_the_header(client, opening):
    location = client.post(STAR, {"next": "/agenda/?a=b\r\nSet-Cookie: x=y"})["Location"]

    assert location == f"/agenda/?a=b%0D%0ASet-Cookie:%20x=y{PLACE}"


def test_starring_without_javascript_from_the_programme(client, opening):
    programme = page(client.get("/kvm-forum-2019/?q=matryoshkas"))
    button = programme.one("button.star")
    form = programme.one("form", id=button["form"])

    response = client.post(button["formaction"], form.fields(), follow=True)

    assert response.redirect_chain == [(f"/kvm-forum-2019/?q=matryoshkas{PLACE}", 302)]
    assert page(response).one("button.star")["aria-pressed"] == "true"
    assert page(response).one("span", id="star-count").text == "1"


@pytest.mark.parametrize("stars", [0, 3])
def test_star_takes_the_same_queries_whatever_is_starred(client, alice, opening, django_assert_num_queries, stars):
    for session in Session.objects.exclude(pk=opening.pk)[:stars]:
        Star.objects.create(user=alice, session=session)
    client.force_login(alice)

    # Session, user, event and session; one to count; savepoint, lock, had, star, log, release.
    with django_assert_num_queries(11):
        client.post(STAR)
    with django_assert_num_queries(11):  # the same, with the star deleted
        client.post(UNSTAR)


def test_title_is_escaped_in_the_button(client, kvm_forum):
    title = '<script>alert(1)</script> & "quotes"'
    session = add_session(kvm_forum, title, "2019-10-31 17:30", slug="hostile")

    part = page(client.post(f"{session.get_absolute_url()}star", headers=HTMX))

    assert part.one("button")["aria-label"] == f"Star: {title}"
    assert part.all("script") == []
