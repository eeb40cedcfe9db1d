"""The lines of a web page as a browser shows them, of its HTML or of its copied text."""

from __future__ import annotations

import re
from typing import NamedTuple

from lxml import etree, html

from agenda.formats.records import RefusedFile

BLOCKS = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "hr"])  # an empty line
LINES = frozenset(
    ["div", "li", "br", "tr", "dt", "dd", "section", "article", "header", "footer", "main", "nav", "form"]
)
HIDDEN = frozenset(["script", "style", "head", "template", "noscript"])

_IS_HTML = re.compile(r"<(?:!doctype html|html|head|body|div)\b", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\r\n\f]+")


class PageLine(NamedTuple):
    """A line of text, its number in the file (of HTML: on the page), and the address of the first link in it."""

    number: int
    text: str
    link: str = ""


def lines_of(data: bytes) -> list[PageLine]:
    """The lines of the page. Raises RefusedFile for HTML that cannot be read."""
    text = decoded(data)
    if _IS_HTML.search(text[:5_000]):
        return _of_html(text)
    return [PageLine(number, line) for number, line in enumerate(text.splitlines(), start=1)]


def decoded(data: bytes) -> str:
    """The text of a file in UTF-8, in UTF-16 with a mark, or in Western European letters."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _of_html(text: str) -> list[PageLine]:
    parser = html.HTMLParser(no_network=True, encoding="utf-8")
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        raise RefusedFile("This page cannot be read as HTML: save it once more, or copy its text.") from None
    page = _ShownText()
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event == "start":
            page.begin(element)
        elif event == "end":
            page.end(element)
        else:
            page.write(element.tail)
    page.break_line()
    return [PageLine(number, line, link) for number, (line, link) in enumerate(page.lines, start=1)]


class _ShownText:
    """Lines, made as the elements of a page come."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self._parts: list[str] = []
        self._link = ""
        self._hidden = 0  # elements around that are not shown

    def begin(self, element: html.HtmlElement) -> None:
        if element.tag in HIDDEN:
            self._hidden += 1
        if element.tag in LINES or element.tag in BLOCKS:
            self.break_line(is_empty_after=element.tag in BLOCKS)
        if element.tag == "li":
            self._parts.append("• ")
        elif element.tag == "a":
            self._link = self._link or element.get("href", "").strip()
        elif element.tag == "img":
            self.write(element.get("alt"))
        self.write(element.text)

    def end(self, element: html.HtmlElement) -> None:
        if element.tag in HIDDEN:
            self._hidden -= 1
        if element.tag in LINES or element.tag in BLOCKS:
            self.break_line(is_empty_after=element.tag in BLOCKS)
        self.write(element.tail)

    def write(self, text: str | None) -> None:
        if text and not self._hidden:
            self._parts.append(text)

    def break_line(self, *, is_empty_after: bool = False) -> None:
        line = _BLANKS.sub(" ", "".join(self._parts)).strip(" ")
        if line not in ("", "•"):
            self.lines.append((line, self._link))
        if line not in ("", "•") or is_empty_after:
            self._parts, self._link = [], ""
        if is_empty_after and self.lines and self.lines[-1][0]:
            self.lines.append(("", ""))
