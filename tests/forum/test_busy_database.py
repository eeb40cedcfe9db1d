"""A database that cannot answer for a moment is a page that says so, and a value that it cannot take a refusal."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event as Signal

import pytest
from django.db import DataError, OperationalError, connection, connections, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from accounts.models import User
from agenda.models import Session, Star
from forum.urls import handler500
from forum.urls import urlpatterns as site


def refused(request: HttpRequest) -> HttpResponse:
    raise OperationalError("too many connections")


def malformed(request: HttpRequest) -> HttpResponse:
    raise DataError("NUL")


urlpatterns = [path("x/refused", refused), path("x/malformed", malformed), *site]
__all__ = ["handler500", "urlpatterns"]


@pytest.fixture
def browser(alice: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(alice, backend="accounts.backends.Backend")
    return client


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(("name", "status", "wait"), [("refused", 503, "60"), ("malformed", 400, None)])
def test_error_of_the_database_has_a_page_of_its_own(browser, name, status, wait, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = browser.get(f"/x/{name}")

    assert (response.status_code, response.get("Retry-After")) == (status, wait)
    heading = {503: "That is not possible at the moment", 400: "We did not understand that"}[status]
    assert f"<h1>{heading}</h1>" in response.content.decode()


@pytest.fixture
def held(shared_database: None, alice: User) -> Iterator[None]:
    """Alice's row is held by somebody for as long as the test takes."""
    taken, end = Signal(), Signal()

    def hold() -> None:
        with transaction.atomic():
            list(User.objects.select_for_update().filter(pk=alice.pk))
            taken.set()
            end.wait(20)
        connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(hold)
        taken.wait(10)
        yield
        end.set()
        done.result()


def test_star_whose_row_is_held_is_told_to_come_back(browser, kvm_forum, held):
    session = Session.objects.select_related("event").first()
    with connection.cursor() as cursor:  # half a second is as good as five
        cursor.execute(
            {"postgresql": "SET lock_timeout = '500ms'", "sqlite": "PRAGMA busy_timeout = 500"}[connection.vendor]
        )

    response = browser.post(f"{session.get_absolute_url()}star")

    connection.close()
    assert (response.status_code, response["Retry-After"], response["Cache-Control"]) == (503, "60", "no-store")
    assert not Star.objects.exists()


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one lock, and waits for it 20 seconds")
def test_nobody_waits_for_a_row_longer_than_five_seconds():
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")

        assert cursor.fetchone() == ("5s",)
