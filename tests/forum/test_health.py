"""What a watchdog is told."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connection


def test_site_is_alive_without_its_database(client, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        response = client.get("/health/live")

    assert (response.status_code, response.content, response["Content-Type"]) == (200, b"ok\n", "text/plain")


def test_site_is_ready_while_its_database_answers_and_takes_writes(client, django_assert_num_queries, db):
    client.get("/health/ready")  # once, it looks for migrations that are missing

    with django_assert_num_queries(4):  # two of them for the cache, which is in the database
        response = client.get("/health/ready")

    assert (response.status_code, response.content) == (200, b"ok\n")


def test_site_is_not_ready_without_its_database(client, db):
    def fail(*args):
        raise OperationalError

    with connection.execute_wrapper(fail):
        response = client.get("/health/ready")

    assert (response.status_code, response.content) == (503, b"no database\n")


def test_site_is_not_ready_without_its_cache(client, db, settings, tmp_path):
    (tmp_path / "file").write_text("in the way")
    backend = "django.core.cache.backends.filebased.FileBasedCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": tmp_path / "file" / "cache"}}

    response = client.get("/health/ready")

    assert (response.status_code, response.content) == (503, b"no cache\n")


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_answer_does_not_depend_on_host_or_scheme(client, db, settings, path):
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["agenda.example.org"], True

    assert client.get(path, headers={"Host": "127.0.0.1:8000"}).content == b"ok\n"


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_answer_is_never_kept_and_never_posted_to(client, db, path):
    assert client.get(path)["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert client.head(path).status_code == 200
    assert client.post(path).status_code == 405
