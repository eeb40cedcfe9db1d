"""Deletes an event that is long over, with its stars; or says whom that hits."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from agenda.editing.deleting import NotOver, delete_event, why_not
from agenda.management.chosen_event import chosen_event
from agenda.notices.losing import loss_of


class Command(BaseCommand):
    help = "Says whom the deletion of an event hits. With --yes, deletes it with its programme and all stars in it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the first word of its address: kvm-forum-2019")
        parser.add_argument("--yes", action="store_true", help="delete it; a backup alone can bring it back")

    def handle(self, *args: Any, slug: str, yes: bool, **options: Any) -> None:
        event, now = chosen_event(slug), timezone.now()
        lost = loss_of(event)
        words = (
            f"{lost.sessions} talks, {lost.stars} stars of {lost.people} people, entries in {lost.calendars} calendars"
        )
        if not yes:
            if sentence := why_not(event, now):
                raise CommandError(sentence)
            self.stdout.write(f"With “{event}” go {words}. Nothing was deleted: repeat it with --yes.")
            return
        try:
            delete_event(event, now)
        except NotOver as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"“{event}” is deleted, with {words}.")
