"""What `make run` says and does before there is anything to run."""

from __future__ import annotations

import errno
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import prepare
from scripts.prepare import ROOT, check_port, check_python, make_secret_key, make_var

A = "a==1 ; python_full_version < '3.14' \\\n    --hash=sha256:03 \\\n    --hash=sha256:02"
B = "b==2 \\\n    --hash=sha256:01"
PIP = "pip==26 \\\n    --hash=sha256:04"
PIP_API = "pip-api==1 \\\n    --hash=sha256:05"
ALL_IPV4 = "0.0.0.0"  # noqa: S104 (as ADDRESS, what somebody asks for)


def test_taken_port_is_named_with_another_before_anything_is_done(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        settings = {"ADDRESS": "127.0.0.1", "PORT": str(port), "VAR_DIR": str(tmp_path / "var")}

        command = [sys.executable, ROOT / "scripts" / "prepare.py", "run"]
        done = subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.startswith(f"Port {port} is taken")
    assert done.stderr.endswith(f"make run PORT={port + 1}\n")
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", ALL_IPV4, "::1", "::"])
def test_port_is_tried_in_the_address_s_own_family(address: str) -> None:
    family, _, _, _, place = socket.getaddrinfo(address, 0, type=socket.SOCK_STREAM)[0]
    if family == socket.AF_INET6 and not Path("/proc/net/if_inet6").exists():
        pytest.skip("This machine has no IPv6.")
    with socket.create_server(place, family=family) as other:
        port = str(other.getsockname()[1])
        with pytest.raises(SystemExit, match=f"Port {port} is taken"):
            check_port("run", address, port)

    check_port("run", address, port)


@pytest.mark.parametrize(
    ("address", "listens", "named"),
    [
        ("127.0.0.1", "127.0.0.1:8001", "http://127.0.0.1:8001"),
        (ALL_IPV4, f"{ALL_IPV4}:8001", "http://127.0.0.1:8001"),
        ("::1", "[::1]:8001", "http://[::1]:8001"),
        ("::", "[::]:8001", "http://[::1]:8001"),
    ],
)
def test_site_is_named_by_an_address_that_a_browser_can_open(address: str, listens: str, named: str) -> None:
    make = ["make", "--dry-run", "--no-print-directory", "-C", str(ROOT), f"ADDRESS={address}", "PORT=8001"]
    settings = {name: value for name, value in os.environ.items() if name != "SITE_URL"}

    run, serve = (
        subprocess.run([*make, command], env=settings, capture_output=True, text=True, check=True).stdout
        for command in ("run", "serve")
    )

    assert f"runserver '{listens}'" in run
    assert f"--host {address} --port 8001" in serve
    assert f"Serving {named} with" in serve


@pytest.mark.parametrize("port", ["", "eighty", "0", "65536", "-1"])
def test_port_that_is_none_is_refused_with_an_example(port: str) -> None:
    with pytest.raises(SystemExit, match="it is a number from 1 to 65535, as in: make serve PORT=8001"):
        check_port("serve", "127.0.0.1", port)


def test_address_of_another_machine_is_refused() -> None:
    with pytest.raises(SystemExit, match=r"Cannot serve at 192\.0\.2\.1, port 8000"):
        check_port("serve", "192.0.2.1", "8000")  # an address kept for documentation (RFC 5737)


def test_old_python_is_told_which_to_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))

    with pytest.raises(SystemExit, match=r"Python 3\.11 or newer is needed; this is 3\.9"):
        check_python("run")


def test_python_without_venv_is_told_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)  # what an import finds on a Debian without python3-venv

    with pytest.raises(SystemExit, match=r"sudo apt-get install python3\.\d+-venv\nThen again: make run"):
        check_python("run")


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """What is asked of Python, here a program that writes it down; it finds libraries that do not fit together."""
    python, written, locks = (
        tmp_path / "python",
        tmp_path / "calls",
        [tmp_path / "first.lock", tmp_path / "second.lock"],
    )
    python.write_text(f"""#!/bin/sh
echo "$@" >> '{written}'
case "$*" in *check) echo "a 1 has requirement b<2, but you have b 2."; exit 1; esac
""")
    python.chmod(0o755)
    locks[0].write_text(f"{B}\n")
    locks[1].write_text(f"{A}\n# a remark\n{B}\n{PIP}\n{PIP_API}\n")
    for name, value in {
        "PYTHON": python,
        "VENV": tmp_path,
        "INSTALLED": tmp_path / "installed",
        "LOCKS": locks,
    }.items():
        monkeypatch.setattr(prepare, name, value)
    monkeypatch.setattr(sys, "executable", str(python))
    return lambda: written.read_text().splitlines() if written.exists() else []


