"""HTML and Markdown as the plain text that the product shows: paragraphs, "- " lists, links with their address.

Markup is read, never run. Text that has none stays as it is.
"""

from __future__ import annotations

import re
from html import unescape
from string import ascii_lowercase, ascii_uppercase
from urllib.parse import urljoin

LINE_BREAKS = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Controls, and what UTF-8 cannot hold. A line feed and a tab may stay in a text of several lines.
NOT_IN_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

_BLOCKS = frozenset(
    "address article aside blockquote center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5"
    " h6 header hr main nav ol p pre section table ul".split()
)
_LINES = frozenset(["br", "li", "summary", "tr"])
# What nobody sees, from its beginning to its end. One that does not end is text.
_HIDDEN = (("<!--", "-->"), ("<script", "</script>"), ("<style", "</style>"))
_ASCII_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)  # str.lower() may change the length
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big body button caption cite code del dfn em font head html i iframe img input ins kbd"
    " label mark q s samp small span strike strong sub sup tbody td tfoot th thead time tt u var wbr".split()
)
_KNOWN = _BLOCKS | _LINES | _INLINE

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)((?:\s[^<>]*)?/?)>")
# Only a tag that ends, or one that stands alone, is markup: "Use the <b> tag" is not.
_IS_HTML = re.compile(
    r"</(?:a|b|blockquote|code|div|em|h[1-6]|i|li|ol|p|pre|span|strong|table|td|tr|u|ul)>|<(?:br|hr|p)\s?/?>|<a\shref=",
    re.IGNORECASE,
)
_HAS_BLOCKS = re.compile(r"<(?:blockquote|d[dlt]|div|h[1-6]|li|ol|p|pre|table|ul)[\s/>]", re.IGNORECASE)
_HREF = re.compile(r"""\shref\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))""", re.IGNORECASE)
_ALT = re.compile(r"""\salt\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')""", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\n]+")

_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\(<?([^()\s<>]*(?:\([^()\s<>]*\)[^()\s<>]*)*)>?(?:[ \t]\"[^\"\n]*\")?\)")
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^\s<>]*)>")
_HEADING = re.compile(r"^#{1,6}[ \t]+([^\n]*)$", re.MULTILINE)
_BULLET = re.compile(r"^([ \t]{0,12})[*+•][ \t]+(?=\S)", re.MULTILINE)
_STARS = re.compile(r"(?<![\w*\\])(\*{1,3})(?![\s*])([^*\n]+)(?<![\s\\])\1(?![\w*])")
# Not `__init__`: two underscores are emphasis only around several words.
_UNDERSCORES = re.compile(r"(?<![\w\\])(_(?!_)|__(?=[^_\s]+[ \t]))(?=\S)([^_\n]+)(?<![\s\\])\1(?!\w)")


def plain(text: str, base: str = "") -> str:
    """The text without markup. Relative links are joined to `base`, or lose their address where it is empty."""
    text = LINE_BREAKS.sub("\n", text)
    is_html = _IS_HTML.search(text) is not None
    has_blocks = is_html and _HAS_BLOCKS.search(text) is not None
    if is_html:
        text = _from_html(text, base, keeps_lines=not has_blocks)
    return tidy(text if has_blocks else _from_markdown(text, base))


def tidy(text: str) -> str:
    """The text without controls, blanks at its ends and the ends of lines, and more than one empty line in a row."""
    lines = [line.rstrip() for line in NOT_IN_TEXT.sub("", LINE_BREAKS.sub("\n", text)).split("\n")]
    kept = [line for number, line in enumerate(lines) if line or (number and lines[number - 1])]
    return "\n".join(kept).strip()


def one_line(text: str) -> str:
    """The text on one line, without controls. Blanks inside a line stay as they are."""
    return NOT_IN_TEXT.sub("", " ".join(filter(None, map(str.strip, text.replace("\t", " ").splitlines())))).strip()


def linked(text: str, address: str, base: str = "") -> str:
    """A link in plain text: "its words (its address)", or the address alone where its words say the same."""
    words, address = text.strip(), address.strip()
    if address.lower().startswith("mailto:"):
        address = address[7:].partition("?")[0]
    elif not address.lower().startswith(("http:", "https:")):
        address = _joined(base, address)
    if not address or address == words or not words:
        return address or text
    said = words.removeprefix("http://").removeprefix("https://").rstrip("/")
    if said and said == address.partition("://")[2].rstrip("/"):
        return address
    return f"{words} ({address})"


