"""A server on a real socket whose threads have connections of their own, and the people at its pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from caldav import Calendar, DAVClient
from django.core.signals import request_started
from django.db import transaction
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from agenda.models import Event, Session
from tests.agenda.conftest import kvm_forum, programme_rows
from tests.agenda.kvm_forum import BEFORE, add_event, add_session
from tests.clients.site import SignIn, Visitor

__all__ = ["kvm_forum", "programme_rows"]  # fixtures that are the agenda's, too
Connect = Callable[[SignIn], Calendar]


@pytest.fixture(scope="package")
def server(django_db_setup: None) -> Iterator[str]:
    """Its scheme, host and port."""
    live = LiveServer("127.0.0.1")
    yield live.url
    live.stop()


@pytest.fixture(autouse=True)
def clock(time_machine) -> None:
    time_machine.move_to(BEFORE, tick=False)


@pytest.fixture(autouse=True)
def own_network(monkeypatch: pytest.MonkeyPatch, server: str, settings: Settings) -> None:
    """The machine's proxies stay out of it, and the site knows its address."""
    monkeypatch.setenv("NO_PROXY", "*")
    settings.SITE_URL = server


@pytest.fixture(autouse=True)
def programme(shared_database: None, kvm_forum: Event) -> None:
    """Every test's."""


@pytest.fixture
def at_page(server: str, alice: User) -> Visitor:
    """Alice."""
    return Visitor(server, alice)


@pytest.fixture
def at_desk(server: str, editor: User) -> Visitor:
    return Visitor(server, editor)


@pytest.fixture
def sign_in(at_page: Visitor) -> SignIn:
    return at_page.add_calendar()


@pytest.fixture
def connect() -> Iterator[Connect]:
    """The one calendar that python-caldav finds, which knows the server's address and nothing else."""
    clients = []

    def open_calendar(sign_in: SignIn) -> Calendar:
        client = DAVClient(sign_in.address, username=sign_in.username, password=sign_in.password)
        clients.append(client)
        (calendar,) = client.principal().calendars()
        return calendar

    yield open_calendar
    for client in clients:
        client.close()


@pytest.fixture
def requests() -> Iterator[list[str]]:
    """The method of each request that the server gets from now on."""
    seen: list[str] = []

    def came(environ: dict[str, str], **about: object) -> None:
        seen.append(environ["REQUEST_METHOD"])

    request_started.connect(came)
    yield seen
    request_started.disconnect(came)


@pytest.fixture
def many_sessions(shared_database: None) -> list[Session]:
    """500 of them, half an hour each, two at a time."""
    event = add_event("devconf", "America/New_York", "2019-12-02", "2019-12-07")
    starts = (BEFORE + timedelta(days=33, minutes=15 * number) for number in range(500))
    with transaction.atomic():
        return [add_session(event, f"Talk {start:%d %H:%M}", f"{start:%Y-%m-%dT%H:%M}") for start in starts]
