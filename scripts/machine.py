"""The programs the tests borrow from the machine, installed from the distribution where that can be done."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

MISSING_CHROMIUM = """\
Chromium is missing: the browser tests drive it. Install it:
  Debian, Ubuntu: sudo apt-get install chromium chromium-headless-shell fonts-dejavu-core
  elsewhere:      .venv/bin/python -m playwright install --with-deps chromium"""

MISSING_POSTGRESQL = """\
PostgreSQL is missing: the tests start one of their own, in a temporary folder. Install it:
  Debian, Ubuntu: sudo apt-get install postgresql
  Fedora:         sudo dnf install postgresql-server
  macOS:          brew install postgresql
Or leave it out this once: make test POSTGRES=skip"""

MISSING_CALCURSE = """\
calcurse is missing, or one that is too old for http: one of the CalDAV clients that the tests borrow. Install it:
  Debian, Ubuntu: sudo apt-get install calcurse python3-httplib2
The tests that need it are skipped where it is missing."""

MISSING_REDIS = """\
Redis is missing: tests start one of their own, in a temporary folder. Install it:
  Debian, Ubuntu: sudo apt-get install redis-server
  Fedora:         sudo dnf install valkey
  macOS:          brew install redis
What needs it is skipped where it is missing."""


def chromium() -> Path | None:
    """The browser the tests will start: the machine's, or the one playwright keeps."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        with sync_playwright() as playwright:
            found = playwright.chromium.executable_path
    return Path(found) if Path(found).exists() else None


def headless_chromium() -> Path | None:
    """Chromium without a window, which takes two thirds of the time, where the distribution has it; else chromium().

    It has no back/forward cache.
    """
    found = shutil.which("chromium-headless-shell")
    return Path(found) if found else chromium()


def postgresql() -> Path | None:
    """The folder of PostgreSQL's server programs: the PATH's, pg_config's, or the newest of Debian's."""
    folders = []
    if initdb := shutil.which("initdb"):
        folders.append(Path(initdb).resolve().parent)
    if pg_config := shutil.which("pg_config"):
        answer = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        folders.append(Path(answer.stdout.strip()))
    folders += sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name), reverse=True
    )
    return next((folder for folder in folders if all((folder / name).exists() for name in ("initdb", "pg_ctl"))), None)


def calcurse() -> Path | None:
    """The folder of calcurse and calcurse-caldav, if that one can do without https and its Python has the library."""
    script = Path(shutil.which("calcurse-caldav") or "")
    if not script.is_file() or not (script.parent / "calcurse").exists() or "'HTTPS'" not in script.read_text():
        return None
    # The distribution's Python is asked, as it is what runs the script; .venv has none of its libraries.
    command = ["/usr/bin/env", "python3", "-c", "import httplib2"]
    done = subprocess.run(command, env={"PATH": os.defpath}, stderr=subprocess.DEVNULL, check=False)
    return script.parent if done.returncode == 0 else None


def redis() -> Path | None:
    """Redis's server program, or Valkey's."""
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    return Path(found) if found else None


def apt_install(*packages: str) -> None:
    """Installs Debian packages if this is root on a Debian; what went wrong is in apt's own words."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print(f"Installing {' and '.join(packages)} with apt-get …", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        command = ["apt-get", "-qq", *step]
        subprocess.run(command, check=False, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def need_chromium() -> None:
    if not chromium() or headless_chromium() == chromium():
        apt_install("chromium", "fonts-dejavu-core")
        apt_install("chromium-headless-shell")  # alone: not every distribution has it
    if not chromium():
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if not chromium():
        sys.exit(MISSING_CHROMIUM)


def need_postgresql() -> None:
    if not postgresql():
        apt_install("postgresql")
    if not postgresql():
        sys.exit(MISSING_POSTGRESQL)


def need_calcurse() -> None:
    """Without it the tests go on: not every distribution has it."""
    if not calcurse():
        apt_install("calcurse", "python3-httplib2")
    if not calcurse():
        print(MISSING_CALCURSE, flush=True)


def need_redis() -> None:
    """Without it the tests go on, too."""
    if not redis():
        apt_install("redis-server")
    if not redis():
        print(MISSING_REDIS, flush=True)


NEEDS = {"calcurse": need_calcurse, "chromium": need_chromium, "postgresql": need_postgresql, "redis": need_redis}


if __name__ == "__main__":
    for program in sys.argv[1:]:
        NEEDS[program]()