def _joined(base: str, address: str) -> str:
    """The relative address as an absolute one; empty if that cannot be, as for "javascript:…" or "#top"."""
    if not base or address.startswith("#"):
        return ""
    try:
        absolute = urljoin(base, address)
    except ValueError:
        return ""
    return absolute if absolute.startswith(("http://", "https://")) else ""


class _Writer:
    """Plain text, made piece by piece as tags and texts come."""

    def __init__(self, base: str, *, keeps_lines: bool) -> None:
        self.base = base
        self.keeps_lines = keeps_lines  # in Markdown with some HTML, line breaks mean something
        self.pieces: list[str] = []
        self.link: tuple[int, str] | None = None  # where its words begin, and its address
        self.in_pre = False
        self.at_start = True  # of a line, where blanks are dropped

    def write(self, text: str) -> None:
        """Adds text between two tags."""
        text = unescape(text)
        if self.keeps_lines:
            text = text.removeprefix("\n") if self.pieces and self.pieces[-1] == "\n" else text
        elif not self.in_pre:
            text = _BLANKS.sub(" ", text)
            text = text.lstrip(" ") if self.at_start else text
        if text:
            self.pieces.append(text)
            self.at_start = text.endswith((" ", "\n"))

    def tag(self, name: str, is_end: bool, rest: str) -> None:
        """Adds what a tag means: a break, the dash of a list, or a link's address."""
        if name in _BLOCKS:
            self._break("\n\n")
            self.in_pre = name == "pre" and not is_end
        elif name in _LINES:
            if name == "br" or not is_end:
                self._break("\n- " if name == "li" else "\n")
        elif name in ("td", "th") and not is_end:
            self.write(" ")
        elif name == "a":
            self._end_link()
            if not is_end and (match := _HREF.search(rest)):
                self.link = len(self.pieces), unescape(match[1] or match[2] or match[3] or "")
        elif name == "img" and (match := _ALT.search(rest)):
            self.write(match[1] or match[2] or "")

    def _break(self, text: str) -> None:
        self._end_link()
        # The first paragraph of a list entry stands beside its dash.
        if not (self.pieces and self.pieces[-1] == "\n- " and text == "\n\n"):
            self.pieces.append(text)
        self.at_start = True

    def _end_link(self) -> None:
        if self.link:
            begin, address = self.link
            words = "".join(self.pieces[begin:])
            after = " " if words.endswith(" ") else ""
            self.pieces[begin:] = [linked(words, address, self.base) + after]
            self.link = None


def _from_html(text: str, base: str, *, keeps_lines: bool) -> str:
    writer = _Writer(base, keeps_lines=keeps_lines)
    position = 0
    for begin, end in _HIDDEN:
        text = _without(text, begin, end)
    for match in _TAG.finditer(text):
        if match[2].lower() in _KNOWN:  # "std::vector<int>" is no tag
            writer.write(text[position : match.start()])
            writer.tag(match[2].lower(), bool(match[1]), match[3])
            position = match.end()
    writer.write(text[position:])
    writer.tag("p", True, "")
    return "\n".join(
        line.strip(" ") if not line.startswith("  ") else line for line in "".join(writer.pieces).split("\n")
    )


def _without(text: str, begin: str, end: str) -> str:
    """The text without the parts that begin and end so."""
    lower, pieces, position = text.translate(_ASCII_LOWER), [], 0
    while (first := lower.find(begin, position)) >= 0 and (last := lower.find(end, first)) >= 0:
        pieces.append(text[position:first])
        position = last + len(end)
    return "".join([*pieces, text[position:]])


def _from_markdown(text: str, base: str) -> str:
    def link(match: re.Match[str]) -> str:
        made = linked(match[1], match[2], base)
        return match[0] if made == match[1] != match[2] else made  # "rows[0](x)" may be code

    text = _LINK.sub(link, text)
    text = _AUTOLINK.sub(lambda match: linked("", match[1]), text)
    text = _HEADING.sub(lambda match: match[1].rstrip("# ") or match[0], text)
    text = _BULLET.sub(r"\1- ", text)
    return _UNDERSCORES.sub(r"\2", _STARS.sub(r"\2", text))
