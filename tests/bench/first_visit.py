"""What a browser fetches when it comes to a page for the first time."""

from __future__ import annotations

from html.parser import HTMLParser
from http.client import HTTPConnection
from urllib.parse import urlsplit

from tests.bench.load import HOST, Request, ask

BROWSER = {"Accept-Encoding": "gzip, deflate, br"}
FETCHED_LINKS = {"stylesheet", "icon", "apple-touch-icon", "manifest", "preload", "modulepreload"}


class Fetched(HTMLParser):
    """The addresses of all that a page needs beside itself; every icon, though a browser chooses one."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "link" and FETCHED_LINKS & set(values.get("rel", "").split()):
            self.addresses.append(values["href"])
        elif tag in ("script", "img", "iframe") and "src" in values:
            self.addresses.append(values["src"])


def first_visit(port: int, page: str) -> tuple[dict[str, int], list[str]]:
    """Bytes of each answer's body as sent, by path, the page first; and what would come from other hosts."""
    connection = HTTPConnection(HOST, port, timeout=10)
    connection.request("GET", page)
    parser = Fetched()
    parser.feed(connection.getresponse().read().decode())
    elsewhere = [address for address in parser.addresses if urlsplit(address).netloc]
    own = [page, *dict.fromkeys(address for address in parser.addresses if address not in elsewhere)]
    return {path: ask(connection, Request("GET", path, BROWSER)).size for path in own}, elsewhere
