"""What people may say about themselves."""

from __future__ import annotations

from functools import cache
from typing import ClassVar
from zoneinfo import available_timezones

from django import forms

from accounts.models import User

# The zones named after places; the others are aliases and offsets that nobody looks for.
CONTINENTS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)


@cache
def time_zones_by_place() -> list[str]:
    """IANA names to choose from, like Europe/Paris, in order; kept, as finding them reads hundreds of files."""
    return sorted(zone for zone in available_timezones() if zone.split("/")[0] in CONTINENTS)


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic while running
    class Meta:
        model = User
        fields = ["display_name", "time_zone"]
        labels: ClassVar = {"display_name": "Name", "time_zone": "Time zone"}
        help_texts: ClassVar = {
            "display_name": "Shown to you alone, in place of your email address.",
            "time_zone": "Like Europe/Paris. Left empty, times are shown where the event takes place.",
        }
        widgets: ClassVar = {
            "display_name": forms.TextInput({"autocomplete": "name"}),
            "time_zone": forms.TextInput({"list": "time-zones", "autocomplete": "off", "spellcheck": "false"}),
        }
