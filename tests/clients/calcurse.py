"""calcurse, a calendar in a terminal, and the calcurse-caldav that comes with it, both as the machine has them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from tests.clients.site import SignIn

PATIENCE = 60  # seconds; the machine may be busy with other tests
CONFIGURATION = """\
[General]
Binary = {folder}/calcurse
Hostname = {host}
Path = /dav/calendars/{user_id}/agenda/
AuthMethod = basic
HTTPS = No
DryRun = No
[Auth]
Username = {username}
Password = {password}
"""


class Calcurse:
    """For a reader in Lyon. It looks for no calendar by itself, and is told whose agenda it is."""

    def __init__(self, programs: Path, folder: Path, sign_in: SignIn, user_id: int) -> None:
        self.programs = programs
        self.folder = folder
        folder.mkdir()
        self._data = folder / "data"
        (folder / "calcurse").symlink_to(programs / "calcurse")
        self.user_id = user_id
        self.set_up(sign_in)

    def set_up(self, sign_in: SignIn) -> None:
        host = urlsplit(sign_in.address).netloc
        values = {"folder": self.folder, "host": host, "user_id": self.user_id, **sign_in._asdict()}
        (self.folder / "config").write_text(CONFIGURATION.format_map(values))

    def run_caldav(self, *options: str) -> subprocess.CompletedProcess[str]:
        places = {
            "--config": self.folder / "config",
            "--datadir": self._data,
            "--syncdb": self.folder / "sync.db",
            "--lockfile": self.folder / "lock",
            "--hookdir": self.folder / "hooks",
        }
        named = [each for place in places.items() for each in place]
        return self._run("calcurse-caldav", *named, *options)

    def sync(self, *options: str) -> list[int]:
        """How many it imported, removed here, exported and removed from the server."""
        done = self.run_caldav(*options)
        assert (done.returncode, done.stderr) == (0, ""), done
        return [int(word) for word in done.stdout.split() if word.isdecimal()]

    def first_sync(self) -> list[int]:
        return self.sync("--init=two-way")

    def listed(self) -> list[str]:
        """The programme's two days as calcurse shows them: start, end and title."""
        shown = "%(start:%Y-%m-%d %H:%M)|%(end:%H:%M)|%m\n"
        done = self._run("calcurse", "-D", self._data, "-Q", "--from=10/31/2019", "--days=2", f"--format-apt={shown}")
        assert done.returncode == 0, done.stderr
        return [line for line in done.stdout.splitlines() if "|" in line]

    def delete(self, title: str) -> None:
        """All whose title begins with this."""
        assert self._run("calcurse", "-D", self._data, "-P", f"--filter-pattern=^{title}").returncode == 0

    def add(self, vevent: str) -> None:
        calendar = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//EN\n{vevent}END:VCALENDAR\n"
        assert self._run("calcurse", "-D", self._data, "-q", "-i", "-", said=calendar).returncode == 0

    def _run(self, program: str, *arguments: str | Path, said: str = "") -> subprocess.CompletedProcess[str]:
        # The system's own Python, with its libraries; not that of the tests.
        environment = {
            "HOME": str(self.folder),
            "LC_ALL": "C.UTF-8",
            "PATH": f"{self.programs}{os.pathsep}{os.defpath}",
            "TZ": "Europe/Paris",
        }
        command = [self.programs / program, *arguments]
        return subprocess.run(
            command, env=environment, input=said, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
