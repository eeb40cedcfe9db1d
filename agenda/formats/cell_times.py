"""Dates, times and lengths in the cells of a spreadsheet, whether they are real ones, numbers or text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from agenda.formats.assembly import NotATime
from agenda.formats.workbook import Cell

EPOCH = date(1899, 12, 30)  # day 0 of a spreadsheet
FIRST_SERIAL, LAST_SERIAL = 25_000, 75_000  # days since then, 1968 to 2105: a number among them is a date
DAY = timedelta(days=1)
MONTHS = {
    name: number
    for number, names in enumerate(
        "jan januar janvier january jän jänner;feb februar février february fév;mar mär märz mars march mrz;"
        "apr april avril avr;may mai;jun juni juin june;jul juli juillet july juil;aug august août;"
        "sep sept september septembre;oct okt oktober octobre october;nov november novembre;"
        "dec dez dezember décembre december déc".split(";"),
        start=1,
    )
    for name in names.split()
}
NAMES = (
    "mo mon monday montag lun lundi;tu tue tues tuesday di die dienstag mardi;we wed wednesday mi mit mittwoch mer"
    " mercredi;th thu thur thurs thursday do don donnerstag jeu jeudi;fr fri friday fre freitag ven vendredi;"
    "sa sat saturday sam samstag sonnabend samedi;su sun sunday so son sonntag dim dimanche"
)
WEEKDAYS = {name: number for number, names in enumerate(NAMES.split(";")) for name in names.split()}
ORDERS = ("YMD", "DMY", "MDY")
SAID = {"YMD": "year, month, day", "DMY": "day, month, year", "MDY": "month, day, year"}

_NUMERIC = re.compile(r"(?<![\d.])(\d{4}|\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?!\d)\.?")
_WORDS = re.compile(
    r"(?:(?<!\d)(?P<before>\d{1,2})(?:st|nd|rd|th|\.)?\s?)?(?P<month>[a-zäéû]{3,9})\.?,?\s?"
    r"(?:(?P<after>\d{1,2})(?:st|nd|rd|th)?,?\s)?(?P<year>\d{4})(?!\d)"
)
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})(?:[:.h]\s?(?P<minute>\d{1,2})(?:[:.](?P<second>\d{2})(?:\.\d{1,9})?)?)?\s?"
    r"(?P<unit>h|uhr|[ap]\.?\s?m\.?)?"
)
_DAY = rf"(?<=\s\d\d)\.?\s(?:{'|'.join(MONTHS)})"  # behind its digits, which are no minutes: "9h 10 Oct"
_HOUR = rf"\d{{1,2}}(?:[:.h]\s?\d{{2}}(?::\d{{2}})?(?!{_DAY}))?\s?(?:h|uhr|[ap]\.?m\.?)?"
_HOURS_FIRST = re.compile(
    r"(?:(?P<weekday>[a-z]{2,10})\W{1,3})?"
    rf"(?P<hours>(?:{_HOUR}\s?(?:[–—-]|to|bis)\s?)?(?P<last>{_HOUR}))[ ,@|]{{1,3}}(?:on )?(?P<date>(?=.*\d)\w.*)"
)
_SERIAL = re.compile(r"\d{5}(?:\.\d{1,20})?")
_FRACTION = re.compile(r"0?\.\d{1,20}")
_LENGTH = re.compile(
    r"(?:pt)?(?:(?P<hours>\d{1,3}(?:[.,]\d)?)\s?(?:hours?|hrs?|std\.?|stunden?|h)\s?)?"
    r"(?:(?P<minutes>\d{1,4})\s?(?:minutes?|minuten|mins?|m|'|′)?\.?)?(?:0?0s)?"
)
_CLOCK_LENGTH = re.compile(r"(\d{1,3}):(\d{2})(?::\d{2})?")
_BLANKS = re.compile(r"\s+")
SPAN_SIGNS = ("–", "—", " - ", " to ", " bis ", "-")


class Moment(NamedTuple):
    """What a cell says of a time: a day, the time since midnight, or both; `whole` has an offset of its own."""

    day: date | None = None
    clock: timedelta | None = None
    whole: datetime | None = None


def in_words(moment: Moment) -> str:
    """The moment in words: "31 October 2019, 16:30"."""
    if moment.whole:
        return moment.whole.isoformat(" ", "minutes")
    day = f"{moment.day.day} {moment.day:%B %Y}" if moment.day else ""
    minutes = round(moment.clock.total_seconds() / 60) if moment.clock is not None else 0
    clock = f"{minutes // 60:02}:{minutes % 60:02}" if moment.clock is not None else ""
    return ", ".join(filter(None, (day, clock)))


def order_of(cells: Iterable[Cell]) -> tuple[str, bool]:
    """The order of day, month and year in which all text dates can be read, and True if another would fit as well.

    Between two that fit, the one is taken in which the days are closest together, as those of a conference are.
    """
    texts = {found.groups() for cell in cells if isinstance(cell, str) if (found := _NUMERIC.search(cell))}
    read = {order: [_ordered(parts, order) for parts in texts] for order in ORDERS}
    count = {order: sum(day is not None for day in days) for order, days in read.items()}
    best = [order for order in ORDERS if count[order] == max(count.values())]

    def span(order: str) -> timedelta:
        days = [day for day in read[order] if day]
        return max(days) - min(days) if days else timedelta()

    chosen = min(best, key=span)
    return chosen, bool(texts) and any(read[order] != read[chosen] for order in best)


def _ordered(parts: tuple[str, ...], order: str) -> date | None:
    """The date of ("31", "/", "10", "2019") in that order; None if it is none."""
    numbers = dict(zip(order, (parts[0], parts[2], parts[3]), strict=True))
    year = numbers["Y"]
    if len(year) not in (2, 4) or len(numbers["D"]) > 2 or (order == "YMD" and len(year) != 4):
        return None
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(numbers["M"]), int(numbers["D"]))
    except ValueError:
        return None


def moment_of(cell: Cell, order: str) -> Moment:
    """The date or time in a cell. Raises NotATime."""
    if isinstance(cell, datetime):
        clock = _since_midnight(cell.time())
        return Moment(clock=clock) if cell.date() <= EPOCH + 2 * DAY else Moment(cell.date(), clock)
    if isinstance(cell, date):
        return Moment(cell)
    if isinstance(cell, time):
        return Moment(clock=_since_midnight(cell))
    if isinstance(cell, timedelta) and timedelta() <= cell <= DAY:
        return Moment(clock=cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _of_number(float(cell))
    if isinstance(cell, str):
        return _of_text(_BLANKS.sub(" ", cell).strip().casefold(), order)
    raise NotATime("is no date or time")


def _since_midnight(clock: time) -> timedelta:
    return timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second)


def _of_number(number: float) -> Moment:
    """A spreadsheet's day and fraction of a day, or 18.3 for 18:30, or 1830."""
    if FIRST_SERIAL <= number <= LAST_SERIAL:
        days = int(number)
        return Moment(EPOCH + days * DAY, _fraction(number - days) if number != days else None)
    if 0 <= number < 1:
        return Moment(clock=_fraction(number))
    hours, minutes = divmod(round(number), 100) if number >= 100 else divmod(round(number * 100), 100)
    return Moment(clock=_clock(hours, minutes))


