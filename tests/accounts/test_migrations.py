"""What the migrations make of rows that an earlier release wrote."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.models import CalendarKey
from tests.agenda.calendar_keys import key_of

SPLITTING = import_module("accounts.migrations.0003_served_options")
ETAG = '"7-1570000000000000-1570000000000001.0123456789abcdef"'
COLOUR = {"agenda": {"calendar-color": "#ff2968ff"}, "the home": {"default-alarm-vevent-date": ""}}
NEW = ("options", "served", "served_options", "properties", "collections", "user_names")
# (options, served, properties) as they were, and the fields of NEW
ROWS = {
    "never fetched": (({}, "", {}), ({}, "", None, {}, [], [])),
    "as chosen": (({"alarm": 5}, ETAG, {}), ({"alarm": 5}, ETAG, None, {}, [], [])),
    "other choices": (
        ({"alarm": 10, "before": {"alarm": 5}}, f"{ETAG}#", {}),
        ({"alarm": 10}, ETAG, {"alarm": 5}, {}, [], []),
    ),
    "the defaults before": (({"alarm": 10, "before": {}}, f"{ETAG}#", {}), ({"alarm": 10}, ETAG, {}, {}, [], [])),
    "mark alone": (({"alarm": 10}, f"{ETAG}#", {}), ({"alarm": 10}, ETAG, {"alarm": 10}, {}, [], [])),
    "fetched since": (({"alarm": 10, "before": {"alarm": 5}}, ETAG, {}), ({"alarm": 10}, ETAG, None, {}, [], [])),
    "both ways": (
        ({}, "state.digest", {**COLOUR, "collections": ["kvm", "kvm--virt"], "user names": ["a@x.org", "b@x.org"]}),
        ({}, "state.digest", None, COLOUR, ["kvm", "kvm--virt"], ["a@x.org", "b@x.org"]),
    ),
    "no tracks any more": (({}, "", {"collections": []}), ({}, "", None, {}, [], [])),
}
REVERSIBLE = ("never fetched", "as chosen", "other choices", "the defaults before", "both ways")


@pytest.fixture
def old_rows(alice):
    for name, ((options, served, properties), _) in ROWS.items():
        key_of(alice, name, options=options, served=served, properties=properties)


def test_what_stood_inside_other_fields_gets_columns(old_rows):
    SPLITTING.split(apps, None)

    rows = {name: tuple(fields) for name, *fields in CalendarKey.objects.values_list("name", *NEW)}
    assert rows == {name: new for name, (_, new) in ROWS.items()}


def test_going_back_puts_it_where_it_stood(old_rows):
    SPLITTING.split(apps, None)
    SPLITTING.join(apps, None)

    rows = {
        name: tuple(fields)
        for name, *fields in CalendarKey.objects.values_list("name", "options", "served", "properties")
    }
    assert {name: rows[name] for name in REVERSIBLE} == {name: ROWS[name][0] for name in REVERSIBLE}


def test_batches_reach_every_row(alice, monkeypatch):
    CalendarKey.objects.bulk_create(
        CalendarKey(user=alice, name="Phone", lookup=f"{number:08}", properties={"collections": ["kvm"]})
        for number in range(1001)
    )

    SPLITTING.split(apps, None)

    assert CalendarKey.objects.filter(collections=["kvm"], properties={}).count() == 1001


@pytest.mark.django_db(transaction=True)
def test_keys_of_the_last_release_are_migrated_with_the_schema():
    def migrated(name: str):
        executor = MigrationExecutor(connection)
        executor.migrate([("accounts", name)])
        return executor.loader.project_state([("accounts", name)]).apps

    def newest() -> None:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())

    try:
        old = migrated("0002_choices_and_notices")
        user = old.get_model("accounts", "User").objects.create(email="alice@example.org")
        chosen = {"alarm": 10, "before": {"alarm": 5}}
        old.get_model("accounts", "CalendarKey").objects.create(
            user=user, lookup="abcdefgh", options=chosen, served=f"{ETAG}#", properties={"user names": [user.email]}
        )
    finally:
        newest()

    assert CalendarKey.objects.values_list(*NEW).get() == (
        {"alarm": 10},
        ETAG,
        {"alarm": 5},
        {},
        [],
        ["alice@example.org"],
    )
