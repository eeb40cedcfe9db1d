"""Makes sessions of the rows of a spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from agenda.formats.assembly import (
    ASSUMED,
    Identities,
    NotATime,
    assembled,
    guid_of,
    identity,
    in_utc,
    language_of,
    prose_of,
    until,
)
from agenda.formats.cell_slips import mended
from agenda.formats.cell_times import SAID, Moment, in_words, length_of, moment_of, order_of, span_of
from agenda.formats.cell_years import Years
from agenda.formats.cleaning import LONGEST_URL, USUAL_LENGTH, bare_title
from agenda.formats.people_in_cells import People
from agenda.formats.plain_text import one_line, tidy
from agenda.formats.records import Around, CellToMend, MaterialRecord, Problem, ProgrammeRecord, SessionRecord
from agenda.formats.spreadsheet_table import Table, written
from agenda.formats.times import zone_named
from agenda.formats.workbook import Cell
from agenda.formats.zones import iana_name

DAYS = ("date", "end_date")
TIMES = ("start", "end", *DAYS)
ERRORS = {"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"}
CONFIRMED = {"", "confirmed", "accepted", "scheduled", "active", "published", "yes", "y", "ok", "bestätigt"}
STATUS = dict.fromkeys(CONFIRMED, "confirmed") | {
    **dict.fromkeys(("tentative", "pending", "waitlisted", "proposed", "unconfirmed", "provisorisch"), "tentative"),
    **dict.fromkeys(("cancelled", "canceled", "abgesagt", "withdrawn", "annulé"), "cancelled"),
}
YES, NO = {"yes", "y", "true", "1", "x", "ja", "oui"}, {"no", "n", "false", "0", "nein", "non", ""}
KINDS = ("slides", "recording", "paper", "link")
SHOWN = 60  # characters of a cell
NOON = timedelta(hours=12)

_KIND = re.compile(r"([a-z]{4,9}): ?", re.IGNORECASE)


class BadCell(Exception):
    """A cell that keeps its row from being a session."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row by fields. A field whose column is absent is absent."""

    number: int
    cells: dict[str, Cell]

    def has(self, field: str) -> bool:
        return self.cells.get(field, "") != ""

    def text(self, field: str) -> str | None:
        """The cell as text; None if the column is absent."""
        return written(self.cells[field]) if field in self.cells else None

    def line(self, field: str) -> str | None:
        text = self.text(field)
        return text if text is None else one_line(text)


