"""The page that asks before an action changes many sessions: it says how many people starred them, and takes a note."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models.query import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from agenda.admin.programme import VerbatimField
from agenda.admin.words import counted
from agenda.models import Session, Star


class NoteForm(forms.Form):
    note = VerbatimField(
        label="Note to attendees",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The reason, say. Empty, each session keeps the note that it has.",
    )


def note_or_page(
    site: admin.AdminSite, request: HttpRequest, action: str, chosen: QuerySet[Session], concerned: QuerySet[Session]
) -> dict[str, str] | HttpResponse:
    """The page that asks for a note; once it is sent, the note as a value for the sessions: {} if it is empty."""
    form = NoteForm(request.POST if "confirmed" in request.POST else None)
    if form.is_valid():
        note = form.cleaned_data["note"].strip()
        return {"note": note} if note else {}
    stars = Star.objects.filter(session__in=concerned.values("pk"))
    people = stars.values("user").distinct().count()
    sessions = list(concerned.select_related("event").in_order())  # type: ignore[attr-defined]
    verb = action.capitalize()
    context: dict[str, Any] = site.each_context(request) | {
        **{"title": f"{verb} {counted(len(sessions), 'session')}?", "opts": Session._meta, "form": form, "verb": verb},
        **{"action": action, "sessions": sessions, "checkbox": ACTION_CHECKBOX_NAME},
        "chosen": list(chosen.values_list("pk", flat=True)),
        "people": "1 person has" if people == 1 else f"{people} people have",
    }
    return TemplateResponse(request, "admin/agenda/bulk.html", context, status=422 if form.is_bound else 200)