def _fraction(number: float) -> timedelta:
    return timedelta(minutes=round(number * 24 * 60))


def _clock(hours: int, minutes: int, seconds: int = 0) -> timedelta:
    """The time since midnight; 24:00 is the end of the day. Raises NotATime."""
    clock = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if not 0 <= hours <= 24 or not 0 <= minutes < 60 or seconds >= 60 or clock > DAY:
        raise NotATime("is no time of the day")
    return clock


def _of_text(text: str, order: str) -> Moment:
    try:
        if text[:4].isdecimal() and text[4:5] == "-" and len(text) > 10:
            found = datetime.fromisoformat(text.upper().replace(" UTC", "Z"))
            clock = _since_midnight(found.time())
            return Moment(whole=found) if found.tzinfo else Moment(found.date(), clock)
    except ValueError:
        pass  # it may be of another kind
    if _SERIAL.fullmatch(text):
        return _of_number(float(text))
    day, rest = _day_in(date_first(text), order)
    rest = rest.strip(" ,t@|–-")
    for word in ("at ", "um ", "à "):
        rest = rest.removeprefix(word)
    if day and not rest:
        return Moment(day)
    return Moment(day, _clock_of(rest))


def date_first(text: str) -> str:
    """The text with its hours moved behind the date, if it has them first: "thu 31 oct 9:00" for "thu 9:00, 31 oct"."""
    found = _HOURS_FIRST.fullmatch(text)
    if not found or found["last"].strip().isdecimal() or (found["weekday"] or "mo") not in WEEKDAYS:
        return text
    return f"{found['weekday'] or ''} {found['date']} {found['hours']}".strip()


