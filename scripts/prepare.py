"""What a command of the Makefile stands on: a free port, .venv with the locked libraries, a secret key.

Run by whatever Python the machine has, with nothing installed; older ones must get as far as the sentence about it.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
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
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, int(port)))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            other = int(port) + 1 if int(port) < 65535 else 8000
            taken = f"Port {port} is taken, perhaps by this site in another window."
            sys.exit(f"{taken} Choose another: make {command} PORT={other}")
        sys.exit(f"Cannot serve at {address}, port {port}: {error.strerror}. Choose others with ADDRESS= and PORT=")


def make_venv() -> None:
    """Makes .venv, also in place of one that a move, an upgrade or an interruption has broken."""
    works = [str(PYTHON), "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"]
    if PYTHON.exists() and subprocess.run(works, stderr=subprocess.DEVNULL).returncode == 0:
        return
    print("Making .venv …", flush=True)
    if subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)]).returncode:
        sys.exit("The .venv could not be made; Python says why above.")


def install(lock: Path) -> None:
    """Installs the lock's libraries, each checked by its hash, unless that lock is what .venv has."""
    installed = VENV / "installed"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if installed.exists() and digest in installed.read_text().split():
        return
    print(f"Installing the libraries of {lock.name}, each checked by its hash (a minute or so) …", flush=True)
    installed.unlink(missing_ok=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    if subprocess.run([*pip, "--require-hashes", "-r", str(lock)], stdin=subprocess.DEVNULL).returncode:
        sys.exit("The libraries could not be installed; pip says why above. The same command goes on from here.")
    contained = LOCKS[: LOCKS.index(lock) + 1]
    installed.write_text("\n".join(hashlib.sha256(each.read_bytes()).hexdigest() for each in contained))


def make_secret_key(folder: Path) -> None:
    """Keeps a long random key in a file for its owner's eyes, unless there is one: a new key signs everybody out."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        file = os.open(folder / "secret-key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(file, "w") as secret_key:
        secret_key.write(secrets.token_urlsafe(64))


def main(command: str) -> None:
    check_python(command)
    if command == "test":
        make_venv()
        install(LOCKS[1])
    else:
        check_port(command, os.environ["ADDRESS"], os.environ["PORT"])
        make_venv()
        install(LOCKS[0])
        make_secret_key(Path(os.environ.get("VAR_DIR") or ROOT / "var"))


if __name__ == "__main__":
    main(sys.argv[1])
