"""vdirsyncer and khal as on somebody's laptop: a folder with a file for each event, kept in step with the server."""

from __future__ import annotations

from pathlib import Path

from tests import calendar_programs
from tests.calendar_programs import Done
from tests.clients.site import SignIn

CONFIGURATION = """\
[general]
status_path = "{folder}/status"

[pair stars]
a = "server"
b = "here"
collections = ["from a"]
metadata = ["color", "displayname"]
{conflicts}

[storage server]
type = "caldav"
url = "{address}"
username = "{username}"
password = "{password}"

[storage here]
type = "filesystem"
path = "{folder}/calendars"
fileext = ".ics"
"""
KHAL = """\
[calendars]
[[agenda]]
path = {folder}/calendars/agenda
[sqlite]
path = {folder}/khal.db
[locale]
local_timezone = Asia/Tokyo
default_timezone = Asia/Tokyo
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
"""


class Vdirsyncer:
    """Without a rule for `conflicts` it leaves them to its user, as it does unless told otherwise."""

    def __init__(self, folder: Path, sign_in: SignIn, conflicts: str = "") -> None:
        self.folder = folder
        self.events = folder / "calendars" / "agenda"
        folder.mkdir()
        self.set_up(sign_in, conflicts)
        (folder / "khal").write_text(KHAL.format(folder=folder))

    def set_up(self, sign_in: SignIn, conflicts: str = "") -> None:
        rule = f'conflict_resolution = "{conflicts}"' if conflicts else ""
        values = {"folder": self.folder, "conflicts": rule, **sign_in._asdict()}
        (self.folder / "config").write_text(CONFIGURATION.format_map(values))

    def run(self, command: str) -> Done:
        """Says yes to folders that it would make."""
        config = ("--config", self.folder / "config")
        return calendar_programs.run("vdirsyncer", *config, command, home=self.folder, answer="y\n")

    def sync(self) -> list[str]:
        """What it did, a line each, besides naming what it looked at."""
        done = self.run("sync")
        assert done.returncode == 0, done.stderr
        return [line for line in done.stderr.splitlines() if not line.startswith("Syncing ")]

    def first_sync(self) -> None:
        found = self.run("discover")
        assert found.returncode == 0, found.stderr
        self.sync()

    def files(self) -> dict[str, str]:
        """What is in the folder, by name."""
        return {file.name: file.read_text() for file in sorted(self.events.glob("*.ics"))}

    def file_of(self, title: str) -> Path:
        (file,) = [self.events / name for name, text in self.files().items() if f"SUMMARY:{title}" in text]
        return file

    def khal(self, *arguments: str) -> list[str]:
        """The lines of its answer, which is for a reader in Tokyo."""
        done = calendar_programs.run("khal", "-c", self.folder / "khal", *arguments, home=self.folder)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def listed(self) -> list[str]:
        """The programme's two days as khal shows them: start, end, status and title."""
        shown = self.khal("list", "--format", "{start-long}|{end-time}|{status}{title}", "2019-10-31", "2019-11-02")
        return [line for line in shown if "|" in line]
