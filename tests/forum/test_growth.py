"""Time grows with the length of a text, never with its square: every pattern and text rule, with hostile input.

A new pattern needs its row in PATTERNS, a function that uses `re` inside its row in RULES; tests below say so.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from email.message import Message
from functools import cache, partial
from itertools import cycle
from types import ModuleType
from typing import Any, NamedTuple

import pytest
from django.core.validators import RegexValidator
from django.http import QueryDict

from accounts.addresses import AddressField
from accounts.codes import letters_and_digits
from accounts.devices import device_name
from accounts.keys import split
from agenda.caldav import addresses, filters, xml
from agenda.calendars.programs import program_of
from agenda.calendars.served import CalendarVersion
from agenda.editing import fetching
from agenda.editing.bylines import renamed
from agenda.editing.naming import slug_for
from agenda.formats import calendar_file, contentlines, ical, plain_text, sched_page, spreadsheet, star_list, table_file
from agenda.formats.cleaning import absolute, bare_title
from agenda.models import Session
from agenda.programme import filters as programme_filters
from agenda.programme import lint_people, lint_texts, marks, one_letter, prose
from forum import logs
from tests.agenda.kvm_forum import add_event
from tests.one_writer import ROOT

OPERATORS = {ROOT / "forum" / "settings.py", ROOT / "forum" / "shapes.py"}

PACKAGES = ("accounts", "agenda", "database", "forum")
SHORT, LONG = 7_000, 28_000  # characters: four times as many take four times as long, or sixteen
MOST_TIMES, FEWEST_SECONDS = 10, 0.2  # slower than both is no accident of the machine


class Row(NamedTuple):
    """How the code uses a pattern, and inputs of its own: what comes first, is repeated, and comes last."""

    use: str
    inputs: tuple[tuple[str, str, str], ...] = ()


PATTERNS = {
    "accounts.browsers.SHAPE": Row("fullmatch", (("", "a", ""), ("", "-", ""))),
    "agenda.caldav.addresses._PATH": Row(
        "fullmatch", (("/dav/calendars/1/", "a", "/"), ("/dav/calendars/1/", "/", ""))
    ),
    "agenda.caldav.conditions._LIST": Row("match", (("", " ", ""), ("<", "a", ""), ("<a>", " ", ""), ("(", "<a>", ""))),
    "agenda.caldav.conditions._CONDITION": Row(
        "match", (("", " ", ""), ("not", " ", ""), ("[", " ", ""), ("<", "a", ""))
    ),
    "agenda.formats.contentlines._FOLD": Row("sub", (("", "\r\n", ""), ("", "\r", ""))),
    "agenda.formats.contentlines._PARAMETER": Row(
        "findall", (("", ";a=b", ""), (";a=", ",b", '"'), (";a=", '"",', ""))
    ),
    "agenda.formats.contentlines._LINE": Row(
        "fullmatch", (("A", ";a=b", ""), ("A;a=", ",", ""), ("A;a=", '"b",', '"'))
    ),
    "agenda.formats.contentlines._DURATION": Row("fullmatch", (("P", "1W", ""), ("PT", "1H", ""), ("P", "1", ""))),
    "agenda.formats.contentlines._ESCAPED": Row("sub", (("", "\\", ""), ("", "\\\n", ""))),
    "agenda.formats.assembly._UUID": Row("fullmatch", (("00000000", "-0000", ""), ("", "0", ""))),
    "agenda.formats.calendar_file._ENCODED": Row("sub", (("", "^", ""), ("", "^n", ""))),
    "agenda.formats.calendar_file._COMMA": Row("split", (("", "\\,", ""), ("", ",", ""))),
    "agenda.formats.page_text._IS_HTML": Row("search", (("", "<", ""), ("", "<!doctype ", ""))),
    "agenda.formats.page_text._BLANKS": Row("sub", (("", "\r\n ", ""),)),
    "agenda.formats.sched_page._DAY": Row("fullmatch", (("Monday, ", "A", ""), ("Monday, May ", "1", ""))),
    "agenda.formats.sched_page._HOUR": Row("fullmatch", (("11:00 ", "C", ""), ("", "11:00 ", ""))),
    "agenda.formats.sched_page._CLOCK": Row("fullmatch", (("11:00", " ", "am"), ("", "1", ""))),
    "agenda.formats.sched_page._WHEN": Row("search", (("", "Monday May 6, 2024 09:00 - ", "CET"), ("", "Mon", ""))),
    "agenda.formats.sched_page._KEY": Row("search", (("", "/event/", ""), ("/event/", "a", ""), ("", "/event/a", ""))),
    "agenda.formats.sched_people._DATES": Row("fullmatch", (("May 6", " - May 6", ""), ("", "May 6, 2024", ""))),
    "agenda.formats.sched_people._READ_MORE": Row("sub", (("", "Read More ", ""), ("", " \xa0", "Read More →"))),
    "agenda.formats.sched_people._LEGAL_FORM": Row("fullmatch", (("", "Inc.", ""), ("", "A", "G"))),
    "agenda.formats.sched_people._WORDS": Row("findall", (("", "a b", ""),)),
    "agenda.formats.workbook._TAG": Row("findall", (("", "<c ", ""), ("", '<c "', ""), ("<c ", "a=''", ""))),
    "agenda.formats.workbook._NUMBER": Row("findall", (("", "count", ""), ("count", " ", ""), ('count="', "1", ""))),
    "agenda.formats.workbook._R": Row("findall", (("", " r", ""), (" r", " ", ""), ("", ' r="', ""))),
    "agenda.formats.workbook._PLACE": Row("fullmatch", (("A", "1", ""), ("", "A", "1"))),
    "agenda.formats.workbook._ROWS_REPEATED": Row("search", (("number-rows-repeated", " ", ""),)),
    "agenda.formats.workbook._COLUMNS_REPEATED": Row("search", (("number-columns-repeated", " ", ""),)),
    "agenda.formats.cell_years._YEAR": Row("search", (("", "1", ""), ("1/", "1", ""), ("", "1/", ""))),
    "agenda.formats.cell_years._WEEKDAY": Row("match", (("", "a", ""), ("", " ", "a"))),
    "agenda.formats.cell_years._DAY_FIRST": Row("search", (("", "1 ", ""), ("1 ", "a", ""), ("", "1 of may", ""))),
    "agenda.formats.cell_years._MONTH_FIRST": Row("search", (("", "may ", ""), ("", "a", "1"), ("may ", "1", ""))),
    "agenda.formats.cell_years._NUMBERS": Row("search", (("", "1.", ""), ("", "1", "."))),
    "agenda.formats.cell_years._NUMBERED": Row("match", (("day ", "1", ""), ("day", " ", "1"))),
    "agenda.formats.cell_times._NUMERIC": Row("search", (("", "1/", ""), ("", "1/1/", ""), ("1/1/", "1", ""))),
    "agenda.formats.cell_times._WORDS": Row("search", (("", "1st may 1", ""), ("", "a", "2019"), ("", "may ", ""))),
    "agenda.formats.cell_times._CLOCK": Row("fullmatch", (("11:00:00.", "0", ""), ("11", " ", "am"))),
    "agenda.formats.cell_times._HOURS_FIRST": Row(
        "fullmatch", (("9:00 ", "a", "\n"), ("thu 9:00 - 9:00 ", "1 ", "\n"))
    ),
    "agenda.formats.cell_times._SERIAL": Row("fullmatch", (("43769.", "0", ""),)),
    "agenda.formats.cell_times._FRACTION": Row("fullmatch", (("0.", "0", ""),)),
    "agenda.formats.cell_times._LENGTH": Row("fullmatch", (("1", " ", "h"), ("1h", " ", ""), ("", "1h", ""))),
    "agenda.formats.cell_times._CLOCK_LENGTH": Row("fullmatch", (("1:", "0", ""),)),
    "agenda.formats.cell_times._BLANKS": Row("sub", (("", "\n ", "a"),)),
    "agenda.formats.people_in_cells._SURE": Row("split", (("", "\n;", ""),)),
    "agenda.formats.people_in_cells._AND": Row("split", (("", " &", ""), ("", " & ", ""), ("", " and", ""))),
    "agenda.formats.people_in_cells._COMMA": Row("split", (("", ", ", ""),)),
    "agenda.formats.spreadsheet_columns._NOTE": Row("sub", (("", "(optional", ""), ("", "(optional)", ""))),
    "agenda.formats.spreadsheet_columns._NOT_A_LETTER": Row("sub", (("", "_ ", ""), ("", "a_", ""))),
    "agenda.formats.spreadsheet_rows._KIND": Row("match", (("", "a", ""), ("slides:", " ", ""))),
    "agenda.formats.tolerant_lines._LINE_END": Row("split", (("", "\r", ""), ("", "\r\r\n", ""))),
    "agenda.programme.lint_people.AND": Row("split", (("", " ", ""), ("", " and", ""))),
    "agenda.programme.lint_people.DASH": Row("split", (("", " ", ""), ("", " -", ""))),
    "agenda.programme.lint_texts.SAYS_NOTHING": Row("fullmatch", (("", "-", ""), ("", "tba ", ""))),
    "agenda.programme.lint_texts.IN_TEXT": Row("sub", (("", "](", ""), ("", "https:/", ""))),
    "agenda.programme.lint_texts.HOST": Row("fullmatch", (("", "a", ""), ("", "a.", ""), ("", "a-", "."))),
    "agenda.programme.lint_texts.WITHOUT_SCHEME": Row("fullmatch", (("", "a", ""), ("", "a.", ""))),
    "agenda.programme.lint_texts.FILE": Row("fullmatch", (("", "a", ""), ("", "-", ".pdf"))),
    "agenda.programme.one_letter.NUMBERING": Row("fullmatch", (("", "a", ""), ("", "1", ""), ("", "i", ""))),
    "agenda.formats.cleaning._CANCELLED_BEFORE": Row(
        "match", (("", " ", ""), ("cancelled", " ", ""), ("[cancelled]", " ", ""), ("", "CANCELLED", ""), ("", "*", ""))
    ),
    "agenda.formats.cleaning._CANCELLED_AFTER": Row("search", (("", "[", ""), ("", "(cancelled)", "."))),
    "agenda.formats.cleaning._LANGUAGE": Row("fullmatch", (("en", "-aa", "-"), ("", "aa-", ""))),
    "agenda.formats.cleaning._SLUG": Row("fullmatch", (("", "a-", ""),)),
    "agenda.formats.cleaning._COLOUR": Row("fullmatch", (("#", "0", ""),)),
    "agenda.formats.cleaning._SCHEME": Row("match", (("", "a+", ""), ("", "a:", ""))),
    "agenda.formats.cleaning._HOST": Row("match", (("", "a.", ""), ("", "a-.", ""), ("a.b:", "1", ""))),
    "agenda.formats.star_list._GUID": Row("findall", (("", "aaaaaaaa-aaaa-", ""), ("", "0", "-"))),
    "agenda.formats.star_list._FOLD": Row("sub", (("", "\r\n ", ""), ("", "\r", ""))),
    "agenda.formats.xml_text.NOT_IN_XML": Row("sub", (("", "\ufffe", ""),)),
    "agenda.formats.c3voc._OUTSIDE_ACRONYM": Row("sub"),
    "agenda.formats.c3voc._SLUG": Row("fullmatch"),
    "agenda.formats.c3voc._OUTSIDE_SLUG": Row("sub"),
    "agenda.formats.c3voc._AREA_AND_CITY": Row("fullmatch", (("Aa/Aa", "a", "\n"), ("A", "a", "/"))),
    "agenda.formats.ical._NOT_IN_TEXT": Row("sub", (("", "\ufffe", ""),)),
    "agenda.formats.ical._LINE_BREAK": Row("sub", (("", "\r", ""),)),
    "agenda.formats.ical._LONG_GAP": Row("sub", (("", " " * 19 + "a", ""), ("", "\t", ""))),
    "agenda.formats.plain_text.LINE_BREAKS": Row("sub", (("", "\r", ""), ("", "\x0b", ""))),
    "agenda.formats.plain_text.NOT_IN_TEXT": Row("sub", (("", "\ufffe", ""),)),
    "agenda.formats.plain_text._TAG": Row(
        "findall", (("<a", " ", ""), ("", "<a ", ""), ("", "<a>", ""), ("", "</", ""), ("<", "a", ""), ("<a ", "/", ""))
    ),
    "agenda.formats.plain_text._IS_HTML": Row(
        "search", (("", "</", ""), ("", "</p", ""), ("", "<a\t", ""), ("", "<br ", ""))
    ),
    "agenda.formats.plain_text._HAS_BLOCKS": Row("search", (("", "<p", ""), ("", "<div", ""), ("", "</div", ""))),
    "agenda.formats.plain_text._HREF": Row(
        "search",
        (("", " href", ""), (" href", " ", ""), (" href=", " ", ""), ("", ' href="', ""), ("", " href='a", "")),
    ),
    "agenda.formats.plain_text._ALT": Row("search", ((" alt", " ", ""), (" alt=", " ", ""), ("", ' alt="', ""))),
    "agenda.formats.plain_text._BLANKS": Row("sub", (("", "\n", ""), ("", " a", ""))),
    "agenda.formats.plain_text._LINK": Row(
        "sub",
        (
            *(("", "[", ""), ("", "[a", ""), ("", "[](", ""), ("[](", "(a)", ""), ("[](", "a", ""), ("[](", "()", "")),
            *(('[](a "', "a", ""), ("", '[](a "', ""), ("", "![](<", ""), ("[](<", ">", ""), ("", "](", "")),
        ),
    ),
    "agenda.formats.plain_text._AUTOLINK": Row(
        "sub", (("<http://", "a", ""), ("", "<http://", ""), ("", "<mailto:", ""))
    ),
    "agenda.formats.plain_text._HEADING": Row(
        "sub", (("", "#", ""), ("#", " ", ""), ("", "# ", ""), ("", "#\t\n", ""))
    ),
    "agenda.formats.plain_text._BULLET": Row(
        "sub", (("*", " ", ""), ("", "* ", ""), ("", " \n", ""), ("", "* \n", ""))
    ),
    "agenda.formats.plain_text._STARS": Row(
        "sub", (("", "*", ""), ("", "*a", ""), ("", "*a ", ""), ("*", "a ", ""), ("", "**a", ""), ("", "***a* ", ""))
    ),
    "agenda.formats.plain_text._UNDERSCORES": Row(
        "sub", (("", "_", ""), ("", "_a ", ""), ("", " _a", ""), ("_", "a ", ""), ("", " __a", ""), ("__", "a", ""))
    ),
    "agenda.formats.schedule_xml._NAMED": Row("sub", (("", "&", ""), ("", "&a", ""), ("&", "a", ""), ("", "&a;", ""))),
    "agenda.formats.times._CLOCK_LENGTH": Row("fullmatch", (("1:", "0", ""), ("", "1:", ""))),
    "agenda.formats.times._ISO_LENGTH": Row("fullmatch", (("P", "1D", ""), ("PT", "1H", ""), ("P", "1", ""))),
    "agenda.formats.times._MINUTES": Row("fullmatch", (("", "1", ""),)),
    "agenda.models.event.validate_colour": Row("search", (("#", "0", ""),)),
    "agenda.programme.prose.LINKED": Row("fullmatch", (("<a ", "a", ""), ("<a >", "b", "<"), ("", "<a >", ""))),
    "agenda.programme.marks.SEARCHED": Row(
        "sub", (("", '<p class="prose">a</p>', ""), ('<p class="title">', "<", "</p>"))
    ),
    "agenda.programme.marks.TEXT": Row("sub", (("<p>", "a", ""), ("<p>", "&lt;", "</p>"))),
    "agenda.programme.prose.BULLET": Row("match", (("-", " ", ""), ("", "- ", ""))),
    "agenda.programme.prose.ADDRESS": Row("findall", (("", "https://", ""), ("https://x/", ")", ""), ("", "http", ""))),
    "agenda.views.programme.CSRF_FIELD": Row(
        "sub",
        (('name="csrfmiddlewaretoken" value="', "a", ""), ("", 'name="csrfmiddlewaretoken" value="', "")),
    ),
    "forum.logs.CALENDAR_KEY": Row("sub", (("", "/calendar/aaaaaaaa", ""), ("/calendar/aaaaaaaa", "/", ".ic"))),
    "forum.logs.FROM_IN_FRONT": Row("fullmatch", (("", "a", ""), ("", "a-", "!"))),
    "forum.logs.LONG_RUN": Row("sub", (("", "aaaaaaaa", ""), ("", "a" * 33 + "-", ""), ("", "a" * 26 + "0-", ""))),
    "forum.small_files._STYLES": Row("sub", (("", "/*", ""), ("", " /**/", ""), ("a:", "/**/ ", ""), ('"', "\\a", ""))),
    "forum.small_files._COMMENT_OR_INDENT": Row("sub", (("", "//", ""), ("", "\n", "//"), ("", " //\n", ""))),
}
COMMON = (
    "a",
    "0",
    " ",
    "\n",
    "\t\n",
    "-",
    "- ",
    "/",
    "(",
    ")",
    "<",
    ">",
    '"',
    "“",
    "&",
    ";",
    ",",
    "a ",
    "a-",
    "é",
    ".",
)
ENDS = ("", "!", "\0")

WHEN = "<p>Monday May 6, 2024 09:00 - 09:30 CEST<p>"

RULES: dict[str, Callable[[str], object]] = {
    "accounts.addresses.normal_address": lambda text: AddressField().has_changed("", f"a@{text}"),
    "accounts.codes.letters_and_digits": letters_and_digits,
    "accounts.devices.device_name": device_name,
    "accounts.keys.split": split,
    "agenda.caldav.addresses.read": addresses.read,
    "agenda.caldav.addresses.read_href": lambda text: addresses.read_href(text, "http://testserver"),
    "agenda.formats.contentlines.parse": lambda text: contentlines.parse(text.encode()),
    "agenda.caldav.filters.COLLATIONS": filters.COLLATIONS["i;ascii-casemap"],
    "agenda.caldav.xml.text": xml.text,
    "agenda.calendars.programs.program_of": program_of,
    "agenda.calendars.served.CalendarVersion.read": CalendarVersion.read,
    "agenda.editing.bylines._whole": lambda text: renamed(Session(byline=text), "a a", "b"),
    "agenda.editing.bylines._whole of the name": lambda text: renamed(Session(byline="a b"), text, "b"),
    "agenda.editing.naming.slug_for": lambda text: slug_for(text, {"a"}, 120),
    "agenda.editing.fetching._name": lambda text: fetching._name(Message(), text),
    "agenda.programme.lint_people.words_of": lint_people.words_of,
    "agenda.programme.lint_texts.fault_of": lint_texts.fault_of,
    "agenda.programme.one_letter._is_slip": lambda text: one_letter._is_slip(f"a{text}", f"b{text}"),
    "agenda.formats.calendar_file.read": lambda text: calendar_file.read(f"BEGIN:VCALENDAR\n{text}".encode()),
    "agenda.formats.ical._text": ical._text,
    "agenda.formats.sched_page.read": lambda text: sched_page.read(f"<html>{text}{WHEN}".encode()),
    "agenda.formats.spreadsheet.read": lambda text: spreadsheet.read(f"Title,Start\n{text}".encode()),
    "agenda.formats.cleaning.absolute": absolute,
    "agenda.formats.cleaning.bare_title": bare_title,
    "agenda.formats.plain_text.plain": plain_text.plain,
    "agenda.formats.plain_text.plain of HTML": lambda text: plain_text.plain(f"<p>{text}</p>", "https://x/"),
    "agenda.formats.plain_text.one_line": plain_text.one_line,
    "agenda.formats.star_list.read": lambda text: star_list.read(text.encode()),
    "agenda.formats.table_file.in_csv": table_file.in_csv,
    "agenda.formats.table_file.out_of_csv": table_file.out_of_csv,
    "agenda.programme.marks.marked": lambda text: marks.marked(text, "a e"),
    "agenda.programme.marks.mark_rows": lambda text: marks.mark_rows(f'<p class="prose">{prose.escape(text)}</p>', "a"),
    "agenda.programme.prose.credited": prose.credited,
    "agenda.programme.prose.first_sentences": prose.first_sentences,
    "agenda.programme.prose.fold": prose.fold,
    "agenda.programme.prose.isolated": prose.isolated,
    "agenda.programme.prose.to_html": prose.to_html,
    "forum.logs.without_keys": logs.without_keys,
}
HOSTILE = (
    *(
        "https://x/)",
        "https://x/",
        "- a\n",
        "-  \n",
        " \n",
        "\r\n",
        "“",
        "“a”",
        "a & ",
        "a, ",
        "\u0301\u0327",
        "\u0f73",
    ),
    *(
        "<a href=x>",
        "<li>",
        "<br>",
        "<!--",
        "<!---->",
        "</a>",
        "<script>",
        "&#1;",
        "[a](b)",
        "[](",
        "*a",
        " _a",
        "**a**",
    ),
    *("ﷺ", "\u1100", "<p>", "&lt;", "/calendar/aaaaaaaa", "aaaaaaaa0", "BEGIN:VCALENDAR\n", "A;B=C:\n", "a a", "%00"),
)


def modules() -> Iterator[ModuleType]:
    for package in PACKAGES:
        found = importlib.import_module(package)
        yield found
        for each in pkgutil.walk_packages(found.__path__, f"{package}."):
            if ".migrations" not in each.name:
                yield importlib.import_module(each.name)


@cache
def patterns() -> dict[str, re.Pattern[Any]]:
    """Every compiled pattern of ours by the name of its module and its own; classes are looked into."""
    found: dict[str, re.Pattern[Any]] = {}
    for module in modules():
        owners = [(module.__name__, vars(module))]
        ours = [each for each in vars(module).values() if isinstance(each, type) and each.__module__ == module.__name__]
        owners += [(f"{module.__name__}.{each.__qualname__}", dict(vars(each))) for each in ours]
        for owner, names in owners:
            for name, value in names.items():
                if isinstance(value, RegexValidator):
                    value = re.compile(value.regex.pattern)
                if isinstance(value, re.Pattern) and value not in found.values():
                    found[f"{owner}.{name}"] = value
    return found


def inline_uses() -> set[str]:
    """The functions, or names of a module, that use `re` otherwise than to compile a pattern of the module.

    Not settings.py and shapes.py, which read what the operator wrote.
    """
    found = set()
    for path in {path for package in PACKAGES for path in (ROOT / package).rglob("*.py")} - OPERATORS:
        for statement in ast.parse(path.read_text()).body:
            value = getattr(statement, "value", None)
            calls = [node for node in ast.walk(statement) if isinstance(node, ast.Call) and _is_of_re(node.func)]
            names = [
                getattr(each, "id", "") for each in getattr(statement, "targets", [getattr(statement, "target", None)])
            ]
            if calls and calls != [value]:
                module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
                found.add(f"{module}.{getattr(statement, 'name', names[0])}")
    return found


def _is_of_re(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "re"


def seconds(work: Callable[[], object]) -> float:
    """The processor's time for it."""
    began = time.process_time()
    with suppress(ValueError):  # to be refused is fine, if it is quick
        work()
    return time.process_time() - began


