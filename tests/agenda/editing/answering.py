"""Servers on this machine, each in a thread that ends by itself, which answer what a test tells them."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

LONGEST = 10  # seconds that a server lives at most
Answer = bytes | Callable[[socket.socket], None]


class Answering:
    """A server that gives one answer after the other, each over a connection of its own."""

    def __init__(self, answers: list[Answer], tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[str] = []  # each request as it came
        self._answers, self._tls = answers, tls
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.settimeout(LONGEST)
        self.port: int = self._listening.getsockname()[1]

    def run(self) -> None:
        with suppress(OSError):
            for answer in self._answers:
                with suppress(OSError), self._accepted() as connection:
                    connection.settimeout(LONGEST)
                    self.asked.append(connection.recv(65536).decode())
                    if isinstance(answer, bytes):
                        connection.sendall(answer)
                    else:
                        answer(connection)
        self._listening.close()

    def stop(self) -> None:
        self._listening.close()

    def _accepted(self) -> socket.socket:
        accepted, _ = self._listening.accept()
        return self._tls.wrap_socket(accepted, server_side=True) if self._tls else accepted


@contextmanager
def answering(*answers: Answer, tls: ssl.SSLContext | None = None) -> Iterator[Answering]:
    server = Answering(list(answers), tls)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", server.port), 1).close()  # wakes it, if it still waits for one
        server.stop()
        thread.join(LONGEST)


def response(body: bytes = b"", status: str = "200 OK", *, length: int | None = -1, **headers: str) -> bytes:
    """An HTTP response. `length` is what it says of its length; None says nothing."""
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    if length is not None:
        lines.append(f"Content-Length: {len(body) if length < 0 else length}")
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


def certificate_for(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate of that name, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cadata=made.public_bytes(serialization.Encoding.PEM).decode())
