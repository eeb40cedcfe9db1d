"""What a browser fetches when it comes to a page for the first time."""

from __future__ import annotations

from html.parser import HTMLParser
from http.client import HTTPConnection
from urllib.parse import urlsplit

from tests.bench.load import HOST

BROWSER = {"Accept-Encoding": "gzip, deflate, br"}
FETCHED_LINKS = {"stylesheet", "icon", "apple-touch-icon", "manifest", "preload", "modulepreload"}


class Needed(HTMLParser):
    """The addresses of all that a page needs beside itself: every icon, too, though a browser chooses one."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "link" and FETCHED_LINKS & set(values.get("rel", "").split()):
            self.addresses.append(values["href"])
        elif tag in ("script", "img", "iframe") and "src" in values:
            self.addresses.append(values["src"])


def needed(html: str) -> list[str]:
    parser = Needed()
    parser.feed(html)
    return list(dict.fromkeys(parser.addresses))


def first_visit(port: int, page: str) -> tuple[dict[str, int], list[str]]:
    """Bytes of each answer as sent, its headers included, by path; and the addresses at other hosts."""
    connection = HTTPConnection(HOST, port, timeout=10)
    connection.request("GET", page)
    addresses = needed(connection.getresponse().read().decode())
    elsewhere = [address for address in addresses if urlsplit(address).netloc]
    own = [page, *(address for address in addresses if address not in elsewhere)]
    return {path: _transferred(connection, path) for path in own}, elsewhere


def _transferred(connection: HTTPConnection, path: str) -> int:
    connection.request("GET", path, headers=BROWSER)
    response = connection.getresponse()
    headers = sum(len(f"{name}: {value}\r\n") for name, value in response.getheaders())
    return headers + len(response.read())
