from __future__ import annotations

import re
import unicodedata
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st
from vdirsyncer.vobject import Item, split_collection

from agenda.formats.ical import CalendarRecord, Style, VeventRecord, resource, vcalendar, vevent

SAMPLES = Path(__file__).parents[2] / "samples"
PARIS = ZoneInfo("Europe/Paris")

CALENDAR = CalendarRecord(
    name="My agenda, starred",
    source="https://forum.example/agenda/",
    product="Forum agenda",
    description="Talks you starred; kept up to date.",
)
MATRYOSHKAS = VeventRecord(
    guid=UUID("6f1c2a90-4f0e-4c5b-9a52-0d7c7d1f3b01"),
    sequence=2,
    created=datetime(2019, 8, 20, 9, 0, tzinfo=UTC),
    updated=datetime(2019, 10, 30, 18, 5, 7, 987654, tzinfo=UTC),
    start=datetime(2019, 10, 31, 11, 0, tzinfo=PARIS),
    end=datetime(2019, 10, 31, 11, 30, tzinfo=PARIS),
    title="Managing Matryoshkas: Testing Nested Guests",
    note="",
    subtitle="",
    byline="Marc Hartmayer, IBM",
    abstract="How can each guest level be supervised, managed, tested; and in which order?\r\n\r\n"
    "C:\\New keeps its backslash. Größe, naïveté, “curly” quotes, 漢字 and 👩‍👩‍👧 are never cut in two.",
    location="Forum 3, Lyon Convention Centre, Lyon",
    track="KVM, QEMU; nested",
    url="https://forum.example/kvm-forum-2019/sessions/managing-matryoshkas/",
    status="confirmed",
    zone="Europe/Paris",
)
CANCELLED = replace(
    MATRYOSHKAS,
    guid=UUID("6f1c2a90-4f0e-4c5b-9a52-0d7c7d1f3b02"),
    sequence=3,
    start=datetime(2019, 7, 1, 9, 30, tzinfo=PARIS),
    end=datetime(2019, 7, 1, 10, 15, tzinfo=PARIS),
    title="Nesting&testing",
    url="https://forum.example/kvm-forum-2019/sessions/nesting-testing/",
    status="cancelled",
)
BARE = replace(
    MATRYOSHKAS,
    guid=UUID("6f1c2a90-4f0e-4c5b-9a52-0d7c7d1f3b03"),
    sequence=0,
    title="To be announced",
    subtitle="",
    byline="",
    abstract="",
    location="",
    track="",
    url="https://forum.example/kvm-forum-2019/sessions/to-be-announced/",
    status="tentative",
)
NOTED = replace(
    MATRYOSHKAS, subtitle="Guests in guests", note="Bring a laptop; seats are few.\r\nThe door closes at eleven."
)


STYLES = {  # of a sample file: the session in it, how it is written, and the zones that this needs
    "alarm.ics": (MATRYOSHKAS, Style(alarm=10), ()),
    "local-times.ics": (MATRYOSHKAS, Style(local=True), ("Europe/Paris",)),
    "in-case.ics": (MATRYOSHKAS, Style(alarm=5, in_case=True), ()),
    "cancelled-without-alarm.ics": (CANCELLED, Style(alarm=10, in_case=True), ()),
}


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def content_lines(written: bytes) -> list[str]:
    """Content lines as RFC 5545 section 3.1 reads them: unfolded first, then decoded."""
    *lines, rest = re.sub(rb"\r\n[ \t]", b"", written).split(b"\r\n")
    assert rest == b""
    return [line.decode() for line in lines]


def line_of(written: bytes, name: str) -> str:
    """The one content line of that property."""
    (line,) = (line for line in content_lines(written) if re.match(rf"{name}[:;]", line))
    return line


def read_by_icalendar(session: VeventRecord) -> icalendar.Component:
    calendar = icalendar.Calendar.from_ical(vcalendar(CALENDAR, [vevent(session)]))
    (component,) = calendar.subcomponents
    return component


