"""A Content-Type that names a character set: what is none is refused in words, at every address, before any reading."""

from __future__ import annotations

import encodings.aliases
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from forum.charsets import CharsetApplication, is_charset
from tests.forum.addresses import address, routes

pytestmark = pytest.mark.any_database

TYPES = [
    *("multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "text/plain", "text/calendar"),
    *("application/xml", "application/json"),
]
NONE = ["idna", "IDNA", "punycode", "undefined", "base64", "rot13", "zlib", "unicode_escape", "nonsense", "", "../x"]
PYTHONS = sorted({*encodings.aliases.aliases, *encodings.aliases.aliases.values(), *NONE, "charmap", "utf_8_sig"})
BODY = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\xe9b\r\n--x--\r\n'


@pytest.fixture
def send(db: None) -> Iterator[Callable[..., tuple[int, bytes]]]:
    """Sends BODY to the site as its server does; returns the status and the page.

    As with Django's own client, the test's connection to the database outlives the request.
    """
    site = CharsetApplication(WSGIHandler())

    def sent(at: str, content_type: str, *, method: str = "POST", body: bytes = BODY) -> tuple[int, bytes]:
        path, _, query = at.partition("?")
        environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "CONTENT_TYPE": content_type}
        environ |= {"SERVER_NAME": "testserver", "SERVER_PORT": "80", "wsgi.url_scheme": "http"}
        environ |= {"CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
        answered: list[Any] = []
        page = b"".join(site(environ, lambda status, headers: answered.append(status)))
        return int(answered[0][:3]), page

    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield sent
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("charset", NONE)
def test_what_is_no_charset_is_refused_in_words_with_every_type(send, charset):
    answers = [
        send("/accounts/login/?q=%E9", f"{kind}; charset={charset}", method=method)
        for kind in TYPES
        for method in ("POST", "PUT", "GET")
    ]

    assert {status for status, _ in answers} == {400}
    assert {b"We did not understand that" in page for _, page in answers} == {True}


def test_what_is_no_charset_is_refused_at_every_address(send, things):
    kind = "multipart/form-data; boundary=x; charset=idna"

    answers = {route: send(address(route, things), kind)[0] for route in routes()}

    assert {route: status for route, status in answers.items() if status != 400} == {}


@pytest.mark.parametrize("parameter", ["charset*=idna''utf-8", "boundary*=undefined''x", "charset*=%FF''a", "a*=b'"])
def test_parameter_in_a_charset_of_its_own_breaks_nothing(send, parameter):
    assert send("/agenda/time-zone/", f"multipart/form-data; {parameter}")[0] in (400, 403)


@pytest.mark.parametrize("header", ["Content-Disposition: form-data; name*=idna''a", "Content-Type: a/b; charset=idna"])
def test_part_in_a_charset_of_its_own_breaks_nothing(send, header):
    body = BODY.replace(b'; name="a"', b'; name="a"; filename="b"\r\n' + header.encode())

    assert send("/agenda/time-zone/", TYPES[0], body=body)[0] in (400, 403)


@pytest.mark.parametrize("charset", [name for name in PYTHONS if is_charset(name)])
def test_every_charset_of_python_reads_anything(charset):
    for text in (BODY, bytes(range(256)), b"\xff\xfe", b"+AGE-+x", b"~{"):
        assert isinstance(text.decode(charset, "replace"), str)


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"', "us-ascii", "iso-8859-1", "windows-1252"])
def test_request_in_a_known_charset_is_read(send, charset):
    assert send("/accounts/login/?q=%E9", f"text/plain; charset={charset}", method="GET")[0] == 200
