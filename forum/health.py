"""Two addresses for monitoring: is the process alive, and has it all that it needs to serve?"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.core.cache import cache, caches
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.counters import DatabaseCache

PROBE = "health"


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


def _missing() -> Iterator[str]:
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        yield "no database"
        if isinstance(caches["default"], DatabaseCache):
            return
    try:  # a full disk, or Redis that is gone
        cache.set(PROBE, "ok", 60)
        if cache.get(PROBE) != "ok":
            yield "no cache"
    except Exception:
        yield "no cache"


VIEWS: dict[str, Callable[[HttpRequest], HttpResponse]] = {"/health/live": live, "/health/ready": ready}