def as_kept(text: str) -> str:
    """What may be expected back: line breaks as \\n, other control characters gone, trimmed, long gaps shortened."""
    allowed = {"\t", "\n", "\r", "\f", *map(chr, range(0x80, 0xA0))}
    forbidden = {"\ufffe", "\uffff", *(char for char in text if unicodedata.category(char) in ("Cc", "Cs"))}
    kept = "".join(char for char in text if char in allowed or char not in forbidden)
    runs = groupby("\n".join(kept.splitlines()), key=lambda char: char.isspace() and char != "\n")
    return "".join("".join(run)[: 20 if is_gap else None] for is_gap, run in runs).strip()


hostile = st.sampled_from(
    [
        *("\r\nBEGIN:VEVENT\r\n", "\nEND:VCALENDAR", "\rATTENDEE:bob@example.org", "\u2028METHOD:CANCEL", "\r\n "),
        *("\\", "\\n", "\\N", "\\\\,", ",", ";", ":", '"', "^n", "%0A", "quoted-printable="),
        *("\x00", "\x0b", "\f", "\x1b[31m", "\x1c", "\x7f", "\x85", "\x9f", "\u2029", "\ufeff", "\ud800", "\ufffe"),
        *("é", "e\u0301", "👩‍👩‍👧", "שלום", "\u202eback", " " * 200, "\t" * 90, "\u3000" * 30, "W" * 200, "漢" * 60),
    ]
)
any_text = st.lists(hostile | st.text(st.characters(exclude_categories=())), max_size=6).map("".join)
six_texts = st.fixed_dictionaries(dict.fromkeys(("title", "note", "byline", "abstract", "location", "track"), any_text))
from_1970_to_2100 = (datetime.fromisoformat("1970-01-02"), datetime.fromisoformat("2100-01-01"))
moments = st.datetimes(*from_1970_to_2100, timezones=st.timezones(), allow_imaginary=True)


def test_calendar_with_sessions_is_the_sample():
    written = vcalendar(CALENDAR, [vevent(MATRYOSHKAS), vevent(BARE)])

    assert written == sample("agenda.ics")


def test_cancelled_session_is_the_sample():
    assert vcalendar(CALENDAR, (vevent(session) for session in [CANCELLED])) == sample("cancelled.ics")


def test_calendar_without_sessions_is_the_sample():
    calendar = CalendarRecord(
        name="KVM Forum 2019",
        source="https://forum.example/kvm-forum-2019/schedule.ics?track=a,b;c",
        product="Forum agenda",
        colour="navy",
        refresh=timedelta(hours=2),
    )

    assert vcalendar(calendar, []) == sample("empty.ics")


@pytest.mark.parametrize("name", STYLES)
def test_session_in_each_style_is_the_sample(name):
    session, style, zones = STYLES[name]

    assert vcalendar(CALENDAR, [vevent(session, style)], zones) == sample(name)


@pytest.mark.parametrize("name", STYLES)
def test_session_alone_has_the_vevent_and_zones_and_nothing_of_the_calendar(name):
    session, style, zones = STYLES[name]

    alone = resource(vevent(session, style), CALENDAR.product, zones)

    about = ("NAME:", "X-WR-", "DESCRIPTION:Talks", "SOURCE;", "REFRESH-", "X-PUBL", "COLOR:")
    lines = [line for line in content_lines(sample(name)) if not line.startswith(about)]
    assert content_lines(alone) == lines


def test_note_comes_first_in_the_description_then_the_subtitle():
    assert read_by_icalendar(NOTED)["DESCRIPTION"].startswith(
        "Bring a laptop; seats are few.\nThe door closes at eleven.\n\nGuests in guests\n\nMarc Hartmayer, IBM\n\n"
    )


