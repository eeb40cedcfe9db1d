"""Notes in our own schedule.xml and schedule.json: other readers pass over them, and ours trusts them little."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
import xml.sax
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from agenda.formats.own_notes import LONGEST, MOST_MATERIALS, TARGET
from agenda.formats.reading import read_programme
from agenda.formats.records import MaterialRecord, ProgrammeRecord, SessionRecord
from agenda.formats.schedule_json_file import schedule_json
from agenda.formats.schedule_xml_file import schedule_xml
from tests.agenda.formats.programmes import ADA, EVERY_KIND, programme, session

SOURCE = "https://forum.example/schedule"
WHOLE = replace(
    EVERY_KIND, venue="Town hall", speakers=(replace(ADA, organisation="Analytical", biography_is_cut=True),)
)
ODD = 'a ?> b <?forum-agenda {"byline": "x"}?> \\u003e " \n & \u2028 \ud800 \x00'
EVENT = "<event id='1'>{}<date>2024-05-01T09:00:00Z</date><duration>1:00</duration><title>Owls</title></event>"


class Elements(xml.sax.ContentHandler):
    """Collects what a reader of elements sees: as Giggity does, which reads by SAX."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[object] = []

    def startElement(self, name: str, attrs: xml.sax.xmlreader.AttributesImpl) -> None:
        self.seen.append((name, dict(attrs.items())))

    def characters(self, content: str) -> None:
        self.seen += [content] if content.strip() else []


def seen_by_sax(data: bytes) -> list[object]:
    handler = Elements()
    xml.sax.parseString(data, handler)  # noqa: S317 (our own file)
    return handler.seen


def seen_by_lxml(data: bytes) -> list[object]:
    return [(each.tag, dict(each.attrib), (each.text or "").strip()) for each in etree.fromstring(data).iter("*")]


def seen_by_elementtree(data: bytes) -> list[object]:
    root = ET.fromstring(data)  # noqa: S314 (our own file)
    return [(each.tag, each.attrib, (each.text or "").strip()) for each in root.iter()]


def read(notes: str = "", *, of_conference: str = "", inside: str = "") -> ProgrammeRecord:
    """A programme of one session with these notes, in the event and in the conference, and this element in it."""
    days = f"<day><room name='Hall'>{EVENT.format(notes + inside)}</room></day>"
    whole = f"<schedule><conference><title>Days</title>{of_conference}</conference>{days}</schedule>"
    return read_programme(whole.encode(), "schedule.xml")


def note(value: object) -> str:
    return f"<?{TARGET} {value if isinstance(value, str) else json.dumps(value)}?>"


@pytest.mark.parametrize("seen_by", [seen_by_sax, seen_by_lxml, seen_by_elementtree])
def test_other_readers_see_the_same_elements_with_and_without(seen_by):
    data = schedule_xml(WHOLE, source=SOURCE)
    root = etree.fromstring(data)
    etree.strip_tags(root, etree.ProcessingInstruction)
    bare = etree.tostring(root)

    assert data.count(b"<?forum-agenda ") == 4  # the conference, Ada, and two sessions
    assert b"<?" not in bare
    assert seen_by(data) == seen_by(bare)


def described(made: SessionRecord) -> tuple[Any, ...]:
    return made.byline, made.slides_included, made.status, made.materials


@pytest.mark.parametrize("write", [schedule_xml, schedule_json])
def test_notes_come_back(write):
    made = read_programme(write(WHOLE, source=SOURCE), "schedule")

    by_title = {each.title: each for each in made.sessions}
    materials = {each.title: each for each in by_title["Talk 1"].materials or ()}
    assert described(by_title["Talk 1"])[:3] == ("Ada, Analytical", True, "confirmed")
    assert materials["Not there yet"] == MaterialRecord(kind="paper", title="Not there yet")
    assert described(by_title["=1+1"]) == (None, None, "tentative", ())
    assert made.speakers[0] == WHOLE.speakers[0]
    assert (made.venue, made.rooms[0].capacity, made.problems) == ("Town hall", 80, ())


