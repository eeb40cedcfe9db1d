"""The units of systemd are right, shut in, and name parts that deploy/agenda has."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from forum.version import VERSION
from tests.deploy.behind import ROOT

UNITS = ROOT / "deploy" / "systemd"
PARTS = re.findall(r"^([a-z]+)\)", (ROOT / "deploy" / "agenda").read_text(), re.MULTILINE)
NOBODY = 65534  # user and group
EXPOSED = 3.0  # at most, of 10, as systemd-analyze counts


def test_timers_start_parts_that_are_there():
    names = [path.stem.removeprefix("agenda@") for path in UNITS.glob("*.timer")]

    assert sorted(names) == ["backup", "notices", "prune", "refresh"]
    assert set(names) < set(PARTS)


def test_unknown_part_is_refused_in_a_sentence():
    done = subprocess.run([ROOT / "deploy" / "agenda", "wep"], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr[:30]) == (2, "There is no part named wep: we")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_root_is_told_whose_command_it_is(tmp_path):
    settings, folder = tmp_path / "environment", tmp_path / "var"
    settings.write_text(f"SITE_URL=https://agenda.example.org\nVAR_DIR={folder}\n")
    folder.mkdir()
    os.chown(folder, NOBODY, NOBODY)
    about = {
        "env": {"PATH": "/usr/bin:/bin", "AGENDA_ENVIRONMENT": str(settings)},
        "capture_output": True,
        "text": True,
    }

    done, version = (
        subprocess.run([ROOT / "deploy" / "agenda", *words], check=False, **about)
        for words in (("manage", "doctor", "--mail", "you@example.org"), ("version",))
    )

    wanted = "Not as root. Type: runuser -u nobody -- deploy/agenda manage doctor --mail you@example.org\n"
    assert (done.returncode, done.stderr) == (2, wanted)
    assert (version.returncode, version.stdout) == (0, f"{VERSION}\n")


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """Copies that name this checkout, as the programs that a unit starts must be there."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    for source in UNITS.rglob("*"):
        if source.is_file():
            copy = tmp_path / source.relative_to(UNITS)
            copy.parent.mkdir(exist_ok=True)
            copy.write_text(source.read_text().replace("/srv/forum-agenda", str(ROOT)))
    return tmp_path


def test_systemd_finds_no_fault(units):
    files = [units / "agenda@web.service", units / "agenda@notices.service", *sorted(units.glob("*.timer"))]

    done = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True, check=False)

    assert [line for line in done.stderr.splitlines() if "agenda" in line] == []


def test_service_can_do_little_besides_its_work(units):
    asked = ["systemd-analyze", "security", "--offline=yes", units / "agenda@web.service"]

    done = subprocess.run(asked, capture_output=True, text=True, check=False)

    found = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    if not found:
        pytest.skip(f"systemd-analyze cannot say it here: {done.stderr.strip()}")
    assert float(found[1]) <= EXPOSED
