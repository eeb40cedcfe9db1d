"""Speakers."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import Count
from django.db.models.query import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from accounts.models import User
from agenda.admin.programme import ProgrammeForm, ShownAdmin, in_use
from agenda.admin.words import counted, span
from agenda.editing.bylines import bylines_naming, rename_in_bylines, renamed
from agenda.editing.photos import kept_photo, note_photo
from agenda.models import Session, Speaker
from agenda.programme.prose import in_isolates


class SpeakerForm(ProgrammeForm):
    mend_bylines = forms.BooleanField(required=False, help_text="For another name above; each is a recorded change.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.old_name, self.naming = self.instance.name, bylines_of(self.instance)
        if self.naming:
            count = len(self.naming)
            naming = f"{counted(count, 'byline')} {'name' if count > 1 else 'names'} “{in_isolates(self.old_name)}”"
            self.fields["mend_bylines"].label = f"{naming}: change {'them' if count > 1 else 'it'} too?"
        else:
            self.fields.pop("mend_bylines", None)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        longest = Session._meta.get_field("byline").max_length or 0
        for session in self.naming if cleaned.get("mend_bylines") and cleaned.get("name") else ():
            if len(renamed(session, self.old_name, cleaned["name"])) > longest:
                named = f"The byline of “{in_isolates(session)}”"
                text = f"{named} would be longer than {longest} characters. Shorten it first."
                self.add_error("mend_bylines", text)
        return cleaned

    def clean_photo(self) -> Any:
        photo = self.cleaned_data["photo"]
        return kept_photo(photo) if "photo" in self.changed_data and photo else photo


def bylines_of(speaker: Speaker | None) -> list[Session]:
    """The sessions whose byline has the speaker's name; none for a new speaker."""
    return bylines_naming(speaker.name, speaker.event) if speaker and speaker.pk else []


@admin.register(Speaker)
class SpeakerAdmin(ShownAdmin):
    form = SpeakerForm
    in_no_calendar = ("photo",)
    list_display = ["name", "job_title", "organisation", "event", "session_count", "biography_is_cut"]
    list_select_related = ["event"]
    list_filter = ["event", "biography_is_cut"]
    search_fields = ["name", "organisation"]
    ordering = ["-event__starts_on", "name"]
    autocomplete_fields = ["event"]
    prepopulated_fields = {"slug": ["name"]}
    readonly_fields = ["speaks_in", "guid"]
    fieldsets = [
        (None, {"fields": ["event", "name", "slug", "job_title", "organisation", "speaks_in"]}),
        ("Biography", {"fields": ["biography", "biography_is_cut", "photo"]}),
        ("Identity", {"classes": ["collapse"], "fields": ["guid"]}),
    ]

    def save_model(self, request: HttpRequest, obj: Speaker, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "photo" in form.changed_data:
            note_photo(obj.event)
        if "name" in form.changed_data and form.naming:
            self._mend_bylines(request, obj, form)

    def _mend_bylines(self, request: HttpRequest, speaker: Speaker, form: SpeakerForm) -> None:
        """Changes the old name in bylines if that was asked for; else says that they still have it."""
        if form.cleaned_data.get("mend_bylines"):
            count = rename_in_bylines(speaker.event, form.old_name, speaker.name, by=cast(User, request.user))
            messages.success(request, f"Changed {counted(count, 'byline')}.")
        else:
            still = "still name" if len(form.naming) > 1 else "still names"
            messages.warning(request, f"{counted(len(form.naming), 'byline')} {still} “{form.old_name}”.")

    def get_fieldsets(self, request: HttpRequest, obj: Speaker | None = None) -> Any:
        """Offers to mend bylines beside the name, if there are any to mend."""
        fieldsets = super().get_fieldsets(request, obj)
        if not self.has_change_permission(request, obj) or not bylines_of(obj):
            return fieldsets
        (title, options), *others = fieldsets
        event, name, *fields = options["fields"]
        return [(title, {**options, "fields": [event, name, "mend_bylines", *fields]}), *others]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Speaker]:
        speakers: QuerySet[Speaker] = super().get_queryset(request)
        return speakers.annotate(session_count=Count("appearances"))

    @admin.display(description="sessions", ordering="session_count")
    def session_count(self, speaker: Any) -> int:
        return int(speaker.session_count)

    @admin.display(description="speaks in")
    def speaks_in(self, speaker: Speaker) -> SafeString | str:
        sessions = speaker.sessions.select_related("event").in_order() if speaker.pk else ()
        links = ((reverse("admin:agenda_session_change", args=[each.pk]), each, span(each)) for each in sessions)
        return format_html_join("\n", '<p><a href="{}"><bdi>{}</bdi></a>, {}</p>', links) or "no session yet"

    def kept_because(self, request: HttpRequest, obj: Speaker) -> str:
        return in_use(obj, "a speaker", obj.sessions.all())
