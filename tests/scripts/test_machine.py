"""What of the machine's programs is good enough for the tests, and what is said where something is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scripts import machine

KNOWS_HTTP = "config = {'HTTPS': True}\n"


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The one folder of programs of a machine whose own Python, in it, has no libraries, yet."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr("os.defpath", str(folder))
    add(folder, "python3", "exit 1")
    return folder


def add(folder: Path, name: str, text: str) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o755)


def test_calcurse_is_found_with_the_library_that_it_needs(programs):
    add(programs, "calcurse", "exit 0")
    add(programs, "calcurse-caldav", KNOWS_HTTP)
    assert machine.calcurse() is None

    add(programs, "python3", "exit 0")

    assert machine.calcurse() == programs


@pytest.mark.parametrize(
    "texts",
    [
        {},
        {"calcurse": "exit 0"},
        {"calcurse-caldav": KNOWS_HTTP},
        {"calcurse": "exit 0", "calcurse-caldav": "config = {'Hostname': None}"},
    ],
    ids=["nothing", "no calcurse-caldav", "no calcurse", "one that speaks https alone"],
)
def test_calcurse_in_parts_or_too_old_is_none(programs, texts):
    add(programs, "python3", "exit 0")
    for name, text in texts.items():
        add(programs, name, text)

    assert machine.calcurse() is None


@pytest.mark.parametrize("name", ["redis-server", "valkey-server"])
def test_redis_is_found_under_either_name(programs, name):
    assert machine.redis() is None

    add(programs, name, "exit 0")

    assert machine.redis() == programs / name


@pytest.mark.parametrize(
    ("program", "words"), [("calcurse", machine.MISSING_CALCURSE), ("redis", machine.MISSING_REDIS)]
)
def test_what_tests_can_do_without_is_said_and_stops_nothing(programs, program, words):
    done = subprocess.run(
        [sys.executable, machine.__file__, program],
        env={"PATH": str(programs)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, f"{words}\n")


@pytest.mark.parametrize(
    ("program", "packages"), [("calcurse", "calcurse python3-httplib2"), ("redis", "redis-server")]
)
def test_missing_program_is_installed_on_a_debian(programs, monkeypatch, capfd, program, packages):
    add(programs, "apt-get", 'echo "$@" >&2')
    monkeypatch.setattr("os.geteuid", lambda: 0)

    machine.NEEDS[program]()

    assert capfd.readouterr().err == f"-qq update\n-qq install --yes --no-install-recommends {packages}\n"
