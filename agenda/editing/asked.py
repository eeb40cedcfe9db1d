"""The moves that a form of the editing pages asks for: `do` names the move, the other fields say how."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta

from agenda.editing import moves
from agenda.editing.desk import TEXTS, Desk, Talk
from agenda.editing.moves import Moves
from agenda.formats.assembly import in_utc
from agenda.formats.days import date_of

LONGEST_NOTE, LONGEST_LINE = 500, 250  # characters, as the model has them
LONGEST_SHIFT = timedelta(days=7)
Form = Mapping[str, str]


class CannotBeMoved(Exception):
    """The form lacks something. The message says what to do, in a sentence."""


def seen_in(ticks: list[str]) -> dict[int, str]:
    """The talks (pks) that were ticked, with the versions that the editor saw; what is no tick is left out."""
    parts = (tick.partition(":") for tick in ticks)
    return {int(pk): version for pk, _, version in parts if pk.isascii() and pk.isdigit() and len(pk) < 19}


def asked(form: Form, ticked: list[int]) -> Callable[[Desk], Moves]:
    """What moves.gather() does with the present desk. It raises CannotBeMoved if the form lacks something."""
    make = MOVES.get(form.get("do", ""))

    def move(desk: Desk) -> Moves:
        talks = [desk.talks[pk] for pk in ticked]
        if not talks:
            raise CannotBeMoved("Tick the talks first.")
        if make is None:
            raise CannotBeMoved("Choose what to do with them.")
        return make(desk, talks, form)

    return move


def _later(desk: Desk, talks: list[Talk], form: Form) -> Moves:
    return moves.later(talks, _minutes(form))


def _all_later(desk: Desk, talks: list[Talk], form: Form) -> Moves:
    return moves.later(desk.following(talks[0]), _minutes(form))


def _minutes(form: Form) -> timedelta:
    try:
        shift = timedelta(minutes=int(form.get("minutes", "")))
    except (ValueError, OverflowError):
        shift = timedelta(0)
    if not shift or abs(shift) > LONGEST_SHIFT:
        raise CannotBeMoved("Write by how many minutes, for example 15; or -15 for earlier.")
    return shift


def _to_room(desk: Desk, talks: list[Talk], form: Form) -> Moves:
    room = form.get("room", "").strip()
    if room and room not in _rooms(desk):
        raise CannotBeMoved("Choose one of the rooms.")
    return moves.together(moves.to_room(talks, room), _noted(talks, form))


def _to_time(desk: Desk, talks: list[Talk], form: Form) -> Moves:
    """`day` is a programme day, as on the board, whose night belongs to it; `date` is one of the calendar."""
    try:
        clock = time.fromisoformat(form.get("time", "")).replace(tzinfo=None)
        if "date" in form:
            on = date.fromisoformat(form["date"])
        else:
            on = date_of(date.fromisoformat(form["day"]), timedelta(hours=clock.hour, minutes=clock.minute))
        start = in_utc(datetime.combine(on, clock), desk.event.zone)
    except (ValueError, LookupError, OverflowError):
        raise CannotBeMoved("Choose a day, and write the time as 14:30.") from None
    return moves.together(*(moves.to_time(talk, start) for talk in talks))


def _place(desk: Desk, talks: list[Talk], form: Form) -> Moves:
    """`places` is JSON of the board: by talk, its minute of the day (null: no time), its room, if it is off."""
    try:
        opens, _ = desk.event.day_bounds(date.fromisoformat(form.get("day", "")))
        places, rooms = json.loads(form.get("places", "")), {"", *_rooms(desk)}
        return moves.together(*(_placed(talk, opens, rooms, *places[str(talk.pk)]) for talk in talks))
    except (ValueError, LookupError, TypeError, OverflowError, RecursionError):
        raise CannotBeMoved("There is no such place on the board. Load the page again.") from None


def _placed(talk: Talk, opens: datetime, rooms: set[str], minute: int | None, room: str, is_off: bool) -> Moves:
    if room not in rooms:
        raise LookupError(room)
    start = None if minute is None else opens + timedelta(minutes=minute)
    at = moves.to_time(talk, start) if start else moves.without_time([talk])
    status = (moves.cancelled if is_off else moves.reinstated)([talk]) if is_off != talk.is_cancelled else {}
    return moves.together(at, moves.to_room([talk], room), status)


def _swap(desk: Desk, talks: list[Talk], form: Form) -> Moves:
    one, other = _pair(desk, talks, form)
    return moves.swapped(one, other)


def _replace(desk: Desk, talks: list[Talk], form: Form) -> Moves:
    one, other = _pair(desk, talks, form)
    made = moves.replaced(one, other, in_its_place="in_its_place" in form)
    return moves.together(made, _noted([one], form))


def _pair(desk: Desk, talks: list[Talk], form: Form) -> tuple[Talk, Talk]:
    """The two talks: those ticked, or the one ticked and `other`."""
    other = next(iter(seen_in([form.get("other", "")])), 0)
    two = talks if len(talks) == 2 else [*talks, *filter(None, [desk.talks.get(other)])]
    if len(two) != 2 or two[0].pk == two[1].pk:
        raise CannotBeMoved("Choose two talks.")
    return two[0], two[1]


def _cancel(desk: Desk, talks: list[Talk], form: Form) -> Moves:
    return moves.together(moves.cancelled(talks), _noted(talks, form))


def _note(desk: Desk, talks: list[Talk], form: Form) -> Moves:
    return moves.noted(talks, note_in(form))


def _noted(talks: list[Talk], form: Form) -> Moves:
    """The note, where one was written; an empty field leaves the notes that there are."""
    note = note_in(form)
    return moves.noted(talks, note) if note else {}


def note_in(form: Form) -> str:
    """The note that the form has, without blanks around it."""
    return form.get("note", "").replace("\r\n", "\n").replace("\0", "").strip()[:LONGEST_NOTE]


def _texts(desk: Desk, talks: list[Talk], form: Form) -> Moves:
    """The texts of one talk, which stand on one line but for the abstract."""
    said = {name: form.get(name, "").replace("\r\n", "\n").replace("\0", "").strip() for name in TEXTS}
    lines = {name: " ".join(said[name].split()) for name in TEXTS if name != "abstract"}
    if len(talks) != 1 or not lines["title"]:
        raise CannotBeMoved("Write a title for this one talk.")
    if long := next((name for name in lines if len(lines[name]) > LONGEST_LINE), ""):
        raise CannotBeMoved(f"The {long} is longer than {LONGEST_LINE} characters. Shorten it.")
    return moves.worded(talks[0], said | lines)


def _track(desk: Desk, talks: list[Talk], form: Form) -> Moves:
    track = form.get("track", "").strip()
    if track and track not in desk.event.tracks.values_list("name", flat=True):
        raise CannotBeMoved("Choose one of the tracks.")
    return moves.on_track(talks, track)


def _rooms(desk: Desk) -> list[str]:
    return list(desk.event.rooms.values_list("name", flat=True))


MOVES: dict[str, Callable[[Desk, list[Talk], Form], Moves]] = {
    "later": _later,
    "all-later": _all_later,
    "room": _to_room,
    "time": _to_time,
    "place": _place,
    "no-time": lambda desk, talks, form: moves.without_time(talks),
    "swap": _swap,
    "cancel": _cancel,
    "reinstate": lambda desk, talks, form: moves.reinstated(talks),
    "replace": _replace,
    "note": _note,
    "publish": lambda desk, talks, form: moves.published(talks, is_published=True),
    "unpublish": lambda desk, talks, form: moves.published(talks, is_published=False),
    "track": _track,
    "texts": _texts,
    "as-now": lambda desk, talks, form: moves.as_now(talks),
}
