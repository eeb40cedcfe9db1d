"""A calendar program that is not ours: vdirsyncer fetches the feed into a folder, vobject reads what came."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import vobject

CONFIGURATION = """\
[general]
status_path = "{folder}/status"

[pair stars]
a = "feed"
b = "here"
collections = null

[storage feed]
type = "http"
url = "{address}"

[storage here]
type = "filesystem"
path = "{folder}/events"
fileext = ".ics"
"""


class CalendarClient:
    def __init__(self, folder: Path, address: str) -> None:
        """Subscribes to a feed; the folder, an empty one, is where its calendar lives."""
        self.folder = folder
        (folder / "events").mkdir()
        (folder / "config").write_text(CONFIGURATION.format(folder=folder, address=address))
        self._vdirsyncer("discover")

    def events(self) -> dict[str, Any]:
        """Fetches the feed; vobject's VEVENTs by their URL's last part, which is the session's slug."""
        self._vdirsyncer("sync")
        calendars = [vobject.readOne(file.read_text()) for file in (self.folder / "events").glob("*.ics")]
        return {calendar.vevent.url.value.rstrip("/").rpartition("/")[2]: calendar.vevent for calendar in calendars}

    def _vdirsyncer(self, command: str) -> None:
        program = Path(sys.executable).with_name("vdirsyncer")
        call = [program, "--config", self.folder / "config", command]
        # The machine's proxies and the user's own configuration stay out of it.
        done = subprocess.run(call, env={"HOME": str(self.folder)}, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
