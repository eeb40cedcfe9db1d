"""The languages that an event's sessions are held in, and what they are called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf.locale import LANG_INFO
from django.db.models import Count, OuterRef, Subquery
from django.utils.html import format_html

from agenda.models import Event, Session
from agenda.models.event import EventQuerySet

PAGES = "en"  # the language of the pages' own words
NAMES = {code: info["name"] for code, info in LANG_INFO.items() if "name" in info}
# Languages of IANA's registry that Django lacks, or has only with a country or a script.
NAMES |= {"zh": "Chinese", "am": "Amharic", "si": "Sinhala", "tl": "Tagalog", "yue": "Cantonese", "gsw": "Swiss German"}


@dataclass(frozen=True, slots=True)
class Language:
    """A spoken language, by its code, which is also its word in an address."""

    slug: str

    @property
    def name(self) -> str:
        return language_name(self.slug)


def language_name(code: str) -> str:
    """The language's name in English: "French" for fr and fr-CH; the code itself if it is not known."""
    lower = code.lower().replace("_", "-")
    return NAMES.get(lower) or NAMES.get(lower.partition("-")[0]) or code


def spoken(session: Session) -> str:
    """ "in French", if that is not the usual language of its event; else empty."""
    is_usual = session.language in ("", session.usual_language) or not session.usual_language
    return "" if is_usual else f"in {language_name(session.language)}"


def lang(session: Session) -> str:
    """The attribute for a title or text that is not in the language of the page: ' lang="fr"', as safe HTML."""
    is_the_pages = session.language.lower().partition("-")[0] in ("", PAGES)
    return "" if is_the_pages else format_html(' lang="{}"', session.language)


def languages_of(event: Event) -> list[Language]:
    """The languages of the event's published sessions, the usual one first; none if there is only one."""
    return [Language(code) for code in event.languages] if len(event.languages) > 1 else []


def languages_asked(event: Event, codes: Iterable[str] = ()) -> list[Language]:
    """The languages that the event can be filtered by: all of its own, and those of `codes` that are known.

    A calendar of a language whose talks are all unpublished for now is empty, as one of a track is.
    """
    known = [code for code in codes if language_name(code) != code]
    return [Language(code) for code in dict.fromkeys([*event.languages, *known])]


def with_languages(events: EventQuerySet) -> EventQuerySet:
    """Fetches the events with what `note_languages()` needs: the first and the last language of each in the alphabet.

    These stand at the two ends of an index, so that many sessions cost no more than a few.
    """
    told = Session.objects.filter(event=OuterRef("pk"), is_published=True, language__gt="").values("language")
    ends = {"first_language": told.order_by("language")[:1], "last_language": told.order_by("-language")[:1]}
    return events.annotate(**{name: Subquery(end) for name, end in ends.items()})


def note_languages(events: Iterable[Event]) -> None:
    """Notes in each event, fetched by `with_languages()`, its languages, the most frequent first.

    Not for a person who may not see its programme: they would tell of it. One query, if any event has several.
    """
    ends = {event: {code for code in (event.first_language, event.last_language) if code} for event in events}
    by_frequency = _by_frequency([event for event, codes in ends.items() if len(codes) > 1])
    for event, codes in ends.items():
        event.languages = tuple(by_frequency.get(event.pk, codes))


def _by_frequency(events: list[Event]) -> dict[int, list[str]]:
    """The languages of each event's published sessions, the most frequent first."""
    found: dict[int, list[str]] = defaultdict(list)
    if events:  # most have one language, and writing a query takes longer than a page has
        told = Session.objects.filter(event__in=events, is_published=True, language__gt="").order_by()
        counted = told.values_list("event", "language").annotate(count=Count("pk")).order_by("-count", "language")
        for event_id, code, _ in counted:
            found[event_id].append(code)
    return found