def too_slow(use: Callable[[str], object], inputs: Iterator[tuple[str, str, str]]) -> list[tuple[str, str, str, float]]:
    """The inputs for which time grows faster than the length."""
    found = []
    for first, repeated, last in inputs:
        short, long = (first + repeated * (length // len(repeated)) + last for length in (SHORT, LONG))
        if seconds(partial(use, long)) < FEWEST_SECONDS:
            continue
        took = min(seconds(partial(use, long)) for _ in range(3))
        if took > FEWEST_SECONDS and took > MOST_TIMES * seconds(partial(use, short)):
            found.append((first, repeated, last, took))
    return found


def test_every_pattern_has_its_row():
    assert set(patterns()) == PATTERNS.keys()


def test_every_use_of_re_inside_a_function_has_its_row():
    assert inline_uses() <= {name.partition(" ")[0] for name in RULES}
    assert inline_uses()


@pytest.mark.parametrize("name", PATTERNS)
def test_pattern_takes_time_by_the_length(name):
    pattern, row = patterns()[name], PATTERNS[name]
    is_bytes = isinstance(pattern.pattern, bytes)

    def use(text: str) -> object:
        subject: Any = text.encode() if is_bytes else text
        return pattern.sub(b"" if is_bytes else "", subject) if row.use == "sub" else getattr(pattern, row.use)(subject)

    common = [("", repeated, last) for repeated in COMMON for last in ENDS]

    assert too_slow(use, iter([*row.inputs, *common])) == []


@pytest.mark.parametrize("name", RULES)
def test_rule_takes_time_by_the_length(name):
    inputs = [("", repeated, last) for last, repeated in zip(cycle(ENDS), (*COMMON, *HOSTILE))]

    assert too_slow(RULES[name], iter(inputs)) == []


@pytest.mark.django_db
@pytest.mark.parametrize("parameter", ["q", "day", "from", "to", "track", "room", "language", "view"])
def test_filters_take_time_by_the_length(parameter):
    event = add_event("devconf", "Europe/Paris", "2019-10-31", "2019-11-01")

    def use(text: str) -> object:
        query = QueryDict(mutable=True)
        query.setlist(parameter, [text])
        return programme_filters.read(query, event, [], [])

    assert too_slow(use, iter([("", repeated, "") for repeated in (*COMMON, *HOSTILE, "2019-10-31T")])) == []


def test_slow_pattern_is_found():
    quadratic = re.compile(r"a[^<>]++<")

    assert too_slow(lambda text: quadratic.sub("", text), iter([("", "ab", "")])) != []
