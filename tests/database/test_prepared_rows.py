"""Every prepared query of the site returns what the ORM does, of the same types, on each database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from inspect import signature
from pkgutil import walk_packages
from typing import Any

import pytest
from django.contrib.sessions.models import Session as CookieSession
from django.db.models import Max
from django.utils import timezone

import accounts
import agenda
from accounts.models import CalendarKey, User
from agenda.models import Event, Room, Track, Walk
from database.prepared import Prepared
from tests.agenda.belongings import add_talks, give_everything, log_in

HOUR = timedelta(hours=1)


def queries() -> Iterator[tuple[str, Prepared[Any]]]:
    """All that a module of the site keeps, by module and name."""
    for package in (accounts, agenda):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            for name, value in vars(import_module(module.name)).items():
                if isinstance(value, Prepared) and value._make.__module__ == module.name:
                    yield f"{module.name}.{name}", value


QUERIES = dict(queries())


@pytest.fixture
def values(client, alice, root) -> dict[str, object]:
    """A value for each name of a parameter: with these, every query has rows."""
    opening, *_ = talks = add_talks()
    give_everything(alice, root, talks)
    log_in(client, alice)
    Event.objects.update(slug=opening.slug)
    room = Room.objects.create(event=opening.event, name="Auditorium")
    Walk.objects.create(event=opening.event, room=room, other=room, minutes=3)
    Track.objects.create(event=opening.event, name="Track 1", slug="one")
    key = CalendarKey.objects.get()
    moments = {"now": timezone.now(), "since": timezone.now() - HOUR, "start": opening.start, "end": opening.end}
    return {
        **moments,
        "event": opening.event_id,
        "one": room.pk,
        "other": room.pk,
        "key": key.pk,
        "kind": key.kind,
        "logged": 0,
        "lookup": key.lookup,
        "session_key": CookieSession.objects.get().pk,
        "slug": opening.slug,
        "user": alice.pk,
    }


def typed(rows: list[tuple[Any, ...]]) -> list[list[tuple[type, Any]]]:
    """True equals 1, which is another type."""
    return [[(type(value), value) for value in row] for row in rows]


@pytest.mark.parametrize("name", QUERIES)
def test_rows_are_those_of_values_list(name, values):
    query = QUERIES[name]
    given = [values[parameter] for parameter in signature(query._make).parameters]
    queryset = query._make(*given)
    expected = list(queryset if queryset._fields else queryset.values_list())

    assert expected
    assert typed(query.rows(*given)) == typed(expected)


def test_what_the_database_has_no_value_for_is_none(alice):
    """Of each type that is converted, and of a time that a function returns."""
    fields = ("stars__stays_in_case", "stars__created", "stars__session__guid", "calendar_keys__options")
    query = Prepared(lambda user: User.objects.filter(pk=user).values_list(*fields, Max("stars__created")))

    assert query.rows(alice.pk) == list(query._make(alice.pk)) == [(None,) * 5]


def test_time_that_a_function_returns_is_a_time(values):
    query = Prepared(lambda user: User.objects.filter(pk=user).values_list(Max("stars__created")))

    assert query.rows(values["user"]) == list(query._make(values["user"]))
