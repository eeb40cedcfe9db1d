"""Archives an event that is over: everybody can still read it, but it is never shown first."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from agenda.editing.states import give_state
from agenda.management.chosen_event import chosen_event
from agenda.models import Event


class Command(BaseCommand):
    help = "Archives an event that is over. Its pages and calendars stay; nobody is mailed. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the first word of its address: kvm-forum-2019")

    def handle(self, *args: Any, slug: str, **options: Any) -> None:
        event = chosen_event(slug)
        if event.is_archived:
            self.stdout.write(f"“{event}” was archived before.")
            return
        if event.state != Event.State.PUBLISHED:
            raise CommandError(f"“{event}” is {event.state}: an archived event is public. Publish it first.")
        if not event.has_ended(timezone.now()):
            raise CommandError(f"“{event}” is not over: its last day is {event.ends_on}. Archive it after that.")
        give_state(event, Event.State.ARCHIVED, by=None)
        self.stdout.write(f"“{event}” is archived: {event.get_absolute_url()}")
