"""The form of a session: times in its event's zone, and a message for each value that does not fit the event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from django import forms
from django.contrib.admin.widgets import AdminIntegerFieldWidget, AdminSplitDateTime, AdminTextareaWidget
from django.core.exceptions import ValidationError
from django.core.validators import FileExtensionValidator
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from agenda.admin.events import YEARS
from agenda.admin.programme import ProgrammeForm, VerbatimField
from agenda.admin.words import day
from agenda.models import Event, Room, Speaker, Track
from agenda.programme.prose import in_isolates

# Types that browsers never run. A script in an HTML page or an SVG would run as part of the site.
MATERIAL_TYPES = ["pdf", "odp", "ppt", "pptx", "key", "odt", "docx", "txt", "zip", "png", "jpg", "mp3", "mp4", "webm"]


def offsets(local: datetime) -> list[str]:
    """The names of the two zones ("CEST", "CET") if the current zone's clocks show this time twice; else none."""
    zone = timezone.get_current_timezone()
    both = [local.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    first, second = (moment.utcoffset() for moment in both)
    return [f"{moment:%Z}" for moment in both] if first and second and first > second else []


class EventTimeWidget(AdminSplitDateTime):
    """Inputs for a date and a time, and for a time that the clocks show twice, which of the two is meant."""

    widgets: Any  # three of them, where Django's has two
    widgets_names: Any

    def __init__(self, label: str) -> None:
        super().__init__()
        self.label = label
        self.widgets[1].format = "%H:%M"
        self.widgets.append(forms.Select(attrs={"aria-label": f"{label}, which of the two"}))
        self.widgets_names.append("_2")

    def decompress(self, value: Any) -> Any:
        parts = super().decompress(value)
        local = timezone.localtime(value) if value else None
        return [*parts, str(local.fold) if local and offsets(local.replace(tzinfo=None)) else ""]

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Both inputs; for a time that the clocks show twice, also the choice of which of the two is meant."""
        shown = super().render(name, value, attrs, renderer)
        parts = value if isinstance(value, list) else self.decompress(value)
        try:
            day_, time_ = forms.DateField().clean(parts[0]), forms.TimeField().clean(parts[1])
        except ValidationError:
            return shown
        if not (zones := offsets(datetime.combine(day_, time_))):
            return shown
        which = cast(forms.Select, self.widgets[2])
        words = (f"first time that the clocks show it ({zones[0]})", f"second time ({zones[1]})")
        which.choices = [("", "which of the two?"), *zip("01", words, strict=True)]
        return format_html("{}{}", shown, which.render(f"{name}_2", parts[2], {"id": f"id_{name}_2"}, renderer))


USUAL_LENGTH = timedelta(minutes=30)


class EventTimeField(forms.SplitDateTimeField):
    """A date and a time of day in the current time zone, which the page sets to the event's."""

    default_error_messages = {
        "invalid_date": "Write the date like 31/10/2019.",
        "invalid_time": "Write the time like 14:15.",
        "required": "Write a date and a time.",
    }

    def __init__(self, **kwargs: Any) -> None:
        widget = EventTimeWidget(kwargs["label"])
        for part, name in zip(widget.widgets[:2], ("date", "time"), strict=True):
            # Django writes the two words beside the fields, but not as labels
            part.attrs["aria-label"] = f"{kwargs['label']} {name}"
        super().__init__(**kwargs | {"widget": widget})

    def clean(self, value: Any) -> datetime | None:
        """The moment; for a time that the clocks show twice, the one that was chosen."""
        *parts, which = value
        try:
            moment: datetime | None = super().clean(parts)
        except ValidationError as error:
            if getattr(error, "code", "") != "twice" or which not in ("0", "1"):
                raise
            local = datetime.combine(*(field.clean(part) for field, part in zip(self.fields, parts, strict=True)))
            return local.replace(tzinfo=timezone.get_current_timezone(), fold=int(which))
        return moment

    def has_changed(self, initial: Any, data: Any) -> bool:
        shown = self.widget.decompress(initial)
        return super().has_changed(initial, data) or bool(data and shown[2] != (data[2] or ""))

    def compress(self, data_list: Any) -> datetime | None:
        """Raises ValidationError for an hour that the clocks skip or repeat that night, and for impossible years."""
        filled = [part for part in data_list or () if part not in (None, "")]
        if not filled:
            return None
        if len(filled) < len(data_list):
            raise ValidationError(self.error_messages["required"])
        if data_list[0].year not in YEARS:
            raise ValidationError(f"The year {data_list[0].year} cannot be right. Write the date like 31/10/2019.")
        try:
            return super().compress(data_list)
        except ValidationError as error:
            local = datetime.combine(*data_list)
            raise ValidationError(_at_clock_change(local), code="twice" if offsets(local) else "skipped") from error


def _at_clock_change(local: datetime) -> str:
    """The error message for a time that the clocks skip or repeat, in the current time zone."""
    zone = timezone.get_current_timezone()
    if zones := offsets(local):
        first, second = zones
        return f"{local:%H:%M} happens twice on {day(local)} in {zone}, first in {first}, then in {second}. Choose one."
    return f"{local:%H:%M} does not exist on {day(local)} in {zone}, as the clocks change then. Choose another time."


def not_of(event: Event, chosen: Room | Track | Speaker, part: str) -> str:
    """The error message for a row of another event; `part` is what it is to a session."""
    named, its, other = map(in_isolates, (chosen, chosen.event, event))
    return f"“{named}” is a {part} of {its}, not of {other}. Choose another."


class SessionForm(ProgrammeForm):
    class Meta:
        widgets = {"note": AdminTextareaWidget(attrs={"rows": 3})}

    def clean_note(self) -> str:
        """The note; empty, which withdraws it, if only blanks are left."""
        return str(self.cleaned_data["note"]).strip()

    class Media:
        js = ["forum/session_form.js"]

    reason = VerbatimField(
        label="Reason for this change",
        required=False,
        max_length=500,
        widget=AdminTextareaWidget(attrs={"rows": 2}),
        help_text="For editors, kept with the past changes. Attendees do not see it.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "end" in self.fields:
            self.fields["end"].required = False
            self.fields[
                "end"
            ].help_text = (
                "Empty, the length stays; a new session lasts 30 minutes. Without start and end, it has no time yet."
            )

    def clean_track(self) -> Any:
        """The track; in a new session, the default track of another event is replaced by that of the chosen event."""
        track, event = self.cleaned_data["track"], self.cleaned_data.get("event")
        if event and track and self.instance.pk is None and track.pk == track.event.default_track_id:
            return track if track.event_id == event.pk else event.default_track
        return track

    def clean_end(self) -> datetime | None:
        """The end; if it is left empty, the start plus the present length, or USUAL_LENGTH for a new session."""
        start, end = self.cleaned_data.get("start"), self.cleaned_data["end"]
        sent = any(self.data.get(self.add_prefix(f"end_{part}")) for part in (0, 1))
        if end or sent or not start:
            return cast("datetime | None", end)
        return cast(datetime, start + (self.instance.duration or USUAL_LENGTH))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        event, start, end = (cleaned.get(name) for name in ("event", "start", "end"))
        if end and not start and "start" not in self.errors:
            self.add_error("start", "It has an end: write its start, too, or empty both.")
        if start and end and end <= start:
            self.add_error("end", "It ends before it starts." if end < start else "It ends when it starts.")
        if event:
            # What lies outside since the event's days changed can still be cancelled, say.
            if self.instance.pk is None or {"start", "end"} & set(self.changed_data):
                self._check_span(event, start, end)
            for name in ("room", "track"):
                self._check_event(event, name)
            if start and self.instance.pk is None and not self.data.get(self.add_prefix("slug")):
                self._check_twin(event, start)
        return cleaned

    def _check_span(self, event: Event, start: datetime | None, end: datetime | None) -> None:
        """Refuses times outside the event's days. The last day ends at 04:00 the next morning."""
        opens, closes = event.day_bounds(event.starts_on)[0], event.day_bounds(event.ends_on)[1]
        days = f"from {day(event.starts_on)} to {day(event.ends_on)} (a day ends at 04:00 the next morning)"
        lasts = f"{in_isolates(event)} is {days}"
        if start and not opens <= start < closes:
            self.add_error("start", f"{lasts}. This is {'before' if start < opens else 'after'} it.")
        elif end and end > closes:
            self.add_error("end", f"{lasts}. This is after it.")

    def _check_twin(self, event: Event, start: datetime) -> None:
        """Refuses a form that was sent twice: by a second press of the button, or by going back to it."""
        title, room = self.cleaned_data.get("title"), self.cleaned_data.get("room")
        if event.sessions.filter(title=title, start=start, room=room).exists():
            text = "It is there already, at that time and in that room. To add one more, write a slug of its own."
            self.add_error("title", text)

    def _check_event(self, event: Event, name: str) -> None:
        chosen = self.cleaned_data.get(name)
        if chosen and chosen.event_id != event.pk:
            self.add_error(name, not_of(event, chosen, name))


class AppearanceForm(forms.ModelForm):  # type: ignore[type-arg]
    position = forms.IntegerField(
        required=False, min_value=0, max_value=999, widget=AdminIntegerFieldWidget({"aria-label": "Position"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            # AppearanceFormSet numbers the rows that are added; the position that was typed is kept.
            self.initial["position"] = (kwargs.get("initial") or {}).get("position")


class PartsFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """Rows of a session that may exchange their unique values, such as two rows that swap their speakers."""

    def get_unique_error_message(self, unique_check: Sequence[str]) -> str:
        return f"Two rows have the same {' and '.join(name for name in unique_check if name != 'session')}."

    def save_existing_objects(self, commit: bool = True) -> Any:
        # Deleted first, because the old values would clash; the rows that stay are saved again with the same pk.
        moved = [form.instance.pk for form in self.initial_forms if form.has_changed()]
        self.get_queryset().filter(pk__in=moved).delete()
        return super().save_existing_objects(commit)


class AppearanceFormSet(PartsFormSet):
    """Speakers, who must belong to the session's event. A speaker without a position comes last."""

    def clean(self) -> None:
        super().clean()
        listed = [
            form for form in self.forms if form.cleaned_data.get("speaker") and not form.cleaned_data.get("DELETE")
        ]
        positions = (form.cleaned_data.get("position") for form in listed)
        following = 1 + max((position for position in positions if position is not None), default=-1)
        for form in listed:
            speaker = form.cleaned_data["speaker"]
            if self.instance.event_id and speaker.event_id != self.instance.event_id:
                form.add_error("speaker", not_of(self.instance.event, speaker, "speaker"))
            if form.cleaned_data.get("position") is None:
                form.instance.position, following = following, following + 1


class MaterialForm(forms.ModelForm):  # type: ignore[type-arg]
    file = forms.FileField(
        required=False,
        validators=[FileExtensionValidator(MATERIAL_TYPES)],
        help_text="PDF, slides, text, picture, sound, film or zip.",
    )