def test_libraries_are_installed_without_looking_for_others_and_then_have_to_fit(calls):
    with pytest.raises(SystemExit, match=r"a 1 has requirement b<2, but you have b 2\.\nfirst\.lock names libraries"):
        prepare.install(prepare.LOCKS[0])

    install, check = calls()
    assert "--no-deps --require-hashes" in install
    assert check.endswith(" check")
    assert not prepare.INSTALLED.exists()


@pytest.mark.parametrize(
    ("cores", "parts"),
    [(None, [f"{A}\n{B}\n{PIP_API}"]), (2, [f"{A}\n{PIP_API}", B]), (64, [A, B, PIP_API])],
)
def test_each_core_installs_a_part_and_pip_is_never_replaced_by_another(calls, monkeypatch, cores, parts):
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert prepare.turns(prepare.LOCKS[1]) == [[PIP], parts]
    assert prepare.turns(prepare.LOCKS[0]) == [[], [B]]

    with pytest.raises(SystemExit, match="do not fit together"):
        prepare.install(prepare.LOCKS[1])

    *installs, check = calls()
    assert len(installs) == 1 + len(parts)
    assert all("--no-deps --require-hashes -r " in install for install in installs)
    assert check.endswith(" check")


def test_no_more_parts_than_memory_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 64)

    _, parts = prepare.turns(ROOT / "requirements.lock")

    assert len(parts) == prepare.MOST_AT_ONCE


def test_part_that_fails_fails_all(calls, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    prepare.PYTHON.write_text('#!/bin/sh\ncase "$*" in *1-1.lock) exit 1; esac\n')

    with pytest.raises(SystemExit, match="could not be installed"):
        prepare.install(prepare.LOCKS[1])

    assert not prepare.INSTALLED.exists()


@pytest.mark.parametrize("lock", prepare.LOCKS, ids=lambda lock: lock.name)
def test_parts_of_a_lock_hold_all_of_it(lock: Path) -> None:
    lines = [line for turn in prepare.turns(lock) for part in turn for line in part.splitlines()]

    assert sorted(lines) == sorted(line for line in lock.read_text().splitlines() if line.strip())


def test_lock_is_installed_once(calls):
    prepare.INSTALLED.write_text("\n".join(prepare.digests()))

    for lock in prepare.LOCKS:
        prepare.install(lock)

    assert calls() == []


@pytest.mark.parametrize(("added", "is_made_again"), [("", False), ("\nan-older-lock", True)])
def test_venv_of_older_locks_is_made_again(calls, added, is_made_again):
    prepare.INSTALLED.write_text(prepare.digests()[0] + added)

    prepare.make_venv()

    assert ("-m venv --clear" in "\n".join(calls())) is is_made_again


def test_secret_key_is_long_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    make_secret_key(tmp_path / "var")

    secret_key = tmp_path / "var" / "secret-key"
    assert len(secret_key.read_text()) == 86
    assert stat.S_IMODE(secret_key.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["file", "file/var", "read-only", "read-only/var"])
def test_folder_that_cannot_be_written_to_is_said_in_a_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "read-only").mkdir(mode=0o500)
    if os.geteuid() == 0:  # whom no mode of a folder stops
        mount = ["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", tmp_path / "read-only"]
        if "read-only" in name and subprocess.run(mount, capture_output=True).returncode:
            pytest.skip("This root may not mount.")
    try:
        with pytest.raises(
            SystemExit, match=r"cannot be (used|written to).* Let its owner run the site, or name another"
        ):
            make_var(tmp_path / name)
    finally:
        if os.path.ismount(tmp_path / "read-only"):
            subprocess.run(["umount", tmp_path / "read-only"], check=True)


def test_secret_key_that_cannot_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "link", full)

    with pytest.raises(SystemExit, match="cannot be used: No space left on device"):
        make_var(tmp_path / "var")

    assert list((tmp_path / "var").iterdir()) == []


def test_secret_key_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("kept")

    make_secret_key(tmp_path)

    assert (tmp_path / "secret-key").read_text() == "kept"
