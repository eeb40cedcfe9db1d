"""A backup: one file with the database, uploaded files, the secret key, and a list of what is in it.

It is a compressed tar. The list is its last member, so that a file that ends too early has none.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from accounts.models import CalendarKey, User
from agenda.models import Session, Star
from database import snapshots
from forum.secret_key import key_in

DATABASE, KEY, MEDIA, LIST = "database", "secret-key", "media/", "backup.json"
COUNTED = {"people": User, "stars": Star, "sessions": Session, "calendar keys": CalendarKey}
APPLIED = "SELECT app, name FROM django_migrations ORDER BY app, name"
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
FORMAT = 1  # of the file; raise it when an older release could not put it back
FASTEST = 1  # compression; most of a large backup are pictures, which gain nothing
LONGEST_LIST = 100_000_000  # bytes
CHUNK = 1 << 20  # bytes


NAMED, ALL_OF_THEM = "agenda-%Y%m%dT%H%M%SZ.tar.gz", "agenda-????????T??????Z.tar.gz"  # in BACKUP_DIR


class BackupError(Exception):
    """A backup that cannot be made, read or put back; its text is a sentence for the operator."""


@dataclass(slots=True)
class Contents:
    """What a backup holds. `files` has the size and the SHA-256 of each; `migrations` are "app.name"."""

    version: str  # of the product
    made: str  # ISO 8601, in UTC
    engine: str  # a key of ENGINES
    migrations: list[str]
    counts: dict[str, int]
    files: dict[str, list[Any]] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def uploaded(self) -> int:
        """How many uploaded files there are in it."""
        return sum(name.startswith(MEDIA) for name in self.files)

    def __str__(self) -> str:
        made = f"{datetime.fromisoformat(self.made):%Y-%m-%d %H:%M} UTC"
        counts = ", ".join(f"{count} {what}" for what, count in self.counts.items())
        key = "the secret key" if KEY in self.files else "no secret key"
        return (
            f"Made on {made} by version {self.version}, from {ENGINES.get(self.engine, self.engine)}.\n"
            f"It holds {counts}, {self.uploaded} uploaded files and {key}."
        )


def all_in(folder: Path) -> list[Path]:
    """The backups that were named by their moment, the newest first."""
    return sorted(folder.glob(ALL_OF_THEM), reverse=True)


def newest() -> float | None:
    """When the newest backup in BACKUP_DIR was made, as a timestamp; None if there is none."""
    return next((file.stat().st_mtime for file in all_in(settings.BACKUP_DIR)), None)


def needs_variables() -> bool:
    """True if log-ins or calendars rest on secrets that are set as variables: no backup holds those."""
    try:
        in_file = key_in(settings.SECRET_KEY_FILE)
        return bool(settings.CALENDAR_SECRETS != [settings.SECRET_KEY] or in_file != settings.SECRET_KEY)
    except ImproperlyConfigured:  # a damaged file that is not in use
        return True


def write(file: Path) -> Contents:
    """Writes a backup that its owner alone can read. A file of that name stays until the new one is whole."""
    try:
        with TemporaryDirectory(prefix=".backup-", dir=file.parent) as name:
            whole = Path(name) / "whole"
            with os.fdopen(os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
                with tarfile.open(fileobj=written, mode="w:gz", compresslevel=FASTEST) as tar:
                    contents = _fill(tar, Path(name) / DATABASE)
                os.fsync(written.fileno())
            whole.replace(file)
    except snapshots.SnapshotError as error:
        raise BackupError(str(error)) from error
    except OSError as error:
        raise BackupError(f"{file} could not be written: {error.strerror or error}.") from error
    return contents


def read(file: Path, into: Path | None = None) -> Contents:
    """Checks every byte of a backup; with `into`, puts what it holds into that folder."""
    found: dict[str, list[Any]] = {}
    listed = b""
    try:
        with tarfile.open(file, "r:gz") as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isfile() and _is_ours(member.name) else None
                if content is None:
                    raise BackupError(f"{file} is not a backup of this site: it holds {member.name!r}.")
                if member.name == LIST:
                    listed = content.read(LONGEST_LIST)
                else:
                    found[member.name] = _copy(content, into and into / member.name)
            while tar.fileobj and tar.fileobj.read(CHUNK):  # to its end, where gzip's own sum is compared
                pass
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BackupError(f"{file} is damaged, or no backup of this site: {error}.") from error
    except OSError as error:
        raise BackupError(f"{file} could not be read: {error.strerror or error}.") from error
    return _checked(file, listed, found)


def restore(file: Path) -> Contents:
    """Puts back what the backup holds, into an empty place: no database, no uploaded file, and no other secret key."""
    if reason := snapshots.occupied() or _occupied():
        raise BackupError(f"{reason} {MAKE_ROOM}")
    try:
        settings.VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".restore-", dir=settings.VAR_DIR) as name:
            folder = Path(name)
            contents = read(file, folder)
            _refuse_others(contents, folder / KEY)
            snapshots.put_back(folder / DATABASE)
            for found, place in ((folder / KEY, settings.SECRET_KEY_FILE), (folder / MEDIA, settings.MEDIA_ROOT)):
                if found.exists():
                    shutil.move(found, place)
    except snapshots.SnapshotError as error:
        raise BackupError(str(error)) from error
    except OSError as error:
        raise BackupError(f"{error.filename or settings.VAR_DIR} could not be written: {error.strerror}.") from error
    return contents


MAKE_ROOM = (
    "A backup is put back into an empty place only. Stop the site, move the folder of VAR_DIR away, with PostgreSQL "
    "name an empty database in DATABASE_URL, and try again."
)


def _fill(tar: tarfile.TarFile, copy: Path) -> Contents:
    """Adds all that the site must keep. Files come after the database: what it names is there by then, or deleted."""
    with snapshots.taken(copy) as query:
        contents = Contents(
            version=settings.VERSION,
            made=datetime.now(UTC).isoformat(timespec="seconds"),
            engine=connection.vendor,
            migrations=[f"{app}.{name}" for app, name in query(APPLIED)],
            counts={
                what: query(f"SELECT count(*) FROM {model._meta.db_table}")[0][0]  # noqa: S608 (tables of ours)
                for what, model in COUNTED.items()
            },
        )
    named = [(DATABASE, copy), (KEY, settings.SECRET_KEY_FILE)]
    for name, path in [*named, *_uploaded()]:
        with suppress(FileNotFoundError):  # deleted meanwhile, or no key in a file
            contents.files[name] = _add(tar, name, path)
    listed = Path(f"{copy}.json")
    listed.write_text(json.dumps(asdict(contents)))
    _add(tar, LIST, listed)
    return contents


def _uploaded() -> Iterator[tuple[str, Path]]:
    root = Path(settings.MEDIA_ROOT)
    for path in sorted(root.rglob("*")):
        if path.is_file():
            yield f"{MEDIA}{path.relative_to(root).as_posix()}", path


class _Digesting:
    """A file that is read once, and the SHA-256 of what was read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._digest = file, hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self._digest.update(chunk)
        self.size += len(chunk)
        return chunk

    def entry(self) -> list[Any]:
        """As Contents.files has it."""
        return [self.size, self._digest.hexdigest()]


