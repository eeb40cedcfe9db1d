"""Sessions: the list, the form with speakers and materials, and the actions on many at once."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.options import InlineModelAdmin
from django.contrib.admin.utils import unquote
from django.db import models
from django.db.models import Count, OuterRef, Prefetch, Subquery, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce
from django.db.models.query import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from accounts.admin import is_row_number
from accounts.requests import SignedInRequest
from agenda.admin.another_event import begin_again, typed_in
from agenda.admin.bulk import note_or_page
from agenda.admin.event_zone import chosen_day, zone_on
from agenda.admin.programme import EventsOwn, ProgrammeAdmin, event_for_new, event_in_form, remember_event
from agenda.admin.session_form import (
    AppearanceForm,
    AppearanceFormSet,
    EventTimeField,
    MaterialForm,
    PartsFormSet,
    SessionForm,
)
from agenda.admin.session_list import DayFilter, EventsOwnFilter
from agenda.admin.words import counted, span
from agenda.editing.bookings import double_bookings
from agenda.editing.changes import recording
from agenda.editing.slugs import keep_former_slug
from agenda.models import Appearance, Material, Room, Session, SessionRevision, Star
from agenda.models.session import order_of_sessions
from agenda.programme.history import changes_in_words
from agenda.programme.prose import in_isolates
from agenda.programme.words import date_and_time

STARS = Star.objects.filter(session=OuterRef("pk")).order_by().values("session").annotate(count=Count("pk"))
SHOWN_REVISIONS = 10
CANCELLATIONS = SessionRevision.objects.filter(session=OuterRef("pk"), changes__status__1=Session.Status.CANCELLED)
BEFORE_CANCELLING = Coalesce(
    Subquery(CANCELLATIONS.annotate(was=KT("changes__status__0")).values("was")[:1]), Value(Session.Status.CONFIRMED)
)


class KeepsTypedRows(InlineModelAdmin):  # type: ignore[type-arg]
    """Has a row for each that was typed before another event was chosen."""

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return int(self.extra) + len(typed_in(request).rows.get(self.model, ()))


class AppearanceInline(EventsOwn, KeepsTypedRows, admin.TabularInline):  # type: ignore[type-arg]
    model = Appearance
    form = AppearanceForm
    formset = AppearanceFormSet
    autocomplete_fields = ["speaker"]
    extra = 1
    verbose_name = "speaker"
    verbose_name_plural = "speakers, as listed"


class MaterialInline(KeepsTypedRows, admin.StackedInline):  # type: ignore[type-arg]
    model = Material
    form = MaterialForm
    formset = PartsFormSet
    fields = [("kind", "title"), "url", "file"]
    extra = 0
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}


@admin.register(Session)
class SessionAdmin(ProgrammeAdmin):
    form = SessionForm
    list_display = [
        *("title", "when", "room", "track", "status", "is_published", "speaker_names", "star_count", "last_change")
    ]
    list_filter = [
        "event",
        DayFilter,
        ("track", EventsOwnFilter),
        ("room", EventsOwnFilter),
        "status",
        "is_published",
        "slides_included",
    ]
    search_fields = ["title", "subtitle", "byline", "speakers__name"]
    search_help_text = "Searches titles, bylines and speakers."
    ordering = ["-event__starts_on", *order_of_sessions()]
    autocomplete_fields = ["event", "room", "track"]
    prepopulated_fields = {"slug": ["title"]}
    readonly_fields = ["guid", "sequence", "last_change", "revisions"]
    inlines = [AppearanceInline, MaterialInline]
    formfield_overrides = ProgrammeAdmin.formfield_overrides | {models.DateTimeField: {"form_class": EventTimeField}}
    deleted_along = ("materials",)
    kept_now = "Nothing was deleted: it was just starred."
    actions = ["publish", "unpublish", "cancel", "reinstate"]

    def get_fieldsets(self, request: HttpRequest, obj: Session | None = None) -> Any:
        event = event_in_form(request)
        zone = zone_on(event, chosen_day(request, event, obj)) if event else ""
        times = format_html("Times are in {}.", zone) if event else ""
        if event and not obj:
            text = "Times are in the zone of the event: {} for <bdi>{}</bdi>. {}"
            use = mark_safe('<button name="_use_event" formnovalidate>Use the event chosen above</button>')
            times = format_html(text, zone, event, use)
        fieldsets = [
            (None, {"fields": ["event", "title", "slug", "subtitle", "byline", "abstract"]}),
            ("Time and place", {"description": times, "fields": ["start", "end", "room", "track"]}),
            ("How it is shown", {"fields": ["status", "is_published", "slides_included", "language"]}),
            ("What attendees are told", {"fields": ["note"]}),
            ("What editors are told", {"fields": ["reason"]}),
        ]
        if obj:
            fieldsets += [("Past changes", {"classes": ["collapse"], "fields": self.readonly_fields})]
        return fieldsets

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        speakers = Prefetch("appearances", Appearance.objects.select_related("speaker"))
        sessions: QuerySet[Session] = super().get_queryset(request)
        detailed = sessions.select_related("event", "room", "track").prefetch_related(speakers)
        return detailed.annotate(star_count=Coalesce(Subquery(STARS.values("count")), 0))

    @admin.display(description="day and time", ordering="start")
    def when(self, session: Session) -> str:
        return span(session)

    @admin.display(description="speakers")
    def speaker_names(self, session: Session) -> str:
        return session.credited

    @admin.display(description="stars", ordering="star_count")
    def star_count(self, session: Any) -> int:
        return int(session.star_count)

    @admin.display(description="updated", ordering="updated")
    def last_change(self, session: Session) -> str:
        return date_and_time(session.updated, session.event.zone)

    @admin.display(description="changes")
    def revisions(self, session: Session) -> SafeString | str:
        """The changes with their time and editor, the newest first."""
        rows = (
            (
                date_and_time(row.at, session.event.zone),
                row.by or "an import",
                changes_in_words(row, session.event.zone),
                row.note,
            )
            for row in session.revisions.select_related("by")[:SHOWN_REVISIONS]
        )
        return format_html_join("\n", '<p>{}, <bdi>{}</bdi>: {} <em dir="auto">{}</em></p>', rows) or "none yet"

    def kept_because(self, request: HttpRequest, obj: Session) -> str:
        # Also true if every star was removed: calendars still read the log of stars.
        starred = obj.stars.exists() or obj.star_log.exists()
        return f"“{obj}” was starred. Cancel or unpublish it instead." if starred else ""

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The event and its track; after "add another", also day, room and track of the session before."""
        event = event_in_form(request)
        initial: dict[str, Any] = {"event": event, "track": event and event.default_track_id}
        if event is None:
            return initial
        asked = {name: request.GET.get(name, "") for name in ("room", "track", "day")}
        for name, rows in (("room", event.rooms), ("track", event.tracks)):
            if is_row_number(asked[name]) and rows.filter(pk=asked[name]).exists():
                initial[name] = asked[name]
        dates = [*event.days, event.ends_on + timedelta(days=1)]  # the last day ends in the night
        if day := next((day for day in dates if day.isoformat() == asked["day"]), None):
            initial |= {"start": [day, "", ""], "end": [day, "", ""]}
        return initial | typed_in(request).values

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        rows = typed_in(request).rows.get(inline.model)
        return super().get_formset_kwargs(request, obj, inline, prefix) | ({"initial": rows} if rows else {})

    def response_add(self, request: HttpRequest, obj: Session, post_url_continue: str | None = None) -> HttpResponse:
        response = super().response_add(request, obj, post_url_continue)
        if "_addanother" in request.POST:
            kept = {"event": obj.event_id, "room": obj.room_id or "", "track": obj.track_id or ""}
            kept["day"] = obj.start.astimezone(obj.event.zone).date().isoformat() if obj.start else ""
            response["Location"] = f"{request.path}?{urlencode(kept)}"
        return response

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Uses the event's time zone for the times that the page shows and for those that the form sends."""
        session = self.get_object(request, unquote(object_id)) if object_id else None
        event = session.event if session else event_for_new(request)
        remember_event(request, event)
        if session is None and "_use_event" in request.POST:
            begin_again(request, event)
        with timezone.override(event.zone if event else UTC):
            response = super().changeform_view(request, object_id, form_url, extra_context)
            return response.render() if isinstance(response, SimpleTemplateResponse) else response

    def save_model(self, request: HttpRequest, obj: Session, form: Any, change: bool) -> None:
        """Does nothing: save_related() saves the session with its speakers and materials as one recorded change."""

    def save_related(  # type: ignore[override]  # nobody edits who is not logged in
        self, request: SignedInRequest, form: Any, formsets: Any, change: bool
    ) -> None:
        session, reason = form.instance, form.cleaned_data["reason"].strip()
        with recording([session.pk] if change else [], by=request.user, note=reason) as edit:
            keep_former_slug(session)
            if change:
                own = {field.name for field in Session._meta.concrete_fields}
                edit.change(session, own.intersection(form.changed_data))
            else:
                edit.add(session)
            super().save_related(request, form, formsets, change)
        if reason and not edit.revisions:
            text = "The reason was not kept: it belongs to a change that readers see, and there is none."
            messages.warning(request, text)
        self._warn_of_double_bookings(request, session)

    def _warn_of_double_bookings(self, request: HttpRequest, session: Session) -> None:
        for booking in double_bookings(session):
            busy = "in use by" if isinstance(booking.needed, Room) else "also speaking in"
            text = f"Double booking: {in_isolates(booking.needed)} is {busy} “{booking.other}” ({span(booking.other)})."
            messages.warning(request, text)

    @admin.action(description="Publish", permissions=["change"])
    def publish(self, request: SignedInRequest, queryset: QuerySet[Session]) -> None:
        self._edit_many(request, queryset, queryset.filter(is_published=False), "Published", is_published=True)

    @admin.action(description="Unpublish", permissions=["change"])
    def unpublish(self, request: SignedInRequest, queryset: QuerySet[Session]) -> HttpResponse | None:
        published = queryset.filter(is_published=True)
        note = note_or_page(self.admin_site, request, "unpublish", queryset, published)
        if isinstance(note, HttpResponse):
            return note
        self._edit_many(request, queryset, published, "Unpublished", is_published=False, **note)
        return None

    @admin.action(description="Cancel", permissions=["change"])
    def cancel(self, request: SignedInRequest, queryset: QuerySet[Session]) -> HttpResponse | None:
        others = queryset.exclude(status=Session.Status.CANCELLED)
        note = note_or_page(self.admin_site, request, "cancel", queryset, others)
        if isinstance(note, HttpResponse):
            return note
        self._edit_many(request, queryset, others, "Cancelled", status=Session.Status.CANCELLED, **note)
        return None

    @admin.action(description="Reinstate", permissions=["change"])
    def reinstate(self, request: SignedInRequest, queryset: QuerySet[Session]) -> None:
        cancelled = queryset.filter(status=Session.Status.CANCELLED)
        for session in self._edit_many(request, queryset, cancelled, "Reinstated", status=BEFORE_CANCELLING):
            self._warn_of_double_bookings(request, session)

    def _edit_many(
        self, request: SignedInRequest, chosen: QuerySet[Session], wanting: QuerySet[Session], done: str, **values: Any
    ) -> QuerySet[Session]:
        """Sets the values on the sessions in `wanting`, tells the editor how many were changed, and returns them."""
        pks = list(wanting.values_list("pk", flat=True))
        idle = chosen.count() - len(pks)
        with recording(pks, by=request.user) as edit:
            edit.change_all(**values)
        text = f"{done} {counted(len(pks), 'session')}."
        self.message_user(request, f"{text} {counted(idle, 'session')} needed no change." if idle else text)
        return Session.objects.filter(pk__in=pks).select_related("event", "room")
