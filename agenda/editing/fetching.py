"""Fetches a programme from an address, which an editor gave and which nobody else has looked at.

The address may lead to a machine of ours, so only public ones are connected to: each name is resolved here, and the
connection goes to the number that was checked. The answer may be endless or a bomb, so its time and size are bounded.
"""

from __future__ import annotations

import http.client
import io
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from django.conf import settings

from agenda.editing.public_networks import is_public
from agenda.formats.records import LARGEST_FILE

PATIENCE = 60.0  # seconds for all of it, from the name's resolution to the last byte
MOST_REDIRECTS = 3
REDIRECTS = frozenset((301, 302, 303, 307, 308))
A_PIECE = 64 * 1024  # bytes
HARMLESS = "/%:=&?~+!$,;'@()*[]"  # what stays as it is in a path or query
SAID = {
    401: "The server asks for a password. Programmes are fetched without one.",
    403: "The server refuses to give it to us (403).",
    404: "The server has nothing at this address (404).",
    410: "The server has nothing at this address any more (410).",
    429: "The server says that we ask too often (429).",
}


@dataclass(frozen=True, slots=True)
class Fetched:
    """A new programme, and what to send along next time. `name` is the file's, for its ending."""

    data: bytes
    etag: str
    last_modified: str
    name: str


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The server says that it has nothing newer than what was fetched before."""


@dataclass(frozen=True, slots=True)
class FetchFailed:
    """Nothing came. The sentence says what happened, to the editor."""

    sentence: str


class Refusal(OSError):
    """What is in the way of a programme, in a sentence for the editor."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What may be connected to. Tests have servers of their own, on this machine."""

    may_connect: Callable[[str], bool] = is_public
    schemes: tuple[str, ...] = ("https",)
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    resolve: Callable[[str, int], list[Any]] = lambda host, port: socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM
    )
    largest: int = LARGEST_FILE


def fetch(
    address: str, *, etag: str = "", last_modified: str = "", patience: float = PATIENCE, rules: Rules | None = None
) -> Fetched | Unchanged | FetchFailed:
    """Asks the server for what is at the address, if it is not as it was; waits `patience` seconds at most."""
    conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    deadline = time.monotonic() + patience
    try:
        return _follow(
            address, {name: value for name, value in conditions.items() if value}, deadline, rules or Rules()
        )
    except Refusal as refusal:
        return FetchFailed(str(refusal))
    except TimeoutError:
        return FetchFailed(f"The server did not send the whole file within {patience:g} seconds.")
    except ssl.SSLCertVerificationError:
        return FetchFailed("The server’s certificate is not valid for this address.")
    except (OSError, http.client.HTTPException, zlib.error, ValueError):
        return FetchFailed("The server could not be reached, or broke off in the middle of the file.")


def _follow(address: str, conditions: dict[str, str], deadline: float, rules: Rules) -> Fetched | Unchanged:
    onto = ""
    for _ in range(MOST_REDIRECTS + 1):
        parts = _checked(address, onto, rules)
        connection = _Connection(parts, deadline, rules)
        try:
            response = connection.ask(conditions)
            if response.status not in REDIRECTS:
                return _answer(response, parts, conditions, rules)
            address, onto = response.headers.get("Location", ""), parts.geturl()
        finally:
            connection.hang_up()
    raise Refusal(f"The server sends us on more than {MOST_REDIRECTS} times.")


def _checked(address: str, onto: str, rules: Rules) -> SplitResult:
    """The address in parts, as seen from the one that led there. Raises Refusal unless it can be asked for."""
    try:
        parts = urlsplit(urljoin(onto, address.strip()))
        host, _ = parts.hostname, parts.port
        (host or "").encode("idna")
    except (ValueError, UnicodeError):
        raise Refusal("This is no address. It should begin with https://.") from None
    if parts.scheme not in rules.schemes:
        raise Refusal("Only addresses that begin with https:// are fetched.")
    if not host:
        raise Refusal("The address names no server.")
    if parts.username is not None or parts.password is not None:
        raise Refusal("The address contains a user name. Programmes are fetched without one.")
    return parts


def _answer(
    response: http.client.HTTPResponse, parts: SplitResult, conditions: dict[str, str], rules: Rules
) -> Fetched | Unchanged:
    if response.status == 304 and conditions:
        return Unchanged()
    if response.status != 200:
        unknown = f"The server answers with an error ({response.status})."
        raise Refusal(SAID.get(response.status, unknown))
    return Fetched(
        data=_body(response, rules.largest),
        etag=_to_send_back(response.headers.get("ETag", ""), 300),
        last_modified=_to_send_back(response.headers.get("Last-Modified", ""), 64),
        name=_name(response.headers, parts.path),
    )


def _body(response: http.client.HTTPResponse, largest: int) -> bytes:
    """The whole body, unpacked. Raises Refusal if it is too large, or shorter than it should be."""
    too_large = Refusal(f"The file is larger than {largest // 1024 // 1024} MB.")
    if response.length and response.length > largest:
        raise too_large
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip", ""):
        raise Refusal("The server packs the file in a way that we did not ask for.")
    data = bytearray()
    pieces = _pieces(response, largest)
    for piece in _unpacked(pieces) if "gzip" in encoding else pieces:
        data += piece
        if len(data) > largest:
            raise too_large
    if response.length:  # what is still to come, though the server has closed
        raise http.client.IncompleteRead(b"", response.length)
    return bytes(data)


