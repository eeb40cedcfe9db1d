"""What `make audit` says of libraries, and that it never says "no hole" where nobody looked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.audit import ROOT, bill_of_materials, holes, installed, licence, pinned

LOCK = ROOT / "requirements.lock"
VULNERABLE = {"name": "django", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}
SAFE = {"name": "qrcode", "version": "8.2", "vulns": []}
UNKNOWN = {"name": "fido2", "version": "2.2", "skip_reason": "Dependency not found"}


@pytest.fixture
def pip_audit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Puts a program in the real one's place that prints this, as the real one does after asking the network."""

    def put(output: str, complaint: str = "") -> None:
        text = f"import sys\nprint({output!r})\nprint({complaint!r}, file=sys.stderr)\n"
        (tmp_path / "pip_audit.py").write_text(text)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    return put


@pytest.mark.parametrize(
    ("libraries", "said", "is_open"),
    [
        ([SAFE], "No known hole in 1 libraries.", False),
        ([SAFE, VULNERABLE], "django 1.0: PYSEC-1, mended in 1.1", True),
        (
            [SAFE, UNKNOWN],
            "No known hole in 1 libraries.\nNot audited: fido2; the service that was asked knows nothing of them.",
            False,
        ),
        (
            [UNKNOWN],
            "Not audited: any of the 1 libraries; the service that was asked knows nothing of them.",
            False,
        ),
    ],
)
def test_holes_are_named_and_so_is_what_nobody_looked_at(pip_audit, libraries, said, is_open):
    pip_audit(json.dumps({"dependencies": libraries}))

    assert holes(LOCK) == (said, is_open)


def test_network_that_refuses_is_no_clean_bill(pip_audit):
    pip_audit("", "first\nConnectionError: no route")

    assert holes(LOCK) == ("Not audited: pip-audit got no answer (ConnectionError: no route).", False)


def test_bill_has_every_library_of_the_lock_with_its_licence():
    libraries = pinned(LOCK)

    bill = bill_of_materials(libraries)

    parts = {component["name"]: component for component in bill["components"]}
    assert list(parts) == list(libraries)
    assert parts["django"]["purl"] == f"pkg:pypi/django@{libraries['django']}"
    assert parts["django"]["licenses"] == [{"expression": "BSD-3-Clause"}]
    assert parts["requests"]["licenses"] == [{"license": {"name": "Apache Software License"}}]


def test_every_library_of_the_lock_that_is_here_says_its_licence():
    here = [library for name in pinned(LOCK) if (library := installed(name))]

    assert len(here) > 30
    assert [library.name for library in here if licence(library) == "not said"] == []
