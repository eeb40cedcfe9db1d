"""The languages that an event's sessions are held in, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf.locale import LANG_INFO
from django.db.models import Count, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.html import format_html

from agenda.models import Event, Session
from agenda.models.event import EventQuerySet
from agenda.models.session import SessionQuerySet
from database.prepared import Prepared

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


def _counted(event: Any) -> QuerySet[Session, Any]:
    """A row for each language of the event's published sessions, the most frequent first."""
    told = Session.objects.published().filter(event=event).exclude(language="")
    return told.order_by().values("language").annotate(count=Count("pk")).order_by("-count", "language")


_languages = Prepared(lambda event: _counted(event).values_list("language"))


def languages_of(event: Event) -> list[Language]:
    """The languages of the event's published sessions, the usual one first. No query if there is only one."""
    return [Language(code) for (code,) in _languages.rows(event.pk)] if event.second_language != "" else []


def with_languages(events: EventQuerySet) -> EventQuerySet:
    """Fetches the events with `usual_language` and `second_language`, the two most frequent."""
    codes = _counted(OuterRef("pk")).values("language")
    first_two = {"usual_language": codes[:1], "second_language": codes[1:2]}
    return events.annotate(**{name: Coalesce(Subquery(code), Value("")) for name, code in first_two.items()})


def with_usual_language(sessions: SessionQuerySet) -> SessionQuerySet:
    """Fetches each session with the `usual_language` of its event, of whichever event it is."""
    codes = _counted(OuterRef("event")).values("language")
    return sessions.annotate(**{"usual_language": Coalesce(Subquery(codes[:1]), Value(""))})
