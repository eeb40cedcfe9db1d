"""Plain text, as people type it, to HTML with paragraphs, lists and links. The stored text stays as it is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

from django.utils.html import conditional_escape, escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

WIDEST_WRAP = 100  # characters; a longer line was not wrapped by hand, its newline ends a paragraph
BULLET = re.compile(r"[-*•]\s+(?=\S)")
# Chinese and Japanese put no blank between an address and what follows it: their punctuation ends it.
ADDRESS = re.compile(
    r"https?://[^\s<>\"“”\u3000-\u3003\u3008-\u301f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]+"
)
LINKED = re.compile(r"(<a [^>]*>)([^<]+)(</a>)")  # as /admin/ names what was saved
NO_SIGN = "\x00"  # occurs in no stored text
CLOSING = {")": "(", "]": "["}
# To compare by: letters that Unicode does not take apart, and what people type for one another.
APOSTROPHES = "’‘‛ʼʻʹʽ′`´ʾʿ՚׳"
ALIKE = str.maketrans(
    {
        **dict(zip("łøđðħıŋŧƶƀɨʉɫ", "loddhintzbiul", strict=True)),
        **{"æ": "ae", "œ": "oe", "þ": "th"},
        **dict.fromkeys(APOSTROPHES, "'"),
        **dict.fromkeys("‐‒–—―⸺⸻−⁃˗־֊", "-"),
        # Seen by nobody: soft hyphens, joiners, marks of direction, and what chooses between two looks of a sign.
        **dict.fromkeys("\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u2060\u2066\u2067\u2068\u2069\ufe0e\ufe0f\ufeff"),
    }
)


def to_html(text: str) -> SafeString:
    """The text as escaped HTML: <p>, <ul>, <br> and links only.

    An empty line separates paragraphs. Inside one, lines that were wrapped by hand are joined, long lines are
    paragraphs of their own, short ones keep their line break; "- " begins a list entry.
    """
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return mark_safe("".join(_block(block.split("\n")) for block in blocks if block.strip()))  # noqa: S308 (escaped below)


def isolated(sentence: str, name: str = "") -> SafeString:
    """The sentence as safe HTML, its quoted titles in <bdi>, and also `name` if the sentence begins with it.

    A Hebrew title would otherwise move the quotation marks around it, and the full stop at the sentence's end.
    """
    if name and sentence.startswith(name):
        return format_html("<bdi>{}</bdi>{}", name, isolated(sentence.removeprefix(name)))
    return mark_safe(_with_quotes(conditional_escape(sentence), _bdi))  # noqa: S308 (escaped)


def _bdi(title: str) -> str:
    """The escaped title, or a link of that title, with <bdi>; anything else with tags as it is."""
    link = LINKED.fullmatch(title)
    if link:
        return f"{link[1]}<bdi>{link[2]}</bdi>{link[3]}"
    if "<" not in title:
        return f"<bdi>{title}</bdi>"
    before, quote, inner = title.rpartition("“")  # a title within that of a link
    return f"{before}{quote}{_bdi(inner)}" if quote else title


def in_isolates(text: object) -> str:
    """The text for a plain sentence: each line with right-to-left letters between U+2068 and U+2069, others as is.

    So it leaves the signs around it where they are, as <bdi> does in HTML.
    """
    lines = str(text).split("\n")
    return "\n".join(f"\u2068{line}\u2069" if any(map(_is_right_to_left, line)) else line for line in lines)


def quotes_in_isolates(sentence: str, name: str = "") -> str:
    """The plain sentence with in_isolates() for its quoted titles, and for the name that it begins with."""
    if name and sentence.startswith(name):
        return in_isolates(name) + quotes_in_isolates(sentence.removeprefix(name))
    return _with_quotes(sentence, in_isolates)


def _with_quotes(sentence: str, change: Callable[[str], str]) -> str:
    """The sentence with each title in “quotes” changed. It is read once, however it is quoted."""
    *quoting, rest = sentence.split("”")
    pieces = (piece.partition("“") for piece in quoting)
    return "".join(f"{before}{quote}{change(title) if title else ''}”" for before, quote, title in pieces) + rest


def _is_right_to_left(letter: str) -> bool:
    return unicodedata.bidirectional(letter) in ("R", "AL")


def credited(byline: str, whole: Iterable[str] = ()) -> SafeString:
    """The byline, word for word, with the names in <b>: "<b>Jing Liu</b> & <b>Chao Peng</b>, Intel".

    An "&" inside one of the names in `whole` is part of that name.
    """
    return format_html_join(mark_safe(" &amp; "), "<b>{}</b>{}{}", _people(byline, whole))


def people(byline: str, whole: Iterable[str] = ()) -> SafeString:
    """The byline, word for word, with what is not a name apart: "Jing Liu & Chao Peng<span>, Intel</span>"."""
    parts = (
        (name, format_html('<span class="org">{}{}</span>', *rest) if rest[0] else "")
        for name, *rest in _people(byline, whole)
    )
    return format_html_join(mark_safe(" &amp; "), "{}{}", parts)


def _people(byline: str, whole: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    for name in sorted(whole, key=len, reverse=True):  # one may begin another: "Tern & Tide & Sons"
        byline = byline.replace(name, name.replace(" & ", NO_SIGN))
    return (person.replace(NO_SIGN, " & ").partition(", ") for person in byline.split(" & "))


def first_sentences(text: str, length: int = 200) -> str:
    """The text's beginning on one line, for link previews; cut at a word, with an ellipsis where it goes on."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    cut = line[:length].rpartition(" ")[0] or line[: length - 1]
    return cut.rstrip(" ,;:") + "…"


