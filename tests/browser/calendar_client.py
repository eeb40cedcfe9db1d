"""A calendar program that is not ours: vdirsyncer fetches the feed into a folder, vobject reads what came."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import vobject

from tests import calendar_programs

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
        """Fetches the feed; vobject's VEVENTs by the path of their URL, which is the session's page."""
        self._vdirsyncer("sync")
        files = (self.folder / "events").glob("*.ics")
        vevents = [vobject.readOne(file.read_text(encoding="utf-8")).vevent for file in files]
        return {vevent.url.value[vevent.url.value.index("/kvm-forum") :]: vevent for vevent in vevents}

    def _vdirsyncer(self, command: str) -> None:
        done = calendar_programs.run("vdirsyncer", "--config", self.folder / "config", command, home=self.folder)
        assert done.returncode == 0, done.stderr
