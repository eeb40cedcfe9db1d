"""The sample files for nginx and Caddy, read by the real programs, in front of the real server."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from accounts.limits import LIMITS
from tests.deploy.behind import HOST, Browser, ask_in_the_open, caddy, free_port, nginx, running_site, wait_for
from tests.mail_server import MailServer, running_mail_server

PASSWORD = "correct horse battery"
COMMANDS = {"nginx": nginx, "caddy": caddy}


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    with running_mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def site(tmp_path_factory, mail) -> Iterator[int]:
    with running_site(tmp_path_factory.mktemp("site") / "var", mail) as port:
        yield port


@contextmanager
def in_front(name: str, folder: Path, sites: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Runs the web server of that name in front of the sites, within the block; gives its ports of https and http."""
    if not shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/bin"):
        pytest.skip(f"{name} is not installed")
    https, http = free_port(), free_port()
    command = COMMANDS[name](folder, sites, https, http)
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env={"HOME": str(folder), "PATH": "/usr/bin:/bin"})
        try:
            wait_for(https)
            yield https, http
        finally:
            server.terminate()
            server.wait()


@pytest.fixture(scope="module", params=COMMANDS)
def front(request, tmp_path_factory, site) -> Iterator[tuple[int, int]]:
    """The ports of https and http of a web server in front of the site."""
    with in_front(request.param, tmp_path_factory.mktemp(request.param), [site]) as ports:
        yield ports


@pytest.fixture
def browser(front) -> Browser:
    return Browser(front[0])


def test_sign_up_by_code_goes_through(browser, mail):
    address = f"alice{browser.https}@example.org"

    browser.send(browser.open("/accounts/signup/"), "/accounts/signup/", email=address, password1=PASSWORD)
    (code,) = (message.get_payload() for to, message in mail.taken if to == address)
    confirm = browser.open("/accounts/confirm-email/")
    response, _ = browser.send(confirm, "/accounts/confirm-email/", code=code.splitlines()[0])

    assert (response.status, response.getheader("Location")) == (302, "/agenda/")
    assert address in browser.open("/accounts/").text
    for name in ("__Host-sessionid", "__Host-csrftoken"):
        assert "Secure" in browser.attributes[name]
    assert response.getheader("Strict-Transport-Security") == "max-age=31536000"


def test_http_leads_to_https(front):
    status, location = ask_in_the_open(front[1], "/events/?q=1")

    assert (status, re.sub(r":\d+/", "/", location)) in {(code, f"https://{HOST}/events/?q=1") for code in (301, 308)}


def test_certificate_can_be_renewed_in_the_open(front, request):
    if request.node.callspec.params["front"] != "nginx":
        pytest.skip("Caddy renews its certificates by itself")

    assert ask_in_the_open(front[1], "/.well-known/acme-challenge/none") == (404, "")


def test_made_up_headers_are_not_believed(browser):
    """The scheme is the web server's own; a new address in each request is one network all the same."""
    assert browser.open("/events/", X_Forwarded_Proto="http")

    for number in range(LIMITS["wrong calendar key"].per_address * 2 + 1):
        spoofed = f"203.0.113.{number % 250}, 198.51.100.{number % 250}"
        status = browser.ask("GET", f"/calendar/{'a' * 20}.ics", X_Forwarded_For=spoofed)[0].status
        if status == 429:
            break

    assert status == 429


@pytest.mark.parametrize(
    ("path", "megabytes", "status"),
    [
        ("/accounts/login/", 3, 413),
        ("/accounts/login/", 1.1, 413),
        ("/static/forum/site.css", 1.1, 413),
        ("/admin/", 52, 413),
        ("/meeting/edit/import/", 65, 413),
    ],
)
def test_body_that_is_too_large_is_413(browser, path, megabytes, status):
    with suppress(ConnectionError, OSError):  # it may be cut off before all is sent
        assert browser.ask("POST", path, b"a" * int(megabytes * 1_000_000))[0].status == status
        return
    assert browser.ask("GET", "/events/")[0].status == 200


def test_upload_of_a_few_megabytes_reaches_the_site(browser):
    """It is refused for want of a log-in or a field, not for its size."""
    for path in ("/admin/login/", "/edit/import/"):
        assert browser.ask("POST", path, b"a=" + b"a" * 5_000_000)[0].status in (302, 400, 403, 404)


class OldServer(BaseHTTPRequestHandler):
    """A server that is not upgraded yet, and has no file that a page of the new release names."""

    def do_GET(self) -> None:
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.mark.parametrize("name", COMMANDS)
def test_style_sheet_is_found_at_the_server_that_is_upgraded(name, site, tmp_path):
    with HTTPServer(("127.0.0.1", 0), OldServer) as old:
        thread = Thread(target=old.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            with in_front(name, tmp_path, [site, old.server_port]) as (https, _):
                statuses = [Browser(https).ask("GET", "/static/forum/site.css")[0].status for _ in range(6)]
        finally:
            old.shutdown()
            thread.join()

    assert statuses == [200] * 6


def test_slow_bodies_hold_nobody_up(front, browser):
    head = f"POST /accounts/login/ HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1000\r\n\r\nlogin="
    slow = [browser.connect() for _ in range(20)]
    for each in slow:
        each.sock.sendall(head.encode())
    time.sleep(0.3)

    began = time.monotonic()
    statuses = [browser.ask("GET", "/events/")[0].status for _ in range(10)]

    assert statuses == [200] * 10
    assert time.monotonic() - began < 10
    for each in slow:
        each.sock.shutdown(socket.SHUT_RDWR)
        each.close()
