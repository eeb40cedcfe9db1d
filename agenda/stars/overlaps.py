"""Sessions that overlap, and the free time between sessions: plain functions, without a query."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar


class Spanning(Protocol):
    """An object with a start and an end, both aware; the end is exclusive (DTEND, RFC 5545 section 3.6.1)."""

    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Span:
    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start


def shared(one: Spanning, other: Spanning) -> timedelta:
    """The time during which both are on; zero if one ends when the other begins."""
    return max(timedelta(0), min(one.end, other.end) - max(one.start, other.start))


S = TypeVar("S", bound=Spanning)


def overlaps(sessions: Iterable[S]) -> list[tuple[S, S]]:
    """The pairs of sessions that overlap, in order of start."""
    ordered = sorted(sessions, key=lambda session: session.start)
    pairs = []
    for position, one in enumerate(ordered):
        for other in ordered[position + 1 :]:
            if other.start >= one.end:
                break
            pairs.append((one, other))
    return pairs


def gaps(sessions: Iterable[Spanning]) -> list[Span]:
    """The spans of time, between the first start and the last end, in which none of the sessions is on; in order."""
    found: list[Span] = []
    busy_until: datetime | None = None
    for session in sorted(sessions, key=lambda session: session.start):
        if busy_until is not None and session.start > busy_until:
            found.append(Span(busy_until, session.start))
        busy_until = session.end if busy_until is None else max(busy_until, session.end)
    return found
