"""The sessions and speakers that a page of the programme shows."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Prefetch

from agenda.models import Event, Session, Speaker
from agenda.models.session import is_editor
from agenda.programme.filters import Filters, matching
from agenda.programme.prose import fold
from agenda.programme.rows import ListedSession, number_of_public, public_slots, slots, with_time

LONG_DAY, PART_OF_IT = 250, 150  # sessions; a longer day opens on a part, which a slow connection soon has
LONG_PROGRAMME = 200  # sessions; a longer one opens on one day, as nobody scrolls that far on a phone


def filtered(event: Event, filters: Filters, user: object, starred: set[int]) -> tuple[list[ListedSession], int]:
    """The sessions that pass the filters and that this user may see, in order of time; and their number unfiltered.

    Where the event does not list cancelled sessions, only a person's own are there.
    """
    hides = not event.lists_cancelled and not filters.starred
    if filters.by_day_alone and not hides and not is_editor(user, event):  # what most readers ask for
        found = public_slots(event, filters.day)
        total = number_of_public(event) if filters.day else len(found)
    else:
        sessions = Session.objects.filter(event=event).visible_to(user)
        sessions = sessions.going_ahead() if hides else sessions
        found = slots(filters.apply(sessions, event, starred))
        total = sessions.count() if filters.besides_search else len(found)
    if filters.q:
        pks = matching([slot.version for slot in found], filters.q)
        found = [slot for slot in found if slot.pk in pks]
    return found, total


def opened(
    event: Event, filters: Filters, found: list[ListedSession], total: int, moment: datetime
) -> tuple[date | None, list[ListedSession]]:
    """The day that the page opens on (None: all), and its sessions. Only a long programme opens on one day unasked."""
    if total <= LONG_PROGRAMME or filters.day or filters.every_day or filters.narrow:
        return filters.day, found
    day = _day_to_open(event, moment)
    start, end = event.day_bounds(day)
    return day, [slot for slot in with_time(found) if slot.start < end and slot.end > start]


def opened_part(shown: list[ListedSession], moment: datetime) -> list[ListedSession]:
    """The first hours of a long day that are not over, with PART_OF_IT sessions or a few more; else all sessions."""
    timed = with_time(shown)
    if len(timed) <= LONG_DAY:
        return shown
    left = [slot for slot in timed if slot.end > moment] or timed
    last = left[:PART_OF_IT][-1].start
    return [slot for slot in left if slot.start <= last]


def _day_to_open(event: Event, moment: datetime) -> date:
    """Today while the event runs, else its first day."""
    today = event.day_of(moment)
    return today if event.starts_on <= today <= event.ends_on else event.starts_on


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


def by_letter(speakers: list[Speaker]) -> dict[str, Speaker]:
    """The first of the speakers under each letter; without accents, and # for a name that begins with another sign."""
    first: dict[str, Speaker] = {}
    for speaker in speakers:
        sign = fold(speaker.name)[:1].upper()
        first.setdefault(sign if sign.isalpha() else "#", speaker)
    return first
