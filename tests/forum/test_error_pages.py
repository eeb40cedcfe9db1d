"""The pages for what went wrong: in the site's look, one heading each, nothing lost."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from forum.urls import urlpatterns as site


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError


def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


urlpatterns = [path("broken/", broken), path("forbidden/", forbidden), *site]
pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db, pytest.mark.any_database]

STAR = "/kvm-forum-2019/sessions/nesting-testing/star"


def headings(response: HttpResponse) -> list[str]:
    return re.findall(r"<h1>(.*?)</h1>", response.content.decode())


def forms(response: HttpResponse) -> list[str]:
    return re.findall(r'<form class="buttons" method="post" action="([^"]*)"', response.content.decode())


@pytest.fixture
def late_client() -> Client:
    """Its forms carry no valid token, as those of a page open since yesterday."""
    return Client(enforce_csrf_checks=True)


@pytest.mark.parametrize("address", ["/accounts/nothing", "/no-such-event/", "/dev/nothing/"])
def test_unknown_address_offers_search_and_programme(client, address):
    response = client.get(address)

    assert (response.status_code, headings(response)) == (404, ["There is nothing here"])
    assert '<form class="search" action="/" role="search">' in response.content.decode()


def test_unknown_address_works_signed_in(client, alice):
    client.force_login(alice)

    response = client.get("/accounts/nothing")

    assert (response.status_code, headings(response)) == (404, ["There is nothing here"])


def test_forbidden_page_says_whom_to_ask(client, alice):
    client.force_login(alice)

    response = client.get("/forbidden/")

    assert (response.status_code, headings(response)) == (403, ["You may not do that"])


def test_unknown_host_is_not_understood(client):
    response = client.get("/", headers={"host": "elsewhere.example"})

    assert (response.status_code, headings(response)) == (400, ["We did not understand that"])


def test_broken_page_stands_alone(client, alice, django_assert_num_queries):
    client.force_login(alice)
    client.raise_request_exception = False

    with django_assert_num_queries(0):
        response = client.get("/broken/")

    assert (response.status_code, headings(response)) == (500, ["Something went wrong on our side"])
    assert 'href="/static/forum/site.css"' in response.content.decode()


def test_stale_star_can_be_repeated_in_one_tap(late_client):
    response = late_client.post(STAR, {"next": "/kvm-forum-2019/?q=a&day=2019-10-31"})

    page = response.content.decode()
    assert (response.status_code, headings(response), forms(response)) == (403, ["The page was open too long"], [STAR])
    assert '<input type="hidden" name="next" value="/kvm-forum-2019/?q=a&amp;day=2019-10-31">' in page
    assert '<button class="button primary">Star it again</button>' in page


def test_stale_star_is_repeated_with_a_fresh_token(late_client):
    page = late_client.post(STAR, {"next": "/"}).content.decode()
    token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]*)"', page)[0]

    response = late_client.post(STAR, {"next": "/", "csrfmiddlewaretoken": token})

    # The token is good: what answers is the star's own view, for a session that is not there.
    assert (response.status_code, headings(response)) == (404, ["There is nothing here"])


def test_stale_removal_of_a_star_can_be_repeated(late_client):
    response = late_client.post(STAR.replace("star", "unstar"))

    assert forms(response) == [STAR.replace("star", "unstar")]
    assert '<button class="button primary">Remove the star</button>' in response.content.decode()
    assert 'name="next"' not in response.content.decode()


@pytest.mark.parametrize(
    ("referrer", "back"),
    [
        ("http://testserver/agenda/calendars/?x=1", "/agenda/calendars/?x=1"),
        ("http://testserver//elsewhere.example/?x=1", "/elsewhere.example/?x=1"),
        ("http://elsewhere.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_other_stale_form_leads_back_to_its_page(late_client, referrer, back):
    response = late_client.post("/agenda/calendars/add", headers={"referer": referrer})

    assert (response.status_code, forms(response)) == (403, [])
    assert f'<a class="button primary" href="{back}">Go back</a>' in response.content.decode()


HOSTS = {
    "other.example.net:8000": "If it names this site, add 'other.example.net' to ALLOWED_HOSTS.",
    "a\nb%s": "It is no host's name.",
    f"{'x' * 9_000}": f"If it names this site, add '{'x' * 8}…' to ALLOWED_HOSTS.",
}


@pytest.mark.parametrize("host", HOSTS)
def test_log_names_the_variable_that_lets_another_host_in_on_one_line(client, db, logged, time_machine, host):
    time_machine.move_to("2031-10-30T08:00Z", tick=False)

    assert client.get("/", headers={"Host": host}).status_code == 400

    (line,) = [line for line in logged.getvalue().splitlines() if " django.security" in line]
    shown = f"{'x' * 8}…" if host.startswith("x") else host
    assert line.endswith(f"Refused the Host {shown!r}. {HOSTS[host]}")


def test_flood_of_other_hosts_fills_no_log(client, db, logged, time_machine):
    for minute in (0, 1):
        time_machine.move_to(f"2032-10-30T08:0{minute}Z", tick=False)
        for number in range(50):
            client.get("/", headers={"Host": f"{number}.example.net"})

    assert logged.getvalue().count("to ALLOWED_HOSTS.\n") == 20


@pytest.mark.parametrize("body", ["x" * 30, "&".join(f"field{number}=" for number in range(15_001))])
def test_request_that_cannot_be_read_is_logged_without_a_traceback(client, db, logged, body):
    kind = "multipart/form-data; boundary=x" if body[0] == "x" else "application/x-www-form-urlencoded"

    answer = client.post("/accounts/login/", body, content_type=kind.replace("boundary=x", "boundary=\xff"))

    assert (answer.status_code, "Traceback" in logged.getvalue()) == (400, False)
