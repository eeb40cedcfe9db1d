"""The locks are complete: they name all that their libraries ask for, with its extras, so pip looks for nothing else.

Read from what the installed libraries say of themselves, so no newer release needs to exist for a hole to be seen.
"""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.prepare import LOCKS, ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
DRIVERS = PROJECT["project"]["optional-dependencies"]
SITE = [*PROJECT["project"]["dependencies"], *DRIVERS["postgres"], *DRIVERS["redis"]]
DEV = [*SITE, *PROJECT["dependency-groups"]["dev"]]
ROOTS = dict(zip(LOCKS, (SITE, DEV), strict=True))
ENTRY = re.compile(r"^[a-zA-Z0-9][^\\\n]*", re.MULTILINE)

Lock = dict[str, Requirement]


def entries(text: str) -> Lock:
    """The requirements that the lock's text names for this system and Python, by name."""
    named = [Requirement(line) for line in ENTRY.findall(text)]
    return {canonicalize_name(each.name): each for each in named if asks(each, {""})}


def asks(requirement: Requirement, extras: set[str]) -> bool:
    """True if the requirement counts here, for a library that is installed with these extras."""
    return not requirement.marker or any(requirement.marker.evaluate({"extra": extra}) for extra in extras)


def holes(lock: Lock, roots: list[str]) -> set[str]:
    """What is asked for, by the roots or by a library in the lock, and is not in the lock as asked."""
    asked = [Requirement(line) for line in roots]
    for name, entry in lock.items():
        asked += [
            needed for line in requires(name) or [] if asks(needed := Requirement(line), {""} | set(entry.extras))
        ]
    return {str(each) for each in asked if not is_met(each, lock)}


def is_met(asked: Requirement, lock: Lock) -> bool:
    entry = lock.get(canonicalize_name(asked.name))
    return entry is not None and asked.extras <= entry.extras and asked.specifier.contains(pin(entry), prereleases=True)


def pin(entry: Requirement) -> str:
    (specifier,) = entry.specifier
    assert specifier.operator == "=="
    return specifier.version


@pytest.fixture(params=LOCKS, ids=[lock.name for lock in LOCKS])
def path(request: pytest.FixtureRequest) -> Path:
    return request.param


def test_lock_names_all_that_its_libraries_ask_for(path):
    lock = entries(path.read_text())

    assert {name: version(name) for name in lock} == {name: pin(entry) for name, entry in lock.items()}
    assert holes(lock, ROOTS[path]) == set()


def test_entry_without_an_extra_that_is_asked_for_is_a_hole(path):
    lock = entries(path.read_text())
    with_extras = [name for name, entry in lock.items() if entry.extras]

    assert {"django-allauth", "psycopg", "whitenoise"} <= set(with_extras)
    for name in with_extras:
        bare = Requirement(f"{name}=={pin(lock[name])}")
        assert holes({**lock, name: bare}, ROOTS[path]), name


def test_entry_that_is_missing_or_at_a_version_nobody_asked_for_is_a_hole(path):
    lock = entries(path.read_text())

    for name in ("sqlparse", "argon2-cffi-bindings", "qrcode"):
        assert holes({each: entry for each, entry in lock.items() if each != name}, ROOTS[path]), name
    assert any(line.startswith("django~=") for line in holes({**lock, "django": Requirement("django==4.2")}, DEV))


def test_each_entry_has_hashes_and_none_has_an_address(path):
    parts = re.split(r"\n(?=[a-zA-Z0-9])", path.read_text())

    assert [part.splitlines()[0] for part in parts if "--hash=sha256:" not in part] == []
    assert re.findall(r".*(?:://|@|--index|--find).*", path.read_text()) == []
