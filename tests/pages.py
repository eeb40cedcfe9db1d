"""Answers read as a reader's browser would: a tree of elements to ask for words, addresses and forms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.http import HttpResponse

VOID = frozenset(("br", "col", "hr", "img", "input", "link", "meta", "path", "rect", "use", "wbr"))
INLINE = frozenset(("a", "b", "bdi", "button", "code", "mark", "small", "span", "strong", "time"))


@dataclass(eq=False)
class Element:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    @property
    def text(self) -> str:
        """All words in it, with single spaces."""
        return " ".join("".join(self._texts()).split())

    def _texts(self) -> Iterator[str]:
        for child in self.children:
            yield from [child] if isinstance(child, str) else child._texts()
        yield "" if self.tag in INLINE else " "

    def every(self) -> Iterator[Element]:
        """All elements in it, in the order of the document."""
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child.every()

    def all(self, selector: str, **attributes: str) -> list[Element]:
        """Those of this tag, or tag.class, or .class, with these attributes ("hx_post" is hx-post)."""
        tag, _, class_ = selector.partition(".")
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            element
            for element in self.every()
            if tag in ("", element.tag)
            and (not class_ or class_ in element.classes)
            and wanted.items() <= element.attributes.items()
        ]

    def one(self, selector: str, **attributes: str) -> Element:
        (element,) = self.all(selector, **attributes)
        return element

    def texts(self, selector: str, **attributes: str) -> list[str]:
        return [element.text for element in self.all(selector, **attributes)]

    def link(self, words: str) -> str:
        """The address behind the one link of these words."""
        (address,) = {link["href"] for link in self.all("a") if link.text == words}
        return address

    def fields(self) -> dict[str, str]:
        """What a form sends if nothing in it is touched, its buttons apart."""
        return {
            field["name"]: field.attributes.get("value", "")
            for field in self.all("input")
            if "name" in field.attributes
        }


class Reader(HTMLParser):
    """Strict: what is opened is closed in order (an option may be left open), and no attribute comes twice."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), attrs
        self.close_option(tag)
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID, tag
        self.handle_starttag(tag, attrs)

    def close_option(self, tag: str) -> None:
        if self.open[-1].tag == "option" and tag in ("option", "datalist", "select"):
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag != "option":
            self.close_option(tag)
        assert self.open.pop().tag == tag, (tag, self.getpos())

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read_html(html: str) -> Element:
    """The roots of this HTML, as children of an element without a name."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    (root,) = reader.open
    return root


def page(response: HttpResponse) -> Element:
    """The answer's tree; its status must be that of a page."""
    assert response.status_code in (200, 403, 404, 422), response
    return read_html(response.content.decode())
