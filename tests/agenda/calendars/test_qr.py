"""The QR code in a page: read back by its modules."""

from __future__ import annotations

import re

import qrcode

from agenda.calendars import qr
from tests.pages import read_html

ADDRESS = "webcal://forum.example/calendar/23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefgh.ics"


def modules(drawing: str) -> set[tuple[int, int]]:
    """The dark ones, as (column, row)."""
    return {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", read_html(drawing).one("path")["d"])}


def test_code_has_the_modules_of_its_text():
    code = qrcode.QRCode(border=4)
    code.add_data(ADDRESS)

    dark = {(x, y) for y, row in enumerate(code.get_matrix()) for x, is_dark in enumerate(row) if is_dark}

    assert modules(qr.svg(ADDRESS)) == dark


def test_code_has_a_quiet_zone_of_four_modules():
    svg = read_html(qr.svg(ADDRESS)).one("svg")

    width = int(svg["viewbox"].split()[2])
    dark = modules(qr.svg(ADDRESS))
    assert svg["viewbox"] == f"0 0 {width} {width}"
    assert {min(x for x, _ in dark), min(y for _, y in dark)} == {4}
    assert {max(x for x, _ in dark), max(y for _, y in dark)} == {width - 5}


def test_code_says_what_it_is_and_not_the_secret():
    svg = read_html(qr.svg(ADDRESS)).one("svg")

    assert (svg["role"], svg["aria-label"]) == ("img", "QR code of this address")
    assert read_html(qr.svg(ADDRESS, 'Code "<of>" &')).one("svg")["aria-label"] == 'Code "<of>" &'
    assert ADDRESS not in qr.svg(ADDRESS)
    assert " style=" not in qr.svg(ADDRESS)


def test_codes_of_two_texts_differ():
    assert qr.svg(ADDRESS) != qr.svg(ADDRESS.replace("2", "3"))
