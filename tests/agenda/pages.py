"""Pages as a person reads them."""

from __future__ import annotations

from typing import Any

from lxml import html

from tests.pages import Element


def text_of(response: Any) -> str:
    """The words of the page, each run of blanks as one."""
    return " ".join(html.fromstring(response.content).text_content().split())


def hours_of(root: Element) -> dict[Element, Element]:
    """The hour that each row of a programme's list stands under."""
    return {row: hour for hour in root.all("li.hour") for row in hour.all("li.session")}


def spans(root: Element) -> list[str]:
    """From when to when each row is, as the row says it, or else the hour that it stands under: "11:00 to 11:30"."""
    hours = hours_of(root)
    return [f"{_time('from', row, hours)} to {_time('to', row, hours)}" for row in root.all("li.session")]


def starts(root: Element) -> list[str]:
    """When each row starts, in the words of the row, or else of its hour."""
    hours = hours_of(root)
    return [_time("from", row, hours) for row in root.all("li.session")]


def _time(kind: str, row: Element, hours: dict[Element, Element]) -> str:
    own = row.all(f"time.{kind}")
    return (own or hours[row].one("h3.hour-head").all(f"time.{kind}"))[0].text
