"""What somebody chose elsewhere, read from each kind of list; and the link that hands it to Giggity."""

from __future__ import annotations

import json
import zlib
from base64 import urlsafe_b64decode
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from agenda.formats.giggity import opening
from agenda.formats.star_list import Chosen, read

ONE, TWO = UUID("6f1c2a90-4f0e-4c5b-9a52-0d7c7d1f3b01"), UUID("7f1c2a90-4f0e-4c5b-9a52-0d7c7d1f3b02")
BOTH = [Chosen(ONE), Chosen(TWO)]
ICS = f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:{str(ONE)[:20]}\r\n {str(ONE)[20:]}\r\nURL:https://x/{TWO}\r\nEND:VEVENT"
FAHRPLAN = {"lectures": [{"lecture_id": "17", "title": "A talk"}, {"lecture_id": str(TWO), "title": "B"}, {}, 5]}


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        (f"{ONE}\n{TWO}\n{ONE}", BOTH),
        (f"ID,Title\r\n{ONE},x\r\n{str(TWO).upper()},y", BOTH),
        (f"\ufeff {ONE};{TWO}", BOTH),
        (json.dumps([str(ONE), str(TWO), "x", 3, None]), BOTH),
        (json.dumps({"etag": '"x"', "guids": [str(ONE), str(TWO)]}), BOTH),
        (json.dumps(FAHRPLAN), [Chosen(id=17, title="A talk"), Chosen(TWO)]),
        (json.dumps({"lectures": [{"guid": str(ONE), "lecture_id": "17"}]}), [Chosen(ONE)]),
        (json.dumps({"lectures": [{"lecture_id": "9" * 400}, {"lecture_id": "-1"}]}), []),
        (ICS, [Chosen(ONE)]),
        (ICS.replace("\r", ""), [Chosen(ONE)]),
        ("", []),
        ("{", []),
        ("[" * 100_000, []),
        ("{}", []),
        ('{"lectures": 1}', []),
        ("no guid here 6f1c2a90", []),
        ("\0\ud800", []),
    ],
)
def test_list_is_read(text, chosen):
    assert read(text.encode(errors="replace")) == chosen


def test_link_to_giggity_holds_address_and_guids():
    link = opening("https://forum.example/a b/schedule.xml?day=1&x=2", [ONE, TWO])

    address = urlsplit(link)
    told = parse_qs(address.fragment, strict_parsing=True)
    assert (address.netloc, address.query) == ("ggt.gaa.st", "")
    assert told["url"] == ["https://forum.example/a b/schedule.xml?day=1&x=2"]
    assert json.loads(zlib.decompress(urlsafe_b64decode(told["see"][0]))) == [str(ONE), str(TWO)]


def test_link_to_giggity_without_stars_is_the_programme_alone():
    assert opening("https://x/y") == "https://ggt.gaa.st/#url=https%3A%2F%2Fx%2Fy"
