"""The access log, and what is compressed."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.django_db


def test_request_is_one_line_of_method_path_status_bytes_and_time(client, logged):
    client.get("/health/live")

    assert re.fullmatch(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} INFO forum\.access: GET /health/live 200 3 \d+\.\dms\n",
        logged.getvalue(),
    )


def test_log_has_no_query_and_no_address_of_the_reader(client, logged):
    client.get("/health/live?q=private", REMOTE_ADDR="192.0.2.7", headers={"X-Forwarded-For": "192.0.2.8"})

    assert [word for word in ("private", "192.0.2") if word in logged.getvalue()] == []


def test_file_that_is_streamed_is_logged_without_its_length(client, logged):
    b"".join(client.get("/static/forum/favicon.svg").streaming_content)

    assert " GET /static/forum/favicon.svg 200 - " in logged.getvalue()


def test_path_cannot_forge_a_line(client, logged):
    client.get("/x%0A2019-10-31 INFO forum.access: forged")

    assert [line for line in logged.getvalue().splitlines() if line.startswith("2019-10-31 INFO")] == []


def test_pages_are_compressed_for_who_can_read_that(client):
    plain, packed = (client.get("/agenda/time-zone/", headers={"Accept-Encoding": coding}) for coding in ("", "gzip"))

    assert packed["Content-Encoding"] == "gzip"
    assert len(packed.content) < len(plain.content) / 2
    assert "Accept-Encoding" in packed["Vary"]
