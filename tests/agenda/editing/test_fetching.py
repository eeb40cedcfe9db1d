"""Fetching a programme: from public machines alone, in bounded time and size, whatever the server does."""

from __future__ import annotations

import gzip
import random
import socket
import time
import zlib
from contextlib import suppress

import pytest
from django.test import override_settings

from agenda.editing.fetching import Fetched, FetchFailed, Rules, Unchanged, fetch
from tests.agenda.editing.answering import Answering, answering, certificate_for, response

MB = 1024 * 1024
HERE = Rules(may_connect=lambda number: True, schemes=("https", "http"), largest=MB)
BROKEN = FetchFailed("The server could not be reached, or broke off in the middle of the file.")
PRIVATE = FetchFailed("The address leads into a private network. Only public addresses are fetched.")
NOT_HTTPS = FetchFailed("Only addresses that begin with https:// are fetched.")
TOO_LARGE = FetchFailed("The file is larger than 1 MB.")


def at(server: Answering, path: str = "/schedule.xml") -> str:
    return f"http://127.0.0.1:{server.port}{path}"


def fetched(*answers, path="/schedule.xml", patience=5.0, **options):
    with answering(*answers) as server:
        return fetch(at(server, path), patience=patience, rules=HERE, **options)


def test_file_comes_with_what_to_send_along_next_time():
    answer = response(b"<schedule/>", ETag='"v1"', Last_Modified="Thu, 14 Sep 2023 09:00:00 GMT")

    assert fetched(answer, path="/dc23/schedule.xml?a=b c") == Fetched(
        b"<schedule/>", '"v1"', "Thu, 14 Sep 2023 09:00:00 GMT", "schedule.xml"
    )


@override_settings(SITE_URL="https://agenda.example.org")
def test_request_says_who_asks_and_what_is_known():
    with answering(response(status="304 Not Modified", length=None)) as server:
        answer = fetch(at(server, "/ä?q=ü#top"), etag='"v1"', last_modified="Thu", rules=HERE)

    assert answer == Unchanged()
    assert server.asked == [
        f"GET /%C3%A4?q=%C3%BC HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        "User-Agent: forum-agenda (+https://agenda.example.org)\r\nAccept-Encoding: gzip\r\n"
        'If-None-Match: "v1"\r\nIf-Modified-Since: Thu\r\n\r\n'
    ]


@pytest.mark.parametrize("etag", ['"\0"', '"é"', f'"{"a" * 300}"'])
def test_what_cannot_be_sent_back_is_not_kept(etag):
    assert fetched(response(b"abc", ETag=etag)).etag == ""


def test_file_is_named_by_the_server_without_folders():
    answer = response(b"x", Content_Disposition='attachment; filename="../../etc/dc23.ics"')

    assert fetched(answer).name == "dc23.ics"


@pytest.mark.parametrize("length", [0, 1, 258, 65_536, 65_537, 400_000])
def test_packed_file_is_unpacked(length):
    data = random.Random(length).randbytes(length // 2) + b"a" * (length - length // 2)

    assert fetched(response(gzip.compress(data, mtime=0), Content_Encoding="gzip")).data == data


def test_file_in_pieces_of_unknown_length_is_put_together():
    pieces = response(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", length=None, Transfer_Encoding="chunked")

    assert fetched(pieces).data == b"abcde"


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (response(status="404 Not Found"), "The server has nothing at this address (404)."),
        (response(status="401 Unauthorized"), "The server asks for a password. Programmes are fetched without one."),
        (response(status="500 Oops"), "The server answers with an error (500)."),
        (response(status="304 Not Modified"), "The server answers with an error (304)."),  # nobody asked it to compare
        (response(b"abc", length=2 * MB), TOO_LARGE.sentence),
        (response(b"a" * (MB + 1), length=None), TOO_LARGE.sentence),
        (response(b"abc", length=10), BROKEN.sentence),
        (response(b"ff\r\nabc", length=None, Transfer_Encoding="chunked"), BROKEN.sentence),
        (response(b"zz\r\nabc", length=None, Transfer_Encoding="chunked"), BROKEN.sentence),
        (response(gzip.compress(b"abc" * 99, mtime=0)[:-9], Content_Encoding="gzip"), BROKEN.sentence),
        (response(b"not packed", Content_Encoding="gzip"), BROKEN.sentence),
        (
            response(zlib.compress(b"a"), Content_Encoding="br"),
            "The server packs the file in a way that we did not ask for.",
        ),
        (b"SSH-2.0-OpenSSH_9.2\r\n", BROKEN.sentence),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500, BROKEN.sentence),
        (b"", BROKEN.sentence),
    ],
)
def test_answer_without_a_programme_is_said_in_a_sentence(answer, failure):
    assert fetched(answer) == FetchFailed(failure)


