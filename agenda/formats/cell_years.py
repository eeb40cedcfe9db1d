"""Dates that leave out their year, as people write them in cells: "Thu 31 Oct", "October 31st", "31.10.", "Day 2"."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, timedelta

from agenda.formats.assembly import NotATime
from agenda.formats.cell_times import MONTHS, WEEKDAYS, date_first, span_of
from agenda.formats.records import Around
from agenda.formats.workbook import Cell

YEARS = 6  # at most, to either side: a weekday falls on the same date after 5, 6 or 11 years
WEEK = timedelta(days=7)
LONGEST = 60  # characters of a cell that is a date and a time, and not a text

_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)|\d[-/.]\d{1,2}[-/.]\d")
_WEEKDAY = re.compile(r"\W{0,3}([a-z]{2,10})\b")
_DAY_FIRST = re.compile(r"(?<![\d.:])(?P<day>\d{1,2})(?:st|nd|rd|th|\.)? ?(?:of )?(?P<month>[a-zäéû]{3,9})\b\.?")
_MONTH_FIRST = re.compile(r"\b(?P<month>[a-zäéû]{3,9})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?(?![\d:.])")
_NUMBERS = re.compile(r"(?<![\d.:])(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?!\d)")
_NUMBERED = re.compile(r"(?:day|tag|jour) ?(\d{1,2})\b[:,]?")


class Years:
    """Writes the year into dates that have none.

    It is the one in which the date is nearest to the event's first day. Where that is not known, the weekday before the
    first date decides, too; what follows is near that date. So the days of a programme stay together, even if one of
    them has the wrong weekday. A weekday alone, or "Day 2", is counted from the first day, where that is known.
    """

    def __init__(self, around: Around | None) -> None:
        self._around, self._near = around, around.day if around else None
        self.taken: date | None = None  # the first date that was made whole

    def whole(self, cell: Cell) -> Cell:
        """The cell with the year in it, if it is a text with a date that has none; otherwise as it is."""
        if not isinstance(cell, str) or len(cell) > LONGEST or self._near is None:
            return cell
        text = date_first(" ".join(cell.casefold().split()))
        if _YEAR.search(text):
            return cell
        word = _WEEKDAY.match(text)
        weekday = WEEKDAYS.get(word[1]) if word else None
        for pattern in (_DAY_FIRST, _MONTH_FIRST, _NUMBERS):
            for found in pattern.finditer(text):
                if day := self._nearest(self._near, found["month"], int(found["day"]), weekday):
                    whole = self._written(day, text[found.end() :])
                    self._near = day if whole else self._near
                    return whole or cell
        return self._counted(text, word.end() if word else 0, weekday) or cell

    def _nearest(self, near: date, month: str, day: int, weekday: int | None) -> date | None:
        number = int(month) if month.isdecimal() else MONTHS.get(month, 0)
        dates = [_date(near.year + years, number, day) for years in range(-YEARS, YEARS + 1)]
        known = [each for each in dates if each]
        is_near = weekday is None or self.taken or (self._around and self._around.is_first)
        fitting = [each for each in known if is_near or each.weekday() == weekday] or known
        return min(fitting, key=lambda each: abs(each - near), default=None)

    def _counted(self, text: str, end: int, weekday: int | None) -> str | None:
        """The text with a date in place of its weekday, or of its number of the day."""
        if not self._around or not self._around.is_first:
            return None
        first = self._around.day
        if found := _NUMBERED.match(text):
            return self._written(first + timedelta(days=int(found[1]) - 1), text[found.end() :])
        if weekday is None:
            return None
        return self._written(first + timedelta(days=(weekday - first.weekday()) % WEEK.days), text[end:])

    def _written(self, day: date, rest: str) -> str | None:
        """The date in words, with what follows it; None if that makes no date or time, as "May 4 Hall 2" does not."""
        text = f"{day.day} {day:%B %Y} {rest.strip(' .,;:|–-')}".strip()
        with suppress(NotATime):
            span_of(text, "DMY")
            self.taken = self.taken or day
            return text
        return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
