"""Static files of former releases: pages that were opened before an upgrade find theirs after it."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.http import HttpResponseNotFound
from django.test import Client, RequestFactory

from forum.static_files import StaticFilesMiddleware

FOR_EVER = "max-age=315360000, public, immutable"
NONE = (404, "none", "")
HASHED = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}

pytestmark = pytest.mark.django_db  # each answer ends with a look at the connection


@pytest.fixture
def source(settings, tmp_path: Path) -> Path:
    """A folder for the static files of a site that has no other ones."""
    settings.VAR_DIR, folder = tmp_path / "var", tmp_path / "source"
    settings.STATICFILES_DIRS = [folder]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STORAGES = {**settings.STORAGES, "staticfiles": HASHED}
    settings.WHITENOISE_USE_FINDERS = False
    (folder / "forum").mkdir(parents=True)
    return folder


@pytest.fixture
def release(settings, tmp_path: Path, source: Path) -> Callable[[int], str]:
    """Starts the release of this number, and returns the address of its style sheet."""

    def start(number: int) -> str:
        (source / "forum/site.css").write_text(f"main {{ margin: {number}px }}\n" * 50)
        settings.STATIC_ROOT = tmp_path / f"release-{number}"
        call_command("collectstatic", interactive=False, verbosity=0)
        Client().get("/health/live")
        for folder in (tmp_path / "var/static-files").glob(staticfiles_storage.manifest_hash):
            os.utime(folder, (number, number))
        return staticfiles_storage.url("forum/site.css")

    return start


def ask(address: str) -> tuple[int, str, str]:
    """The status and the last line that a browser with brotli gets, and for how long it may keep the file."""
    asked = RequestFactory().get(address, headers={"accept-encoding": "br"})
    response = StaticFilesMiddleware(lambda request: HttpResponseNotFound(b"none"))(asked)
    body = b"".join(response)
    response.close()
    if response.headers.get("Content-Encoding") == "br":
        body = brotli.decompress(body)
    return response.status_code, body.decode().splitlines()[-1], response.headers.get("Cache-Control", "")


def of(number: int, kept: str = "max-age=60, public") -> tuple[int, str, str]:
    return 200, f"main {{ margin: {number}px }}", kept


def test_pages_of_the_two_releases_before_find_their_style_sheet(release, settings, tmp_path):
    one, two, three = (release(number) for number in (1, 2, 3))

    assert [ask(sheet) for sheet in (one, two, three)] == [of(1), of(2), of(3, FOR_EVER)]
    four = release(4)
    assert [ask(sheet) for sheet in (one, two, three, four)] == [NONE, of(2), of(3), of(4, FOR_EVER)]
    settings.STATIC_ROOT = tmp_path / "release-2"  # the site goes back to it
    assert [ask(sheet) for sheet in (one, two, three, four)] == [NONE, of(2, FOR_EVER), of(3), of(4)]
    assert ask("/static/forum/site.css") == of(2)


def test_half_of_a_copy_is_made_whole(release, tmp_path):
    (tmp_path / "var/static-files/new/forum").mkdir(parents=True)
    (tmp_path / "var/static-files/new/forum/other.css").touch()

    assert ask(release(1))[0] == 200
    (this,) = filter(Path.is_dir, (tmp_path / "var/static-files").iterdir())
    assert sorted(path.suffix for path in (this / "forum").iterdir()) == [".br", ".css", ".gz"]


def test_full_disk_gets_its_room_back_and_older_files_stay(release, tmp_path, monkeypatch, caplog):
    one, copyfile = release(1), shutil.copyfile

    def full(source: Path, target: Path) -> None:
        copyfile(source, target)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", full)
    assert [ask(sheet) for sheet in (one, release(2))] == [of(1), of(2, FOR_EVER)]
    assert len(list((tmp_path / "var/static-files").iterdir())) == len(["lock", "release 1"])
    assert "Static files were not kept for the next release: No space left on device." in caplog.text


def test_site_starts_without_them_where_nothing_can_be_written(release, tmp_path, caplog):
    (tmp_path / "var").write_text("no folder")

    assert ask(release(1))[0] == 200
    assert "Static files were not kept for the next release: Not a directory." in caplog.text
