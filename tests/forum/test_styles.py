"""The style sheets: every rule is for something that occurs, and their tables of contents are complete."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import allauth
import django_htmx
import pytest
from django.conf import settings
from django.contrib.messages import constants

ROOT = Path(settings.BASE_DIR)
SITE, OWN, GRID = ((ROOT / f"forum/static/forum/{name}.css").read_text() for name in ("site", "own", "grid"))
TEMPLATES = (ROOT / "templates", Path(allauth.__file__).parent / "templates")  # allauth's where we have none
HTMX = Path(django_htmx.__file__).parent / "static/django_htmx/htmx-2.js"
TEMPLATE_TAG = re.compile(r"\{[%{#].*?[%}#]\}", re.DOTALL)


def compounds(sheet: str) -> set[tuple[str, frozenset[str]]]:
    """The parts of selectors that have classes: "ol.steps" as ("ol", {"steps"}), ".chip.on" as ("", {"chip", "on"})."""
    selectors = " ".join(re.findall(r"([^{};]+)\{", re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)))
    return {
        (tag, frozenset(classes[1:].split(".")))
        for tag, classes in re.findall(r"(\b[a-z][a-z0-9]*)?((?:\.[a-zA-Z_][\w-]*)+)", selectors)
    }


def elements(html: str) -> Iterator[tuple[str, frozenset[str]]]:
    """The tags in a text that have classes; each has all the classes that it may have."""
    levels = " ".join(constants.DEFAULT_TAGS.values())
    plain = TEMPLATE_TAG.sub(" ", html.replace("{{ message.level_tag }}", levels))
    for tag, classes in re.findall(r'<([a-z][a-z0-9]*)\b[^>]*?\sclass="([^"]*)"', plain):
        yield tag, frozenset(classes.split())


@cache
def used() -> set[tuple[str, frozenset[str]]]:
    """The tags with classes in templates, and in the strings of Python files."""
    texts = [path.read_text() for folder in TEMPLATES for path in folder.rglob("*.html")]
    for folder in ("forum", "accounts", "agenda"):
        for path in (ROOT / folder).rglob("*.py"):
            nodes = ast.walk(ast.parse(path.read_text()))
            texts += [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return {element for text in texts for element in elements(text)}


@cache
def scripted() -> frozenset[str]:
    """The classes that a script of ours, or htmx, may give to any element."""
    texts = [path.read_text() for path in (ROOT / "forum/static/forum").glob("*.js")]
    ours = re.findall(r'(?:className = |classList\.(?:add|toggle)\()"([\w -]+)"', "".join(texts))
    return frozenset(" ".join(ours).split()) | set(re.findall(r"'(htmx-[a-z]+)'", HTMX.read_text()))


def is_used(tag: str, classes: frozenset[str]) -> bool:
    if not (left := classes - scripted()):
        return True
    return any(left <= theirs and tag in ("", their_tag) for their_tag, theirs in used())


@pytest.mark.parametrize("sheet", [SITE, OWN])
def test_each_class_occurs_in_a_template_or_in_code(sheet: str) -> None:
    unused = [each for each in compounds(sheet) if not is_used(*each)]

    assert sorted(f"{tag}.{'.'.join(sorted(classes))}" for tag, classes in unused) == []


def without_own_looks() -> set[Path]:
    """The templates of pages without own.css, and of all parts that those or agenda/programme put into them.

    A name in quotes is one that is included, extended or rendered.
    """
    texts = {path: path.read_text() for path in TEMPLATES[0].rglob("*.html")}
    light = {path for path, text in texts.items() if "{% block own_looks %}{% endblock %}" in text}
    light |= {TEMPLATES[0] / "agenda/offline.html", TEMPLATES[0] / "bare.html"}
    code = "".join(path.read_text() for path in (ROOT / "agenda/programme").glob("*.py"))
    while True:
        named = "".join(texts[path] for path in light) + code
        more = {TEMPLATES[0] / name for name in re.findall(r'"([\w/]+\.html)"', named)} & texts.keys()
        if more <= light:
            return light
        light |= more


def test_no_rule_of_the_second_sheet_is_for_a_page_without_it() -> None:
    pages = without_own_looks()
    present = {name for path in pages for _, classes in elements(path.read_text()) for name in classes}
    selectors = re.findall(r"([^{};,]+)(?=[{,])", re.sub(r"/\*.*?\*/|:is\([^)]*\)", "", OWN, flags=re.DOTALL))
    classes_of = {each.strip(): set(re.findall(r"\.([a-z][\w-]*)", each)) for each in selectors}

    assert {"programme.html", "session.html", "speakers.html", "now.html", "_talk.html"} <= {
        path.name for path in pages
    }
    assert [each for each, classes in classes_of.items() if classes and classes <= present] == []


def test_class_that_does_not_occur_is_found() -> None:
    dead = ["glyph", "facts", "running", "next"]

    assert [name for name in dead if is_used("", frozenset({name}))] == []
    assert not is_used("details", frozenset({"chip"}))
    assert not is_used("", frozenset({"chip-menu", "on"}))
    assert is_used("svg", frozenset({"qr"}))
    assert is_used("", frozenset({"star", "failed"}))


def test_each_class_of_a_grid_occurs_where_grids_are_made() -> None:
    names = {name.rstrip("0123456789") for name in re.findall(r"\.([a-z_][\w-]*)(?=[^{};]*\{)", GRID)}
    makers = ("agenda/programme/cells.py", "agenda/stars/calendar_layout.py", "forum/static/forum/grid.js")
    text = "".join(
        [*((ROOT / path).read_text() for path in makers), *(path.read_text() for path in TEMPLATES[0].rglob("*.html"))]
    )

    assert [name for name in sorted(names) if not re.search(rf"\b{name}", text)] == []
    assert {"units-", "less-", "at-", "other-end", "narrow-lane"} <= names


@pytest.mark.parametrize("sheet", [SITE, OWN, GRID])
def test_table_of_contents_names_each_section(sheet: str) -> None:
    contents = sheet.partition("*/")[0].splitlines()[2:]

    assert [line.strip() for line in contents if line.strip()] == re.findall(r"^/\* (.+) \*/\n\n", sheet, re.MULTILINE)
