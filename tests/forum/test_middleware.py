"""The access log, and what is compressed."""

from __future__ import annotations

import gzip
import re

import brotli
import pytest

from forum.middleware import brotli_of

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


@pytest.mark.parametrize(
    ("accepted", "coding", "unpacked"),
    [("gzip, deflate, br", "br", brotli.decompress), ("gzip, br;q=0", "gzip", gzip.decompress), ("", None, bytes)],
)
def test_pages_are_compressed_as_the_browser_reads_them(client, accepted, coding, unpacked):
    response = client.get("/agenda/time-zone/", headers={"Accept-Encoding": accepted})

    assert "Accept-Encoding" in response["Vary"]
    assert response.get("Content-Encoding") == coding
    assert int(response["Content-Length"]) == len(response.content)
    assert unpacked(response.content).endswith(b"</html>\n")
    assert coding is None or len(response.content) < len(unpacked(response.content)) / 2


def test_length_of_a_compressed_page_tells_nothing():
    page = b"<p>the same page</p>" * 99

    packed = [brotli_of(page) for _ in range(99)]

    assert {brotli.decompress(each) for each in packed} == {page}
    assert len({len(each) for each in packed}) > 30


def test_short_answer_and_calendar_go_out_as_they_are(client, kvm_forum):
    answers = [
        client.get(address, headers={"Accept-Encoding": "br"})
        for address in ("/health/live", "/kvm-forum-2019/version", "/kvm-forum-2019/schedule.ics")
    ]

    assert [(answer.status_code, answer.get("Content-Encoding")) for answer in answers] == [(200, None)] * 3
