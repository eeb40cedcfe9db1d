"""Uploaded files that are kept elsewhere than in VAR_DIR, as MEDIA_STORAGE says."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.base import File
from django.core.files.storage import Storage
from django.utils.encoding import filepath_to_uri
from django.utils.module_loading import import_string

PATIENCE = {"connect_timeout": 5, "read_timeout": 10, "retries": {"total_max_attempts": 2}}  # seconds; a thread waits


@contextmanager
def as_a_disk() -> Iterator[None]:
    """In the block, a storage that cannot be asked, and says so in words of its own, fails as a disk does: with EIO."""
    try:
        yield
    except (FileNotFoundError, SuspiciousOperation):
        raise
    except Exception as error:
        raise OSError(errno.EIO, "MEDIA_STORAGE does not answer") from error


class UploadsElsewhere(Storage):
    """A storage of any kind, whose files have addresses of this site: forum/media.py shows each to those who may see.

    So the storage itself need not be public, and no page names it.
    """

    def __init__(self, backend: str, options: dict[str, Any]) -> None:
        storage: Any = import_string(backend)(**options)
        if config := getattr(storage, "client_config", None):  # of S3, whose own limits are minutes
            storage.client_config = config.merge(type(config)(**PATIENCE))
        self._storage: Storage = storage

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        with as_a_disk():
            return self._storage.open(name, mode)

    def _save(self, name: str, content: File[bytes]) -> str:
        with as_a_disk():
            return self._storage.save(name, content)

    def delete(self, name: str) -> None:
        with as_a_disk():
            self._storage.delete(name)

    def exists(self, name: str) -> bool:
        with as_a_disk():
            return self._storage.exists(name)

    def size(self, name: str) -> int:
        with as_a_disk():
            return self._storage.size(name)

    def get_modified_time(self, name: str) -> datetime:
        with as_a_disk():
            return self._storage.get_modified_time(name)

    def url(self, name: str | None) -> str:
        return settings.MEDIA_URL + filepath_to_uri(name or "").lstrip("/")
