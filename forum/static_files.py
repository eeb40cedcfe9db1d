"""Static files: those of this release, and those of releases before it, whose pages are still open in browsers."""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.storage import storages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware

log = logging.getLogger(__name__)
RELEASES = 3  # this one, and the two that were started before it
FORMS = ("", ".br", ".gz")  # of a file: as it is, and compressed


class StaticFilesMiddleware(WhiteNoiseMiddleware):
    """Answers with a file of this release, or with one that a page of a former release names.

    A browser asks for a page first, and then for the files that it names. An upgrade may come between.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(get_response)
        of_this_release = dict(self.files)
        for folder in kept(settings.VAR_DIR / "static-files"):
            self.add_files(folder, prefix=self.static_prefix)
        self.files |= of_this_release


def kept(root: Path) -> list[Path]:
    """The folders with the files of the newest releases that were started here, this one's among them.

    If the disk takes no more, the site starts without those of this release.
    """
    storage = storages["staticfiles"]
    if not isinstance(storage, ManifestStaticFilesStorage) or not storage.manifest_hash:
        return []
    this = root / storage.manifest_hash
    try:
        root.mkdir(mode=0o750, parents=True, exist_ok=True)
        with (root / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # held until the file is closed, as all workers start at once
            if not this.exists():
                _copy(storage, root / "new").rename(this)
            os.utime(this)
            for old in _releases(root)[RELEASES:]:
                shutil.rmtree(old)
    except OSError as error:
        log.warning("Static files were not kept for the next release: %s.", error.strerror)
    return _releases(root)[:RELEASES]


def _releases(root: Path) -> list[Path]:
    """The folders of whole releases, the newest first."""
    return sorted(root.glob("?" * 12), key=lambda each: each.stat().st_mtime, reverse=True)


def _copy(storage: ManifestStaticFilesStorage, folder: Path) -> Path:
    """Copies the files that pages name into the folder, and returns it; what did not fit on the disk is removed."""
    shutil.rmtree(folder, ignore_errors=True)  # what a start that was cut off had copied
    try:
        for name in storage.hashed_files.values():
            for source in (Path(storage.path(name + form)) for form in FORMS):
                if source.exists():
                    target = folder / source.relative_to(storage.location)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(source, target)
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder
