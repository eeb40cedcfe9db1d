"""Rows that are slow to make, put back in each test as they were the first time: 50 times as fast."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from agenda.models import Event

Inserts = dict[str, list[object]]  # the parameters, by the statement that inserts the rows

demos: dict[tuple[str, date], Inserts] = {}


def inserts(found: Iterable[QuerySet[Model]]) -> Inserts:
    """What inserts these rows, but for tables without any."""
    return dict(_insert(rows) for rows in found if rows)


def _insert(rows: QuerySet[Model]) -> tuple[str, list[object]]:
    fields = rows.model._meta.local_concrete_fields
    names = ", ".join(connection.ops.quote_name(str(name)) for name in (field.column for field in fields))
    each = f"({', '.join(['%s'] * len(fields))})"
    table = connection.ops.quote_name(rows.model._meta.db_table)
    sql = f"INSERT INTO {table} ({names}) VALUES {', '.join([each] * len(rows))}"  # noqa: S608 (names of ours)
    return sql, [field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows for field in fields]


def put_back(rows: Inserts) -> None:
    with transaction.atomic(), connection.cursor() as cursor:  # an event and a track of it name each other
        for sql, values in rows.items():
            cursor.execute(sql, values)


def demo(zone: str = "Europe/Berlin") -> Event:
    """The conference that manage.py demo makes up, around today. It keeps its keys, so a test asks for it first."""
    key = (zone, timezone.now().date())
    if key in demos:
        put_back(demos[key])
    else:
        models = list(apps.get_app_config("agenda").get_models(include_auto_created=True))
        before = {model: list(model._default_manager.values_list("pk", flat=True)) for model in models}
        call_command("demo", zone=zone, verbosity=0)
        demos[key] = inserts(model._default_manager.exclude(pk__in=before[model]) for model in models)
    return Event.objects.get(slug="tideline-demo-conference")