def test_bomb_is_too_large():
    bomb = gzip.compress(b"\0" * 300 * MB, mtime=0)

    assert fetched(response(bomb, Content_Encoding="gzip")) == FetchFailed(TOO_LARGE.sentence)


def test_file_as_large_as_is_allowed_is_fetched():
    assert len(fetched(response(b"a" * MB)).data) == MB


def drip(connection: socket.socket) -> None:
    """A file that comes byte by byte and never ends."""
    with suppress(OSError):
        connection.sendall(response(length=None))
        for _ in range(100):
            connection.sendall(b"a")
            time.sleep(0.05)


def drip_headers(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.sendall(b"HTTP/1.1 200 OK\r\nA: ")
        for _ in range(100):
            connection.sendall(b"a")
            time.sleep(0.05)


def silence(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.recv(1)


@pytest.mark.parametrize("answer", [drip, drip_headers, silence])
def test_slow_server_is_left_in_time(answer):
    began = time.monotonic()

    with answering(answer) as server:
        failure = fetch(at(server), patience=0.5, rules=HERE)
        took = time.monotonic() - began

    assert failure == FetchFailed("The server did not send the whole file within 0.5 seconds.")
    assert took < 2


def flood(connection: socket.socket) -> None:
    """A file that comes fast and never ends; the server stops when we hang up."""
    with suppress(OSError):
        connection.sendall(response(length=None))
        for _ in range(1000):
            connection.sendall(b"a" * MB)


def test_file_without_end_is_left_at_the_limit():
    assert fetched(flood) == TOO_LARGE


def test_redirects_are_followed_three_times():
    on = [response(status=f"{status} On", Location=f"/{status}.ics?x=1") for status in (301, 302, 308)]

    with answering(*on, response(b"abc")) as server:
        assert fetch(at(server), rules=HERE) == Fetched(b"abc", "", "", "308.ics")
    assert [request.split()[1] for request in server.asked] == [
        "/schedule.xml",
        "/301.ics?x=1",
        "/302.ics?x=1",
        "/308.ics?x=1",
    ]


def test_fourth_redirect_is_refused():
    assert fetched(*[response(status="302 Found", Location="/again")] * 5) == FetchFailed(
        "The server sends us on more than 3 times."
    )


@pytest.mark.parametrize(
    ("location", "failure"),
    [
        ("file:///etc/passwd", NOT_HTTPS),
        ("ftp://127.0.0.1/", NOT_HTTPS),
        ("gopher://127.0.0.1/", NOT_HTTPS),
        ("http://2130706433/", PRIVATE),
        ("http://127.1/", PRIVATE),
        ("http://[::1]/", PRIVATE),
        ("http://[::ffff:127.0.0.1]/", PRIVATE),
        ("http://10.0.0.1/", PRIVATE),
        ("http://169.254.169.254/latest/meta-data/", PRIVATE),
        ("http://localhost/", PRIVATE),
        ("http://[::1", FetchFailed("This is no address. It should begin with https://.")),
    ],
)
def test_redirect_is_checked_like_an_address(location, failure):
    """The first server may be asked, as if it were public; what it sends us on to is looked at like any other."""
    numbers = iter([True])
    rules = Rules(may_connect=lambda number: next(numbers, False), schemes=HERE.schemes)

    with answering(response(status="302 Found", Location=location)) as server:
        assert fetch(at(server), rules=rules) == failure


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("http://linux-kvm.org/", NOT_HTTPS.sentence),
        ("linux-kvm.org/schedule.xml", NOT_HTTPS.sentence),
        ("file:///etc/passwd", NOT_HTTPS.sentence),
        ("", NOT_HTTPS.sentence),
        ("https://", "The address names no server."),
        ("https://[::1", "This is no address. It should begin with https://."),
        ("https://a.org:99999/", "This is no address. It should begin with https://."),
        (f"https://{'a' * 70}.org/", "This is no address. It should begin with https://."),
        ("https://ann:secret@a.org/", "The address contains a user name. Programmes are fetched without one."),
        ("https://127.0.0.1/", PRIVATE.sentence),
        ("https://localhost/", PRIVATE.sentence),
        ("https://0x7f.1/", PRIVATE.sentence),
        ("https://[::ffff:10.0.0.1]/", PRIVATE.sentence),
    ],
)
def test_address_is_refused_before_anything_is_sent(address, sentence):
    assert fetch(address) == FetchFailed(sentence)


