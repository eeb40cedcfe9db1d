"""Sessions with all that a page says of them, and what one template makes of each: kept until the session changes."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from zoneinfo import ZoneInfo

from django.template.loader import get_template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from agenda.models import Event, Session
from agenda.version_cache import Version, VersionCache

session_cache: VersionCache[Session] = VersionCache(size=4_000)  # of about 10 KB
part_cache: VersionCache[SafeString] = VersionCache(size=8_000)  # of about 1 KB


def kept_sessions(event: Event, versions: Iterable[Version]) -> dict[int, Session]:
    """The sessions of the event with their details, by pk, in the order asked. Queries only for those that changed.

    All requests of this process share them: nothing may be written into them.
    """

    def make(pks: list[int]) -> dict[int, Session]:
        found = Session.objects.filter(pk__in=pks).with_details().with_replaced()
        for session in found:
            session.event = event  # as this request has it, with the languages of its programme
            session.usual_language = event.usual_language
        return {session.pk: session for session in found}

    return session_cache.get(versions, _shown_of(event), make)


def parts(
    template_name: str, event: Event, versions: Iterable[Version], zone: ZoneInfo, **given: Hashable
) -> dict[int, SafeString]:
    """What the template makes of each session (safe HTML), by pk, with times in the zone and with these values."""
    asked = list(versions)

    def make(pks: list[int]) -> dict[int, SafeString]:
        template, wanted = get_template(template_name), set(pks)
        sessions = kept_sessions(event, [version for version in asked if version.pk in wanted])
        with timezone.override(zone):
            return {
                pk: mark_safe(template.render({**given, "session": session}))  # noqa: S308 (it escapes)
                for pk, session in sessions.items()
            }

    return part_cache.get(asked, (template_name, zone.key, _shown_of(event), *sorted(given.items())), make)


def _shown_of(event: Event) -> tuple[Hashable, ...]:
    """The event's fields that its sessions' rows show; an edit of them makes no session newer."""
    return (event.slug, event.name, event.state, event.time_zone, event.venue, event.city, event.usual_language)
