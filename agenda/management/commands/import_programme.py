"""Brings a programme in from a file or an address: shows the plan, or publishes it."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from agenda.editing.aftermath import findings_after
from agenda.editing.apply import publish
from agenda.editing.fetching import PATIENCE
from agenda.editing.incoming import Incoming, from_address, into_event, into_new_event
from agenda.editing.overview import FindingGroup
from agenda.editing.plan import propose
from agenda.editing.review import Review, ReviewRow, review
from agenda.formats.reading import READERS, ProgrammeFile
from agenda.formats.records import LARGEST_FILE, RefusedFile
from agenda.models import Event, Plan
from agenda.notices.reach import Reach, reach

CHANGES, REFUSED = 1, 2  # exit codes; 0 if there is nothing to do, or if it is done
NOTHING = "Nothing to do."
STEPS = ("reading", "planning", "publishing")
WIDTH = 30  # characters of the progress bar


class Command(BaseCommand):
    help = (
        "Shows what a programme would change in an event. Exits with 0 if there is nothing to do, 1 if there are "
        "changes, 2 if the file is refused. With --apply, publishes it and exits with 0."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "source",
            nargs="+",
            help="a file, - for what is piped in, or an address that begins with https://; or several files of one "
            "programme",
        )
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--event", metavar="SLUG", help="the event that the programme is of")
        where.add_argument("--new", action="store_true", help="a new event, which stays hidden until it is published")
        parser.add_argument("--zone", default="", help="the time zone of times that have none, like Europe/Berlin")
        parser.add_argument("--format", default="", choices=["", *READERS], help="recognised if it is left out")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--check", action="store_true", help="change nothing (so it is without --apply)")
        how.add_argument("--apply", action="store_true", help="publish the plan; conflicts keep what editors did here")
        parser.add_argument("--note", default="", help="a note to attendees, for all that moves")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                lines = self._run(options)
                if not options["apply"]:
                    transaction.set_rollback(True)
        except RefusedFile as refusal:
            self._progress("")
            self.stderr.write(str(refusal))
            sys.exit(REFUSED)
        # Only now: what cannot be written, as the reader of a pipe has gone, undoes nothing.
        self._progress("")
        self.stdout.write("\n".join(lines))
        if not options["apply"] and lines[-1] != NOTHING:
            sys.exit(CHANGES)

    def _run(self, options: dict[str, Any]) -> list[str]:
        """Publishes the plan if that is asked. Returns it in lines; the last one is NOTHING if there is none to do."""
        self._progress("reading")
        incoming = self._incoming(options["source"], options["format"])
        plan = self._plan(incoming, options)
        self._progress("planning")
        proposal, now = propose(plan), timezone.now()
        reaching = reach(proposal, now)
        reviewed = review(plan, proposal, stars=reaching.stars, clashing=reaching.by_choice, now=now)
        lines = list(in_lines(plan, reviewed, reaching, findings_after(proposal)))
        if options["apply"]:
            self._progress("publishing")
            publish(plan, by=None, fingerprint=proposal.fingerprint, note=options["note"])
            if not proposal.is_empty:
                lines += ["", f"Done: {plan.event.get_absolute_url()}"]
        return lines

    def _incoming(self, sources: list[str], format: str) -> Incoming:
        if not any("://" in source for source in sources):
            return Incoming(files=tuple(self._file(source, format) for source in sources))
        if len(sources) > 1:
            raise RefusedFile("An address is read alone: download it, and give all files together.")
        incoming = from_address(sources[0], patience=PATIENCE)
        return replace(incoming, files=tuple(replace(file, format=format) for file in incoming.files))

    def _file(self, source: str, format: str) -> ProgrammeFile:
        if source == "-":
            return ProgrammeFile(data=sys.stdin.buffer.read(LARGEST_FILE + 1), name="piped in", format=format)
        try:
            with Path(source).open("rb") as file:
                return ProgrammeFile(data=file.read(LARGEST_FILE + 1), name=Path(source).name, format=format)
        except OSError as error:
            raise RefusedFile(f"{source} cannot be read: {error.strerror}.") from None

    def _plan(self, incoming: Incoming, options: dict[str, Any]) -> Plan:
        zone = options["zone"]
        if zone and zone not in available_timezones():
            raise RefusedFile(f"“{zone}” is not a time zone that is known; one is Europe/Berlin.")
        if options["new"]:
            return into_new_event(incoming, by=None, zone=zone)
        event = Event.objects.filter(slug=options["event"]).first()
        if event is None:
            slugs = ", ".join(Event.objects.values_list("slug", flat=True)) or "none yet"
            raise RefusedFile(f"There is no event “{options['event']}”; there are: {slugs}.")
        return into_event(incoming, event, by=None, zone=zone)

    def _progress(self, step: str) -> None:
        """Shows how far it is, on a terminal alone; without a step the line is cleared."""
        if self.stderr.isatty():
            done = STEPS.index(step) * WIDTH // len(STEPS) if step else 0
            bar = f"[{'=' * done}{' ' * (WIDTH - done)}] {step}" if step else ""
            self.stderr.write(f"\r{bar:<{WIDTH + 16}}" + ("" if step else "\r"), ending="")
            self.stderr.flush()


def in_lines(plan: Plan, reviewed: Review, reaching: Reach, after: list[FindingGroup]) -> Iterator[str]:
    """The Review page as text."""
    yield f"{plan.title}, for {plan.event.name}; times in {plan.event.time_zone}"
    if reviewed.proposal.is_empty:
        yield NOTHING
        return
    yield ", ".join(f"{count} {words}" for count, words in reviewed.counts)
    if reviewed.is_soon:
        yield "! Something in this plan starts within 30 minutes."
    yield from _decisions(reviewed)
    yield from _section("Problems after this plan", (row.finding.text for group in after for row in group.rows))
    yield from _rows("Changed", [*reviewed.changed, *reviewed.texts])
    yield from _rows("Back again", reviewed.back)
    yield from _rows("Not in the file any more", reviewed.gone)
    yield from _rows("New", reviewed.new)
    yield from _section("People", (name for name, _ in reviewed.speakers))
    yield from _section("Edited here, kept", (session.title for session in reviewed.proposal.kept))
    yield from _section(
        "Problems of the file", (f"{where}: {text}" if where else text for where, text in reviewed.proposal.problems)
    )
    if plan.event.has_public_programme:
        yield ""
        yield f"Reaches {reaching.people} people who starred what moves; {reaching.people_who_clash} gain a clash."
        yield f"{reaching.soon} calendars will know within the hour, {reaching.people_mailed} people will be mailed."


def _decisions(reviewed: Review) -> Iterator[str]:
    if reviewed.proposal.is_mass_gone:
        why = "What could not be read was left out" if reviewed.plan.wanted.get("leaves_out") else "So many are gone"
        yield f"! Is this the right file? {why}, so that none of what it lacks is cancelled."
    conflicts = (
        f"{each.title}: {each.label} here {each.ours}, in the file {each.theirs}" for each in reviewed.conflicts
    )
    yield from _section("Changed here and in the file; ours stays", conflicts)
    guesses = (f"“{offer.old}” may be “{offer.new}”" for offer in reviewed.guesses)
    yield from _section("Guesses, not taken", guesses)
    needed = (
        line
        for each in reviewed.double_booked
        for line in (f"{each.needed}, {each.when}", *(f"  {session}" for session in each.sessions))
    )
    yield from _section("Double bookings", needed)


def _rows(heading: str, rows: list[ReviewRow]) -> Iterator[str]:
    lines = []
    for row in rows:
        stars = f" ★ {row.stars}" if row.stars else ""
        lines.append(
            " · ".join(part for part in (row.title, row.when) if part) + stars + " (stays)" * (not row.is_ticked)
        )
        lines += [
            f"  {line.label}: {line.new if line.old is None else f'{line.old} → {line.new}'}" for line in row.lines
        ]
        lines += [f"  - {other.title} · {other.when}" for other in row.others]
    yield from _section(heading, lines)


def _section(heading: str, lines: Any) -> Iterator[str]:
    found = list(lines)
    if found:
        yield ""
        yield heading
        yield from (f"  {line}" for line in found)
