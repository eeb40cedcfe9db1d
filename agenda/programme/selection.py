"""The sessions and speakers that a page of the programme shows."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Prefetch

from agenda.models import Event, Session, Speaker
from agenda.models.session import is_editor
from agenda.programme.filters import Filters, matching
from agenda.programme.prose import fold
from agenda.programme.rows import ListedSession, Slot, number_of_public, public_slots, slots, with_time

LONG_PROGRAMME = 200  # sessions; a longer one opens on one day, as nobody scrolls that far on a phone


def filtered(event: Event, filters: Filters, user: object, starred: set[int]) -> tuple[list[ListedSession], int]:
    """The sessions that pass the filters and that this user may see, in order of time; and their number unfiltered."""
    if filters.by_day_alone and not is_editor(user):  # what most readers ask for
        found = public_slots(event, filters.day)
        total = number_of_public(event) if filters.day else len(found)
    else:
        sessions = Session.objects.filter(event=event).visible_to(user)
        found = slots(filters.apply(sessions, event, starred))
        total = sessions.count() if filters.besides_search else len(found)
    if filters.q:
        pks = matching([slot.version for slot in found], filters.q)
        found = [slot for slot in found if slot.pk in pks]
    return found, total


def opened(
    event: Event, filters: Filters, found: list[ListedSession], moment: datetime
) -> tuple[date | None, list[ListedSession]]:
    """The day that the page opens on (None: all), and its sessions. Only a long programme opens on one day unasked."""
    if len(found) <= LONG_PROGRAMME or filters.day or filters.every_day or filters.narrow:
        return filters.day, found
    day = _day_to_open(event, moment)
    start, end = event.day_bounds(day)
    return day, [slot for slot in with_time(found) if slot.start < end and slot.end > start]


def _day_to_open(event: Event, moment: datetime) -> date:
    """Today while the event runs, else its first day."""
    today = event.day_of(moment)
    return today if event.starts_on <= today <= event.ends_on else event.starts_on


def on_and_next(event: Event, user: object, moment: datetime) -> tuple[list[Slot], list[Slot]]:
    """The sessions that are on at that moment, and those that start next. One query."""
    coming = with_time(slots(Session.objects.filter(event=event, end__gt=moment).visible_to(user).going_ahead()))
    later = [slot for slot in coming if slot.start > moment]
    return [slot for slot in coming if slot.start <= moment], [slot for slot in later if slot.start == later[0].start]


def speakers_of(event: Event, user: object) -> list[Speaker]:
    """The speakers of sessions that this user may see, by name."""
    visible = Session.objects.visible_to(user)
    found = (
        Speaker.objects.filter(event=event, sessions__in=visible)
        .distinct()
        .prefetch_related(Prefetch("sessions", visible.in_order().select_related("event")))
    )
    return sorted(found, key=lambda speaker: fold(speaker.name))


def speakers_matching(speakers: list[Speaker], q: str) -> list[Speaker]:
    """The speakers whose texts contain every word of `q`."""
    words = fold(q).split()
    if not words:
        return speakers
    texts = ((speaker, fold(f"{speaker.name}\n{speaker.role}\n{speaker.biography}")) for speaker in speakers)
    return [speaker for speaker, text in texts if all(word in text for word in words)]
