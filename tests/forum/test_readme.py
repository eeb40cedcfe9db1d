"""README stays true: its commands, versions, folder map and table of variables are the tree's."""

from __future__ import annotations

import importlib
import re
import tomllib
from math import log2
from pathlib import Path

import pytest
from django.conf import settings

from accounts import keys
from forum import middleware

ROOT = Path(settings.BASE_DIR)
README = (ROOT / "README.md").read_text()
DOCUMENTS = " ".join(" ".join([README, *(path.read_text() for path in (ROOT / "docs").glob("*.md"))]).split())
CODES = "(?:LOGIN|EMAIL_VERIFICATION|PASSWORD_RESET)_BY_CODE"
WORDS = {word: str(number) for number, word in enumerate(("zero", "one", "two", "three", "four", "five", "six"))}
SETTINGS = (ROOT / "forum" / "settings.py").read_text()


def table_rows(first_header: str) -> list[str]:
    """The first cells of the table whose header begins so, without their backticks."""
    lines = README.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {first_header} |"))
    cells = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        cells += [name.strip().strip("`") for name in line.split("|")[1].split(",")]
    return cells


def test_variables_are_those_that_settings_read() -> None:
    read = re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", SETTINGS)

    assert sorted(table_rows("variable")) == sorted(read)


def test_variables_are_read_in_the_top_block_alone() -> None:
    body = SETTINGS.partition("INSTALLED_APPS")[2]

    assert re.findall(r"env\.\w+\(\s*\"[A-Z_]+\"|os\.environ", body) == []


def test_commands_are_targets_of_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:`|^)(?:\S+=\S+ )*make ([a-z]+)", README, re.MULTILINE))

    assert named - targets == set()
    assert {"run", "test", "serve", "bench"} <= named


def test_first_screen_has_the_two_commands() -> None:
    first_screen = README.splitlines()[:12]

    assert [line.split()[:2] for line in first_screen if line.startswith("make ")] == [
        ["make", "run"],
        ["make", "test"],
    ]


def test_folder_map_is_the_tree() -> None:
    mapped = re.findall(r"^(\w[\w.]*/?) {2,}\S", README, re.MULTILINE)
    ignored = {"var", "node_modules"}
    folders = {
        f"{path.name}/" for path in ROOT.iterdir() if path.is_dir() and path.name[0] != "." and path.name not in ignored
    }

    assert set(mapped) == folders | {"manage.py"}


def test_python_version_is_the_project_s() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert re.findall(r"Python (\d\.\d+) or newer", README) == [project["requires-python"].removeprefix(">=")]


def test_files_that_it_shows_exist() -> None:
    shown = re.findall(r"!\[[^]]+\]\(([^)]+)\)", README)

    assert shown
    assert [path for path in shown if not (ROOT / path).is_file()] == []


def test_words_are_names_in_the_code() -> None:
    code = "\n".join(path.read_text() for folder in ("accounts", "agenda") for path in (ROOT / folder).rglob("*.py"))

    for words in table_rows("ours"):
        for word in re.split(r"`?, `?|\.", words):
            assert re.search(rf"\b{word}\b", code), word


def set_to(pattern: str) -> set[object]:
    """The values of our own settings whose names fit: what a library would take for unset ones is none of them."""
    module = importlib.import_module("forum.settings")
    return {value for name, value in vars(module).items() if re.fullmatch(pattern, name)}


@pytest.mark.parametrize(
    ("promise", "kept", "unit"),
    [
        (r"mailed codes that end after (\w+) wrong tries", lambda: set_to(f"ACCOUNT_{CODES}_MAX_ATTEMPTS"), 1),
        (r"mailed codes that end after .*? or (\w+) minutes", lambda: set_to(f"ACCOUNT_{CODES}_TIMEOUT"), 60),
        (r"bodies over (\w+) MB", lambda: {middleware.LARGEST_BODY}, 1_000_000),
        (r"MB \((\w+) MB below `/admin/`\)", lambda: {middleware.LARGEST_UPLOAD}, 1_000_000),
        (r"passwords of (\w+) random bits", lambda: {int(keys.SECRET_LENGTH * log2(len(keys.ALPHABET)))}, 1),
    ],
)
def test_limit_is_the_one_that_the_text_promises(promise, kept, unit):
    promised = {WORDS.get(number, number) for number in re.findall(promise, DOCUMENTS)}

    assert [{int(number) * unit} for number in promised] == [kept()]


def test_every_kind_of_mailed_code_has_limits_of_our_own():
    assert len(re.findall(f"ACCOUNT_{CODES}_MAX_ATTEMPTS", SETTINGS)) == 3
    assert len(re.findall(f"ACCOUNT_{CODES}_TIMEOUT", SETTINGS)) == 3
