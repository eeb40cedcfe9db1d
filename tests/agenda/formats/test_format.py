"""What is written, and the number that tells calendar clients to fetch all of it again."""

from __future__ import annotations

from dataclasses import fields, replace
from hashlib import sha256
from itertools import product

from agenda.formats.ical import FORMAT, CalendarRecord, Style, VeventRecord, resource, vcalendar, vevent
from tests.agenda.formats.test_ical import BARE, CALENDAR, CANCELLED, MATRYOSHKAS, NOTED

# Of all that WRITTEN holds, by FORMAT. When the test of it fails, raise FORMAT and add a line; never change one.
DIGESTS = {
    3: "208ee1c0c8de604a",
    4: "119ae1114e977d55",
    5: "ec4845d7ac444f67",
    6: "7f16770b753a6037",
    7: "2f84c2999730b7cd",
    8: "18ca225a246eb139",
    9: "47334e0fde3280ef",
}
AWKWARD = replace(
    MATRYOSHKAS,
    title=" Tabs\t, gaps" + " " * 40 + "and \x00\x1b[31m controls; \\N \u2028 and a break",
    abstract="漢" * 60 + "\r\n\r\n" + "👩‍👩‍👧, " * 20,
    url="https://forum.example/größe/?a=b c&d=%20#[]:;$()+,!*@'~<>|^",
    zone="Asia/Tokyo",
)
REPLACED = replace(CANCELLED, note="Ill, sorry; really", instead="A talk, of another")
STYLES = [
    Style(alarm=alarm, local=local, in_case=in_case, free=free)
    for alarm, local, in_case, free in product((0, 5, 30), (False, True), (False, True), (False, True))
]


def written() -> list[bytes]:
    """Calendars and sessions of every kind, in every style."""
    calendars = (
        CALENDAR,
        CalendarRecord(
            name="A, b; c", source="https://forum.example/é.ics?track=a,b", product="Forum agenda", colour="navy"
        ),
        CalendarRecord(name="My agenda", product="Forum agenda"),
    )
    vevents = {
        (session, style): vevent(session, style)
        for session, style in product((MATRYOSHKAS, CANCELLED, BARE, AWKWARD, NOTED, REPLACED), STYLES)
    }
    zones = ["Asia/Tokyo", "Europe/Paris"]
    resources = [
        resource(text, "Forum agenda", [session.zone] if style.local else [])
        for (session, style), text in vevents.items()
    ]
    return [vcalendar(calendar, vevents.values(), zones) for calendar in calendars] + resources


def test_what_is_written_has_not_changed_without_format():
    digest = sha256(b"".join(written())).hexdigest()[:16]

    assert DIGESTS.get(FORMAT) == digest, "raise FORMAT in agenda/formats/ical.py, and add its digest to DIGESTS"


def test_every_format_has_a_digest_of_its_own():
    assert list(DIGESTS) == [*range(min(DIGESTS), FORMAT + 1)]
    assert len(set(DIGESTS.values())) == len(DIGESTS)


def test_records_of_the_digest_fill_every_field():
    """A field that is added later is part of the digest."""
    for kind, records in ((VeventRecord, (NOTED, REPLACED)), (CalendarRecord, (CALENDAR,)), (Style, STYLES)):
        for field in fields(kind):
            assert any(getattr(record, field.name) for record in records), f"{kind.__name__}.{field.name}"
