"""Queries that the ORM writes once: to write one costs it several times what the database takes to answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from inspect import signature
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.backends.utils import CursorWrapper
from django.db.models import DateTimeField, Expression, Field, JSONField, Model, QuerySet
from django.db.models.expressions import Col

M = TypeVar("M", bound=Model)


class Given(Expression):
    """The place in a query of a value that is another each time."""

    def __init__(self, position: int) -> None:
        super().__init__()
        self.position = position

    def as_sql(self, compiler: object, connection: object) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


class Prepared(Generic[M]):
    """A query as a function of the values that differ from call to call.

    They may stand in filters, and none of them may be None, which SQL compares otherwise.
    """

    def __init__(self, make: Callable[..., QuerySet[M, Any]]) -> None:
        self._make = make

    def objects(self, *values: object) -> list[M]:
        """The rows as instances, of a queryset that neither leaves fields out nor selects related rows."""
        model = self._queryset.model
        fields = model._meta.concrete_fields
        names = [field.attname for field in fields]
        found = []
        for row in self.rows(*values):
            plain = [_python(field, value) for field, value in zip(fields, row, strict=True)]
            found.append(model.from_db(connection.alias, names, plain))
        return found

    def rows(self, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a values_list(): times of plain columns in UTC, anything else as the database has it."""
        sql, parameters, times = self._written
        filled = [_adapted(values[each.position]) if isinstance(each, Given) else each for each in parameters]
        with _cursor() as cursor:
            cursor.execute(sql, filled)
            return [_aware(row, times) for row in cursor.fetchall()]

    @cached_property
    def _queryset(self) -> QuerySet[M, Any]:
        return self._make(*(Given(position) for position in range(len(signature(self._make).parameters))))

    @cached_property
    def _written(self) -> tuple[str, tuple[Any, ...], list[int]]:
        """SQL, its parameters, and which columns are times that the database gives without a zone."""
        compiler = self._queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, parameters = compiler.as_sql()
        bare = not connection.features.supports_timezones
        times = [place for place, (column, *_) in enumerate(compiler.select) if bare and _is_time(column)]
        return sql, parameters, times


def _cursor() -> CursorWrapper:
    if connection.vendor != "postgresql" or connection.queries_logged:  # a planned one is logged without its words
        return connection.cursor()
    database: Any = connection
    cursor: CursorWrapper = database.planning_cursor()
    return cursor


def _adapted(value: Any) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


def _is_time(selected: Expression) -> bool:
    return isinstance(selected, Col) and isinstance(selected.target, DateTimeField)


def _aware(row: tuple[Any, ...], times: list[int]) -> tuple[Any, ...]:
    """SQLite's times have no zone."""
    values = list(row)
    for place in times:
        if values[place] is not None:
            values[place] = values[place].replace(tzinfo=UTC)
    return tuple(values)


def as_uuid(value: UUID | str) -> UUID:
    """Of a column of UUIDs, which SQLite has as text."""
    return value if isinstance(value, UUID) else _uuid(value)


_uuid = lru_cache(maxsize=20_000)(UUID)  # to read one takes longer than all else about a session


def _python(field: Field[Any, Any], value: Any) -> Any:
    return json.loads(value) if isinstance(field, JSONField) else field.to_python(value)
