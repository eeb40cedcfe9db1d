"""What all editing pages of the programme share: search, the event that a row belongs to, text kept verbatim."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from typing import Any, cast

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AutocompleteSelect, RelatedFieldWidgetWrapper
from django.db import models, transaction
from django.db.models.query import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone

from accounts.admin import LONGEST_SEARCH, DiscreetAdmin, is_row_number
from accounts.models import User
from agenda.admin.two_editors import MergingAdmin
from agenda.admin.words import quoted
from agenda.editing.changes import one_at_a_time, touch
from agenda.editing.naming import slug_for
from agenda.editing.noting import noting
from agenda.editing.slugs import keep_former_slug
from agenda.models import Announcement, Event
from agenda.models.session import SessionQuerySet
from agenda.programme.prose import fold, in_isolates


class VerbatimField(forms.CharField):
    """Keeps text as it was typed. Browsers send line breaks as CRLF, which would change every text with lines."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs | {"strip": False})

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


class ProgrammeSelect(AutocompleteSelect):
    """Searches for a row to choose. With an event, only that event's rows are offered."""

    def __init__(self, *args: Any, event: Event | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.attrs["aria-label"] = self.field.verbose_name.capitalize()  # a table of rows has no label of its own
        self.event = event

    def get_url(self) -> str:
        return f"{super().get_url()}?event={self.event.pk}" if self.event else super().get_url()

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> Any:
        # Text that is not a number matches no row, and querying for it would fail.
        return super().optgroups(name, [each for each in value if is_row_number(str(each))], attr)


class EventsOwn:
    """Limits autocompletion in admins and inlines to rooms, tracks and speakers of the form's event."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        field: forms.Field | None = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_delete_related = field.widget.can_view_related = False
            field.widget.can_add_related &= db_field.name != "event"
            field.widget.can_change_related &= db_field.name != "event"
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.autocomplete_fields:  # type: ignore[attr-defined]
            event = None if db_field.name == "event" else event_in_form(request)
            kwargs["widget"] = ProgrammeSelect(db_field, self.admin_site, event=event)  # type: ignore[attr-defined]
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


def event_in_form(request: HttpRequest) -> Event | None:
    """The event that this request's form is about, if `remember_event()` was called."""
    return getattr(request, "event_in_form", None)


def remember_event(request: HttpRequest, event: Event | None) -> None:
    request.event_in_form = event  # type: ignore[attr-defined]


def event_for_new(request: HttpRequest) -> Event | None:
    """The event for a new row: the form's, else the one that the list is filtered by, else the current one."""
    list_filters = QueryDict(request.GET.get("_changelist_filters", ""))
    asked = request.POST.get("event") or request.GET.get("event") or list_filters.get("event__id__exact", "")
    found = Event.objects.filter(pk=asked).first() if is_row_number(str(asked)) else None
    return found or Event.objects.current(timezone.now())


class ProgrammeForm(forms.ModelForm):  # type: ignore[type-arg]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("maxlength", None)  # browsers cut what is longer without a word
        if "slug" in self.fields:
            self.fields["slug"].required = False

    def clean_slug(self) -> str:
        """The slug; an empty one is made from the title or name."""
        slug, event, model = self.cleaned_data["slug"], self.cleaned_data.get("event"), self._meta.model
        text = self.cleaned_data.get("title") or self.cleaned_data.get("name")
        if slug or not text:
            return str(slug)
        rows = model._default_manager.exclude(pk=self.instance.pk)
        rows = rows.filter(event=event) if event else rows
        longest = model._meta.get_field("slug").max_length or 50
        return slug_for(text, set(rows.values_list("slug", flat=True)), longest)

    def clean(self) -> dict[str, Any]:
        """Puts the error about a slug that is already used beside the field, not above the form."""
        cleaned: dict[str, Any] = super().clean() or {}
        model, event, slug = self._meta.model, cleaned.get("event"), cleaned.get("slug")
        if event and slug and model._default_manager.filter(event=event, slug=slug).exclude(pk=self.instance.pk):
            self.add_error(
                "slug", f"Another {model._meta.verbose_name} of {in_isolates(event)} has it. Write one of its own."
            )
        return cleaned


class ProgrammeAdmin(EventsOwn, MergingAdmin, DiscreetAdmin):
    """Rows of an event's programme. The event is chosen when a row is added and cannot be changed later."""

    form = ProgrammeForm
    formfield_overrides = {
        models.TextField: {"form_class": VerbatimField, "widget": AdminTextareaWidget},
        models.URLField: {"assume_scheme": "https"},
    }

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The rows whose search fields hold every word, ignoring case and accents, as on the site itself.

        Compared in Python: databases treat case and accents differently. ?event= limits an autocompletion to one event.
        """
        event = request.GET.get("event", "")
        if is_row_number(event):
            queryset = queryset.filter(event=event)
        words = fold(search_term[:LONGEST_SEARCH]).split()
        if words:
            texts: dict[int, str] = defaultdict(str)
            for pk, *values in queryset.order_by().values_list("pk", *self.get_search_fields(request)):
                texts[pk] += fold("\n".join(value or "" for value in values)) + "\n"
            queryset = queryset.filter(pk__in=[pk for pk, text in texts.items() if all(word in text for word in words)])
        return queryset, False

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        # Not read from the address, as Django would: a malformed date there could not be shown.
        return {"event": event_for_new(request)}

    @transaction.atomic  # as Django's page that deletes one row is
    def response_action(self, *args: Any, **kwargs: Any) -> HttpResponse | None:
        return super().response_action(*args, **kwargs)

    def get_deleted_objects(
        self, objs: Iterable[Any], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """As DiscreetAdmin has it. Before a deletion, the rows are locked first: nobody can star or use them then."""
        chosen = list(objs)
        if "post" in request.POST:
            one_at_a_time()
            rows = self.model._base_manager.filter(pk__in=[obj.pk for obj in chosen])
            list(rows.select_for_update().order_by("pk").values_list("pk"))
        return super().get_deleted_objects(chosen, request)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with noting(_event_of(obj), type(obj), by=cast(User, request.user)):
            super().save_model(request, obj, form, change)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.delete_queryset(request, self.model._base_manager.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Notes each row that is deleted, but for an event: its history goes with it."""
        events = (
            Event.objects.filter(pk__in=queryset.values("event")) if self.model is not Event else Event.objects.none()
        )
        with ExitStack() as noted:
            for event in events:
                kinds: set[type[models.Model]] = {self.model, Announcement}  # those of a room go with it
                noted.enter_context(noting(event, *kinds, by=cast(User, request.user)))
            super().delete_queryset(request, queryset)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if obj and "event" in form.base_fields:
            form.base_fields["event"].disabled = True
        return form


class ShownAdmin(ProgrammeAdmin):
    """Rows that sessions show. Saving one gives those sessions a new version, so that calendars are updated."""

    in_no_calendar: tuple[str, ...] = ()  # fields that only pages show

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not isinstance(obj, Event):
            keep_former_slug(obj)
        super().save_model(request, obj, form, change)
        if change and set(form.changed_data) - set(self.in_no_calendar):
            touch(obj)


def _event_of(row: Any) -> Event:
    event: Event = row if isinstance(row, Event) else row.event
    return event


def in_use(name: object, part: str, sessions: SessionQuerySet) -> str:
    """Why a row cannot be deleted: a sentence naming up to three sessions that need it; empty if none does.

    `part` says what the row is to those sessions: "the room" or "a speaker", for example.
    """
    titles = list(sessions.in_order().values_list("title", flat=True))
    return f"“{name}” is {part} of {quoted(titles)}. Change those first." if titles else ""
