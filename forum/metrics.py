"""What Prometheus is told at /metrics: numbers of the whole site, counted when it asks; never of one person."""

from __future__ import annotations

import os
import shutil
import socket
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Count, F, Max, Min, OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import CalendarKey, User
from agenda.models import Event, Notice, Plan, Session, Source, Star
from agenda.notices.waiting import waiting
from forum import backups

if TYPE_CHECKING:
    from prometheus_client import Counter
    from prometheus_client.core import Metric

FOLDER = "metrics-"  # in VAR_DIR, then the machine, and the process there that started the workers
FORGOTTEN = 7 * 24 * 60 * 60  # seconds without an answer, of a server on another machine
NO_VIEW = "none"  # what is answered before a view is chosen, such as static files

_one_at_a_time = Lock()  # threads of a new worker would each make the counter, of which there can be only one


def answers() -> Counter:
    """The counter of answers; all workers of a server add to it, by files in a folder that is theirs."""
    with _one_at_a_time:
        return _counter()


@cache
def _counter() -> Counter:
    folder = settings.VAR_DIR / f"{FOLDER}{socket.gethostname()}-{os.getppid()}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for other in settings.VAR_DIR.glob(f"{FOLDER}*"):
        if not _is_running(other):
            shutil.rmtree(other, ignore_errors=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)  # read when the library is first imported
    from prometheus_client import Counter  # noqa: PLC0415

    return Counter("agenda_answers", "Answers by view and status.", ["view", "status"])


def _is_running(folder: Path) -> bool:
    """True if the server of this folder may run: containers that share a VAR_DIR see only their own processes."""
    machine, _, server = folder.name.removeprefix(FOLDER).rpartition("-")
    try:
        if machine != socket.gethostname():
            return time.time() - max(path.stat().st_mtime for path in (folder, *folder.iterdir())) < FORGOTTEN
        os.kill(int(server), 0)
    except PermissionError:
        return True
    except (ValueError, OSError):
        return False
    return True


def count(request: HttpRequest, status: int) -> None:
    """Counts an answer, if metrics are asked for at all. Addresses that lead nowhere are one view."""
    if settings.METRICS_TOKEN:
        view = request.resolver_match.view_name if request.resolver_match else NO_VIEW
        answers().labels(view, status).inc()


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The site's numbers in Prometheus' text format. Without METRICS_TOKEN there is no such page."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN or not constant_time_compare(token, settings.METRICS_TOKEN):
        raise Http404
    answers()
    from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415 (after its folder is set)
    from prometheus_client.exposition import CONTENT_TYPE_LATEST  # noqa: PLC0415
    from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(Numbers())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class Numbers:
    """What the database knows now, as gauges."""

    def collect(self) -> Iterator[Metric]:
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415

        for name, words, values in numbers():
            metric = GaugeMetricFamily(f"agenda_{name}", words, labels=[] if "" in values else ["kind"])
            for kind, value in values.items():
                metric.add_metric([kind] if kind else [], value)
            yield metric


def numbers() -> Iterator[tuple[str, str, dict[str, float]]]:
    """(name, what it is, value by kind; the kind is "" where there is one value alone)."""
    now = timezone.now()
    yield "people", "Accounts.", {"": User.objects.count()}
    yield "sessions", "Published sessions.", {"": Session.objects.filter(is_published=True).count()}
    yield "stars", "Stars of people who have an account.", {"": Star.objects.count()}
    yield "calendar_keys", "Calendars that are not revoked.", by(CalendarKey.objects.active(), "kind")
    yield "calendars", "Calendars by whether they have fetched what their owner starred.", calendars()
    unsent = Notice.objects.filter(sent_at=None).aggregate(count=Count("pk"), oldest=Min("claimed_at"))
    yield "mails_unsent", "Mails about changes that were begun and not sent.", {"": unsent["count"]}
    yield "mails_unsent_seconds", "Age of the oldest of them.", {"": seconds_since(unsent["oldest"], now)}
    due = waiting(now)
    yield "notices_due", "Mails about changes that are due, whether send_notices runs or not.", {"": due.mails}
    yield "notices_due_seconds", "For how long the first of them is due.", {"": due.seconds}
    refused = User.objects.exclude(refused_address="").filter(refused_address=F("email")).count()
    yield "addresses_refused", "Addresses that a mail server refused for good.", {"": refused}
    yield "plans_waiting", "Plans that wait for an editor.", {"": Plan.objects.filter(state="waiting").count()}
    yield (
        "sources_failing",
        "Followed programmes whose last fetch failed.",
        {"": Source.objects.exclude(address="").filter(failures__gt=0).count()},
    )
    newest = backups.newest()
    yield (
        "backup_seconds",
        "Age of the newest backup in BACKUP_DIR; absent if there is none.",
        ({"": now.timestamp() - newest} if newest else {}),
    )


def by(rows: Any, field: str) -> dict[str, float]:
    return dict(rows.order_by().values_list(field).annotate(Count("pk")))


def calendars() -> dict[str, float]:
    """How many calendars fetched after the last change of what their owner starred, how many did not, and never."""
    running = Event.objects.filter(ends_on__gte=timezone.now().date())
    starred = Star.objects.filter(user=OuterRef("user"), session__event__in=running)
    changed = starred.order_by().values("user").annotate(at=Max("session__updated")).values("at")
    keys = CalendarKey.objects.active().annotate(changed=Subquery(changed))
    never, behind = keys.filter(last_used_at=None).count(), keys.filter(changed__gt=F("last_used_at")).count()
    return {"never fetched": never, "behind": behind, "up to date": keys.count() - never - behind}


def seconds_since(moment: Any, now: Any) -> float:
    return (now - moment).total_seconds() if moment else 0.0
