"""What a visitor starred joins the account, whichever way they sign in, and nothing is lost."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.signals import user_logged_in
from django.core import mail
from django.test import Client, RequestFactory

from accounts.models import User
from agenda.models import Session, Star, StarLog
from agenda.stars.starred import VISITOR_STARS
from agenda.stars.starring import take_over_visitor_stars
from tests.agenda.kvm_forum import BEFORE, session_of
from tests.conftest import PASSWORD
from tests.pages import page

FIRST, SECOND, THIRD = "Managing Matryoshkas", "Nesting&testing", "KubeVirt"


@pytest.fixture(autouse=True)
def clock(time_machine, kvm_forum):
    time_machine.move_to(BEFORE, tick=False)


def star(client: Client, *titles: str) -> None:
    for title in titles:
        client.post(f"{session_of(title).get_absolute_url()}star")


def sign_in(client: Client, next_: str = "/kvm-forum-2019/"):
    """The page that signing in with the password ends on."""
    answer = {"login": "alice@example.org", "password": PASSWORD, "next": next_}
    return client.post("/accounts/login/", answer, follow=True)


def send_code(client: Client, response):
    """The page that entering the mailed code ends on."""
    code = re.search("[A-Z]{4}-[A-Z]{4}", mail.outbox[-1].body)[0]
    form = next(form for form in page(response).all("form") if "code" in form.fields())
    return client.post(form["action"], form.fields() | {"code": code}, follow=True)


def said(response) -> list[str]:
    return page(response).one("div", id="messages").texts("p")


def starred(user: User) -> set[str]:
    return set(Session.objects.filter(stars__user=user).values_list("title", flat=True))


def titles(*beginnings: str) -> set[str]:
    return {session_of(beginning).title for beginning in beginnings}


def test_stars_join_at_sign_up(client):
    star(client, FIRST, SECOND, THIRD)
    form = {"email": "carol@example.org", "password1": "marble-lantern-7", "next": "/kvm-forum-2019/?slides=1"}

    response = send_code(client, client.post("/accounts/signup/", form, follow=True))

    assert response.redirect_chain[-1][0] == "/kvm-forum-2019/?slides=1"
    assert said(response)[-1] == "3 talks you starred are now in your agenda."
    assert starred(User.objects.get()) == titles(FIRST, SECOND, THIRD)


def test_stars_wait_until_the_code_is_entered(client):
    star(client, FIRST)

    client.post("/accounts/signup/", {"email": "carol@example.org", "password1": "marble-lantern-7"})

    assert Star.objects.count() == 0
    assert client.session[VISITOR_STARS] == [session_of(FIRST).pk]


def test_stars_join_at_sign_in_with_password(client, alice):
    star(client, FIRST, SECOND)

    response = sign_in(client)

    assert said(response) == ["2 talks you starred are now in your agenda."]
    assert starred(alice) == titles(FIRST, SECOND)
    assert set(StarLog.objects.values_list("user", "starred", "through")) == {(alice.pk, True, "merge")}


def test_stars_join_at_sign_in_with_mailed_code(client, alice):
    star(client, FIRST)

    response = send_code(client, client.post("/accounts/login/code/", {"email": "alice@example.org"}, follow=True))

    assert said(response) == ["1 talk you starred is now in your agenda."]
    assert starred(alice) == titles(FIRST)


def test_stars_of_visitor_and_account_are_united(client, alice):
    Star.objects.create(user=alice, session=session_of(SECOND))
    Star.objects.create(user=alice, session=session_of(THIRD))
    star(client, FIRST, SECOND)

    response = sign_in(client)

    assert said(response) == ["2 talks you starred are now in your agenda."]
    assert starred(alice) == titles(FIRST, SECOND, THIRD)
    assert StarLog.objects.count() == 1


def test_stars_of_two_devices_are_united(alice):
    phone, laptop = Client(), Client()
    star(phone, FIRST, SECOND)
    star(laptop, SECOND, THIRD)

    sentences = [said(sign_in(device)) for device in (phone, laptop)]

    assert sentences == [["2 talks you starred are now in your agenda."]] * 2
    assert starred(alice) == titles(FIRST, SECOND, THIRD)
    assert page(phone.get("/agenda/")).texts(".title") == page(laptop.get("/agenda/")).texts(".title")


def test_sign_in_without_stars_says_nothing_of_them(client, alice):
    assert said(sign_in(client)) == []


def test_sentence_is_said_once(client, alice):
    star(client, FIRST)
    sign_in(client)

    assert said(client.get("/kvm-forum-2019/")) == []


def test_stars_leave_the_cookie_session(client, alice):
    star(client, FIRST)

    sign_in(client)

    assert VISITOR_STARS not in client.session


def test_stars_are_not_brought_again_after_sign_out(client, alice):
    star(client, FIRST)
    sign_in(client)
    client.post(f"{session_of(FIRST).get_absolute_url()}unstar")
    client.post("/accounts/logout/")

    assert page(client.get("/agenda/")).texts(".title") == []
    assert said(sign_in(client)) == []
    assert starred(alice) == set()


def test_next_person_on_the_device_gets_none_of_it(client, alice, bob):
    star(client, FIRST)
    sign_in(client)
    client.post("/accounts/logout/")

    client.post("/accounts/login/", {"login": "bob@example.org", "password": PASSWORD})

    assert starred(bob) == set()


def test_session_that_has_gone_is_left_out(client, alice):
    star(client, FIRST, SECOND)
    session_of(FIRST).delete()

    response = sign_in(client)

    assert said(response) == ["1 talk you starred is now in your agenda."]
    assert starred(alice) == titles(SECOND)


@pytest.mark.parametrize(
    ("hidden", "count", "words"),
    [([FIRST], "1", ["1 talk you starred is now in your agenda."]), ([FIRST, SECOND], "", [])],
)
def test_session_that_was_unpublished_joins_and_is_not_counted(client, alice, hidden, count, words):
    star(client, FIRST, SECOND)
    Session.objects.filter(title__in=titles(*hidden)).update(is_published=False)

    response = sign_in(client)

    assert said(response) == words
    assert page(response).one("span", id="star-count").text == count
    assert starred(alice) == titles(FIRST, SECOND)


def test_editor_is_told_of_unpublished_sessions_too(editor):
    request = RequestFactory().get("/")
    request.session = {VISITOR_STARS: [session_of(FIRST).pk, session_of(SECOND).pk]}
    Session.objects.filter(pk=session_of(FIRST).pk).update(is_published=False)

    assert take_over_visitor_stars(request, editor) == 2


def test_all_sessions_gone_is_no_error_and_not_a_word(client, alice):
    star(client, FIRST)
    session_of(FIRST).delete()

    assert said(sign_in(client)) == []
    assert starred(alice) == set()


def test_failed_sign_in_keeps_the_visitors_stars(client, alice):
    star(client, FIRST)

    client.post("/accounts/login/", {"login": "alice@example.org", "password": "wrong"})

    assert page(client.get("/agenda/")).texts(".title") == ["Managing Matryoshkas: Testing Nested Guests"]


def test_sign_in_without_a_cookie_session_brings_nothing(alice):
    for request in (None, RequestFactory().get("/")):
        user_logged_in.send(sender=User, request=request, user=alice)

    assert starred(alice) == set()


@pytest.mark.parametrize("count", [1, 20])
def test_many_stars_join_in_as_many_queries_as_one(alice, django_assert_num_queries, count):
    request = RequestFactory().get("/")
    request.session = {VISITOR_STARS: list(Session.objects.values_list("pk", flat=True)[:count])}

    # A savepoint around all, known sessions; a savepoint, lock, what is there, stars, log, and both released.
    with django_assert_num_queries(9):
        assert take_over_visitor_stars(request, alice) == count


@pytest.mark.parametrize(("own", "kept"), [("", "Asia/Tokyo"), ("Europe/Paris", "Europe/Paris")])
def test_zone_chosen_before_signing_in_is_kept_unless_there_is_one(client, alice, own, kept):
    User.objects.filter(pk=alice.pk).update(time_zone=own)
    client.post("/agenda/time-zone/", {"time_zone": "Asia/Tokyo"})

    sign_in(client)

    alice.refresh_from_db()
    assert alice.time_zone == kept
