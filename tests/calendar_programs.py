"""Runs vdirsyncer and khal as from a shell, each time in a process of its own, but imports them only once.

Their imports take most of a run's time.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

PATIENCE = 60  # seconds; the machine may be busy with other tests
PROGRAMS = {"khal": ("khal.cli", "main_khal"), "vdirsyncer": ("vdirsyncer.cli", "app")}
ALSO_IMPORTED = ("khal.controllers", "khal.khalendar", "vdirsyncer.cli.config", "vdirsyncer.cli.tasks")
STORAGES = ("vdirsyncer.storage.dav", "vdirsyncer.storage.filesystem", "vdirsyncer.storage.http")

# A process that has imported them and done nothing else: it copies itself for each run, without a test's clock.
forking = multiprocessing.get_context("forkserver")
forking.set_forkserver_preload([module for module, _ in PROGRAMS.values()] + [*ALSO_IMPORTED, *STORAGES])


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def run(program: str, *arguments: str | Path, home: Path, answer: str = "") -> Done:
    """Runs it to its end, with the folder `home` as its user's own and `answer` as what they type.

    Nothing of this process's environment reaches it: no proxy, no time zone, no calendars of somebody's own.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "stdin").write_text(answer)
        process = forking.Process(target=_be, args=(program, [str(each) for each in arguments], str(home), name))
        process.start()
        process.join(PATIENCE)
        if process.is_alive():
            process.kill()
            raise TimeoutError(f"{program} {arguments} takes longer than {PATIENCE} seconds.")
        printed = [(folder / stream).read_text(encoding="utf-8") for stream in ("stdout", "stderr")]
        return Done(process.exitcode or 0, *printed)


def _be(program: str, arguments: list[str], home: str, streams: str) -> None:
    """The program's process."""
    os.environ.clear()
    os.environ.update(HOME=home, LC_ALL="C.UTF-8")
    time.tzset()
    for number, name, stream in ((1, "stdout", sys.stdout), (2, "stderr", sys.stderr)):
        os.dup2(os.open(f"{streams}/{name}", os.O_CREAT | os.O_WRONLY), number)
        assert isinstance(stream, io.TextIOWrapper)
        stream.reconfigure(encoding="utf-8")
    sys.stdin = open(f"{streams}/stdin")  # noqa: SIM115 (open to the end)
    sys.argv = [program, *arguments]
    module, function = PROGRAMS[program]
    main: Callable[[], None] = getattr(import_module(module), function)
    main()