@pytest.mark.parametrize("write", [schedule_xml, schedule_json])
def test_any_text_comes_back_from_a_note(write):
    written = programme(
        session(1, "2019-10-31T10:00", byline=ODD, speakers=("Ada",)), speakers=(replace(ADA, biography=ODD),)
    )

    made = read_programme(write(written, source=SOURCE), "schedule")

    assert made.sessions[0].byline == 'a ?> b <?forum-agenda {"byline": "x"}?> \\u003e " & '.strip()
    assert (made.problems, len(made.sessions)) == ((), 1)


NOT_KNOWN = "A note for Forum agenda says “{}” in a way that is not known; that was left out."
NO_NOTE = "A note for Forum agenda is too long, or no JSON; that was left out."


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"byline": 7}, NOT_KNOWN.format("byline")),
        ({"slides_included": 1}, NOT_KNOWN.format("slides_included")),
        ({"status": "cancelled"}, NOT_KNOWN.format("status")),
        ({"title": "Mine"}, NOT_KNOWN.format("title")),
        ({"materials": [["slides"]]}, NOT_KNOWN.format("materials")),
        ({"materials": [["virus", "x"]]}, NOT_KNOWN.format("materials")),
        ({"materials": [[["slides"], {}]]}, NOT_KNOWN.format("materials")),
        ({"materials": [["slides", "x"]] * (MOST_MATERIALS + 1)}, NOT_KNOWN.format("materials")),
        ([], "A note for Forum agenda cannot be read; that was left out."),
        ("{", NO_NOTE),
        ("[" * 100_000, NO_NOTE),
        ('{"slides_included": ' + "9" * 5000 + "}", NO_NOTE),
        (json.dumps({"byline": "x" * LONGEST}), NO_NOTE),
    ],
    ids=range(13),
)
def test_odd_note_is_said_and_left_out(value, said):
    made = read(note(value))

    assert described(made.sessions[0]) == (None, None, "confirmed", None)
    assert [(each.where, each.text) for each in made.problems] == [("line 1", said)]


def test_rest_of_an_odd_note_is_taken():
    made = read(note({"byline": "Ada", "colour": "red"}))

    assert (made.sessions[0].byline, len(made.problems)) == ("Ada", 1)


@pytest.mark.parametrize(
    "notes",
    [
        '<?forum {"byline": "x"}?>',
        f"<persons>{note({'byline': 'x'})}</persons>",
        f"<subtitle>{note({'byline': 'x'})}</subtitle>",
        f"<sub><event>{note({'byline': 'x'})}</event></sub>",
    ],
)
def test_instruction_elsewhere_or_of_others_says_nothing(notes):
    made = read(notes)

    assert (made.sessions[0].byline, made.problems) == (None, ())


def test_instruction_inside_a_text_leaves_the_text_whole():
    made = read(
        inside="<abstract>Ow<?x y?>ls <!-- z -->fly</abstract><persons><?x y?><person>Ada<?x?> Uhu</person></persons>"
    )

    assert (made.sessions[0].abstract, made.sessions[0].speakers) == ("Owls fly", ("Ada Uhu",))


def test_note_of_a_speaker_nobody_lists_makes_no_speaker():
    speaker = note({"speaker": {"name": "Ada", "organisation": "Analytical"}})
    odd = (
        note({"speaker": {"name": ["Ada"]}}) + note({"capacities": {"Hall": -5}, "city": 3}) + note({"speaker": "Ada"})
    )

    made = read(of_conference=speaker + odd)

    assert (made.speakers, made.city, made.rooms[0].capacity) == ((), "", None)
    assert len(made.problems) == 3


def test_same_programme_gives_the_same_bytes():
    assert schedule_xml(WHOLE, source=SOURCE) == schedule_xml(WHOLE, source=SOURCE)
