"""A backup holds all that a site must keep; it is put back whole, into an empty place, or not at all."""

from __future__ import annotations

import gzip
import io
import json
import os
import stat
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError
from django.db import connection

from accounts.models import CalendarKey, User
from agenda.management.repeating import RepeatingCommand
from agenda.models import Star
from forum import backups
from tests.forum.places import empty_place, keep_in, run

KEY = "a-key-for-tests-only-" + "0123456789abcdef" * 3
PHOTO = b"\x89PNG" + bytes(range(256)) * 5000
HOLDS = "2 people, 3 stars, 20 sessions, 1 calendar keys, 1 uploaded files and the secret key."


@pytest.fixture
def site(shared_database, starred, bob, alice_feed, settings, tmp_path) -> Path:
    """The folder of a site with a programme, a photo, Alice's three stars and her calendar."""
    folder = tmp_path / "var"
    keep_in(settings, folder)
    (folder / "media" / "speakers").mkdir(parents=True)
    (folder / "media" / "speakers" / "stefan.png").write_bytes(PHOTO)
    (folder / "secret-key").write_text(f"{KEY}\n")
    settings.SECRET_KEY = KEY
    settings.CALENDAR_SECRETS = [KEY]
    return folder


@pytest.fixture
def backup(site, tmp_path) -> Path:
    run("backup", tmp_path / "backup.tar.gz")
    return tmp_path / "backup.tar.gz"


def rewritten(backup: Path, change) -> Path:
    """The backup with other members: `change` gets and returns them as name → content."""
    with tarfile.open(backup) as tar:
        members = {member.name: tar.extractfile(member).read() for member in tar}
    other = backup.with_name("other.tar.gz")
    with tarfile.open(other, "w:gz") as tar:
        for name, content in change(members).items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return other


def with_list(**changed):
    """A change of the list of what the backup holds."""
    return lambda members: members | {backups.LIST: json.dumps(json.loads(members[backups.LIST]) | changed).encode()}


def everything() -> dict[str, object]:
    tables = sorted(connection.introspection.table_names())
    with connection.cursor() as cursor:
        rows = {}
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 (its own name)
            rows[table] = sorted(map(repr, cursor.fetchall()))
    return rows


def test_all_of_it_comes_back(backup, settings, tmp_path, client):
    before = everything()
    Star.objects.all().delete()

    with empty_place(settings, tmp_path / "new"):
        said = run("restore", backup)

        assert everything() == before
        assert (tmp_path / "new" / "media" / "speakers" / "stefan.png").read_bytes() == PHOTO
        assert (tmp_path / "new" / "secret-key").read_text().strip() == KEY
        assert sorted(path.name for path in (tmp_path / "new").iterdir() if "sqlite" not in path.name) == [
            "media",
            "secret-key",
        ]
    assert HOLDS in said
    assert not Star.objects.exists()


def test_backup_is_for_its_owner_s_eyes_and_says_what_it_holds(site, tmp_path, time_machine):
    time_machine.move_to("2019-10-20 12:00+00:00", tick=False)
    file = tmp_path / "backup.tar.gz"
    file.write_text("an older one")

    said = run("backup", file)

    engine = backups.ENGINES[connection.vendor]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert said.splitlines() == [
        f"Wrote {file}. Made on 2019-10-20 12:00 UTC by version {settings.VERSION}, from {engine}.",
        f"It holds {HOLDS}",
    ]
    assert run("restore", file, "--check") == said.replace(f"Wrote {file}.", f"{file} is whole.")
    assert sorted(path.name for path in tmp_path.iterdir() if "sqlite" not in path.name) == ["backup.tar.gz", "var"]


def test_folder_keeps_the_newest_in_silence(site, tmp_path, time_machine, settings):
    settings.BACKUP_DIR = folder = tmp_path / "backups"
    for day in (1, 2, 3):
        time_machine.move_to(f"2019-10-0{day} 03:40+00:00", tick=False)
        assert run("backup", "--keep", "2") == ""
        (folder / "agenda-notes.tar.gz").write_text("something else")

    names = ["agenda-20191002T034000Z.tar.gz", "agenda-20191003T034000Z.tar.gz", "agenda-notes.tar.gz"]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert "It holds" in run("backup", "--keep", "2", "--verbosity", "2")
    for wrong in ((), ("--keep", "0"), (folder / "a", "--keep", "2")):
        with pytest.raises(CommandError, match="Name the file to write, or say"):
            run("backup", *wrong)


def test_loop_makes_one_a_day_and_goes_on_after_a_failure(site, tmp_path, settings, monkeypatch, capsys):
    """A container that is started again and again does not push old backups out."""
    monkeypatch.setattr(RepeatingCommand, "_repeat", lambda command, is_loud: command.run_once(is_loud=is_loud))
    settings.BACKUP_DIR = folder = tmp_path / "backups"
    for _ in range(2):
        assert run("backup", "--keep", "2", "--loop") == ""
    (first,) = folder.iterdir()
    old = first.rename(folder / "agenda-20191001T034000Z.tar.gz")
    os.utime(old, (0, 0))

    run("backup", "--keep", "2", "--loop")
    assert len(list(folder.iterdir())) == 2

    settings.BACKUP_DIR = tmp_path / "var" / "secret-key"
    run("backup", "--keep", "2", "--loop")
    assert capsys.readouterr().err.startswith("No backup was made.")
    with pytest.raises(CommandError, match="With --loop goes --keep"):
        run("backup", folder / "a", "--loop")


def test_secrets_in_variables_are_named(site, tmp_path, settings):
    settings.CALENDAR_SECRETS = ["another", KEY]

    assert "keep your environment file with it" in run("backup", tmp_path / "backup.tar.gz")


