"""A personal calendar, made from its owner's stars, the programme and the calendar's options; and its version.

The feed and CalDAV read it here. Nothing is written when a session changes: versions are worked out from the rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from django.conf import settings

from agenda.calendars.opened_key import Opened
from agenda.calendars.options import Options, options_of
from agenda.calendars.served import CalendarVersion
from agenda.formats.ical import CalendarRecord, Style
from agenda.programme import vevents
from agenda.stars.starred import Starred, in_case, starred_by
from agenda.version_cache import EPOCH, Version


def personal_name() -> str:
    """The name of every personal calendar, like the title of the page that it shows."""
    return f"My agenda · {settings.SITE_NAME}"


def personal_record() -> CalendarRecord:
    """What every personal calendar says of itself."""
    return CalendarRecord(name=personal_name(), product=vevents.product())


class HeldSession(NamedTuple):
    """A session in a personal calendar."""

    pk: int
    updated: datetime
    guid: UUID
    zone: str
    in_case: bool


@dataclass(frozen=True)
class PersonalCalendar:
    """A calendar of its owner's stars. `starred` are those in events it shows, in order of time, hidden ones too."""

    starred: list[Starred]
    options: Options
    version: CalendarVersion
    site: str  # scheme and host, without a slash at the end

    @cached_property
    def members(self) -> list[HeldSession]:
        """The sessions in the calendar, in order of start."""
        return [
            HeldSession(
                session.pk,
                session.updated,
                session.guid,
                session.zone,
                session.pk in self._in_case,
            )
            for session in self.starred
            if self.options.holds(session)
        ]

    @cached_property
    def _in_case(self) -> set[int]:
        """The pks of backup choices, hidden ones among them."""
        ranked = [session for session in self.starred if session.in_case_of or session.stays_in_case]
        by_pk = {session.pk: session for session in self.starred} if ranked else {}
        return {session.pk for session in ranked if in_case(session, by_pk)}

    @cached_property
    def etag(self) -> str:
        """A strong ETag. It begins with the version: the ETag that was last served tells how far a client has come."""
        # Not of the members, which a client that has them all already does not need to be made.
        held = [session for session in self.starred if self.options.holds(session)]
        ranks = ",".join(str(session.pk) for session in held if session.pk in self._in_case)
        versions = (Version(session.pk, session.updated) for session in held)
        about = vevents.etag(versions, self.site, str(self.options), ranks)
        return f'"{self.version}.{about.strip(chr(34))}"'

    @property
    def zones(self) -> list[str]:
        """IANA names of the time zones that its VEVENTs name."""
        return sorted({member.zone for member in self.members}) if self.options.in_event_zone else []

    def vevents(self, members: Iterable[HeldSession]) -> list[bytes]:
        """The members' VEVENTs, in the order asked; a session deleted a moment ago is left out."""
        asked = list(members)
        made: dict[int, bytes] = {}
        for rank in (False, True):
            versions = [Version(member.pk, member.updated) for member in asked if member.in_case is rank]
            made |= vevents.vevents_of(versions, self.site, self._style(in_case=rank)) if versions else {}
        return [made[member.pk] for member in asked if member.pk in made]

    def resource_etag(self, member: HeldSession) -> str:
        """The strong ETag of that session alone, as a calendar object resource."""
        style = self._style(in_case=member.in_case)
        return vevents.etag([Version(member.pk, member.updated)], self.site, str(style))

    def _style(self, *, in_case: bool) -> Style:
        options = self.options
        return Style(alarm=options.alarm, local=options.in_event_zone, in_case=in_case, free=options.is_free)


def personal_calendar(opened: Opened, site: str) -> PersonalCalendar:
    """The calendar that the key opens, as it is now. One query."""
    options = options_of(opened.options)
    starred = [session for session in starred_by(opened.user_id) if options.shows(session.event_id)]
    version = CalendarVersion(
        opened.logged or 0,
        opened.logged_at or opened.created,
        max((session.updated for session in starred), default=EPOCH),
    )
    return PersonalCalendar(starred, options, version, site)
