"""Does what systemctl would where no systemd runs: starts what a unit says, as its user; a timer's service once."""

from __future__ import annotations

import grp
import os
import pwd
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

UNITS = Path("/etc/systemd/system")
PID = Path("/run/agenda-web.pid")


def settings_of(unit: str) -> dict[str, list[str]]:
    """What the unit's file and its drop-ins set, in their order."""
    template = f"{unit.split('@')[0]}@.{unit.rpartition('.')[2]}"
    files = [UNITS / unit if (UNITS / unit).exists() else UNITS / template, *sorted(UNITS.glob(f"{unit}.d/*.conf"))]
    found: dict[str, list[str]] = {}
    instance = unit.partition("@")[2].rpartition(".")[0]
    for line in "\n".join(file.read_text() for file in files).splitlines():
        name, is_set, value = line.partition("=")
        if is_set and not line.startswith("#"):
            found.setdefault(name, []).append(value.replace("%i", instance))
    return found


def environment(file: str) -> dict[str, str]:
    """A file for EnvironmentFile=, without quotes around values."""
    lines = [line.partition("=") for line in Path(file).read_text().splitlines() if line and not line.startswith("#")]
    return {name: value.strip("'") for name, _, value in lines}


def start(unit: str) -> None:
    said = settings_of(unit)
    user, group = pwd.getpwnam(said["User"][0]), grp.getgrnam(said["Group"][0])
    for name in said["StateDirectory"][0].split():
        folder = Path("/var/lib") / name
        folder.mkdir(mode=0o750, exist_ok=True)
        os.chown(folder, user.pw_uid, group.gr_gid)
    variables = {"PATH": "/usr/local/bin:/usr/bin:/bin"} | environment(said["EnvironmentFile"][0])
    what = {
        "env": variables,
        "cwd": said["WorkingDirectory"][0],
        "user": user.pw_uid,
        "group": group.gr_gid,
        "extra_groups": [],
        "umask": int(said["UMask"][0], 8),
    }
    for command in said.get("ExecStartPre", []):
        subprocess.run(command.split(), check=True, **what)
    server = subprocess.Popen(said["ExecStart"][0].split(), **what)
    if unit == "agenda@web.service":
        PID.write_text(str(server.pid))
    elif server.wait():
        sys.exit(f"{unit} failed")


def stop() -> None:
    """Ends the site, and waits until it has ended."""
    pid = int(PID.read_text())
    with suppress(ProcessLookupError, FileNotFoundError):
        os.kill(pid, signal.SIGTERM)
        while "\tZ" not in Path(f"/proc/{pid}/status").read_text():  # nobody waits for what has ended here
            time.sleep(0.05)


def main(verb: str, *arguments: str) -> None:
    units = [name for name in arguments if not name.startswith("-")]
    if units == ["postgresql"]:
        subprocess.run(["service", "postgresql", "start"], check=True)
    elif verb == "enable":
        for unit in units:
            assert settings_of(unit)["WantedBy"], unit
            start(unit.replace(".timer", ".service"))
    elif units[:1] == ["agenda@web"] and verb in {"start", "stop"}:
        stop() if verb == "stop" else start("agenda@web.service")
    elif verb == "reload" and units == ["nginx"]:
        subprocess.run(["nginx"], check=True)
    elif verb != "daemon-reload":
        sys.exit(f"systemctl {verb} is not played")


if __name__ == "__main__":
    main(*sys.argv[1:])
