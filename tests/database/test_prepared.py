"""Queries written once answer as the ORM does."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection, models
from django.db.models import Count, Value

from accounts.models import CalendarKey, User
from database.prepared import Prepared

FIRST = datetime(2019, 10, 31, 10, tzinfo=UTC)

by_email = Prepared(lambda email: User.objects.filter(is_active=True, email=email))
joined_since = Prepared(lambda moment: User.objects.filter(date_joined__gte=moment).values_list("email", "date_joined"))


def test_objects_are_what_the_orm_returns(alice, bob):
    key, _ = CalendarKey.objects.issue(alice, name="Phone", once="form")

    (found,) = Prepared(lambda user, name: CalendarKey.objects.filter(user=user, name=name)).objects(alice.pk, "Phone")

    fresh = CalendarKey.objects.get()
    assert found == key
    assert {name: getattr(found, name) for name in vars(fresh) if name != "_state"} == {
        name: value for name, value in vars(fresh).items() if name != "_state"
    }


def test_objects_have_the_annotations_as_attributes(alice, bob):
    counted = Prepared(
        lambda email: User.objects.filter(email=email).annotate(keys=Count("calendar_keys"), at=Value(1))
    )
    CalendarKey.objects.issue(alice, name="Phone", once="form")

    found = [person for email in (alice.email, bob.email) for person in counted.objects(email)]

    assert [(person, person.keys, person.at) for person in found] == [(alice, 1, 1), (bob, 0, 1)]


def test_rows_have_times_in_utc(alice, bob):
    User.objects.filter(pk=alice.pk).update(date_joined=FIRST)
    User.objects.filter(pk=bob.pk).update(date_joined=FIRST.replace(hour=9))

    assert joined_since.rows(FIRST) == [(alice.email, FIRST)]


class Written(models.DateTimeField):
    """A field with a step of its own after the database's."""

    def from_db_value(self, value: datetime, *_: object) -> str:
        return value.isoformat()


@pytest.mark.any_database
@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite's times have a step of the database's")
def test_every_step_of_a_field_is_taken(alice):
    User.objects.filter(pk=alice.pk).update(date_joined=FIRST)
    joined = models.ExpressionWrapper(models.F("date_joined"), output_field=Written())

    found = Prepared(lambda pk: User.objects.filter(pk=pk).annotate(joined=joined).values_list("joined"))

    assert found.rows(alice.pk) == [("2019-10-31T10:00:00+00:00",)]


def test_query_is_written_once(alice, bob):
    written = []

    def named(email):
        written.append(email)
        return User.objects.filter(email=email)

    query = Prepared(named)

    assert [query.objects(person.email) for person in (alice, bob)] == [[alice], [bob]]
    assert len(written) == 1


@pytest.mark.parametrize("email", ["' OR ''='", "%s", "alice@example.org' --", ""])
def test_values_are_never_sql(alice, email, django_assert_num_queries):
    with django_assert_num_queries(1, connection=connection):
        assert by_email.objects(email) == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="DATABASE_URL is not PostgreSQL's")
@pytest.mark.django_db(transaction=True)
def test_connection_that_the_server_ended_is_replaced_before_a_prepared_query(alice):
    assert by_email.objects(alice.email) == [alice]
    ended = connection.connection.info.backend_pid
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [ended])
    other.close()
    connection.close_if_unusable_or_obsolete()

    assert by_email.objects(alice.email) == [alice]
    assert connection.connection.info.backend_pid != ended


@pytest.mark.skipif(connection.vendor != "postgresql", reason="DATABASE_URL is not PostgreSQL's")
def test_postgresql_prepares_a_query_once(alice, bob):
    for person in (alice, bob):
        by_email.objects(person.email)

    with connection.cursor() as cursor:
        cursor.execute("SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE statement LIKE '%email%'")
        assert cursor.fetchall() == [(2,)]
