"""README and docs/ stay true: their commands, versions, paths, links, folder map and tables are the tree's."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

ROOT = Path(settings.BASE_DIR)
README = (ROOT / "README.md").read_text()
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()
SETTINGS = (ROOT / "forum" / "settings.py").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
ENTRY = (ROOT / "deploy" / "agenda").read_text()
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

PAGES = {path.relative_to(ROOT).as_posix(): path for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))}
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Paths that only a running site has, and a name in the user's hands.
MADE_LATER = ("var/", "environment", "backup.")
# A path of ours in backquotes: with a slash inside, or with the ending of a file.
PATH = re.compile(
    r"(?<![\w/.-])((?:[\w.-]+/)*[\w-]+\.(?:py|md|toml|lock|json|txt|html|css|ini)|(?:[\w.-]+/)+)(?![\w@])"
)

each_page = pytest.mark.parametrize("text", [path.read_text() for path in PAGES.values()], ids=list(PAGES))


def prose(text: str) -> str:
    """The page without its blocks of code."""
    return BLOCK.sub("", text)


def backquoted(text: str) -> list[str]:
    return [" ".join(quoted.split()) for quoted in re.findall(r"`([^`]+)`", prose(text))]


def commands(text: str) -> str:
    """What a reader may type or a machine runs: text in backquotes and blocks of code, a piece each line."""
    return "\n".join([*backquoted(text), *(code for _, code in BLOCK.findall(text))])


def table_rows(page: str, first_header: str) -> list[str]:
    """The first cells of the table whose header begins so, without their backticks."""
    lines = page.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {first_header} |"))
    cells = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        cells += [name.strip().strip("`") for name in line.split("|")[1].split(",")]
    return cells


def anchors(text: str) -> set[str]:
    """What can follow # in a link to the page: its headings, as forges spell them."""
    headings = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_variables_are_those_that_settings_read() -> None:
    read = re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", SETTINGS)

    assert sorted(table_rows(OPERATIONS, "variable")) == sorted(read)


def test_variables_are_read_in_the_top_block_alone() -> None:
    body = SETTINGS.partition("INSTALLED_APPS")[2]

    assert re.findall(r"env\.\w+\(\s*\"[A-Z_]+\"|os\.environ", body) == []


@each_page
def test_variables_named_are_settings_or_the_makefile_s(text: str) -> None:
    known = set(re.findall(r"\b[A-Z_]+\b", SETTINGS + MAKEFILE + ENTRY)) | set(re.findall(r"\$([A-Z]+)\b", text))

    assert set(re.findall(r"\b([A-Z]+(?:_[A-Z]+)*)=", commands(text))) - known == set()


@each_page
def test_commands_are_targets_of_the_makefile(text: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))

    assert set(re.findall(r"(?:^|&& |/)(?:\S+=\S+ )*make ([a-z-]+)", commands(text), re.MULTILINE)) - targets == set()


def test_readme_names_the_commands_that_matter() -> None:
    named = set(re.findall(r"`(?:\S+=\S+ )*make ([a-z-]+)", README))

    assert {
        "test",
        "quick",
        "run",
        "lint",
        "types",
        "unit",
        "postgres",
        "format",
        "lock",
        "bench",
        "bench-polls",
        "chaos",
    } <= named


@each_page
def test_commands_of_manage_py_exist(text: str) -> None:
    assert set(re.findall(r"manage\.py ([a-z]\w+)", commands(text))) - get_commands().keys() == set()


@each_page
def test_paths_exist(text: str) -> None:
    paths = [path for quoted in backquoted(text) for path in PATH.findall(quoted) if not quoted.startswith("/")]

    assert [path for path in paths if not path.startswith(MADE_LATER) and not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_links_and_pictures_lead_somewhere(page: str) -> None:
    broken = []
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", PAGES[page].read_text()):
        name, _, anchor = target.partition("#")
        path = PAGES[page].parent / name if name else PAGES[page]
        if not path.is_file() or (anchor and anchor not in anchors(path.read_text())):
            broken.append(target)

    assert broken == []


def test_readme_links_every_page() -> None:
    linked = set(re.findall(r"\]\((docs/[\w.]+)", README))

    assert linked == PAGES.keys() - {"README.md"}
    assert re.findall(r"!\[[^]]+\]\(", README)


@each_page
def test_page_has_one_top_heading(text: str) -> None:
    assert len(re.findall(r"^# ", prose(text), re.MULTILINE)) == 1
    assert text.startswith("# ")


def test_readme_is_short() -> None:
    assert len(README.splitlines()) <= 120


def test_first_screen_has_the_two_commands() -> None:
    first_screen = README.splitlines()[:12]

    assert [line.split()[:2] for line in first_screen if line.startswith("make ")] == [
        ["make", "run"],
        ["make", "test"],
    ]


def test_folder_map_is_the_tree() -> None:
    mapped = re.findall(r"^(\w[\w.]*/?) {2,}\S", README, re.MULTILINE)
    ignored = {"var", "build", "node_modules"}
    folders = {
        f"{path.name}/" for path in ROOT.iterdir() if path.is_dir() and path.name[0] != "." and path.name not in ignored
    }

    assert set(mapped) == folders | {"manage.py"}


def test_import_floors_are_the_linter_s() -> None:
    contracts = PYPROJECT["tool"]["importlinter"]["contracts"]
    floors = [contract["layers"] for contract in contracts if contract["type"] == "layers"]

    assert [code.split("\n")[:-1] for language, code in BLOCK.findall(ARCHITECTURE) if not language] == floors


def test_python_version_is_the_project_s() -> None:
    required = PYPROJECT["project"]["requires-python"].removeprefix(">=")

    assert re.findall(r"Python (\d\.\d+) or newer", README) == [required]


def test_words_are_names_in_the_code() -> None:
    code = "\n".join(path.read_text() for folder in ("accounts", "agenda") for path in (ROOT / folder).rglob("*.py"))

    for words in table_rows(README, "ours"):
        for word in re.split(r"`?, `?|\.", words):
            assert re.search(rf"\b{word}\b", code), word
