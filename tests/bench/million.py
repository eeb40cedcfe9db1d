"""A million people with a calendar and stars each, or as many as are asked for, written past the ORM.

Keys follow from their owner's number, so that whoever polls can write their addresses without a list of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Field, Model
from django.urls import reverse
from django.utils import timezone

from accounts import keys
from accounts.models import CalendarKey, User
from agenda.models import Session, Star, StarLog

STARS = 15  # of each person: the crowded session, as long as it takes more, and others drawn
CROWD = 100_000  # people at most who starred the crowded session
FIRST = 1_000_000  # pk of the first of them; people made otherwise stay below
EVERY = timedelta(minutes=15)  # a calendar comes
BEFORE = datetime(2031, 1, 2, tzinfo=UTC)
TOGETHER = 50_000  # people in a transaction
KEY = ("id", "user", "name", "lookup", "digest", "last_used_at", "last_client", "served", "fetched_every")
AGENT = "iOS/18.0 dataaccessd/1.0"
# Of the length that is served, and not what will be: the row is as large as it gets, and each poll must be noted.
STALE = '"{:017d}-1924991999999999-1924991999999999.0123456789abcdef0123456789abcdef"'


def key_of(number: int) -> str:
    """What stands in the address of the calendar of the person of that number."""
    return keys.key_for("bench", FIRST + number, settings.CALENDAR_SECRETS[0])


def feed_of(number: int) -> str:
    return reverse("agenda:feed", args=[key_of(number)])


def gather(people: int, crowded: Session) -> None:
    """That many users with a calendar that was last fetched EVERY ago, their stars and the log of those."""
    others = list(Session.objects.exclude(pk=crowded.pk).order_by("pk").values_list("pk", flat=True))
    for start in range(0, people, TOGETHER):
        with transaction.atomic():
            _insert_people(range(start, min(start + TOGETHER, people)), crowded.pk, others)


def settle() -> None:
    """What PostgreSQL's autovacuum does in time, and would else do during the polls."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def _insert_people(numbers: range, crowded: int, others: list[int]) -> None:
    if connection.vendor == "postgresql":  # every row is right: PostgreSQL need not look up what each refers to
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
    then, page = _stored(BEFORE), StarLog.Through.PAGE.value
    stars = ("user", "session", "created")
    log = ("user", "session", "starred", "at", "through")
    insert(User, ("id", "email"), ((FIRST + number, f"person-{number}@example.org") for number in numbers))
    insert(CalendarKey, KEY, _keys(numbers))
    insert(Star, stars, ((*pair, then) for pair in _stars(numbers, crowded, others)))
    insert(StarLog, log, ((*pair, True, then, page) for pair in _stars(numbers, crowded, others)))


def _keys(numbers: range) -> Iterator[tuple[Any, ...]]:
    random, last = Random(numbers.start), _stored(timezone.now() - EVERY)
    for number in numbers:
        lookup, secret = keys.split(key_of(number))
        digest = keys.digest_of(secret, settings.CALENDAR_SECRETS[0])
        pk, served = _stored(UUID(int=random.getrandbits(128))), STALE.format(number)
        yield pk, FIRST + number, "Phone", lookup, digest, last, AGENT, served, EVERY.seconds


def _stars(numbers: range, crowded: int, others: list[int]) -> Iterator[tuple[int, int]]:
    """(user, session) of each star, each person's together."""
    random = Random(numbers.start)
    for number in numbers:
        if number < CROWD:
            yield FIRST + number, crowded
        for session in random.sample(others, k=STARS - (number < CROWD)):
            yield FIRST + number, session


def insert(model: type[Model], names: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    """Rows with these fields as the database has them, and the defaults of all others; none is kept in memory."""
    given = [model._meta.get_field(name) for name in names]
    others = [field for field in model._meta.concrete_fields if field not in given and not field.primary_key]
    defaults = tuple(field.get_db_prep_save(field.get_default(), connection) for field in others)
    fields: list[Field[Any, Any]] = [*given, *others]
    table, columns = model._meta.db_table, ", ".join(f'"{field.column}"' for field in fields)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor, cursor.cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row((*row, *defaults))
    else:
        places = ", ".join("?" * len(fields))
        connection.connection.executemany(
            f"INSERT INTO {table} ({columns}) VALUES ({places})",  # noqa: S608 (our own names)
            ((*row, *defaults) for row in rows),
        )


def _stored(value: datetime | UUID) -> object:
    """As the database has it: SQLite has text."""
    if connection.vendor == "postgresql":
        return value
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value.hex
