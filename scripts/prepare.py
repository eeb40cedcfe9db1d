"""What a command of the Makefile stands on: a free port, .venv with the locked libraries, a secret key.

Run by whatever Python the machine has, with nothing installed; older ones must get as far as the sentence about it.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
INSTALLED = VENV / "installed"  # the hashes of the locks that .venv was made from
MOST_AT_ONCE = 4  # each pip takes 100 MB; a container with little memory may count its host's 64 cores
LOCKS = [ROOT / "requirements.lock", ROOT / "requirements-dev.lock"]  # the second holds all of the first


def check_python(command: str) -> None:
    """Exits with what to do if this Python is too old, or cannot make a .venv."""
    version = ".".join(str(part) for part in sys.version_info[:2])
    if sys.version_info < (3, 11):  # noqa: UP036 (an older one may well be what runs this)
        sys.exit(f"Python 3.11 or newer is needed; this is {version}. Name another: make {command} PYTHON=python3.12")
    try:
        import ensurepip  # noqa: F401, PLC0415 (Debian and Ubuntu leave it out of their python3)
        import venv  # noqa: F401, PLC0415
    except ImportError:
        sys.exit(
            f"Python's venv module is missing. On Debian or Ubuntu: sudo apt-get install python{version}-venv\n"
            f"Then again: make {command}"
        )


def check_port(command: str, address: str, port: str) -> None:
    """Exits with what to do if nothing can be served at that address and port."""
    if not port.isdecimal() or not 0 < int(port) < 65536:
        sys.exit(f"PORT is {port!r}; it is a number from 1 to 65535, as in: make {command} PORT=8001")
    try:
        family, kind, _, _, place = socket.getaddrinfo(address, int(port), type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            other = int(port) + 1 if int(port) < 65535 else 8000
            taken = f"Port {port} is taken, perhaps by this site in another window."
            sys.exit(f"{taken} Choose another: make {command} PORT={other}")
        sys.exit(f"Cannot serve at {address}, port {port}: {error.strerror}. Choose others with ADDRESS= and PORT=")


def digests() -> list[str]:
    """The locks' own hashes, in the order of LOCKS: they name what a lock asks for, to the byte."""
    return [hashlib.sha256(lock.read_bytes()).hexdigest() for lock in LOCKS]


def make_venv() -> None:
    """Makes .venv, also in place of one that a move, an upgrade or an interruption has broken.

    One made from older locks is made again, so that it never holds a library that the locks no longer name.
    """
    works = [str(PYTHON), "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"]
    is_outdated = INSTALLED.exists() and not set(INSTALLED.read_text().split()) <= set(digests())
    if not is_outdated and PYTHON.exists() and subprocess.run(works, stderr=subprocess.DEVNULL).returncode == 0:
        return
    print("Making .venv …", flush=True)
    if subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)]).returncode:
        sys.exit("The .venv could not be made; Python says why above.")


def install(lock: Path) -> None:
    """Installs exactly what the lock names, each checked by its hash, unless .venv has it already.

    pip looks for nothing else (--no-deps), so a release that came after the lock changes nothing. Whether the
    libraries fit together is asked afterwards.
    """
    contained = digests()[: LOCKS.index(lock) + 1]
    if INSTALLED.exists() and contained[-1] in INSTALLED.read_text().split():
        return
    print(f"Installing the libraries of {lock.name}, each checked by its hash (a minute or so) …", flush=True)
    INSTALLED.unlink(missing_ok=True)
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input"]
    asked = [*pip, "install", "--quiet", "--no-deps", "--require-hashes", "-r"]
    with tempfile.TemporaryDirectory() as folder:
        for number, turn in enumerate(turns(lock)):
            runs = []
            for core, entries in enumerate(turn):
                part = Path(folder) / f"{number}-{core}.lock"
                part.write_text(entries)
                runs.append(subprocess.Popen([*asked, str(part)], stdin=subprocess.DEVNULL))
            if {run.wait() for run in runs} - {0}:
                sys.exit(NOT_INSTALLED)
    check = subprocess.run([*pip, "check"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    if check.returncode:
        sys.exit(f"{check.stdout}{lock.name} names libraries that do not fit together: make lock writes it again.")
    INSTALLED.write_text("\n".join(contained))


NOT_INSTALLED = "The libraries could not be installed; pip says why above. The same command goes on from here."


def turns(lock: Path) -> list[list[str]]:
    """The entries of the lock, as the texts of smaller ones: those of a turn can be installed at the same time.

    pip uses one core, so each core gets a part, up to MOST_AT_ONCE. If pip itself is among the entries, it has a turn
    before: it installs the others, and is not replaced while it runs.
    """
    entries = re.findall(r"^[^\s#].*(?:\n[ \t]+.*)*", lock.read_text(), re.MULTILINE)
    own = [entry for entry in entries if entry.startswith("pip==")]
    others = [entry for entry in entries if entry not in own]
    count = min(os.cpu_count() or 1, MOST_AT_ONCE)
    return [own, ["\n".join(part) for first in range(count) if (part := others[first::count])]]


def make_secret_key(folder: Path) -> None:
    """Keeps a long random key in a file for its owner's eyes, unless there is one: a new key signs everybody out."""
    folder.mkdir(parents=True, exist_ok=True)
    key, unfinished = folder / "secret-key", folder / f"secret-key.{os.getpid()}"
    if key.exists():
        return
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as written:
            written.write(secrets.token_urlsafe(64))
        with suppress(FileExistsError):  # whole or not at all, and never over one that is there
            os.link(unfinished, key)
    finally:
        unfinished.unlink(missing_ok=True)


def make_var(folder: Path) -> None:
    """Makes the folder of everything that is kept, and a secret key in it; exits with what to do if nothing can be."""
    try:
        make_secret_key(folder)
    except OSError as error:
        sys.exit(f"{folder} cannot be used: {error.strerror}. {CHOOSE_VAR_DIR}")
    if not os.access(folder, os.W_OK | os.X_OK):
        sys.exit(f"{folder} cannot be written to. {CHOOSE_VAR_DIR}")


CHOOSE_VAR_DIR = "Let its owner run the site, or name another folder in VAR_DIR."


def main(command: str) -> None:
    check_python(command)
    if command == "test":
        make_venv()
        install(LOCKS[1])
    elif command == "build":
        make_venv()
        install(LOCKS[0])
    else:
        check_port(command, os.environ["ADDRESS"], os.environ["PORT"])
        make_venv()
        install(LOCKS[0])
        make_var(Path(os.environ.get("VAR_DIR") or ROOT / "var"))


if __name__ == "__main__":
    main(sys.argv[1])
