"""The network between a browser and the site, which a test can cut, slow down or lead to the log-in page of a Wi-Fi."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

PORTAL = b"<!doctype html><html><title>Wi-Fi</title><h1>Log in to the Wi-Fi</h1></html>"
LONGEST = 60  # seconds that an answer is held back


class Network:
    """How it is now: up, cut, silent (nothing is answered) or a portal; and which requests the site has answered."""

    def __init__(self, port: int) -> None:
        self.site_port, self.url = port, ""
        self.state = "up"
        self.closed: tuple[str, ...] = ()  # paths that are cut alone
        self.loses: Callable[[str, str], bool] = lambda method, path: False  # an answer, on its way back
        self.answered: list[str] = []  # as in "GET /agenda/stars 200"
        self.changed = threading.Condition()

    def be(self, state: str) -> None:
        with self.changed:
            self.state = state
            self.changed.notify_all()

    def asked(self, start: str) -> int:
        return sum(each.startswith(start) for each in self.answered)


class Passing(BaseHTTPRequestHandler):
    network: ClassVar[Network]
    timeout = LONGEST

    def handle_one_request(self) -> None:
        with suppress(OSError):  # the browser has gone
            super().handle_one_request()

    def do_GET(self) -> None:
        network, body = self.network, self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.close_connection = True
        if network.state == "silent":
            with network.changed:
                network.changed.wait_for(lambda: network.state != "silent", LONGEST)
            return
        if network.state == "portal":
            self.answer(200, [("Content-Type", "text/html")], PORTAL)
        elif network.state == "up" and self.path not in network.closed:
            self.pass_on(body)

    do_POST = do_HEAD = do_GET

    def pass_on(self, body: bytes) -> None:
        site = HTTPConnection("localhost", self.network.site_port, timeout=LONGEST)
        site.request(self.command, self.path, body or None, dict(self.headers) | {"Connection": "close"})
        response = site.getresponse()
        content = response.read()
        site.close()
        if not self.network.loses(self.command, self.path):
            self.network.answered.append(f"{self.command} {self.path} {response.status}")
            self.answer(response.status, response.getheaders(), content)

    def answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("connection", "content-length", "transfer-encoding", "keep-alive"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content if self.command != "HEAD" else b"")

    def log_message(self, *about: object) -> None:
        """Says nothing."""


@contextmanager
def between(port: int) -> Iterator[Network]:
    """A network to the site at that port of this machine."""
    network = Network(port)
    server = ThreadingHTTPServer(("localhost", 0), type("Handler", (Passing,), {"network": network}))
    server.daemon_threads = True
    network.url = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield network
    network.be("cut")
    server.shutdown()
    server.server_close()
    thread.join()