@pytest.mark.parametrize(
    ("byline", "abstract", "description"),
    [
        ("Alice, IBM", "One.\n\nTwo.", "Alice, IBM\n\nOne.\n\nTwo.\n\nhttps://forum.example/x/"),
        ("Alice, IBM", "", "Alice, IBM\n\nhttps://forum.example/x/"),
        ("", "One.", "One.\n\nhttps://forum.example/x/"),
        (" \x00", "\n\n", "https://forum.example/x/"),
        ("Alice\n", "\r\nOne.\r\n", "Alice\n\nOne.\n\nhttps://forum.example/x/"),
    ],
)
def test_description_has_no_blank_lines_for_what_is_empty(byline, abstract, description):
    session = replace(MATRYOSHKAS, byline=byline, abstract=abstract, url="https://forum.example/x/")

    assert read_by_icalendar(session)["DESCRIPTION"] == description


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (r"C:\New; C:\new, \\host", r"C:\\New\; C:\\new\, \\\\host"),
        ("1\r\n2\r3\n4\f5\x856\u20287\u20298", r"1\n2\n3\n4\n5\n6\n7\n8"),
        ("a\x00b\x08c\x0bd\x0ee\x1bf\x1fg\x7fh\ud800i\udfffj\ufffek\uffff", "abcdefghijk"),
        ("tab\there, “no-break\u00a0space”", "tab\there\\, “no-break\u00a0space”"),
        ('"quoted": colon', '"quoted": colon'),
        ("\n trimmed \u00a0\n", "trimmed"),
        ("a" + " \t" * 99 + "b", "a" + " \t" * 10 + "b"),
    ],
)
def test_text_is_escaped_and_rid_of_what_it_may_not_hold(text, written):
    assert line_of(vevent(replace(BARE, title=text)), "SUMMARY") == f"SUMMARY:{written}"


def test_track_with_a_comma_is_one_category():
    event = read_by_icalendar(replace(MATRYOSHKAS, track="Storage, networks; I/O"))

    assert event["CATEGORIES"].cats == ["Storage, networks; I/O"]


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("https://forum.example/a/?track=x,y;z&q=%20#top", "https://forum.example/a/?track=x,y;z&q=%20#top"),
        ("https://forum.example/Größe x\\", "https://forum.example/Gr%C3%B6%C3%9Fe%20x%5C"),
        ("https://forum.example/\r\nMETHOD:CANCEL", "https://forum.example/%0D%0AMETHOD:CANCEL"),
        ("https://forum.example/\ud800", "https://forum.example/?"),
    ],
)
def test_address_is_a_uri_and_not_escaped_as_text(address, written):
    url = line_of(vevent(replace(BARE, url=address)), "URL")
    source = line_of(vcalendar(replace(CALENDAR, source=address), []), "SOURCE")

    assert (url, source) == (f"URL:{written}", f"SOURCE;VALUE=URI:{written}")


@pytest.mark.parametrize(
    ("moment", "utc"),
    [
        (datetime(2019, 10, 31, 11, 0, tzinfo=PARIS), "20191031T100000Z"),
        (datetime(2019, 7, 1, 11, 0, tzinfo=PARIS), "20190701T090000Z"),
        (datetime(2019, 3, 31, 2, 30, tzinfo=PARIS), "20190331T013000Z"),  # the clocks skip it
        (datetime(2019, 10, 27, 2, 30, tzinfo=PARIS), "20191027T003000Z"),  # the first of two
        (datetime(2019, 10, 27, 2, 30, fold=1, tzinfo=PARIS), "20191027T013000Z"),
        (datetime(2020, 1, 1, 0, 15, 59, 999999, tzinfo=ZoneInfo("Asia/Kathmandu")), "20191231T183059Z"),
        (datetime(2019, 12, 31, 23, 0, tzinfo=ZoneInfo("America/St_Johns")), "20200101T023000Z"),
    ],
)
def test_time_of_any_zone_is_written_in_utc(moment, utc):
    assert line_of(vevent(replace(MATRYOSHKAS, start=moment)), "DTSTART") == f"DTSTART:{utc}"


@given(moments)
def test_every_time_is_the_same_instant_when_read(moment):
    event = read_by_icalendar(
        replace(MATRYOSHKAS, start=moment, end=moment + timedelta(hours=1), created=moment, updated=moment)
    )

    instant = moment.astimezone(UTC).replace(microsecond=0)
    later = (moment + timedelta(hours=1)).astimezone(UTC).replace(microsecond=0)
    names = ("DTSTART", "DTEND", "CREATED", "LAST-MODIFIED", "DTSTAMP")
    assert [event[name].dt for name in names] == [instant, later, instant, instant, instant]


