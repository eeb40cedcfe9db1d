"""The names in the source: one meaning each, the house's words, and sizes that can be read in one go."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
FOLDERS = ("forum", "accounts", "agenda", "database", "scripts")
OF_A_FRAMEWORK = {"Meta", "Command", "Status", "Kind", "Through"}  # nested or found by name: each belongs to its owner
# Where a program is a calendar program or one that is run, never the conference's programme.
OF_PROGRAMS = ("agenda/calendars/", "agenda/caldav/", "agenda/views/calendars.py", "scripts/")
SAYING_NOTHING = {"core", "common", "base", "helpers", "utils"}
LONGEST = 400  # lines of a module


@cache
def modules() -> dict[Path, ast.Module]:
    return {
        path.relative_to(ROOT): ast.parse(path.read_text())
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts
    }


def defined(tree: ast.Module) -> Iterator[str]:
    """Names of classes, functions, arguments, variables and attributes that the module makes."""
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.arg(arg=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name


def is_american(name: str) -> bool:
    return re.search("program(?!me)", name, re.IGNORECASE) is not None


def test_class_name_stands_once() -> None:
    homes: dict[str, list[str]] = defaultdict(list)
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and node.name not in OF_A_FRAMEWORK:
                homes[node.name].append(str(path))

    assert {name: paths for name, paths in homes.items() if len(paths) > 1} == {}


def test_conference_has_a_programme() -> None:
    elsewhere = {path: tree for path, tree in modules().items() if not str(path).startswith(OF_PROGRAMS)}

    assert {
        f"{path}: {name}" for path, tree in elsewhere.items() for name in defined(tree) if is_american(name)
    } == set()
    assert [str(path) for path in elsewhere if is_american(str(path))] == []


def test_programme_is_told_from_program() -> None:
    names = "program", "Programs", "FOR_PROGRAMS", "programme", "programmes_for", "PROGRAMME"

    assert [name for name in names if is_american(name)] == ["program", "Programs", "FOR_PROGRAMS"]


@pytest.mark.parametrize("folder", [*FOLDERS, "templates", "tests"])
def test_folder_says_what_it_holds(folder: str) -> None:
    assert [path for path in (ROOT / folder).rglob("*/") if path.name in SAYING_NOTHING] == []


def test_module_is_read_in_one_go() -> None:
    lengths = {str(path): len((ROOT / path).read_text().splitlines()) for path in modules()}

    assert {path: length for path, length in lengths.items() if length > LONGEST} == {}


def test_agenda_has_six_loose_modules() -> None:
    loose = {path.stem for path in (ROOT / "agenda").glob("*.py")} - {"__init__"}

    assert loose == {"urls", "apps", "receivers", "context_processors", "version_cache", "my_data"}
