"""Two addresses for monitoring: is the process alive, and has it all that it needs to serve?"""

from __future__ import annotations

import functools
import logging
import shutil
from collections.abc import Iterator

from django.conf import settings
from django.core import signing
from django.core.cache import cache, caches
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.counters import DatabaseCache
from accounts.limits import MINUTE

logger = logging.getLogger(__name__)
PROBE = "health"
SEEN = "X-Doctor"  # the header in which manage.py doctor shows that it knows the secret key
LEAST_FREE = 1_000_000  # bytes on the disk of VAR_DIR


@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """Answers 503, and says what is missing, as long as the database or the cache does not work."""
    missing = list(_missing())
    words = f"{', '.join(missing)}\n" if missing else "ok\n"
    return HttpResponse(words, status=503 if missing else 200, content_type="text/plain")


@require_safe
@never_cache
def seen(request: HttpRequest) -> HttpResponse:
    """What of a request of manage.py doctor has arrived here: it comes by way of the web server in front."""
    try:
        signing.loads(request.headers.get(SEEN, ""), salt=SEEN, max_age=MINUTE)
    except signing.BadSignature:
        return HttpResponse(status=404)
    forwarded = [each for each in request.headers.get("X-Forwarded-For", "").split(",") if each.strip()]
    return JsonResponse({"forwarded": len(forwarded), "secure": request.is_secure(), "host": request.get_host()})


def _missing() -> Iterator[str]:
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        yield "no database"
        is_in_order = False
    else:
        is_in_order = _takes_writes()
        if not is_in_order:
            yield "the database takes no writes"
        if lacks_migrations():
            yield "the database is older than the site: run migrate"
    if settings.VAR_DIR.exists() and shutil.disk_usage(settings.VAR_DIR).free < LEAST_FREE:
        yield "no space on the disk"
    if not is_in_order and isinstance(caches["default"], DatabaseCache):
        return
    try:  # a full disk, or Redis that is gone
        cache.set(PROBE, "ok", 60)
        if cache.get(PROBE) != "ok":
            yield "no cache"
    except Exception as error:  # whatever it is, a watchdog is told in words; a page of error tells it nothing
        logger.warning("The cache does not work: %s", type(error).__name__)
        yield "no cache"


@functools.cache
def _migrations() -> set[tuple[str, str]]:
    """(app, name) of those that this release has."""
    return set(MigrationLoader(None).disk_migrations)


def lacks_migrations() -> bool:
    """True if a table is not yet as this release needs it. Once none is lacking, that is not asked again."""
    global is_migrated
    if not is_migrated:
        is_migrated = _migrations() <= MigrationRecorder(connection).applied_migrations().keys()
    return not is_migrated


is_migrated = False


def _takes_writes() -> bool:
    """True if the database can be written to. PostgreSQL knows it; with SQLite it is tried."""
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA user_version = 1")  # a number of no meaning, in the file's header
                return True
            cursor.execute("SHOW transaction_read_only")
            return bool(cursor.fetchone() == ("off",))
    except DatabaseError:
        return False
