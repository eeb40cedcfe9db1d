"""Queries whose SQL the ORM writes only once: writing it takes several times as long as the database's answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from inspect import signature
from json import loads
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.utils import CursorWrapper
from django.db.models import Expression, Model, QuerySet

M = TypeVar("M", bound=Model)
Converter = Callable[[Any], Any]


class Given(Expression):
    """A placeholder in a query, for a value that differs from call to call."""

    def __init__(self, position: int) -> None:
        super().__init__()
        self.position = position

    def as_sql(self, compiler: object, connection: object) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


class Prepared(Generic[M]):
    """A query as a function of the values that differ from call to call.

    The values may be used in filters. None of them may be None, because SQL compares NULL in another way.
    """

    def __init__(self, make: Callable[..., QuerySet[M, Any]]) -> None:
        self._make = make

    def objects(self, *values: object) -> list[M]:
        """The rows as model instances. The queryset must neither leave fields out nor select related rows.

        Annotations become attributes, as in the queryset's own instances.
        """
        model = self._queryset.model
        names = [field.attname for field in model._meta.concrete_fields]
        annotated = list(self._queryset.query.annotation_select)
        found: list[M] = []
        for row in self.rows(*values):
            found.append(model.from_db(DEFAULT_DB_ALIAS, names, row[: len(names)]))
            vars(found[-1]).update(zip(annotated, row[len(names) :], strict=True))
        return found

    def rows(self, *values: object) -> list[tuple[Any, ...]]:
        """The rows as `values_list()` of the query returns them."""
        sql, parameters, converters = self._written
        filled = [_adapted(values[each.position]) if isinstance(each, Given) else each for each in parameters]
        with _cursor() as cursor:
            cursor.execute(sql, filled)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        columns: list[Any] = list(zip(*found, strict=True)) if converters else []
        if not columns:
            return found
        for place, convert in converters:
            columns[place] = map(convert, columns[place])
        return list(zip(*columns, strict=True))

    @cached_property
    def _queryset(self) -> QuerySet[M, Any]:
        return self._make(*(Given(position) for position in range(len(signature(self._make).parameters))))

    @cached_property
    def _written(self) -> tuple[str, tuple[Any, ...], list[tuple[int, Converter]]]:
        """The SQL, its parameters, and (column number, converter to Python's value) for each column that needs one."""
        compiler = self._queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, parameters = compiler.as_sql()
        selected = compiler.get_converters([column for column, *_ in compiler.select])
        converters = [(place, _converter(column, steps)) for place, (steps, column) in selected.items()]
        return sql, parameters, converters


def _cursor() -> CursorWrapper:
    """Django's cursor; on PostgreSQL one that plans each statement only once: planning takes longer than running it."""
    cursor: CursorWrapper
    database: Any = connections[DEFAULT_DB_ALIAS]  # `connection` would look it up each time
    if database.vendor != "postgresql" or database.queries_logged:  # a planned one is logged without its words
        cursor = database.cursor()
        return cursor
    database.close_if_health_check_failed()
    database.ensure_connection()
    with database.wrap_database_errors:
        psycopg = database.Database  # installed only where it is needed
        planning = psycopg.Cursor(database.connection)
        # Written in C, unlike Django's; the times are in UTC, as Django has set the connection.
        planning.adapters.register_loader("timestamptz", psycopg.types.datetime.TimestamptzLoader)
        cursor = database.make_cursor(planning)
    return cursor


def _adapted(value: Any) -> Any:
    """The value in the form that the database's driver takes."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    return value


def _converter(column: Expression, steps: Sequence[Callable[..., Any]]) -> Converter:
    """Converts a value of the column as Django's steps do, one after the other."""

    def convert(value: Any) -> Any:
        for step in steps:
            value = step(value, column, connection)
        return value

    quick = QUICK.get(column.output_field.get_internal_type())
    return quick if quick and len(steps) == 1 else convert


def _time(value: datetime | str | None) -> datetime | None:
    """The moment, in UTC. SQLite's times have no zone, and are texts if they come from a function."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment and moment.replace(tzinfo=UTC)


def _uuid(value: str | None) -> UUID | None:
    return None if value is None else UUID(value)


def _json(value: str | None) -> Any:
    """The JSON value; most of what calendar keys hold is empty."""
    return None if value is None else {} if value == "{}" else [] if value == "[]" else loads(value)


# Do what Django's converters for SQLite do, in a fraction of the time; for PostgreSQL it has one for JSON alone.
# Sessions come again and again: to read their times and UUIDs takes longer than all else about them.
QUICK: dict[str, Converter] = {
    "BooleanField": {None: None, 0: False, 1: True}.get,
    "JSONField": _json,
    "DateTimeField": lru_cache(maxsize=20_000)(_time),
    "UUIDField": lru_cache(maxsize=20_000)(_uuid),
}
