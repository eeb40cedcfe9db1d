"""docs/operations.md typed word by word on a machine that nobody else sees: Install, a backup, its restore, Upgrade."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from scripts.in_environment import variables
from tests.deploy.behind import HOST, ROOT, Browser, ask_in_the_open, certificate, wait_for
from tests.mail_server import running_mail_server

DOCS = (ROOT / "docs" / "operations.md").read_text()
# Folders in which all that is written goes to memory, and is gone with the last process.
APART = ("/etc", "/var", "/srv", "/root", "/run")
SANDBOX = """\
set -eu
mkdir -p /tmp/apart; mount -t tmpfs apart /tmp/apart
for folder in {folders}; do
    mkdir -p /tmp/apart$folder/upper /tmp/apart$folder/work
    mount -t overlay -o lowerdir=$folder,upperdir=/tmp/apart$folder/upper,workdir=/tmp/apart$folder/work apart $folder
done
export PATH={bin}:$PATH HOME=/root GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
"""


def blocks(heading: str) -> list[str]:
    section = DOCS.split(f"## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def is_free(port: int) -> bool:
    with socket.socket() as probe, suppress(OSError):
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        return True
    return False


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder for the script; skips where it cannot be played."""
    if not os.environ.get("TRY_INSTALL"):
        pytest.skip("it takes minutes, and the network: make try-install runs it")
    if os.geteuid() != 0 or not shutil.which("unshare") or not Path("/etc/debian_version").exists():
        pytest.skip("only root can play an installation, on Debian")
    if not all(map(is_free, (80, 443, 8000))):
        pytest.skip("one of the ports 80, 443 and 8000 is taken")
    systemctl = tmp_path / "bin" / "systemctl"
    systemctl.parent.mkdir()
    systemctl.write_text(f'#!/bin/sh\nexec {sys.executable} {Path(__file__).parent / "systemctl.py"} "$@"\n')
    systemctl.chmod(0o755)
    return tmp_path


def typed(database: str, mail_port: int, letsencrypt: Path) -> list[str]:
    """The commands of the pages, and what their reader is asked to do between."""
    source, programs, settings, start, front, editor, doctor = blocks("Install")
    backup, empty_database, restore, start_again = blocks("Backup")
    from_the_beginning, *_ = blocks("SQLite or PostgreSQL")
    if database == "SQLite":
        from_the_beginning = empty_database = ""
    return [
        source.replace("https://git.example.org/forum-agenda.git", str(ROOT)),
        programs,
        settings,
        f"sed -i 's|^EMAIL_URL=.*|EMAIL_URL=smtp://127.0.0.1:{mail_port}|' /etc/agenda/environment\n",
        from_the_beginning,
        start,
        f"mkdir -p /etc/letsencrypt/live; cp -r {letsencrypt} /etc/letsencrypt/live/{HOST}\n",
        front,
        editor,
        backup,
        empty_database,
        restore,
        start_again,
        *blocks("Upgrade"),
        f"{doctor.rstrip()} || true\n",  # one line is not so: no name server knows the site's name
    ]


@pytest.mark.parametrize("database", ["SQLite", "PostgreSQL"])
def test_install_restore_and_upgrade_word_by_word(machine, database):
    letsencrypt = machine / "letsencrypt"
    letsencrypt.mkdir()
    certificate(letsencrypt)
    with running_mail_server() as mail:
        script = [
            SANDBOX.format(folders=" ".join(APART), bin=machine / "bin"),
            *typed(database, mail.server_address[1], letsencrypt),
            "ls /var/lib/agenda-backups; echo ready; read end; nginx -s stop; pkill -f granian\n",
        ]
        (machine / "script").write_text("".join(script))
        command = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", machine / "script"]
        none_of_ours = {name: value for name, value in os.environ.items() if name not in variables()}
        how = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": "/", "env": none_of_ours}
        with subprocess.Popen(command, **how) as installing:
            said = []
            for line in installing.stdout:
                said.append(line.strip())
                if line == "ready\n":
                    break
            try:
                assert said[-1:] == ["ready"], said
                look_at_the_site(mail, said)
            finally:
                installing.stdin.write("end\n")
                installing.stdin.close()


def look_at_the_site(mail, said: list[str]) -> None:
    wait_for(443)
    browser = Browser(443)

    assert ask_in_the_open(80, "/events/") == (301, f"https://{HOST}/events/")
    assert browser.ask("GET", "/health/ready")[1] == "ok\n"
    assert [re.sub(r"\d", "0", name) for name in said if name.startswith("agenda-")] == [
        "agenda-00000000T000000Z.tar.gz"
    ]
    assert [line for line in said if line.startswith("NOT SO")] == [
        f"NOT SO https://{HOST}: no answer from here (ConnectionError). See the web server in front."
    ]
    address = "/accounts/login/code/"
    response, _ = browser.send(browser.open(address), address, email="you@example.org")
    code = mail.taken[-1][1].get_payload().splitlines()[0]
    confirm = response.getheader("Location")
    response, _ = browser.send(browser.open(confirm), confirm, code=code)
    assert response.status == 302
    assert browser.open("/admin/")
    assert "You are an editor of Forum agenda" in str(mail.taken[0][1]["Subject"])