def test_file_that_vanishes_meanwhile_is_left_out(site, tmp_path, monkeypatch):
    gone = ("media/speakers/gone.png", site / "media" / "speakers" / "gone.png")
    there = list(backups._uploaded())
    monkeypatch.setattr(backups, "_uploaded", lambda: [gone, *there])

    run("backup", tmp_path / "backup.tar.gz")

    assert HOLDS in run("restore", tmp_path / "backup.tar.gz", "--check")


@pytest.mark.parametrize("place", ["no/such/folder/backup.tar.gz", "var"])
def test_backup_that_cannot_be_written_is_a_sentence(site, tmp_path, place):
    with pytest.raises(CommandError, match=r"No backup was made\. .* could not be written: (No such file|Is a dir)"):
        run("backup", tmp_path / place)


@pytest.mark.parametrize("kept", [0, 1, 20, 5_000, -1_000, -1])
def test_backup_cut_short_is_refused(backup, kept):
    backup.write_bytes(backup.read_bytes()[:kept])

    with pytest.raises(CommandError, match=r"is damaged|is not whole"):
        run("restore", backup, "--check")


@pytest.mark.any_database
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_backup_with_a_wrong_byte_is_refused(backup, share):
    content = bytearray(backup.read_bytes())
    content[max(10, int(share * len(content)))] ^= 0xFF
    backup.write_bytes(content)

    with pytest.raises(CommandError, match=r"is damaged|is not whole|is not a backup"):
        run("restore", backup, "--check")


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda members: members | {"media/speakers/stefan.png": b"other"},
            "media/speakers/stefan.png is not what was",
        ),
        (lambda members: {name: members[name] for name in members if name != "secret-key"}, "secret-key is not what"),
        (lambda members: {name: members[name] for name in members if name != backups.LIST}, "it ends too early"),
        (lambda members: members | {backups.LIST: b"{"}, "its list of files cannot be read"),
        (lambda members: members | {"media/../../evil": b""}, "it holds 'media/../../evil'"),
        (lambda members: {"/etc/passwd": b"", **members}, "it holds '/etc/passwd'"),
        (with_list(format=2, version="9.9"), "was made by version 9.9, another than this"),
    ],
)
def test_altered_backup_is_refused(backup, tmp_path, settings, change, sentence):
    other = rewritten(backup, change)

    with pytest.raises(CommandError, match=sentence), empty_place(settings, tmp_path / "new"):
        run("restore", other)

    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"engine": "oracle"}, "The backup is of oracle, and DATABASE_URL names"),
        ({"migrations": ["agenda.9999_later"], "version": "9.9"}, "made by version 9.9, which is newer than this"),
    ],
)
def test_backup_that_this_site_cannot_serve_is_refused(backup, tmp_path, settings, changed, sentence):
    other = rewritten(backup, with_list(**changed))

    with pytest.raises(CommandError, match=sentence), empty_place(settings, tmp_path / "new"):
        run("restore", other)

    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.parametrize("file", ["nothing.tar.gz", "text.tar.gz", "plain.gz", "folder"])
def test_what_is_no_backup_is_refused(tmp_path, file):
    (tmp_path / "text.tar.gz").write_text("not a backup")
    (tmp_path / "plain.gz").write_bytes(gzip.compress(b"not a tar" * 1000))
    (tmp_path / "folder").mkdir()

    with pytest.raises(CommandError, match=r"no backup of this site|could not be read: (No such file|Is a directory)"):
        run("restore", tmp_path / file, "--check")


@pytest.mark.parametrize("found", ["db.sqlite3", "db.sqlite3-wal", "db.sqlite3-shm", "media/a.png", "secret-key"])
def test_place_that_is_not_empty_is_left_as_it_is(backup, tmp_path, settings, found):
    if connection.vendor != "sqlite" and "sqlite" in found:
        pytest.skip("There is no such file.")
    with empty_place(settings, tmp_path / "new"):
        there = tmp_path / "new" / found
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_text("something else")

        with pytest.raises(
            CommandError, match=r"^Nothing was put back\..* Stop the site, move the folder of VAR_DIR away"
        ):
            run("restore", backup)

        assert there.read_text() == "something else"
        assert [path for path in (tmp_path / "new").rglob("*") if path.is_file()] == [there]


def test_running_site_is_left_as_it_is(backup, site):
    before = everything()
    (site / "media" / "speakers" / "stefan.png").unlink()

    with pytest.raises(CommandError, match=r"is there already|is not empty"):
        run("restore", backup)

    assert everything() == before


@pytest.mark.skipif("postgres" not in os.environ.get("DATABASE_URL", ""), reason="PostgreSQL's own programs")
def test_postgresql_without_its_programs_is_a_sentence(site, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(CommandError, match=r"pg_dump is missing\. It comes with PostgreSQL"):
        run("backup", tmp_path / "backup.tar.gz")


@pytest.mark.any_database
@pytest.mark.skipif("postgres" in os.environ.get("DATABASE_URL", ""), reason="SQLite's file")
def test_a_new_machine_needs_no_key_of_its_own(backup, site, settings, tmp_path):
    new = tmp_path / "new"
    environment = os.environ | {"VAR_DIR": str(new), "SECRET_KEY": "", "DATABASE_URL": f"sqlite:///{new}/db.sqlite3"}
    manage = [sys.executable, "manage.py"]

    restored = subprocess.run([*manage, "restore", backup], env=environment, cwd=settings.BASE_DIR, capture_output=True)
    checked = subprocess.run([*manage, "check_secrets"], env=environment, cwd=settings.BASE_DIR, capture_output=True)

    assert (restored.returncode, restored.stderr) == (0, b"")
    assert (checked.returncode, checked.stderr) == (0, b"")
    assert (User.objects.count(), CalendarKey.objects.count()) == (2, 1)
