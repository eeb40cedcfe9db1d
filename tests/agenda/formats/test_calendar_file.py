"""Programmes that are calendars: what each kind of VEVENT becomes, and what cannot be read is said with its line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from agenda.formats.calendar_file import looks_like, read
from agenda.formats.records import MaterialRecord, ProgrammeRecord, RefusedFile, SessionRecord
from tests.agenda.shared_programmes import shared

VTIMEZONE = (
    "BEGIN:VTIMEZONE\nTZID:House time\nBEGIN:STANDARD\nDTSTART:20000101T000000\n"
    "TZOFFSETFROM:+0300\nTZOFFSETTO:+0300\nEND:STANDARD\nEND:VTIMEZONE\n"
)


def calendar(*vevents: str, head: str = "") -> bytes:
    """A calendar of VEVENTs. Each has a UID, a title and a time, unless its lines have others."""
    usual = {"UID": "UID:1", "SUMMARY": "SUMMARY:Opening", "DTSTART": "DTSTART:20191031T100000Z"}
    lines = ["BEGIN:VCALENDAR", *head.splitlines()]
    for vevent in vevents:
        own = vevent.splitlines()
        missing = [line for name, line in usual.items() if not any(each.startswith(name) for each in own)]
        lines += ["BEGIN:VEVENT", *missing, *own, "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def one(vevent: str, head: str = "", zone: str = "") -> SessionRecord:
    (session,) = read(calendar(vevent, head=head), zone=zone).sessions
    return session


def texts(programme: ProgrammeRecord) -> list[tuple[str, str]]:
    return [(each.where, each.text) for each in programme.problems]


@pytest.mark.parametrize(
    ("lines", "start", "end"),
    [
        ("DTEND:20191031T103000Z", "2019-10-31T10:00", "2019-10-31T10:30"),
        ("DURATION:PT1H30M", "2019-10-31T10:00", "2019-10-31T11:30"),
        ("DTEND:20191031T100000Z", "2019-10-31T10:00", "2019-10-31T10:30"),
        ("", "2019-10-31T10:00", "2019-10-31T10:30"),
        ("DTSTART;TZID=Europe/Paris:20191031T110000\nDURATION:PT1H", "2019-10-31T10:00", "2019-10-31T11:00"),
        ('DTSTART;TZID="Romance Standard Time":20191031T110000', "2019-10-31T10:00", "2019-10-31T10:30"),
        ("DTSTART;TZID=/mozilla.org/2005/Europe/Paris:20191031T110000", "2019-10-31T10:00", "2019-10-31T10:30"),
        ("DTSTART;TZID=House time:20191031T110000", "2019-10-31T08:00", "2019-10-31T08:30"),
        ("DTSTART;TZID=Nowhere:20191031T110000", "2019-10-31T10:00", "2019-10-31T10:30"),
        ("DTSTART:20191031T110000", "2019-10-31T10:00", "2019-10-31T10:30"),
        ("DTSTART:2019-10-31T11:00:00+01:00", "2019-10-31T10:00", "2019-10-31T10:30"),
        ("DTSTART;VALUE=DATE:20191031\nRRULE:FREQ=DAILY;COUNT=1", "2019-10-30T23:00", "2019-10-31T23:00"),
        ("DTSTART;VALUE=DATE:20191031", "2019-10-30T23:00", "2019-10-31T23:00"),
        ("DTSTART;VALUE=DATE:20191031\nDTEND;VALUE=DATE:20191102", "2019-10-30T23:00", "2019-11-01T23:00"),
    ],
)
def test_times(lines, start, end):
    session = one(lines, head=VTIMEZONE, zone="Europe/Paris")

    assert (f"{session.start:%Y-%m-%dT%H:%M}", f"{session.end:%Y-%m-%dT%H:%M}") == (start, end)
    assert session.start.tzinfo == session.end.tzinfo == UTC


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("RDATE:20191102T090000Z", "“Opening” repeats (RRULE), and a session happens once; it was left out."),
        ("RRULE:FREQ=DAILY;COUNT=12", "“Opening” repeats (RRULE), and a session happens once; it was left out."),
        ("RRULE:FREQ=DAILY", "“Opening” repeats (RRULE), and a session happens once; it was left out."),
        ("SUMMARY:", "The event has no title (SUMMARY); it was left out."),
        ("DTSTART:tomorrow", "The start of “Opening”, “TOMORROW”, is no time; it was left out."),
        ("DTSTART:00000101T000000Z", "The start of “Opening”, “00000101T000000Z”, is no time; it was left out."),
        ("DTSTART:99990101T000000Z", "The start of “Opening” is in the year 9999; it was left out."),
        ("DTEND:20191031T090000Z", "The end of “Opening” is before the start; it was left out."),
        ("DURATION:-PT1H", "The end of “Opening” is before the start; it was left out."),
        ("DURATION:long", "The length of “Opening”, “long”, is no length; it was left out."),
        ("DURATION:P9999W", "The end of “Opening” is too far off; it was left out."),
    ],
)
def test_bad_vevent_is_said_with_its_line_and_the_others_are_read(lines, said):
    programme = read(calendar(f"UID:bad\n{lines}", "UID:good\nDURATION:PT1H"))

    assert [session.external_id for session in programme.sessions] == ["good"]
    assert texts(programme) == [("line 2", said)]


@pytest.mark.parametrize(
    ("data", "title"),
    [
        (calendar("SUMMARY:Zoë’s talk\\, on\\; “C:\\\\”").replace(b"\r\n", b"\n"), "Zoë’s talk, on; “C:\\”"),
        (calendar("SUMMARY:Opening").replace(b"\r\n", b"\r\r\n"), "Opening"),
        (calendar("SUMMARY:Opening").replace(b"\r\n", b"\r"), "Opening"),
        (calendar("SUMMARY:Zoë").replace("ë".encode(), b"\xc3\r\n \xab"), "Zoë"),
        (calendar("SUMMARY:Zoë").replace("ë".encode(), b"\xeb"), "Zoë"),
        (b"\xef\xbb\xbf" + calendar("SUMMARY:Zoë"), "Zoë"),
        (calendar("SUMMARY:Zoë").decode().encode("utf-16"), "Zoë"),
        (calendar("SUMMARY:a" + "long " * 1000), ("a" + "long " * 1000).strip()),
        (calendar("SUMMARY;X=a:" + "Two\\nlines\x07"), "Two lines"),
        (calendar("SUMMARY:CANCELLED: Opening"), "Opening"),
        (calendar("SUMMARY:Cancelling POSIX syscalls"), "Cancelling POSIX syscalls"),
    ],
)
def test_lines_and_encodings(data, title):
    (session,) = read(data).sessions

    assert session.title == title


def test_unknown_lines_are_said_once_for_each_event():
    programme = read(calendar("oops\nSTATUS:TENTATIVE\nagain", "UID:2\nEND:VTODO"))

    assert [session.status for session in programme.sessions] == ["tentative", "confirmed"]
    assert texts(programme)[:2] == [
        ("line 6", "“oops” is no line of a calendar; it was passed over."),
        ("line 14", "“END:VTODO” ends nothing; it was passed over."),
    ]


def test_fields_of_a_session():
    session = one(
        "UID:dfedd4c4-c923-4a55-816c-54c9be1e0aab\nSUMMARY;LANGUAGE=de-AT:Anfang\nDESCRIPTION:One\\n\\nTwo\n"
        "LOCATION:Hall\\, Deck 2\nCATEGORIES:Q&A\\, panel,other\nATTENDEE;CN=\"Ann ^'A^' Lee; Dr.\":invalid:nomail\n"
        "ATTENDEE;CN=ann@example.org:mailto:ann@example.org\nATTENDEE;CUTYPE=ROOM;CN=Hall:invalid:\n"
        "URL:https://example.org/1\nATTACH:https://example.org/a/My%20slides.pdf\nSTATUS:CANCELLED\nDURATION:PT1H"
    )

    assert session == SessionRecord(
        external_id="dfedd4c4-c923-4a55-816c-54c9be1e0aab",
        guid=UUID("dfedd4c4-c923-4a55-816c-54c9be1e0aab"),
        title="Anfang",
        start=datetime(2019, 10, 31, 10, tzinfo=UTC),
        end=datetime(2019, 10, 31, 11, tzinfo=UTC),
        abstract="One\n\nTwo",
        language="de",
        room="Hall, Deck 2",
        track="Q&A, panel",
        speakers=('Ann "A" Lee; Dr.',),
        materials=(MaterialRecord(kind="slides", title="My slides.pdf", url="https://example.org/a/My%20slides.pdf"),),
        status="cancelled",
        url="https://example.org/1",
        where="line 2",
    )


def test_property_of_no_event_is_absent_and_of_other_events_empty():
    first, second = read(calendar("LOCATION:Hall\nCATEGORIES:", "UID:2")).sessions

    assert [(each.room, each.track, each.abstract, each.speakers) for each in (first, second)] == [
        ("Hall", "", None, None),
        ("", "", None, None),
    ]


def test_uid_on_many_events_is_told_apart_by_title_and_recurrence():
    again = [f"UID:1\nSUMMARY:{title}\nDURATION:PT1H" for title in ("Opening", "Closing", "Closing")]
    programme = read(calendar(*again, "UID:1\nRECURRENCE-ID:20191101T100000Z\nDURATION:PT1H", "UID:\nDURATION:PT1H"))

    ids = [session.external_id for session in programme.sessions]

    assert ids[:4] == ["1", "1 closing", "1 closing #2", "1 20191101T100000Z"]
    assert ids[4].startswith("title:")
    assert len(texts(programme)) == 2


@pytest.mark.parametrize(
    ("head", "lines", "hint", "zone"),
    [
        ("X-WR-TIMEZONE:Europe/Berlin", "", "Asia/Tokyo", "Europe/Berlin"),
        ("X-WR-TIMEZONE:UTC", "", "", "UTC"),
        ("X-WR-TIMEZONE:UTC", "DTSTART;TZID=Europe/Paris:20191031T110000", "", "Europe/Paris"),
        ("", "DTSTART;TZID=W. Europe Standard Time:20191031T110000", "", "Europe/Berlin"),
        ("", "", "Asia/Tokyo", "Asia/Tokyo"),
        ("", "", "No/Where", "UTC"),
        ("", "DTSTART:20191031T110000", "", ""),
    ],
)
def test_zone(head, lines, hint, zone):
    assert read(calendar(lines, head=head), zone=hint).zone == zone


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>Not found</html>",
        b"%PDF-1.7",
        calendar(),
        calendar("SUMMARY:Opening")[:-20],
        calendar("SUMMARY:Opening")[:-35],
        b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\n" * 1_000_000,
        b"BEGIN:VCALENDAR\n" + b"BEGIN:X\n" * 1_000_000,
        calendar(*(f"UID:{number}" for number in range(20_001))),
    ],
    ids=range(9),
)
def test_refused(data):
    with pytest.raises(RefusedFile):
        read(data)


def test_looks_like_a_calendar():
    assert looks_like(b"\xef\xbb\xbf\r\nbegin:vcalendar\r\n", "")
    assert not looks_like(b"PK\x03\x04", "all.ics")


@pytest.mark.parametrize(
    ("name", "format_", "counts", "zone", "days"),
    [
        ("kielux-2020.ics", "calendar", (24, 4, 2, 20), "UTC", (date(2020, 9, 18), date(2020, 9, 19))),
        ("joco-2020.sched.ics", "Sched calendar", (464, 29, 8, 0), "UTC", (date(2020, 3, 7), date(2020, 3, 14))),
        ("joco-2023-v1.sched.ics", "Sched calendar", (411, 30, 8, 0), "UTC", (date(2023, 3, 5), date(2023, 3, 12))),
        ("joco-2023-v2.sched.ics", "Sched calendar", (424, 30, 8, 0), "UTC", (date(2023, 3, 5), date(2023, 3, 12))),
    ],
)
def test_published_calendars(name, format_, counts, zone, days):
    programme = read(shared(name).read_bytes())

    first, last = programme.days
    found = len(programme.sessions), len(programme.rooms), (last - first).days + 1, len(programme.speakers)
    assert (programme.format, found, programme.zone, (first, last)) == (format_, counts, zone, days)
    assert [each for each in texts(programme) if "no length" not in each[1]] == []
    assert len(programme.problems) == (2 if name.startswith("joco-2020") else 0)


def test_two_states_of_a_calendar_differ_as_published():
    before, after = (
        {each.external_id: replace(each, where="") for each in read(shared(name).read_bytes()).sessions}
        for name in ("joco-2023-v1.sched.ics", "joco-2023-v2.sched.ics")
    )

    changed = [key for key in before.keys() & after.keys() if before[key] != after[key]]
    assert (len(before.keys() - after.keys()), len(after.keys() - before.keys()), len(changed)) == (8, 21, 35)


@pytest.mark.parametrize(
    ("line", "people", "abstract"),
    [
        ("Speakers: Ann Lee (CERN)\\, Bo Ek\\n\\nOn VMs.", ("Ann Lee", "Bo Ek"), "On VMs."),
        ("Speaker: Lee\\, Ann\\nOn VMs.", ("Lee, Ann",), "On VMs."),
        ("Speakers: Ann Lee (CERN)", ("Ann Lee",), ""),
        ("Speakers: bring your slides to the desk in the hall before the session begins", (), None),
        ("On VMs.\\nSpeakers: Ann Lee", (), None),
    ],
)
def test_people_of_a_line_in_the_text_are_speakers(line, people, abstract):
    other = "UID:2\nSUMMARY:Lunch\nDESCRIPTION:Speakers: Eve Other"
    programme = read(calendar(f"DESCRIPTION:{line}", other))

    assert [each.speakers for each in programme.sessions] == [people, ("Eve Other",)]
    assert programme.sessions[0].abstract == (line.replace("\\n", "\n") if abstract is None else abstract)
    about = {each.name: each.organisation for each in programme.speakers}
    assert about.get("Ann Lee") == ("CERN" if "CERN" in line else None)


def test_organisation_of_a_person_is_that_of_any_line_that_has_one():
    lines = ("Speakers: Ann Lee", "Speakers: Ann Lee (CERN)", "Speakers: Ann Lee")
    programme = read(calendar(*(f"UID:{at}\nDESCRIPTION:{line}" for at, line in enumerate(lines))))

    assert [(each.name, each.organisation) for each in programme.speakers] == [("Ann Lee", "CERN")]


def test_attendees_are_the_speakers_where_there_are_any():
    session = one("ATTENDEE;CN=Ann Lee:invalid:x\nDESCRIPTION:Speakers: Bo Ek")

    assert (session.speakers, session.abstract) == (("Ann Lee",), "Speakers: Bo Ek")
