"""Walking times as editors give them: the event's usual minutes, and those of two rooms that are nearer or further."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.db.models import Q, QuerySet

from accounts.models import User
from agenda.editing.noting import noting
from agenda.models import Event, Room, Walk

LONGEST = 120  # minutes
MEANWHILE = "Another editor changed it meanwhile; it is {} now. Save again to have it as it stands here."


class UsualWalkForm(forms.Form):
    """The minutes from one room of an event to any other, where nothing else is said of the two."""

    minutes = forms.IntegerField(label="Usual walk from room to room, in minutes", min_value=0, max_value=LONGEST)

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.event = event
        self.label_suffix = ""

    def kept(self) -> int | None:
        """The minutes that are saved now."""
        return self.event.walking_minutes

    def was(self) -> str:
        """The same minutes, as a form has them that is made now."""
        kept = self.kept()
        return "" if kept is None else str(kept)

    def clean(self) -> dict[str, Any]:
        """The values. What another editor changed since the page was made is said first."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and cleaned["minutes"] != self.kept() and self.data.get("was", "") != self.was():
            self.add_error(None, MEANWHILE.format(f"{self.was()} min" if self.was() else "as long as usual"))
        return cleaned

    def save(self, *, by: User) -> None:
        with noting(self.event, Event, by=by):
            Event.objects.filter(pk=self.event.pk).update(walking_minutes=self.cleaned_data["minutes"])


class PairWalkForm(UsualWalkForm):
    """The minutes between two rooms; without any, the usual ones hold again."""

    room: forms.ModelChoiceField[Room] = forms.ModelChoiceField(None, label="One room", empty_label="Choose…")
    other: forms.ModelChoiceField[Room] = forms.ModelChoiceField(None, label="Other room", empty_label="Choose…")
    minutes = forms.IntegerField(
        label="Minutes between them, either way",
        min_value=0,
        max_value=LONGEST,
        required=False,
        help_text="0 if they are side by side; empty if it takes as long as usual.",
    )
    field_order = ("room", "other", "minutes")

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, event=event, **kwargs)
        for name in ("room", "other"):
            cast("forms.ModelChoiceField[Room]", self.fields[name]).queryset = event.rooms.all()

    def walks(self) -> QuerySet[Walk]:
        """The walk between the two rooms, in either direction; none until both are chosen."""
        room, other = (getattr(self, "cleaned_data", {}).get(name) for name in ("room", "other"))
        return Walk.objects.filter(Q(room=room, other=other) | Q(room=other, other=room), event=self.event)

    def kept(self) -> int | None:
        return self.walks().values_list("minutes", flat=True).first()

    def clean(self) -> dict[str, Any]:
        room, other = self.cleaned_data.get("room"), self.cleaned_data.get("other")
        if room and room == other:
            self.add_error("other", "That is the same room.")
        return super().clean()

    def save(self, *, by: User) -> None:
        values = self.cleaned_data
        with noting(self.event, Walk, by=by):
            if values["minutes"] is None:
                self.walks().delete()
            elif not self.walks().update(minutes=values["minutes"]):
                Walk.objects.create(event=self.event, **values)