def _pieces(response: http.client.HTTPResponse, largest: int) -> Iterator[bytes]:
    """The body as it comes, and one byte more than is allowed at most."""
    left = largest + 1
    while left > 0 and (piece := response.read(min(A_PIECE, left))):
        left -= len(piece)
        yield piece


def _unpacked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces of a gzip file as they were before, each of A_PIECE at most, so that a bomb stops at its limit."""
    unpacker = zlib.decompressobj(wbits=31)
    for piece in pieces:
        waiting = piece
        while waiting and not unpacker.eof:
            yield unpacker.decompress(waiting, A_PIECE)
            waiting = unpacker.unconsumed_tail
    yield unpacker.flush()
    if not unpacker.eof:
        raise zlib.error


def _to_send_back(value: str, longest: int) -> str:
    """The header's value; empty if it is too long to be kept, or is no text that could be sent."""
    return value if len(value) <= longest and value.isascii() and value.isprintable() else ""


def _name(headers: Message, path: str) -> str:
    """The file's name, as the server gives it or as the path ends."""
    offered = headers.get_filename() or unquote(path)
    return re.split(r"[/\\]", offered)[-1][:200]


class _Connection(http.client.HTTPConnection):
    """A connection to the checked number of a host, whose every step ends at the deadline."""

    def __init__(self, parts: SplitResult, deadline: float, rules: Rules) -> None:
        self._parts, self._deadline, self._rules = parts, deadline, rules
        self._name = (parts.hostname or "").encode("idna").decode()
        self._opened: socket.socket | None = None
        super().__init__(self._name, parts.port or (443 if parts.scheme == "https" else 80))

    def ask(self, conditions: dict[str, str]) -> http.client.HTTPResponse:
        port = f":{self._parts.port}" if self._parts.port else ""
        headers = {
            "Host": (f"[{self._name}]" if ":" in self._name else self._name) + port,
            "User-Agent": f"forum-agenda (+{settings.SITE_URL})",
            "Accept-Encoding": "gzip",
            **conditions,
        }
        query = f"?{quote(self._parts.query, HARMLESS)}" if self._parts.query else ""
        self.request("GET", quote(self._parts.path or "/", HARMLESS) + query, headers=headers)
        return self.getresponse()

    def connect(self) -> None:
        """Connects to the first public number of the host that answers. What was checked is what is connected to."""
        entries = [entry for entry in self._resolved() if self._rules.may_connect(str(entry[4][0]))]
        failure: OSError = Refusal("The address leads into a private network. Only public addresses are fetched.")
        for left, entry in zip(range(len(entries), 0, -1), entries, strict=True):
            try:
                self._opened = self._open(entry, self._left() / left)
                self.sock = _Timed(self._opened, self._left)
                return
            except OSError as error:
                failure = error
        raise failure

    def _open(self, entry: Any, patience: float) -> socket.socket:
        """A socket to one number of the host; with https, to a server that has a certificate for the host's name."""
        family, kind, protocol, _, where = entry
        opened = socket.socket(family, kind, protocol)
        try:
            opened.settimeout(patience)
            opened.connect(where)
            if self._parts.scheme == "https":
                return self._rules.tls.wrap_socket(opened, server_hostname=self._name)
        except OSError:
            opened.close()
            raise
        return opened

    def hang_up(self) -> None:
        """Closes the socket, which http.client leaves open while an answer may be read from it."""
        if self._opened:
            self._opened.close()

    def _resolved(self) -> list[Any]:
        """The numbers of the host. The system's resolver knows no time limit, so that a thread waits for it."""
        answers: list[list[Any]] = []

        def resolve() -> None:
            try:
                answers.append(self._rules.resolve(self._name, self.port))
            except (OSError, UnicodeError):
                answers.append([])

        thread = threading.Thread(target=resolve, name="resolving", daemon=True)
        thread.start()
        thread.join(self._left())
        if not answers:
            raise TimeoutError
        if not answers[0]:
            raise Refusal(f"There is no server of the name {self._name}.")
        return answers[0]

    def _left(self) -> float:
        """The seconds until the deadline. Raises TimeoutError after it."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Timed(io.RawIOBase):
    """A socket as http.client uses one. Before each read it looks at the clock: a server cannot go on byte by byte."""

    def __init__(self, opened: socket.socket, left: Callable[[], float]) -> None:
        self._socket, self._left = opened, left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._socket.settimeout(self._left())
        return self._socket.recv_into(buffer)

    def sendall(self, data: Any) -> None:
        self._socket.settimeout(self._left())
        self._socket.sendall(data)

    def makefile(self, *arguments: Any, **options: Any) -> io.BufferedReader:
        return io.BufferedReader(_Timed(self._socket, self._left))