def _add(tar: tarfile.TarFile, name: str, path: Path) -> list[Any]:
    with path.open("rb") as opened:
        member, content = tarfile.TarInfo(name), _Digesting(opened)
        status = os.fstat(opened.fileno())
        member.size, member.mtime, member.mode = status.st_size, int(status.st_mtime), 0o600
        tar.addfile(member, content)
    return content.entry()


def _copy(content: IO[bytes], to: Path | None) -> list[Any]:
    """The entry of what was read. Writes it to a file for its owner's eyes, if there is one to write to."""
    digesting = _Digesting(content)
    if to is None:
        while digesting.read(CHUNK):
            pass
        return digesting.entry()
    to.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
        shutil.copyfileobj(digesting, written, CHUNK)
        written.flush()
        os.fsync(written.fileno())
    return digesting.entry()


def _is_ours(name: str) -> bool:
    """True for a name that write() gives. No other leads out of the folder that a backup is put into."""
    path = PurePosixPath(name)
    is_inside = not path.is_absolute() and ".." not in path.parts
    return name in (DATABASE, KEY, LIST) or (name.startswith(MEDIA) and is_inside)


def _checked(file: Path, listed: bytes, found: dict[str, list[Any]]) -> Contents:
    if not listed:
        raise BackupError(f"{file} is not whole: it ends too early.")
    try:
        described = json.loads(listed)
        if described["format"] != FORMAT:
            raise BackupError(
                f"{file} was made by version {described['version']}, another than this, {settings.VERSION}."
            )
        contents = Contents(**described)
    except (ValueError, TypeError, KeyError) as error:
        raise BackupError(f"{file} is damaged: its list of files cannot be read.") from error
    wrong = [name for name in {*found, *contents.files} if found.get(name) != contents.files.get(name)]
    if wrong:
        raise BackupError(f"{file} is damaged: {sorted(wrong)[0]} is not what was written.")
    return contents


def _occupied() -> str:
    """Says in a sentence that files were uploaded here, if they were."""
    media = Path(settings.MEDIA_ROOT)
    with suppress(OSError):
        media.rmdir()  # an empty one makes room
    return f"{media} is there already." if media.exists() else ""


def _refuse_others(contents: Contents, key: Path) -> None:
    """Raises BackupError for a backup that this site cannot serve, or that would take its secret key away."""
    if contents.engine != connection.vendor:
        here, there = ENGINES.get(connection.vendor, connection.vendor), ENGINES.get(contents.engine, contents.engine)
        raise BackupError(f"The backup is of {there}, and DATABASE_URL names {here}. Set DATABASE_URL to {there}.")
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if newer := sorted(set(contents.migrations) - known):
        raise BackupError(
            f"The backup was made by version {contents.version}, which is newer than this, {settings.VERSION}: "
            f"{newer[0]} is missing here. Put it back with that version."
        )
    present = settings.SECRET_KEY_FILE
    if key.exists() and os.path.lexists(present) and present.read_bytes().strip() != key.read_bytes().strip():
        raise BackupError(f"{present} holds another key than the backup. {MAKE_ROOM}")
