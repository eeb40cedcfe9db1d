"""The form in which the owner of a calendar chooses what it shows: edits CalendarKey.options and collections."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django import forms
from django.core import signing
from django.db.models import Q

from accounts.models import CalendarKey, User
from agenda.calendars.options import ALARMS, Options, options_of
from agenda.calendars.served import choose
from agenda.editing.merging import merge
from agenda.models import Event, FormerSlug, Star, Track
from agenda.models.event import WITH_PUBLIC_PROGRAMME


@dataclass(frozen=True, slots=True)
class EventChoices:
    """An event that a calendar can show, with its tracks once its programme is public."""

    event: Event
    tracks: list[Track]
    former_slugs: dict[int, list[str]]  # by track (pk); only where a key was given an address with one

    def collections(self, chosen: list[str]) -> list[tuple[str, str]]:
        """(name as CalendarKey.collections has it, words) of the whole programme and of each track.

        A track chosen under a former slug keeps that name, because it is part of the address that a client has.
        """
        slug, name = self.event.slug, self.event.name
        return [
            (slug, f"{name}: the whole programme"),
            *((self._name(track, chosen), f"{name}: {track.name}") for track in self.tracks),
        ]

    def _name(self, track: Track, chosen: list[str]) -> str:
        slugs = [track.slug, *self.former_slugs.get(track.pk, ())]
        names = [f"{self.event.slug}--{slug}" for slug in slugs]
        return next((name for name in names if name in chosen), names[0])


def programmes_for(user: User, keys: Iterable[CalendarKey], now: datetime) -> list[EventChoices]:
    """The events that the user can choose for a calendar: those not over, those with stars, and those chosen before.

    Two queries, and one more if a track that a key shows has another slug now.
    """
    chosen = {event for key in keys for event in options_of(key.options).events or ()}
    slugs = {name.partition("--")[0] for key in keys for name in key.collections}
    starred = Star.objects.filter(user=user).values("session__event")
    known = Q(pk__in=chosen) | Q(slug__in=slugs) | Q(pk__in=starred)
    events = Event.objects.public().filter(known | Q(ends_on__gte=now.date()))
    tracks: dict[int, list[Track]] = defaultdict(list)
    for track in Track.objects.filter(event__in=events, event__state__in=WITH_PUBLIC_PROGRAMME):
        tracks[track.event_id].append(track)
    found = [EventChoices(event, tracks[event.pk], {}) for event in events]
    offered = {name for each in found for name, _ in each.collections([])}
    if any(name not in offered for key in keys for name in key.collections):
        for former in FormerSlug.objects.filter(event__in=events, kind=FormerSlug.Kind.TRACK):
            each = next(each for each in found if each.event.pk == former.event_id)
            each.former_slugs.setdefault(former.row, []).append(former.slug)
    return found


SALT = "agenda.calendars.choices_form"
MANY = ("event", "collections")


def as_sent(initial: dict[str, Any]) -> dict[str, list[str]]:
    """The choices in the form in which a browser sends them: lists of texts."""
    return {name: [str(one) for one in (value if name in MANY else [value])] for name, value in initial.items()}


def merged(base: dict[str, list[str]], theirs: dict[str, list[str]], sent: Any) -> tuple[Any, list[str]]:
    """What was sent, merged with what another tab saved; and the names of the choices that both changed differently.

    For events and for calendars to read: what either tab added is chosen, and what either tab removed is not.
    """
    data, mine = sent.copy(), {name: sent.getlist(name) for name in theirs}
    single = [{n: tuple(v) for n, v in each.items() if n not in MANY} for each in (base, theirs, mine)]
    both = merge(*single)
    for name, value in both.values.items():
        data.setlist(name, value)
    for name in MANY:
        was, other = set(base.get(name, ())), set(theirs[name])
        data.setlist(name, sorted((set(mine[name]) | (other - was)) - (was - other)))
    return data, both.asked


class ChoicesForm(forms.Form):
    """One calendar's choices, as saved or as sent. A page has several such forms: ids begin with the key's `lookup`."""

    alarm = forms.TypedChoiceField(
        label="Alarm",
        coerce=int,
        choices=[(minutes, f"{minutes} minutes before" if minutes else "none") for minutes in ALARMS],
        error_messages={"required": "Choose an alarm.", "invalid_choice": "Choose one of the alarms in the list."},
    )
    cancelled = forms.ChoiceField(
        label="Cancelled talks",
        choices=[("mark", "stay, marked as cancelled"), ("drop", "are removed")],
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose what happens to cancelled talks."),
    )
    busy = forms.ChoiceField(
        label="During a talk, the calendar says that you are",
        choices=[("busy", "busy"), ("free", "free: others may still ask you to meet")],
        widget=forms.RadioSelect,
        required=False,  # forms of the release before have none
        error_messages={"invalid_choice": "Choose busy or free."},
    )
    times = forms.ChoiceField(
        label="Times are written",
        choices=[("utc", "in UTC, which every calendar understands"), ("zone", "in the event’s own time zone")],
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose how times are written."),
    )
    events = forms.ChoiceField(
        label="Events",
        choices=[("all", "all, also those to come"), ("chosen", "only these:")],
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose all events, or only some."),
    )
    event = forms.TypedMultipleChoiceField(
        label="Only these events",
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "One of these events is not there any more. Choose among those below."},
    )
    collections = forms.MultipleChoiceField(
        label="Calendars to read besides your stars",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "One of these tracks is not there any more. Choose among those below."},
    )

    def __init__(self, key: CalendarKey, programmes: list[EventChoices], data: Any = None) -> None:
        options = options_of(key.options)
        initial = {
            "alarm": options.alarm,
            "cancelled": "drop" if options.drops_cancelled else "mark",
            "busy": "free" if options.is_free else "busy",
            "times": "zone" if options.in_event_zone else "utc",
            "events": "all" if options.events is None else "chosen",
            "event": sorted(options.events or ()),
            "collections": key.collections,
        }
        theirs = as_sent(initial)
        self.base = signing.dumps(theirs, salt=SALT)
        self.clashes: list[str] = []
        try:
            if data is not None:
                data, self.clashes = merged(signing.loads(data.get("base", ""), salt=SALT), theirs, data)
        except signing.BadSignature:
            pass  # a form without its base is saved as it is
        super().__init__(data, initial=initial, auto_id=f"{key.lookup}-%s", label_suffix="")
        self.key = key
        self.fields["event"].choices = [(each.event.pk, each.event.name) for each in programmes]  # type: ignore[attr-defined]
        if key.kind == CalendarKey.Kind.CALDAV:
            names = [collection for each in programmes for collection in each.collections(key.collections)]
            self.fields["collections"].choices = names  # type: ignore[attr-defined]
        else:
            del self.fields["collections"]

    def clean(self) -> dict[str, Any]:
        chosen = self.cleaned_data
        if chosen.get("events") == "chosen" and not chosen.get("event") and "event" not in self.errors:
            self.add_error("event", "Choose at least one event, or all of them.")
        for name in self.clashes:
            shown = dict(self.fields[name].choices)[self.initial[name]]  # type: ignore[attr-defined]
            self.add_error(name, f"Another tab changed this to “{shown}”. Save again to use what is chosen here.")
        return chosen

    @property
    def first_error(self) -> str:
        return next((str(errors[0]) for errors in self.errors.values()), "")

    def save(self) -> None:
        """Writes the choices into the key's row."""
        chosen = self.cleaned_data
        options = Options(
            alarm=chosen["alarm"],
            drops_cancelled=chosen["cancelled"] == "drop",
            in_event_zone=chosen["times"] == "zone",
            is_free=(chosen["busy"] or self.initial["busy"]) == "free",
            events=frozenset(chosen["event"]) if chosen["events"] == "chosen" else None,
        )
        # What is not offered, as it is not public, is not given up by that.
        hidden = set(Event.objects.filter(state=Event.State.HIDDEN).values_list("pk", flat=True))
        before = options_of(self.key.options).events
        if options.events and before:
            options = replace(options, events=options.events | (before & hidden))
        choose(self.key, options)
        if "collections" in chosen:
            unpublished = Event.objects.exclude(state__in=WITH_PUBLIC_PROGRAMME)
            slugs = set(unpublished.values_list("slug", flat=True))
            offered = dict(self.fields["collections"].choices)  # type: ignore[attr-defined]
            kept = [name for name in self.key.collections if name not in offered and name.partition("--")[0] in slugs]
            self.key.collections = [*chosen["collections"], *kept]
        self.key.save(update_fields=["options", "served_options", "collections"])


def in_words(options: Options, programmes: Iterable[EventChoices]) -> str:
    """What a calendar shows: "All events, cancelled talks marked, no alarm, times in UTC"."""
    names = [each.event.name for each in programmes if options.events and each.event.pk in options.events]
    parts = (
        "All events" if options.events is None else f"Only {' and '.join(names) or 'events that are gone'}",
        f"cancelled talks {'removed' if options.drops_cancelled else 'marked'}",
        f"alarm {options.alarm} minutes before" if options.alarm else "no alarm",
        "times in the event’s zone" if options.in_event_zone else "times in UTC",
        "as free" if options.is_free else "",
    )
    return ", ".join(part for part in parts if part)
