"""What was made of a session (its row on a page, its VEVENT, its words), kept until the session changes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

Made = TypeVar("Made")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)  # what the databases can tell apart: the least that one version is newer than another


def microseconds(moment: datetime) -> int:
    """The microseconds from EPOCH to the moment, as texts of versions have them."""
    return (moment - EPOCH) // TICK


def from_microseconds(count: int) -> datetime:
    """The moment, in UTC, so many microseconds after EPOCH."""
    return EPOCH + count * TICK


class Version(NamedTuple):
    """A state of a session: agenda/editing/changes.py gives it a newer `updated` with every change."""

    pk: int
    updated: datetime


class VersionCache(Generic[Made]):
    """A bounded store in this process, keyed by a session's version and a variant, such as the zone it is shown in.

    Nothing in it is ever out of date, as a changed session has another version; so nothing has to be cleared.
    """

    every: ClassVar[list[VersionCache[Any]]] = []

    def __init__(self, size: int) -> None:
        self.size = size
        self._made: dict[Hashable, Made] = {}
        VersionCache.every.append(self)

    def get(
        self, versions: Iterable[Version], variant: Hashable, make: Callable[[list[int]], dict[int, Made]]
    ) -> dict[int, Made]:
        """What was made of each session, by pk, in the order asked; `make` is called once, for all that is missing.

        A session that `make` does not return (deleted a moment ago) is left out.
        """
        keys = {pk: (pk, updated, variant) for pk, updated in versions}
        found = {pk: self._made.get(key) for pk, key in keys.items()}
        missing = [pk for pk, value in found.items() if value is None]
        if missing:
            made = make(missing)
            for pk, value in made.items():
                found[pk] = self._made[keys[pk]] = value
            self._forget_the_oldest()
        return {pk: value for pk, value in found.items() if value is not None}

    def _forget_the_oldest(self) -> None:
        for key in list(self._made)[: max(0, len(self._made) - self.size)]:
            self._made.pop(key, None)

    @classmethod
    def clear_all(cls) -> None:
        """Forgets everything: for tests, in which different rows may have the same pk and time."""
        for kept in cls.every:
            kept._made.clear()
