"""The units of systemd are right, shut in, and name parts that deploy/agenda has."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.behind import ROOT

UNITS = ROOT / "deploy" / "systemd"
PARTS = re.findall(r"^([a-z]+)\)", (ROOT / "deploy" / "agenda").read_text(), re.MULTILINE)
EXPOSED = 3.0  # at most, of 10, as systemd-analyze counts


def test_timers_start_parts_that_are_there():
    names = [path.stem.removeprefix("agenda@") for path in UNITS.glob("*.timer")]

    assert sorted(names) == ["backup", "notices", "prune", "refresh"]
    assert set(names) < set(PARTS)


def test_unknown_part_is_refused_in_a_sentence():
    done = subprocess.run([ROOT / "deploy" / "agenda", "wep"], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr[:30]) == (2, "There is no part named wep: we")


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