def entry(number: str, port: int) -> tuple[object, ...]:
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port))


def test_name_is_resolved_once_and_only_a_checked_number_is_connected_to():
    """A name that leads elsewhere the second time it is asked for (DNS rebinding) leads nowhere here."""
    asked, checked = [], []

    def resolve(host: str, port: int) -> list[tuple[object, ...]]:
        asked.append((host, port))
        return [entry("10.0.0.1", port), entry("127.0.0.1", port)]

    def may_connect(number: str) -> bool:
        checked.append(number)
        return number == "127.0.0.1"

    with answering(response(b"abc")) as server:
        rules = Rules(may_connect=may_connect, schemes=("http",), resolve=resolve)
        answer = fetch(f"http://programme.example:{server.port}/a.ics", rules=rules)

    assert answer == Fetched(b"abc", "", "", "a.ics")
    assert (asked, checked) == ([("programme.example", server.port)], ["10.0.0.1", "127.0.0.1"])
    assert f"Host: programme.example:{server.port}\r\n" in server.asked[0]


def test_number_that_does_not_answer_is_passed_over():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        dead = closed.getsockname()[1]
    with answering(response(b"abc")) as server:
        rules = Rules(
            may_connect=HERE.may_connect,
            schemes=("http",),
            resolve=lambda host, port: [entry("127.0.0.1", dead), entry("127.0.0.1", port)],
        )

        assert fetch(f"http://programme.example:{server.port}/a.ics", rules=rules) == Fetched(b"abc", "", "", "a.ics")


def unknown(host: str, port: int) -> list[object]:
    raise socket.gaierror


def slow(host: str, port: int) -> list[object]:
    time.sleep(1)
    return []


@pytest.mark.parametrize(
    ("resolve", "sentence"),
    [
        (unknown, "There is no server of the name programme.example."),
        (slow, "The server did not send the whole file within 0.2 seconds."),
    ],
)
def test_name_that_is_not_resolved_is_said(resolve, sentence):
    assert fetch("https://programme.example/", patience=0.2, rules=Rules(resolve=resolve)) == FetchFailed(sentence)


@pytest.mark.parametrize(("host", "is_right"), [("bücher.example", True), ("other.example", False)])
def test_certificate_must_be_of_the_name_in_the_address(tmp_path, host, is_right):
    theirs, ours = certificate_for("xn--bcher-kva.example", tmp_path)
    with answering(response(b"abc"), tls=theirs) as server:
        rules = Rules(
            may_connect=HERE.may_connect, tls=ours, resolve=lambda host, port: [entry("127.0.0.1", server.port)]
        )
        answer = fetch(f"https://{host}/a.ics", rules=rules)

    wrong = FetchFailed("The server’s certificate is not valid for this address.")
    assert answer == (Fetched(b"abc", "", "", "a.ics") if is_right else wrong)
