"""The rows of talks on the page of a day, each kept until something that it shows changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.template.loader import get_template
from django.utils import timezone
from django.utils.safestring import SafeString

from agenda.editing.desk import Talk
from agenda.models import Event
from agenda.version_cache import Version, VersionCache

row_cache: VersionCache[str] = VersionCache(size=8_000)  # of about 1 KB each


@dataclass(frozen=True, slots=True)
class TalkRow:
    """A talk as a list shows it. `was` says what is to change; empty if nothing is."""

    talk: Talk
    when: str
    stars: int
    was: str
    is_over: bool = False


def rows_in_html(event: Event, rows: Iterable[TalkRow]) -> SafeString:
    """The rows, with times in the event's zone. Only those that are new or changed are rendered."""
    template = get_template("agenda/edit/_talk_row.html")

    def html(row: TalkRow) -> str:
        version = Version(row.talk.pk, row.talk.session.updated)
        variant = (row.talk.version, row.stars, row.was, row.is_over, event.slug, event.time_zone)
        made = row_cache.get(
            [version], variant, lambda _: {row.talk.pk: template.render({"row": row, "event_slug": event.slug})}
        )
        return made[row.talk.pk]

    with timezone.override(event.zone):
        return SafeString("".join(map(html, rows)))  # each from the template