def test_same_record_gives_same_bytes_whatever_the_zone():
    in_utc = {
        field.name: getattr(MATRYOSHKAS, field.name).astimezone(UTC)
        for field in fields(VeventRecord)
        if isinstance(getattr(MATRYOSHKAS, field.name), datetime)
    }

    assert vevent(replace(MATRYOSHKAS, **in_utc)) == vevent(MATRYOSHKAS)


@given(six_texts)
def test_any_text_comes_back_from_icalendar(texts):
    event = read_by_icalendar(replace(CANCELLED, **texts))

    kept = {name: as_kept(text) for name, text in texts.items()}
    assert event["SUMMARY"] == as_kept(f"CANCELLED: {texts['title']}")
    assert event.get("LOCATION", "") == kept["location"]
    assert list(event.get("CATEGORIES", [])) == list(filter(None, [kept["track"]]))
    described = (kept["note"], kept["byline"], kept["abstract"], CANCELLED.url)
    assert event["DESCRIPTION"] == "\n\n".join(filter(None, described))


@given(six_texts)
def test_any_text_comes_back_from_vobject(texts):
    session = replace(MATRYOSHKAS, **{name: f"x{text}" for name, text in texts.items()})

    calendar = vobject.readOne(vcalendar(CALENDAR, [vevent(session)]).decode())

    event = calendar.vevent
    kept = {name: as_kept(f"x{text}") for name, text in texts.items()}
    assert event.summary.value == kept["title"]
    assert event.location.value == kept["location"]
    assert event.categories.value == [kept["track"]]
    assert event.description.value == f"{kept['note']}\n\n{kept['byline']}\n\n{kept['abstract']}\n\n{session.url}"


@given(six_texts)
def test_no_text_adds_or_breaks_a_line(texts):
    session = replace(MATRYOSHKAS, **{name: f"x{text}" for name, text in texts.items()})
    calendar = replace(CALENDAR, name=session.title, description=session.abstract, source=session.track)

    written = vcalendar(calendar, [vevent(session)])

    names = [re.split("[:;]", line)[0] for line in content_lines(written)]
    assert names == [re.split("[:;]", line)[0] for line in content_lines(vcalendar(CALENDAR, [vevent(MATRYOSHKAS)]))]
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n", written)


@given(six_texts)
def test_every_physical_line_is_short_whole_and_not_blank(texts):
    session = replace(MATRYOSHKAS, **texts)

    *lines, rest = vevent(session).split(b"\r\n")

    assert rest == b""
    assert [line for line in lines if len(line) > 75] == []
    assert [line for line in lines if not line.decode().strip()] == []  # decode() raises on a character cut in two


@pytest.mark.parametrize(
    ("name", "sessions"), [("agenda.ics", 2), ("cancelled.ics", 1), ("empty.ics", 0), *((name, 1) for name in STYLES)]
)
def test_vobject_finds_every_file_valid(name, sessions):
    calendar = vobject.readOne(sample(name).decode())

    assert calendar.validate(raiseException=True)
    assert len(calendar.contents.get("vevent", [])) == sessions


def test_icalendar_and_vobject_ring_ten_minutes_before():
    (by_icalendar,) = icalendar.Calendar.from_ical(sample("alarm.ics")).walk("VALARM")
    by_vobject = vobject.readOne(sample("alarm.ics").decode()).vevent.valarm

    assert (by_icalendar["ACTION"], by_icalendar["TRIGGER"].dt) == ("DISPLAY", timedelta(minutes=-10))
    assert (by_vobject.action.value, by_vobject.trigger.value) == ("DISPLAY", timedelta(minutes=-10))


def test_icalendar_and_vobject_read_local_times_by_the_zone_in_the_file():
    (by_icalendar,) = icalendar.Calendar.from_ical(sample("local-times.ics")).walk("VEVENT")
    by_vobject = vobject.readOne(sample("local-times.ics").decode()).vevent

    for start in (by_icalendar["DTSTART"].dt, by_vobject.dtstart.value):
        assert (start, start.utcoffset()) == (MATRYOSHKAS.start, timedelta(hours=1))


