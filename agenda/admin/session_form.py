"""The form of a session: times in its event's zone, and a message for each value that does not fit the event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminIntegerFieldWidget, AdminSplitDateTime, AdminTextareaWidget
from django.core.exceptions import ValidationError
from django.core.validators import FileExtensionValidator
from django.utils import timezone

from agenda.admin.events import YEARS
from agenda.admin.programme import ProgrammeForm
from agenda.admin.words import day
from agenda.models import Event

# Types that browsers never run. A script in an HTML page or an SVG would run as part of the site.
MATERIAL_TYPES = ["pdf", "odp", "ppt", "pptx", "key", "odt", "docx", "txt", "zip", "png", "jpg", "mp3", "mp4", "webm"]


class EventTimeField(forms.SplitDateTimeField):
    """A date and a time of day in the current time zone, which the page sets to the event's."""

    default_error_messages = {
        "invalid_date": "Write the date like 31/10/2019.",
        "invalid_time": "Write the time like 14:15.",
        "required": "Write a date and a time.",
    }

    def __init__(self, **kwargs: Any) -> None:
        widget = AdminSplitDateTime()
        widget.widgets[1].format = "%H:%M"
        for part, name in zip(widget.widgets, ("date", "time"), strict=True):
            part.attrs["aria-label"] = (
                f"{kwargs['label']} {name}"  # Django writes the two words beside the fields, but not as labels
            )
        super().__init__(**kwargs | {"widget": widget})

    def compress(self, data_list: Any) -> datetime | None:
        """Raises ValidationError for an hour that the clocks skip or repeat that night, and for impossible years."""
        if data_list[0].year not in YEARS:
            raise ValidationError(f"The year {data_list[0].year} cannot be right. Write the date like 31/10/2019.")
        try:
            return super().compress(data_list)
        except ValidationError as error:
            raise ValidationError(_at_clock_change(datetime.combine(*data_list))) from error


def _at_clock_change(local: datetime) -> str:
    """The error message for a time that the clocks skip or repeat, in the current time zone."""
    zone = timezone.get_current_timezone()
    first, second = (local.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    happens = "happens twice" if first and second and first > second else "does not exist"
    return f"{local:%H:%M} {happens} on {day(local)} in {zone}, as the clocks change then. Choose another time."


class SessionForm(ProgrammeForm):
    class Meta:
        help_texts = {"slug": "Its address. After a change, links to the former one lead here."}
        widgets = {"note": AdminTextareaWidget(attrs={"rows": 3})}

    def clean_note(self) -> str:
        """The note; empty, which withdraws it, if only blanks are left."""
        return str(self.cleaned_data["note"]).strip()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        event, start, end = (cleaned.get(name) for name in ("event", "start", "end"))
        if start and end and end <= start:
            self.add_error("end", "It ends before it starts." if end < start else "It ends when it starts.")
        if event:
            self._check_span(event, start, end)
            for name in ("room", "track"):
                self._check_event(event, name)
        return cleaned

    def _check_span(self, event: Event, start: datetime | None, end: datetime | None) -> None:
        """Refuses times outside the event's days. The last day ends at 04:00 the next morning."""
        opens, closes = event.day_bounds(event.starts_on)[0], event.day_bounds(event.ends_on)[1]
        lasts = f"{event} is from {day(event.starts_on)} to {day(event.ends_on)} (a day ends at 04:00 the next morning)"
        if start and not opens <= start < closes:
            self.add_error("start", f"{lasts}. This is {'before' if start < opens else 'after'} it.")
        elif end and end > closes:
            self.add_error("end", f"{lasts}. This is after it.")

    def _check_event(self, event: Event, name: str) -> None:
        chosen = self.cleaned_data.get(name)
        if chosen and chosen.event_id != event.pk:
            self.add_error(name, f"“{chosen}” is a {name} of {chosen.event}, not of {event}. Choose another.")


class AppearanceForm(forms.ModelForm):  # type: ignore[type-arg]
    position = forms.IntegerField(
        required=False, min_value=0, max_value=999, widget=AdminIntegerFieldWidget({"aria-label": "Position"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            self.initial["position"] = None  # AppearanceFormSet numbers the rows that are added


class PartsFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """Rows that may exchange values that must be unique among them."""

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
                text = f"“{speaker}” is a speaker of {speaker.event}, not of {self.instance.event}. Choose another."
                form.add_error("speaker", text)
            if form.cleaned_data.get("position") is None:
                form.instance.position, following = following, following + 1


class MaterialForm(forms.ModelForm):  # type: ignore[type-arg]
    file = forms.FileField(
        required=False,
        validators=[FileExtensionValidator(MATERIAL_TYPES)],
        help_text="PDF, slides, text, picture, sound, film or zip.",
    )
