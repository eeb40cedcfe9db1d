"""What changed in a programme since a page of it was made, in one sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from agenda.models import Event
from agenda.programme.timetable import announced_in, moment_of, version_of
from agenda.programme.what_changed import Step, what_changed

KINDS: dict[str, Callable[[Step], bool]] = {
    "cancelled": lambda step: step.is_cancellation,
    "new": lambda step: step.is_new,
    "moved": lambda step: bool({"start", "end", "room"} & step.changes.keys()),
}
NOT_TOLD = "Programme changed."
ANNOUNCED = "The announcements changed."


def changed_since(event: Event, version: str) -> str:
    """ "Programme changed: 2 talks moved, 1 cancelled."; without more than "Programme changed." for texts alone.

    ANNOUNCED follows, if other announcements are shown. A talk that changed several times counts once, for the newest
    change that tells where to go.
    """
    since = moment_of(version)
    if since is None:
        return NOT_TOLD
    kinds: dict[int, str] = {}
    for step, slot in what_changed(event).all:
        kind = _kind(step)
        if step.at > since and kind:
            kinds.setdefault(slot.pk, kind)
    counts = Counter(kinds.values())
    said = [(counts[kind], kind) for kind in ("moved", "cancelled", "new") if counts[kind]]
    news = ANNOUNCED if announced_in(version) != announced_in(version_of(event.slug) or "") else ""
    if not said:
        return news or NOT_TOLD
    (first, kind), *others = said
    words = [f"{first} talk{'' if first == 1 else 's'} {kind}", *(f"{count} {kind}" for count, kind in others)]
    return f"Programme changed: {', '.join(words)}. {news}".rstrip()


def _kind(step: Step) -> str:
    return next((kind for kind, holds in KINDS.items() if holds(step)), "")
