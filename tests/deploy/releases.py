"""A release of the site in a folder of its own, with the libraries of the tests: it may be an older one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.site import Site
from tests.deploy.behind import ROOT, free_port

# Static files straight from their folders: a release that is to run for seconds need not hash and compress them.
SETTINGS = """
from forum.settings import *
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
"""


@dataclass
class Release:
    folder: Path
    database: str  # as DATABASE_URL has it
    var: Path

    @property
    def environment(self) -> dict[str, str]:
        (self.var / "plain_settings.py").write_text(SETTINGS)
        ours = {"DATABASE_URL": self.database, "VAR_DIR": str(self.var), "DJANGO_SETTINGS_MODULE": "plain_settings"}
        return os.environ | ours | {"PYTHONPATH": f"{self.folder}:{self.var}"}

    def run(self, *command: str) -> str:
        """What manage.py prints when it is given this command. Raises CalledProcessError if it fails."""
        how = {"cwd": self.folder, "env": self.environment, "text": True}
        return subprocess.run([sys.executable, "manage.py", *command], check=True, stdout=subprocess.PIPE, **how).stdout

    @contextmanager
    def serving(self) -> Iterator[int]:
        """The port at which it answers within the block."""
        port = free_port()
        how = ["--interface", "wsgi", "--port", str(port), "--blocking-threads", "4", "--log-level", "warning"]
        command = [sys.executable, "-m", "granian", *how, "forum.wsgi:application"]
        site = Site(command, port, self.var / f"{port}.log", self.folder)
        site.start(**self.environment)
        try:
            yield port
        finally:
            site.stop()


def unpack(commit: str, folder: Path) -> bool:
    """Puts the source as of that commit into the folder; False if this copy does not go back so far."""
    command = ["git", "-c", "safe.directory=*", "archive", commit]
    packed = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if packed.returncode:
        return False
    folder.mkdir()
    subprocess.run(["tar", "-x", "-C", folder], input=packed.stdout, check=True)
    return True
