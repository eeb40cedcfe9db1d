"""What an environment variable may be like; settings.py reads them all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any
from urllib.parse import parse_qsl

from django.core.exceptions import ImproperlyConfigured

DOMAIN = r"[a-z0-9-]+(\.[a-z0-9-]+)+"
WEB_ADDRESS = r"|https?://[^\s<>\"]+"
# What a variable is like where it is set, and an example. A refusal does not repeat it: it may hold a password.
SHAPES = {
    "SITE_URL": (r"https?://(\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]]+)(:[0-9]{1,5})?/*", "https://agenda.example.org"),
    "SECRET_KEY": (r"|.*\S.*", "a long random text"),
    "DATABASE_URL": (r"(sqlite|postgres|postgresql|psql|pgsql)://.+", "postgres://user:password@host/name"),
    "MEDIA_STORAGE": (r"|(s3://[a-z0-9.-]+(/[^?]*)?|\w+(\.\w+)+)(\?.*)?", "s3://bucket?region_name=eu-central-1"),
    "REDIS_URL": (r"((rediss?|unix)://.+)?", "redis://host/0"),
    "TRUSTED_PROXY_COUNT": (r"[0-9]{1,2}", "1"),
    "LOG_LEVEL": (r"DEBUG|INFO|WARNING|ERROR|CRITICAL", "WARNING"),
    "LOG_FORMAT": (r"line|json", "json"),
    "METRICS_TOKEN": (r"|[!-~]{20,}", "a-long-random-text-1234"),
    "SENTRY_DSN": (r"|https?://[^\s@/]+@[^\s@]+", "https://key@sentry.example.org/1"),
    "SIGN_UP": (rf"open|closed|elsewhere|{DOMAIN}(,{DOMAIN})*", "closed"),
    "IMPRINT_URL": (WEB_ADDRESS, "https://example.org/imprint"),
    "PRIVACY_URL": (WEB_ADDRESS, "https://example.org/privacy"),
    "CONTACT": (r"|[^\s@<>\"]+@[^\s@<>\"]+", "help@example.org"),
    "HSTS_SECONDS": (r"[0-9]{1,9}", "3600"),
}


def check_shapes(environment: Mapping[str, str]) -> None:
    """Raises ImproperlyConfigured for the first variable that is not as it must be."""
    for name, (shape, example) in SHAPES.items():
        if not re.fullmatch(shape, environment.get(name, example)):
            raise ImproperlyConfigured(
                f"{name} is not like {example}, and cannot be used. docs/operations.md says more."
            )


def media_storage(text: str) -> dict[str, Any]:
    """The storage of uploaded files in MEDIA_STORAGE, as STORAGES has it; the folder VAR_DIR/media if that is empty.

    That is an S3 bucket, perhaps with a folder, or the class of a storage by its dotted path. After "?" come options.
    """
    if not text:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    backend, _, query = text.partition("?")
    options: dict[str, Any] = dict(parse_qsl(query))
    if backend.startswith("s3://"):
        bucket, _, folder = backend.removeprefix("s3://").partition("/")
        # A file of the same name as another gets a name of its own, as on disk.
        options = {"bucket_name": bucket, "location": folder, "file_overwrite": False, **options}
        backend = "storages.backends.s3.S3Storage"
    library = backend.partition(".")[0]
    if find_spec(library) is None:
        raise ImproperlyConfigured(f"MEDIA_STORAGE needs a library that is not installed: {library}.")
    return {"BACKEND": "forum.uploads.UploadsElsewhere", "OPTIONS": {"backend": backend, "options": options}}