def fold(text: str) -> str:
    """The text without case and accents, to compare by: "Bennée" and "BENNEE" are "bennee", "Łódź" is "lodz"."""
    # The acute accent alone NFKD takes for a blank with an accent.
    letters = text if text.isascii() else "".join(map(_without_accents, text.replace("´", "'")))
    return letters.casefold().translate(ALIKE)


@lru_cache(maxsize=4_000)
def _without_accents(sign: str) -> str:
    """One sign, taken apart, without its accents. In a whole text, a long row of accents would first be sorted."""
    return "".join(part for part in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(part))


def _block(lines: list[str]) -> str:
    """The HTML of a block without empty lines, in which paragraphs and lists take turns."""
    html: list[str] = []
    run: list[str] = []
    in_list = False
    for line in lines:
        if bool(BULLET.match(line)) != in_list and not (in_list and line.startswith(" ")):
            html.append(_list(run) if in_list else _paragraphs(run))
            run, in_list = [], not in_list
        run.append(line.strip())
    html.append(_list(run) if in_list else _paragraphs(run))
    return "".join(html)


def _list(lines: list[str]) -> str:
    entries: list[str] = []
    for line in lines:
        if BULLET.match(line):
            entries.append(BULLET.sub("", line, count=1))
        else:  # an indented line goes on with the entry above
            entries[-1] += " " + line
    return "<ul>" + "".join(f'<li dir="auto">{_linked(entry)}</li>' for entry in entries) + "</ul>"


def _paragraphs(lines: list[str]) -> str:
    if not lines:
        return ""
    if _wrapped_by_hand(lines):
        return _paragraph(_linked(" ".join(lines)))
    if max(map(len, lines)) > WIDEST_WRAP:
        return "".join(_paragraph(_linked(line)) for line in lines)
    return _paragraph("<br>".join(_linked(line) for line in lines))


def _paragraph(html: str) -> str:
    return f'<p dir="auto">{html}</p>'


def _wrapped_by_hand(lines: list[str]) -> bool:
    """True if each line ends where the first word of the next line would hardly have fitted.

    Not exactly where it would not fit, because people do not wrap at exactly the same width.
    """
    width = max(map(len, lines))
    return 40 <= width <= WIDEST_WRAP and all(
        len(line) + 1 + len(following.partition(" ")[0]) > 0.85 * width for line, following in pairwise(lines)
    )


def _linked(text: str) -> str:
    parts: list[str] = []
    position = 0
    for match in ADDRESS.finditer(text):
        address = _without_trailing_punctuation(match.group())
        parts.append(escape(text[position : match.start()]))
        parts.append(f'<a href="{escape(address)}" rel="nofollow noopener">{escape(address)}</a>')
        position = match.start() + len(address)
    return "".join([*parts, escape(text[position:])])


def _without_trailing_punctuation(address: str) -> str:
    """The address without the punctuation that belongs to the sentence around it.

    A closing bracket stays if the address contains the opening one. The time needed is in proportion to the length.
    """
    unmatched = {closing: address.count(closing) - address.count(opening) for closing, opening in CLOSING.items()}
    end = len(address)
    while address[end - 1] in ".,;:!?'’)]":
        last = address[end - 1]
        if last in CLOSING:
            if unmatched[last] <= 0:
                break
            unmatched[last] -= 1
        end -= 1
    return address[:end]
