"""Measures which lines and branches of the site the tests run; a pytest plugin: pytest -p tests.measuring.

Slipcover takes its probes out of the code once they have been run, so that a test takes about as long as without.
"""

from __future__ import annotations

import io
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from slipcover import FileMatcher, ImportManager, Slipcover, merge_coverage, print_coverage

PACKAGES, LEFT_OUT = ["accounts", "agenda", "database", "forum"], ["*/migrations/*"]
FLOOR = 95.0  # per cent of the lines and branches, together
FOLDER = "MEASURED_IN"  # the variable that tells the workers where to leave what they measured
MEASURED = pytest.StashKey[dict[str, Any]]()

probes = Slipcover(branch=True, source=PACKAGES, omit=LEFT_OUT)
# Before anything imports the site. It stays to the end, as some modules are imported only by a test.
ImportManager(probes, FileMatcher(sources=PACKAGES, omit=LEFT_OUT)).__enter__()


def pytest_configure(config: pytest.Config) -> None:
    """Makes the folder, before there is a worker that asks for it."""
    if not hasattr(config, "workerinput"):
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="forum-agenda-measured-")


@pytest.hookimpl(trylast=True)  # once all workers are done
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker leaves what it measured; the first process adds all of it up, and fails if it is not enough."""
    here: dict[str, Any] = probes.get_coverage()
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        (Path(os.environ[FOLDER]) / f"{worker}.json").write_text(json.dumps(here))
        return
    for left in Path(os.environ[FOLDER]).iterdir():
        merge_coverage(here, json.loads(left.read_text()))
    session.config.stash[MEASURED] = here
    if here["summary"]["percent_covered"] < FLOOR and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Names what was not run."""
    table, measured = io.StringIO(), config.stash[MEASURED]
    print_coverage(measured, outfile=table, skip_covered=True)
    terminalreporter.write_line(table.getvalue())
    covered = measured["summary"]["percent_covered"]
    terminalreporter.write_line(f"{covered:.1f} % of the lines and branches were run (at least {FLOOR:.0f} % must be).")