def _day_in(text: str, order: str) -> tuple[date | None, str]:
    """The date in the text, and what follows it; None, and the whole text, if there is none. Raises NotATime."""
    if found := _NUMERIC.search(text):
        day = _ordered(found.groups(), order)
        if day is None:
            raise NotATime(f"is no date in the order {SAID[order]}")
        return day, text[found.end() :]
    for found in _WORDS.finditer(text):
        number = found["before"] or found["after"]
        if found["month"] in MONTHS and number:
            try:
                return date(int(found["year"]), MONTHS[found["month"]], int(number)), text[found.end() :]
            except ValueError:
                raise NotATime("is no date") from None
    return None, text


def _clock_of(text: str) -> timedelta:
    """The time of "18:30", "18.30", "6 pm", "18h30", "1830" or "0.75" (of a day). Raises NotATime."""
    if _FRACTION.fullmatch(text):
        return _fraction(float(text))
    if len(text) == 4 and text.isascii() and text.isdecimal():
        return _clock(int(text[:2]), int(text[2:]))
    found = _CLOCK.fullmatch(text)
    if not found:
        raise NotATime("is no date or time")
    hour, minute = int(found["hour"]), found["minute"] or "0"
    unit = (found["unit"] or "")[:1]
    if unit in ("a", "p"):
        if not 1 <= hour <= 12:
            raise NotATime("is no time of the day")
        hour = hour % 12 + (12 if unit == "p" else 0)
    minutes = int(minute) * 10 if len(minute) == 1 and "." in text else int(minute)
    return _clock(hour, minutes, int(found["second"] or 0))


def span_of(cell: Cell, order: str) -> tuple[Moment, Moment | None]:
    """The date or time in a cell, and the end that "9:00 – 10:00" has too. Raises NotATime."""
    try:
        return moment_of(cell, order), None
    except NotATime:
        text = cell if isinstance(cell, str) else ""
        for sign in SPAN_SIGNS:
            start, found, end = text.partition(sign)
            if found and start.strip() and end.strip():
                with suppress(NotATime):
                    begins, ends = moment_of(start, order), moment_of(end, order)
                    return begins._replace(day=begins.day or ends.day), ends
        raise


def loosely(text: str) -> Moment:
    """The date or time in a text, as people write it in cells; nothing where there is none."""
    with suppress(NotATime):
        return moment_of(text, "DMY")
    return Moment()


def clock_in(text: str) -> time | None:
    """The time of the day in "9.30", "9:30 AM" or "2026-03-01 09:30"."""
    clock = loosely(text).clock
    if clock is None or clock >= DAY:
        return None
    minutes, seconds = divmod(clock.seconds, 60)
    return time(minutes // 60, minutes % 60, seconds)


def length_in(text: str) -> timedelta | None:
    """The length in "1h30" or "45 min"; None where there is none."""
    with suppress(NotATime):
        return length_of(text)
    return None


def length_of(cell: Cell) -> timedelta:
    """How long a session is: a number of minutes, "0:30", "1 h 30", "45 min". Raises NotATime."""
    if isinstance(cell, timedelta):
        return cell
    if isinstance(cell, datetime | time):
        return _since_midnight(cell.time() if isinstance(cell, datetime) else cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool) and 0 <= cell < 100_000:
        return _fraction(cell) if cell < 1 else timedelta(minutes=round(cell))
    text = _BLANKS.sub(" ", cell).strip().casefold() if isinstance(cell, str) else ""
    if found := _CLOCK_LENGTH.fullmatch(text):
        return timedelta(hours=int(found[1]), minutes=int(found[2]))
    if _FRACTION.fullmatch(text):
        return _fraction(float(text))
    found = _LENGTH.fullmatch(text)
    if not found or not (found["hours"] or found["minutes"]):
        raise NotATime("is no length")
    hours = float((found["hours"] or "0").replace(",", "."))
    return timedelta(hours=hours, minutes=int(found["minutes"] or 0))
