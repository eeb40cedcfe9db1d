"""The form of a new session begun again for another event: what was typed stays, where that event has it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest

from accounts.admin import is_row_number
from agenda.admin.form_values import row_numbers
from agenda.admin.words import quoted
from agenda.models import Appearance, Event, Material, Room, Speaker, Track

TEXTS = ("title", "slug", "subtitle", "byline", "abstract", "status", "language", "note", "reason")
TICKS = ("is_published", "slides_included")
TIMES = ("start", "end")
ROWS: dict[type[Model], tuple[str, tuple[str, ...]]] = {
    Appearance: ("appearances", ("speaker", "position")),
    Material: ("materials", ("kind", "title", "url")),
}


@dataclass(slots=True)
class Typed:
    """What the form begins with: the values of its fields, and the rows of its lists."""

    values: dict[str, Any] = field(default_factory=dict)
    rows: dict[type[Model], list[dict[str, Any]]] = field(default_factory=dict)


def typed_in(request: HttpRequest) -> Typed:
    """What was typed before another event was chosen; nothing unless `begin_again()` was called."""
    found: Typed = getattr(request, "typed_in_form", Typed())
    return found


def begin_again(request: HttpRequest, event: Event | None) -> None:
    """Has the request show the form for this event with what was typed, and say what of it cannot be kept."""
    data = request.POST
    values: dict[str, Any] = {name: data.get(name, "") for name in TEXTS}
    values |= {name: name in data for name in TICKS}
    values |= {name: [data.get(f"{name}_{part}", "") for part in range(3)] for name in TIMES}
    rows = {model: _rows(request, *described) for model, described in ROWS.items()}
    gone = []
    for name, model in (("room", Room), ("track", Track)):
        for row in _found(model, [data.get(name, "")]):
            if row.event == event:
                values[name] = row.pk
            elif row.pk != row.event.default_track_id or name == "room":  # the form itself chose the default track
                gone.append(f"{name} {quoted([row.name])}")
    speakers = {str(row.pk): row for row in _found(Speaker, [row["speaker"] for row in rows[Appearance]])}
    gone += [f"speaker {quoted([row.name])}" for row in speakers.values() if row.event != event]
    own = {pk for pk, row in speakers.items() if row.event == event}
    rows[Appearance] = [row for row in rows[Appearance] if row["speaker"] in own]
    if gone:
        messages.warning(request, f"Not kept, as “{event}” has its own: {', '.join(gone)}.")
    if files := [f"“{file.name}”" for _, files in request.FILES.lists() for file in files]:
        messages.warning(request, f"Browsers send a file only once. Choose again: {', '.join(files)}.")
    request.typed_in_form = Typed(values, rows)  # type: ignore[attr-defined]
    request.method = "GET"


def _rows(request: HttpRequest, prefix: str, names: Iterable[str]) -> list[dict[str, Any]]:
    """The rows of a list in which something was typed or chosen, without those that are to be removed."""
    rows = []
    for number in row_numbers(request.POST, prefix):
        of = f"{prefix}-{number}"
        row = {name: request.POST.get(f"{of}-{name}", "") for name in names}
        is_filled = any(value for name, value in row.items() if name != "kind") or f"{of}-file" in request.FILES
        if is_filled and f"{of}-DELETE" not in request.POST:
            rows.append(row)
    return rows


def _found(model: Any, keys: Iterable[str]) -> list[Any]:
    numbers = [key for key in keys if is_row_number(key)]
    return list(model.objects.filter(pk__in=numbers).select_related("event").order_by("pk"))
