"""What goes on at the site all the time: stars, two tabs of each visitor, edits, polls and CalDAV."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import count, cycle
from threading import Event as Signal
from threading import Lock, Thread
from typing import Self

from agenda.models import Session
from tests.chaos.people import UNANSWERED, Attendee, Editor, Visitor

Step = Callable[[], None]
PAUSE = 0.01  # seconds between two requests of a thread


class Traffic:
    """Threads, each of which does its step again and again, as long as the block lasts."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._locks = [Lock() for _ in steps]
        pairs = zip(steps, self._locks, strict=True)
        self._threads = [Thread(target=self._run, args=pair, daemon=True) for pair in pairs]
        self._goes, self._ends = Signal(), Signal()

    def _run(self, step: Step, lock: Lock) -> None:
        while not self._ends.is_set():
            self._goes.wait()
            with lock, suppress(*UNANSWERED):
                step()
            time.sleep(PAUSE)

    def __enter__(self) -> Self:
        self._goes.set()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._ends.set()
        self._goes.set()
        for thread in self._threads:
            thread.join()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """In the block nobody asks for anything; what was asked for before it has had its answer, or none."""
        self._goes.clear()
        with ExitStack() as stack:
            for lock in self._locks:
                stack.enter_context(lock)
            yield
        self._goes.set()


def steps(
    attendees: Sequence[Attendee], visitors: Sequence[Visitor], editor: Editor, sessions: Sequence[Session]
) -> list[Step]:
    """Those of each thread: two for the attendees, two tabs of all visitors, an editor, feeds and CalDAV."""
    numbers, polled, synced = count(), cycle(attendees), cycle(attendees)

    return [
        tapping(attendees[::2], sessions),
        tapping(attendees[1::2], sessions),
        tapping(visitors, sessions[::2]),
        tapping(visitors, sessions[1::2]),
        lambda: editor.edit(f"Title {next(numbers)}"),
        lambda: poll_feed(next(polled)),
        lambda: sync(next(synced)),
    ]


def tapping(people: Sequence[Visitor], sessions: Sequence[Session]) -> Step:
    turns = cycle([(person, session) for session in sessions for person in people])

    def tap() -> None:
        person, session = next(turns)
        person.tap(session)

    return tap


def poll_feed(person: Attendee) -> None:
    """Asks for the person's calendar twice, the second time only for what is new."""
    first = person.browser.send("GET", person.feed)
    person.browser.send("GET", person.feed, headers={"If-None-Match": first.etag})


def sync(person: Attendee) -> None:
    person.browser.send(person.sync.method, person.sync.path, person.sync.body, person.sync.headers)