class RowsReader:
    """Reads the rows of a table, and keeps what could not be understood."""

    def __init__(
        self, table: Table, hint: str, mends: Mapping[str, str] | None = None, around: Around | None = None
    ) -> None:
        self._table, self._mends, self._years = table, mends or {}, Years(around)
        self._hint = hint if zone_named(hint) else ""
        self._order, self._is_order_unsure = order_of(table.cells(*TIMES))
        names = (cell for cell in table.cells("speakers") if isinstance(cell, str))
        self._people = People(names, is_ours=table.is_ours)
        self._ids = Identities()
        self._problems = list(table.problems)
        self._day: date | None = None  # of the row above
        self._clock = NOON  # when the row above starts

    def programme(self) -> ProgrammeRecord:
        zones = (one_line(written(cell)) for cell in self._table.cells("zone"))
        zone = next((known for name in zones if name and (known := iana_name(name))), self._hint)
        self._say_what_was_assumed(zone)
        sessions = [session for row in self._rows() if (session := self._session(row, zone))]
        if day := self._years.taken:
            self._say("", f"There are dates without a year; the first was read as {day:%A}, {day.day} {day:%B %Y}.")
        return assembled(sessions, zone, format=self._table.format, problems=tuple(self._problems))

    def _say_what_was_assumed(self, zone: str) -> None:
        fields = self._table.places
        if self._is_order_unsure:
            self._say("", f"Dates can be read in two orders; {SAID[self._order]} was assumed.")
        if not zone:
            self._say("", "The times have no zone; they were read as UTC. Choose the zone they are in.")
        if "id" not in fields:
            self._say(
                "",
                "There is no column ID: sessions are known by title and speakers, and one whose title changes will look"
                " like a new one.",
            )
        if not {"end", "duration"} & fields.keys():
            self._say("", f"There is no column for the end or the duration; {ASSUMED} for each session.")

    def _say(self, where: str, text: str, cell: CellToMend | None = None, *, leaves_out: bool = False) -> None:
        self._problems.append(Problem(where, text, cell, leaves_out))

    def _place(self, row: SheetRow, field: str) -> str:
        known = field in self._table.places
        return f"row {row.number:,}, column {self._table.header(field)}" if known else f"row {row.number:,}"

    def _rows(self) -> Iterable[SheetRow]:
        """The rows that are not empty."""
        for number, cells in enumerate(self._table.rows, start=self._table.first):
            found = {field: cells[at] if at < len(cells) else "" for field, at in self._table.places.items()}
            row = SheetRow(
                number, {field: cell.strip() if isinstance(cell, str) else cell for field, cell in found.items()}
            )
            for field, cell in row.cells.items():
                if cell in ERRORS:
                    self._say(self._place(row, field), f"The formula in this cell gives {cell}; it was read as empty.")
                    row.cells[field] = ""
            if self._heads_a_day(cells) or not any(row.has(field) for field in row.cells):
                continue
            if self._is_mended(row):
                row.cells.update({field: self._years.whole(row.cells[field]) for field in TIMES if field in row.cells})
                yield row

    def _heads_a_day(self, cells: list[Cell]) -> bool:
        """True for a row that only names the day of those below it."""
        said = [cell for cell in cells if cell != ""]
        if len(said) != 1 or "date" in self._table.places:
            return False
        with suppress(NotATime):
            moment = moment_of(self._years.whole(said[0]), self._order)
            self._day = moment.day if moment.clock is None else self._day
            return moment.day is not None and moment.clock is None
        return False

    def _is_mended(self, row: SheetRow) -> bool:
        """Gives the cells of the row what an editor wrote in their place; False for a row that they left out."""
        for field, cell in row.cells.items():
            mend = self._mends.get(self._table.cell_name(field, row.number))
            if mend == "":
                self._say(self._place(row, field), "The row was left out, as you chose.", leaves_out=True)
                return False
            row.cells[field] = cell if mend is None else mend
        return True

    def _session(self, row: SheetRow, zone: str) -> SessionRecord | None:
        """The session of a row; None, and a problem, if it cannot be one."""
        title, is_cancelled = bare_title(row.line("title") or "")
        try:
            if not title:
                raise BadCell("title", "There is no title")
            start, end = self._times(row, self._zone_of(row, zone))
        except BadCell as error:
            place, cell = self._place(row, error.field), self._to_mend(row, error)
            self._say(place, f"{error}; the row was left out.", cell, leaves_out=True)
            return None
        speakers = self._speakers(row)
        status = self._status(row)
        return SessionRecord(
            external_id=self._id(row, title, speakers or ()),
            guid=guid_of(row.line("id") or ""),
            title=title,
            start=start,
            end=end,
            subtitle=row.line("subtitle"),
            byline=row.line("byline"),
            abstract=self._abstract(row),
            language=language_of(text) if (text := row.line("language")) else text,
            room=row.line("room"),
            track=row.line("track"),
            type=row.line("type"),
            speakers=speakers,
            materials=self._materials(row),
            status="cancelled" if is_cancelled else status,
            url=self._url(row),
            slides_included=self._slides_included(row),
            where=f"row {row.number:,}",
        )

    def _to_mend(self, row: SheetRow, error: BadCell) -> CellToMend | None:
        """The cell, with a guess at what it should say; None if there is no such column."""
        field = error.field
        if field not in self._table.places:
            return None
        says = one_line(written(row.cells[field]))
        if field == "start" and (end := self._clock_in(row.cells.get("end", ""))):
            self._clock = end - USUAL_LENGTH
        guess = mended(says, lambda text: self._distance(field, text)) if field in (*TIMES, "duration") else ""
        name = self._table.cell_name(field, row.number)
        return CellToMend(key=name, name=name, says=says, problem=str(error), suggestion=guess)

    def _clock_in(self, cell: Cell) -> timedelta | None:
        try:
            return moment_of(cell, self._order).clock
        except NotATime:
            return None

    def _distance(self, field: str, text: str) -> float | None:
        """How far a time, date or length is from what is likely there; None for another kind of text."""
        try:
            if field == "duration":
                return abs(length_of(text) - USUAL_LENGTH).total_seconds()
            moment = moment_of(text, self._order)
        except NotATime:
            return None
        day, clock = moment.day, moment.clock
        if (day if field in DAYS else clock) is None:
            return None
        days = abs((day - self._day).days) if day and self._day else 0
        return days * 24 + (abs((clock - self._clock).total_seconds()) / 3600 if clock is not None else 0)

    def _id(self, row: SheetRow, title: str, speakers: tuple[str, ...]) -> str:
        own = row.line("id")
        given, is_other = self._ids.give(own or identity(title, speakers), title)
        if is_other and own:
            self._say(self._place(row, "id"), f"The ID “{own[:SHOWN]}” stands above, too; the title tells them apart.")
        return given

    def _zone_of(self, row: SheetRow, usual: str) -> tzinfo:
        name = row.line("zone") or ""
        known = iana_name(name) if name else usual
        if name and not known:
            self._say(self._place(row, "zone"), f"“{name[:SHOWN]}” is no known zone; {usual or 'UTC'} was taken.")
        return zone_named(known or usual) or UTC

    def _times(self, row: SheetRow, zone: tzinfo) -> tuple[datetime, datetime]:
        """Start and end in UTC. An end without a day, and before the start, is on the next day. Raises BadCell."""
        day = self._day_of(row)
        start, end = self._span(row, "start")
        if start is None:
            raise BadCell("start", "There is no start")
        begin = self._in_utc("start", start, day, zone)
        self._clock = start.clock or self._clock
        end = self._moment(row, "end") or end
        finish: datetime | None = None
        if end:
            its_day = self._moment(row, "end_date") or Moment()
            begin_day = start.whole.date() if start.whole else start.day or day
            finish = self._in_utc("end", end, its_day.day or begin_day, zone)
            if finish < begin and not (end.day or end.whole or its_day.day):
                finish = self._in_utc("end", end, begin.astimezone(zone).date() + timedelta(days=1), zone)
        elif row.has("duration"):
            finish = begin + self._length(row)
        try:
            finish, is_assumed = until(begin, finish)
        except NotATime as error:
            raise BadCell("end", f"The end {error}") from None
        if is_assumed and {"end", "duration"} & self._table.places.keys():
            self._say(self._place(row, "end" if "end" in row.cells else "duration"), f"There is no length; {ASSUMED}.")
        return begin, finish

    def _day_of(self, row: SheetRow) -> date | None:
        """The day in the column Date; of an empty cell, the one above."""
        found = self._moment(row, "date")
        if found:
            self._day = found.day or (found.whole.date() if found.whole else None)
        elif "date" in row.cells and self._day:
            self._say(self._place(row, "date"), f"There is no date; {self._day.isoformat()} was taken from above.")
        return self._day

    def _moment(self, row: SheetRow, field: str) -> Moment | None:
        """The date or time in a cell; None for an empty cell or an absent column. Raises BadCell."""
        return self._span(row, field)[0]

    def _span(self, row: SheetRow, field: str) -> tuple[Moment | None, Moment | None]:
        """The same, with the end that a cell may have as well: "9:00 – 10:00"."""
        if not row.has(field):
            return None, None
        try:
            cell = row.cells[field]
            return span_of(cell, self._order) if field == "start" else (moment_of(cell, self._order), None)
        except NotATime as error:
            raise BadCell(field, f"“{one_line(written(row.cells[field]))[:SHOWN]}” {error}") from None

    def _length(self, row: SheetRow) -> timedelta:
        try:
            return length_of(row.cells["duration"])
        except NotATime as error:
            raise BadCell("duration", f"“{one_line(written(row.cells['duration']))[:SHOWN]}” {error}") from None

    def _in_utc(self, field: str, moment: Moment, day: date | None, zone: tzinfo) -> datetime:
        day = moment.day or day
        try:
            if moment.whole:
                return in_utc(moment.whole)
            if day is None:
                raise BadCell(field, f"The {field} has no date")
            if moment.clock is None:
                raise BadCell(field, f"The {field} has no time of the day")
            local = datetime.combine(day, time())
            in_utc(local)
            return in_utc(local + moment.clock, zone)
        except NotATime as error:
            raise BadCell(field, f"The {field} {error}") from None

    def _abstract(self, row: SheetRow) -> str | None:
        text = row.text("abstract")
        return text if text is None else tidy(text) if self._table.is_ours else prose_of(text)

    def _speakers(self, row: SheetRow) -> tuple[str, ...] | None:
        if "speakers" not in row.cells:
            return None
        names = self._people.names(row.text("speakers") or "")
        for name in names:
            if self._people.is_unsure(name):
                self._say(
                    self._place(row, "speakers"),
                    f"“{name[:SHOWN]}” was read as one person; part several people with semicolons.",
                )
        return names

    def _materials(self, row: SheetRow) -> tuple[MaterialRecord, ...] | None:
        """The files and links, one a line: "slides: the title, https://…", or an address alone."""
        if "materials" not in row.cells:
            return None
        lines = filter(None, map(one_line, tidy(row.text("materials") or "").split("\n")))
        return tuple(self._short(row, _material(line)) for line in lines)

    def _short(self, row: SheetRow, material: MaterialRecord) -> MaterialRecord:
        """The material, without an address that is too long."""
        if len(material.url) <= LONGEST_URL:
            return material
        title = material.title if material.title != material.url else "a link"
        text = f"The address of “{title[:SHOWN]}” has more than {LONGEST_URL:,} characters; it was left out."
        self._say(self._place(row, "materials"), text)
        return replace(material, title=title, url="")

    def _status(self, row: SheetRow) -> str | None:
        text = row.line("status")
        if text is None:
            return None
        if text.casefold() not in STATUS:
            self._say(self._place(row, "status"), f"“{text[:SHOWN]}” is no known status; confirmed was assumed.")
        return STATUS.get(text.casefold(), "confirmed")

    def _url(self, row: SheetRow) -> str | None:
        text = row.line("url")
        if text and not text.casefold().startswith(("https://", "http://")):
            self._say(self._place(row, "url"), f"“{text[:SHOWN]}” is no whole address; it was left out.")
            return ""
        return text

    def _slides_included(self, row: SheetRow) -> bool | None:
        text = row.line("slides")
        if text is None or text.casefold() in YES | NO:
            return None if text is None else text.casefold() in YES
        self._say(self._place(row, "slides"), f"“{text[:SHOWN]}” is neither yes nor no; it was passed over.")
        return None

    def column(self, header: str) -> tuple[str, str, str, str]:
        """Header, field, a sample, and how the sample is read where that is not how it is written."""
        field, cell = self._table.fields.get(header, ""), self._table.sample(header)
        sample = one_line(written(cell))
        try:
            read_as = self._read_as(field, cell)
        except NotATime as error:
            read_as = f"not understood: {error}"
        return header, field, sample, "" if read_as == sample else read_as

    def _read_as(self, field: str, cell: Cell) -> str:
        if cell == "":
            return ""
        if field in TIMES:
            return in_words(moment_of(self._years.whole(cell), self._order))
        if field == "duration":
            return f"{round(length_of(cell).total_seconds() / 60)} minutes"
        if field == "speakers":
            return "; ".join(self._people.names(written(cell)))
        return one_line(written(cell))


def _material(line: str) -> MaterialRecord:
    found = _KIND.match(line)
    kind = found[1].casefold() if found else ""
    rest = line[found.end() :] if found and kind in KINDS else line
    title, _, url = rest.rpartition(", ") if "://" in rest.rpartition(", ")[2] else (rest, "", "")
    if not url and rest.startswith(("https://", "http://")):
        title, url = "", rest
    return MaterialRecord(kind=kind if kind in KINDS else "link", title=title or url, url=url)