def test_vdirsyncer_splits_a_calendar_by_uid():
    items = [Item(item) for item in split_collection(sample("agenda.ics").decode())]

    assert [item.uid for item in items] == [str(MATRYOSHKAS.guid), str(BARE.guid)]
    assert list(split_collection(sample("empty.ics").decode())) == []


def test_khal_shows_a_calendar_in_its_own_zone(khal):
    shape = "{start-long-full}|{end-time}|{title}|{location}|{status}|{url}"

    shown = khal("printics", "--format", shape, SAMPLES / "agenda.ics")

    assert shown.splitlines()[1:] == [
        f"2019-10-31 19:00|19:30|{MATRYOSHKAS.title}|{MATRYOSHKAS.location}|CONFIRMED |{MATRYOSHKAS.url}",
        f"2019-10-31 19:00|19:30|{BARE.title}||TENTATIVE |{BARE.url}",
    ]


def test_khal_shows_a_cancelled_session_as_such(khal):
    shown = khal("printics", "--format", "{title}|{status}|{description}", SAMPLES / "cancelled.ics")

    description = f"{CANCELLED.byline}\n\n{as_kept(CANCELLED.abstract)}\n\n{CANCELLED.url}"
    assert shown.partition("\n")[2] == f"CANCELLED: Nesting&testing|CANCELLED |{description}\n"


def test_khal_shows_local_times_in_its_readers_zone(khal):
    shape = "{start-long-full}|{end-time}|{title}"

    shown = khal("printics", "--format", shape, SAMPLES / "local-times.ics")

    assert shown.partition("\n")[2] == f"2019-10-31 19:00|19:30|{MATRYOSHKAS.title}\n"


def test_khal_shows_the_second_choice_as_such(khal):
    shown = khal("printics", "--format", "{title}|{status}", SAMPLES / "in-case.ics")

    assert shown.partition("\n")[2] == f"Backup choice: {MATRYOSHKAS.title}|TENTATIVE \n"


def test_khal_finds_nothing_wrong_with_a_calendar_without_sessions(khal):
    shown = khal("printics", SAMPLES / "empty.ics")

    assert shown == f"0 events found in {SAMPLES / 'empty.ics'}\n"


@pytest.mark.parametrize(
    ("start", "end", "written"),
    [
        # In Berlin the clocks show 02:00 to 03:00 twice on 25 October 2026; at 01:00 UTC for the second time.
        ("2026-10-25T00:30Z", "2026-10-25T01:15Z", ("DTSTART:20261025T003000Z", "DTEND:20261025T011500Z")),
        ("2026-10-25T00:15Z", "2026-10-25T00:45Z", ("DTSTART:20261025T001500Z", "DTEND:20261025T004500Z")),
        ("2026-10-24T22:00Z", "2026-10-25T01:15Z", ("DTSTART:20261024T220000Z", "DTEND:20261025T011500Z")),
        (
            *("2026-10-24T22:00Z", "2026-10-25T02:00Z"),
            ("DTSTART;TZID=Europe/Berlin:20261025T000000", "DTEND;TZID=Europe/Berlin:20261025T030000"),
        ),
    ],
)
def test_times_that_the_clocks_show_twice_are_in_utc(start, end, written, khal, tmp_path):
    begins, ends = datetime.fromisoformat(start), datetime.fromisoformat(end)
    late = replace(MATRYOSHKAS, zone="Europe/Berlin", start=begins, end=ends)
    file = tmp_path / "late.ics"
    file.write_bytes(vcalendar(CALENDAR, [vevent(late, Style(local=True))], [late.zone]))

    shown = khal("printics", "--format", "{title} {start-long}", file)

    vevent_written = file.read_bytes().partition(b"BEGIN:VEVENT\r\n")[2]
    assert (line_of(vevent_written, "DTSTART"), line_of(vevent_written, "DTEND")) == written
    assert f"{MATRYOSHKAS.title} {begins.astimezone(ZoneInfo('Asia/Tokyo')):%Y-%m-%d %H:%M}" in shown
