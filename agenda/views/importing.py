"""Bringing a programme in: a file or an address becomes a plan, and leads to its Review page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import available_timezones

from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from agenda.editing.incoming import (
    Incoming,
    cells_of,
    columns_of,
    from_address,
    has_file,
    into_event,
    into_new_event,
    read_again,
)
from agenda.formats.reading import READERS, ProgrammeFile
from agenda.formats.records import RefusedFile
from agenda.models import Plan
from agenda.models.session import is_editor
from agenda.programme.access import event_to_edit_or_404

FIELDS = {
    **{
        "": "leave out",
        "id": "ID",
        "title": "Title",
        "subtitle": "Subtitle",
        "byline": "By",
        "abstract": "Description",
    },
    **{"language": "Language", "date": "Day", "start": "Start", "end": "End", "end_date": "Last day"},
    **{"duration": "Length", "zone": "Time zone", "room": "Room", "track": "Track", "type": "Type"},
    **{"speakers": "Speakers", "status": "Status", "url": "Web page", "slides": "Has slides", "materials": "Materials"},
}
LONGEST_CELL = 500  # characters
NOTHING_GIVEN = "Choose a file, or write the address that the programme is at."


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def import_(request: SignedInRequest, event_slug: str) -> HttpResponse:
    """Shows the form. A POST reads `file` or `address` into a plan for this event."""
    event = event_to_edit_or_404(request, event_slug)
    problem = ""
    if request.method == "POST":
        try:
            plan = into_event(_incoming(request), event, by=request.user, asks=True)
        except RefusedFile as refusal:
            problem = str(refusal)
        else:
            return redirect("agenda:plan", event.slug, plan.pk)
    return _form(request, problem, event=event)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def import_new(request: SignedInRequest) -> HttpResponse:
    """Shows the form. A POST reads `file` or `address` into a plan for a new, hidden event."""
    if not is_editor(request.user):
        raise Http404
    problem, zone = "", request.POST.get("zone", "").strip()
    if zone and zone not in available_timezones():
        problem = f"“{zone[:80]}” is not a time zone that we know. Choose one from the list."
    elif request.method == "POST":
        try:
            plan = _of_this_form(request) or _into_new_event(request, zone)
        except RefusedFile as refusal:
            problem = str(refusal)
        else:
            return redirect("agenda:plan", plan.event.slug, plan.pk)
    return _form(request, problem, zones=_zones())


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def reading(request: HttpRequest, event_slug: str, plan_id: UUID) -> HttpResponse:
    """Shows how a plan's file is read: its zone, columns and faulty cells. A POST reads it again as it says."""
    event = event_to_edit_or_404(request, event_slug)
    plan = get_object_or_404(Plan.objects.select_related("source"), pk=plan_id, event=event, state=Plan.Status.WAITING)
    plan.event = event
    if not has_file(plan):
        return redirect("agenda:plan", event.slug, plan.pk)
    columns = columns_of(plan)
    chosen = {column.header: request.POST.get(f"column:{column.header}", column.field) for column in columns}
    zone = request.POST.get("zone", plan.source.zone if plan.source else "").strip()
    problem = ""
    if request.method == "POST":
        try:
            if zone not in available_timezones():
                raise RefusedFile("Choose the time zone that the times are in, such as Europe/Berlin.")
            read_again(plan, zone=zone, columns=chosen, mends=_mends(request))
        except RefusedFile as refusal:
            problem = str(refusal)
        else:
            return redirect("agenda:plan", event.slug, plan.pk)
    rows = [(column, chosen[column.header]) for column in columns]
    context = {"event": event, "plan": plan, "zones": _zones(zone), "zone": zone, "problem": problem, "rows": rows}
    cells = [
        replace(cell, suggestion=str(request.POST.get(f"cell:{cell.key}", cell.suggestion)))
        for cell in cells_of(plan, zone, chosen)
    ]
    context |= {"fields": FIELDS.items(), "cells": cells}
    return render(request, "agenda/edit/reading.html", context, status=422 if problem else 200)


def _mends(request: HttpRequest) -> dict[str, str]:
    """What the cells should say; an empty text leaves the row out."""
    return {
        name.removeprefix("cell:"): str(text).replace("\0", "").strip()[:LONGEST_CELL]
        for name, text in request.POST.items()
        if name.startswith("cell:")
    }


def _into_new_event(request: SignedInRequest, zone: str) -> Plan:
    """The plan of a new event; the same one if the form is sent twice at once. Raises RefusedFile."""
    name = request.POST.get("name", "").strip()
    try:
        made = into_new_event(_incoming(request), by=request.user, name=name, zone=zone, asks=True, pk=_once(request))
    except IntegrityError:
        made_meanwhile = _of_this_form(request)
        if made_meanwhile is None:
            raise
        return made_meanwhile
    return made


def _of_this_form(request: SignedInRequest) -> Plan | None:
    """The plan that was made when this form was sent before."""
    once = _once(request)
    return Plan.objects.filter(pk=once, made_by=request.user).select_related("event").first() if once else None


def _once(request: HttpRequest) -> UUID | None:
    """The number that the form was given, so that it makes one event however often it is sent."""
    try:
        return UUID(request.POST.get("once", ""))
    except ValueError:
        return None


def _incoming(request: HttpRequest) -> Incoming:
    """The files that were sent, or what is at the address. Raises RefusedFile."""
    if files := request.FILES.getlist("file"):
        return Incoming(files=tuple(ProgrammeFile(data=file.read(), name=file.name or "") for file in files))
    if address := request.POST.get("address", "").strip():
        return from_address(address)
    raise RefusedFile(NOTHING_GIVEN)


def _form(request: HttpRequest, problem: str, **context: Any) -> HttpResponse:
    given = {name: request.POST.get(name, "") for name in ("address", "name", "zone")}
    context = {"problem": problem, "given": given, "formats": list(READERS), "once": uuid4(), **context}
    template = "agenda/edit/import.html" if "event" in context else "agenda/edit/import_new.html"
    return render(request, template, context, status=422 if problem else 200)


def _zones(chosen: str = "") -> list[str]:
    """The zones of the list; with the chosen one, which may be another name, "UTC"."""
    names = {name for name in available_timezones() if "/" in name and not name.startswith("Etc/")}
    return sorted(names | {chosen} - {""})
