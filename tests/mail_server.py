"""A mail server on a loopback port (RFC 5321), which refuses or hangs as a test says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread

LONGEST = 30  # seconds that anything hangs


class MailServer(ThreadingTCPServer):
    """Keeps the mails that it takes, each with the address it was sent to.

    `refusals` are answers by command ("RCPT" or "DATA") and address. A mailbox in `hangs` answers nothing until
    `go_on` is set. What `before` holds for an address is called before the server says that it has taken the mail.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Dialogue)
        self.taken: list[tuple[str, Message]] = []
        self.refusals: dict[tuple[str, str], str] = {}
        self.hangs: set[str] = set()
        self.before: dict[str, Callable[[], object]] = {}
        self.connections = 0
        self.go_on = Event()


class Dialogue(StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.server.connections += 1
        self.answer("220 mail.example.org")
        while line := self.rfile.readline().decode().strip():
            command = line[:4].upper()
            if command == "RCPT":
                self.receiver = line.partition("<")[2].partition(">")[0]
                if self.receiver in self.server.hangs:
                    self.server.go_on.wait(LONGEST)
            if command == "DATA":
                self.take()
            elif command == "QUIT":
                self.answer("221 Bye")
                return
            else:
                self.answer(self.server.refusals.get((command, getattr(self, "receiver", "")), "250 Fine"))

    def take(self) -> None:
        self.answer("354 Go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        refusal = self.server.refusals.get(("DATA", self.receiver))
        if not refusal:
            self.server.taken.append((self.receiver, message_from_bytes(b"".join(lines))))
        self.server.before.get(self.receiver, lambda: None)()
        self.answer(refusal or "250 Taken")

    def answer(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@contextmanager
def running_mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.go_on.set()
            server.shutdown()
            thread.join()
