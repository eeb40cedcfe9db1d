"""DELETE, PUT and PROPPATCH: what a client may change, and that it settles where it may not."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.models import CalendarKey
from agenda.editing.changes import recording
from agenda.models import Session, Star, StarLog
from agenda.stars.ranking import rank
from agenda.stars.starring import star
from tests.agenda.caldav.dav import DECLARED, Dav, answers, refusal, statuses, token_in
from tests.agenda.kvm_forum import add_session, session_of

pytestmark = pytest.mark.any_database

NEW = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:lunch\r\nDTSTAMP:20191031T080000Z\r\n"
    "DTSTART:20191031T120000Z\r\nDTEND:20191031T130000Z\r\nSUMMARY:Lunch\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture
def member(phone, starred) -> str:
    """The address of Alice's first starred session."""
    return phone.address_of(starred[0])


@pytest.fixture
def own(phone, member) -> str:
    """What a client has of it."""
    return phone("GET", member).content.decode()


def stars(user):
    return set(Star.objects.filter(user=user).values_list("session_id", flat=True))


def test_deleting_unstars_and_can_be_taken_back(phone, alice, starred, member):
    response = phone("DELETE", member)

    assert (response.status_code, response.content) == (204, b"")
    assert stars(alice) == {session.pk for session in starred[1:]}
    entry = StarLog.objects.latest("pk")
    assert (entry.session, entry.starred, entry.through, entry.user) == (starred[0], False, "caldav", alice)


def served(phone):
    phone.key.refresh_from_db()
    return phone.key.served


def test_calendar_knows_what_it_deleted_itself(phone, starred):
    phone.sync()
    for session in starred[:2]:
        phone("DELETE", phone.address_of(session))

    assert f"data:,{served(phone)}" == token_in(phone.sync()) != ""


def test_calendar_that_did_not_know_all_before_does_not_after(phone, alice, starred, member):
    phone.sync()
    before = served(phone)
    star(alice, [session_of("Managing").pk], through=StarLog.Through.PAGE)
    phone("DELETE", member)

    assert served(phone) == before


def test_calendar_does_not_know_what_became_the_plan_by_its_deletion(phone, alice, kvm_forum):
    first = add_session(kvm_forum, "First", "2019-10-31T18:00")
    other = add_session(kvm_forum, "Other", "2019-10-31T18:15")
    star(alice, [first.pk, other.pk], through=StarLog.Through.PAGE)
    rank(alice, other, in_case_of=first, through=StarLog.Through.PAGE)
    phone.sync()
    before = served(phone)
    phone("DELETE", phone.address_of(first))

    assert served(phone) == before != ""


def test_other_calendars_do_not_know_of_a_deletion(phone, alice, member):
    laptop = Dav(alice, name="Laptop")
    laptop.sync()
    before = served(laptop)
    phone("DELETE", member)

    assert served(laptop) == before
    assert served(phone) == ""


def test_deleting_again_is_404(phone, member):
    assert [phone("DELETE", member).status_code for _ in range(2)] == [204, 404]


HIDDEN = {
    "unpublished": ({"is_published": False}, {}),
    "cancelled": ({"status": "cancelled"}, {"cancelled": "drop"}),
    "of an event that was not chosen": ({}, {"events": []}),
}


def hide(phone, session, how):
    fields, options = HIDDEN[how]
    phone.change_key(options=options)
    with recording([session.pk], by=None):
        Session.objects.filter(pk=session.pk).update(**fields)


@pytest.mark.parametrize("how", HIDDEN)
@pytest.mark.parametrize("condition", ["{}", "*", '"other"', None])
def test_deleting_what_is_not_shown_any_more_unstars_it(phone, alice, starred, member, how, condition):
    tag = phone("GET", member)["ETag"]
    hide(phone, starred[0], how)
    headers = {"If-Match": condition.format(tag)} if condition else {}

    answered = [phone("DELETE", member, headers=headers).status_code for _ in range(2)]

    assert answered == [204, 404]
    assert stars(alice) == {session.pk for session in starred[1:]}
    assert StarLog.objects.latest("pk").through == "caldav"


def test_calendar_knows_what_it_deleted_itself_though_it_was_not_shown_any_more(phone, starred, member):
    phone.sync()
    hide(phone, starred[0], "unpublished")
    phone("DELETE", member)

    assert f"data:,{served(phone)}" == token_in(phone.sync()) != ""


def test_what_is_not_shown_any_more_is_neither_read_nor_written(phone, starred, member, own):
    hide(phone, starred[0], "unpublished")

    assert [phone(method, member).status_code for method in ("GET", "PROPFIND", "PROPPATCH")] == [404] * 3
    assert refusal(phone.put(member, own)) == (403, "D:need-privileges")


def test_deleting_what_is_hidden_and_not_starred_or_anothers_is_404(phone, bobs_phone, alice, starred, member):
    other = session_of("Managing")
    for session in (other, starred[0]):
        hide(phone, session, "unpublished")

    assert phone("DELETE", phone.address_of(other)).status_code == 404
    assert bobs_phone("DELETE", member).status_code == 404
    assert bobs_phone("DELETE", bobs_phone.address_of(starred[0])).status_code == 404
    assert len(stars(alice)) == 3


@pytest.mark.parametrize(
    ("condition", "status"),
    [('"{}"', 204), ("*", 204), ('"other"', 412), ('W/"{}"', 412), ("{}", 204), ("other", 412), ("", 412)],
)
def test_deleting_honours_if_match(phone, alice, member, condition, status):
    tag = phone("GET", member)["ETag"].strip('"')

    response = phone("DELETE", member, headers={"If-Match": condition.format(tag)})

    assert (response.status_code, len(stars(alice))) == (status, 2 if status == 204 else 3)


LOCKED = "<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>"
# RFC 4918 section 10.4. {etag} is the member's, {at} its address.
CONDITIONS = {
    '(["{etag}"])': 204,
    '(["other"])': 412,
    '([W/"{etag}"])': 412,
    '(Not ["other"])': 204,
    '(not ["{etag}"])': 412,
    f"({LOCKED})": 412,
    f"(Not {LOCKED})": 204,
    "(Not <DAV:no-lock>)": 204,
    "(<DAV:no-lock>)": 412,
    f'({LOCKED} ["{{etag}}"])': 412,
    f'({LOCKED}) (["{{etag}}"])': 204,
    f'({LOCKED}) (["other"])': 412,
    '(["{etag}"] Not ["other"])': 204,
    '<{at}> (["{etag}"])': 204,
    '<http://testserver{at}> (["{etag}"])': 204,
    '<{at}> (["other"]) (["{etag}"])': 204,
    '<{home}> (["{etag}"])': 412,
    '<{other}> (["{etag}"])': 412,
    '<{other}> (Not ["{etag}"])': 204,
    '<http://elsewhere.example{at}> (["{etag}"])': 412,
    "<{agenda}> (<{token}>)": 204,
    "<{agenda}> (<{token}1>)": 412,
    "(<{token}>)": 412,
    "": 400,
    "()": 400,
    "nonsense": 400,
    '["{etag}"]': 400,
    '(["{etag}"]': 400,
    "(Not)": 400,
    "({etag})": 400,
    '(["{etag}"]) nonsense': 400,
    '(["{etag}"])' * 21: 400,
}


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("method", ["DELETE", "PUT"])
def test_writing_honours_if(phone, alice, starred, member, own, method, condition):
    values = {
        "etag": phone("GET", member)["ETag"].strip('"'),
        "at": member,
        "other": phone.address_of(starred[1]),
        "home": phone.home,
        "agenda": phone.agenda,
        "token": token_in(phone.sync()),
    }

    content_type = "text/calendar"
    response = phone(method, member, own, content_type=content_type, headers={"If": condition.format(**values)})

    assert response.status_code == CONDITIONS[condition]
    is_gone = method == "DELETE" and response.status_code == 204
    assert len(stars(alice)) == (2 if is_gone else 3)


def test_if_is_honoured_where_nothing_is(phone, starred):
    """RFC 4918 section 10.4.4: a resource that does not exist has no state."""
    new = f"{phone.agenda}lunch.ics"

    assert phone.put(new, NEW, If=f"({LOCKED})").status_code == 412
    assert refusal(phone.put(new, NEW, If='(Not ["any"])')) == (403, "D:need-privileges")


def test_deleting_what_changed_since_is_refused(phone, alice, starred, member):
    tag = phone("GET", member)["ETag"]
    phone.change_key(options={"alarm": 5})

    assert phone("DELETE", member, headers={"If-Match": tag}).status_code == 412


def test_nobody_deletes_anothers_star(phone, bobs_phone, alice, member):
    assert bobs_phone("DELETE", member).status_code == 404
    assert len(stars(alice)) == 3


@pytest.mark.parametrize("path", ["agenda", "home", "principal"])
def test_calendars_are_not_deleted(phone, alice, starred, path):
    response = phone("DELETE", getattr(phone, path))

    assert refusal(response) == (403, "D:need-privileges")
    assert len(stars(alice)) == 3


@pytest.mark.parametrize(
    "method", ["MOVE", "COPY", "LOCK", "UNLOCK", "POST", "PATCH", "ACL", "MKCALENDAR", "MKCOL", "SEARCH"]
)
def test_other_methods_are_refused_and_allowed_ones_named(phone, starred, member, method):
    for path in (phone.agenda, member):
        response = phone(method, path, headers={"Destination": f"{phone.agenda}other.ics"})

        assert (response.status_code, response["Allow"]) == (405, phone("OPTIONS", path)["Allow"])


@pytest.mark.parametrize("method", ["MKCALENDAR", "MKCOL"])
def test_calendars_are_not_made(phone, method):
    assert refusal(phone(method, f"{phone.home}work/")) == (403, "D:need-privileges")


def settled(response):
    """204 without a version: the client asks for what there is (RFC 4791 section 5.3.4)."""
    return response.status_code == 204 and "ETag" not in response.headers


ALARM = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:x\r\nTRIGGER:-PT10M\r\nEND:VALARM\r\nEND:VEVENT\r\n"
OWN_VIEWS = {
    "as it is": lambda text: text,
    "an alarm": lambda text: text.replace("END:VEVENT\r\n", ALARM),
    "a colour": lambda text: text.replace("END:VEVENT", "COLOR:red\r\nX-MOZ-LASTACK:20191031T080000Z\r\nEND:VEVENT"),
    "another stamp": lambda text: text.replace("DTSTAMP:2019", "DTSTAMP:2026").replace(
        "LAST-MODIFIED:2019", "LAST-MODIFIED:2026"
    ),
    "line ends of Unix": lambda text: text.replace("\r\n", "\n"),
    "no folding": lambda text: text.replace("\r\n ", ""),
    "another program": lambda text: re.sub("-//Forum agenda .*//EN", "-//Apple Inc.//iOS 17.5//EN", text),
    "small letters": lambda text: text.replace("SUMMARY:", "summary:").replace("BEGIN:VEVENT", "begin:vevent"),
    "a language": lambda text: text.replace("SUMMARY:", 'SUMMARY;LANGUAGE=en;X-A="a:b":'),
    "no status": lambda text: text.replace("STATUS:CONFIRMED\r\n", ""),
    "a byte order mark": lambda text: "\ufeff" + text,
    "a list of quoted values": lambda text: text.replace("SUMMARY:", 'SUMMARY;X-A="a:b","c",d;LANGUAGE=en:'),
    "how long for until when": lambda text: re.sub("DTEND:.*Z", "DURATION:PT30M", text),
    "busy or not": lambda text: text.replace("TRANSP:OPAQUE", "TRANSP:TRANSPARENT"),
}


@pytest.mark.parametrize("view", OWN_VIEWS)
def test_clients_own_view_is_taken_and_not_kept(phone, member, own, view):
    token = token_in(phone.sync())

    response = phone.put(member, OWN_VIEWS[view](own))

    assert settled(response)
    assert phone("GET", member).content.decode() == own
    assert (statuses(phone.sync(token)), token_in(phone.sync(token))) == ({}, token)


@pytest.mark.parametrize(
    ("zone", "means"),
    [
        ("Asia/Tokyo", "Asia/Tokyo"),
        ("/freeassociation.sourceforge.net/Asia/Tokyo", "Asia/Tokyo"),
        ("/freeassociation.sourceforge.net/Tzfile/Europe/Brussels", "Europe/Brussels"),
        ("America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Romance Standard Time", "Europe/Paris"),
        ("W. Europe Standard Time", "Europe/Berlin"),
    ],
)
def test_times_may_be_written_in_another_zone(phone, starred, member, own, zone, means):
    session = starred[0]
    for name, moment in (("DTSTART", session.start), ("DTEND", session.end)):
        local = moment.astimezone(ZoneInfo(means))
        own = own.replace(f"{name}:{moment:%Y%m%dT%H%M%SZ}", f"{name};TZID={zone}:{local:%Y%m%dT%H%M%S}")

    assert settled(phone.put(member, own))
    assert "TZID" in own


OUTLOOK = """BEGIN:VTIMEZONE
TZID:{name}
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT"""
WESTERN = OUTLOOK.format(name="(UTC+01:00) Amsterdam, Berlin, Rome")
# Texts with the times of the first session in a zone, and how far ahead of UTC they are. It is after summer time.
DEFINED = {
    "Outlook's name, defined": (OUTLOOK.format(name="W. Europe Standard Time"), 1),
    "a name of its own": (WESTERN, 1),
    "Outlook's name alone": ("TZID:Tokyo Standard Time", 9),
    "IANA's name, wrongly defined": (OUTLOOK.format(name="Asia/Tokyo"), 9),
    "until it ended": (WESTERN.replace("BYMONTH=10", "BYMONTH=10;UNTIL=20181028T010000Z"), 2),
    "onsets by day": (WESTERN.replace("BYDAY=-1SU;BYMONTH=10", "BYMONTH=10;BYMONTHDAY=27"), 1),
    "onsets by week": (
        WESTERN.replace("BYDAY=-1SU;BYMONTH=10", "BYMONTH=10;BYDAY=SU;BYMONTHDAY=25,26,27,28,29,30,31"),
        1,
    ),
    "onsets that are listed": (
        WESTERN.replace("RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10", "RDATE:20181028T030000,20191027T030000"),
        1,
    ),
    "not yet begun": (WESTERN.replace(":1601", ":2601"), 1),
    "a rule for ever": (WESTERN.replace("FREQ=YEARLY", "FREQ=SECONDLY"), None),
    "every other year": (WESTERN.replace("INTERVAL=1", "INTERVAL=2"), None),
    "every hour of a day": (WESTERN.replace("BYMONTH=10", "BYMONTH=10;BYHOUR=1,2"), None),
    "no such month": (WESTERN.replace("BYMONTH=10", "BYMONTH=13"), None),
    "no such day": (WESTERN.replace("BYDAY=-1SU", "BYDAY=-1XX"), None),
    "no offset": (WESTERN.replace("TZOFFSETTO:+0100\n", ""), None),
    "further than the earth": (WESTERN.replace("TZOFFSETTO:+0100", "TZOFFSETTO:+2500"), None),
    "no observance": ("BEGIN:VTIMEZONE\nTZID:empty\nEND:VTIMEZONE\nBEGIN:VEVENT", None),
    "of another name": (WESTERN.replace("TZID:", "TZID:not "), None),
}


@pytest.mark.parametrize("case", DEFINED)
def test_times_may_be_in_a_zone_that_the_event_defines(phone, starred, member, own, case):
    definition, hours = DEFINED[case]
    name = re.search("TZID:(?:not )?(.*)", definition)[1]
    for field, at in (("DTSTART", starred[0].start), ("DTEND", starred[0].end)):
        local = f"{at + timedelta(hours=hours or 1):%Y%m%dT%H%M%S}"
        own = own.replace(f"{field}:{at:%Y%m%dT%H%M%SZ}", f'{field};TZID="{name}":{local}')
    own = own if definition.startswith("TZID") else own.replace("BEGIN:VEVENT", definition)

    response = phone.put(member, own)

    assert settled(response) if hours else refusal(response) == (403, "C:valid-calendar-data")


CHANGES = {
    "its title": lambda text: text.replace("SUMMARY:", "SUMMARY:Not "),
    "its place": lambda text: text.replace("LOCATION:", "LOCATION:Not "),
    "its words": lambda text: text.replace("DESCRIPTION:", "DESCRIPTION:My notes. "),
    "its status": lambda text: text.replace("STATUS:CONFIRMED", "STATUS:CANCELLED"),
    "its start": lambda text: text.replace("DTSTART:2019", "DTSTART:2020"),
    "its end": lambda text: text.replace("DTEND:2019", "DTEND:2020"),
    "its length": lambda text: re.sub("DTEND:.*Z", "DURATION:P1DT1M1S", text),
    "no end": lambda text: re.sub("DTEND:.*Z\r\n", "", text),
    "its UID": lambda text: text.replace("UID:", "UID:x"),
    "how often": lambda text: text.replace("END:VEVENT", "RRULE:FREQ=DAILY\r\nEND:VEVENT"),
    "who comes": lambda text: text.replace("END:VEVENT", "ATTENDEE:mailto:bob@example.org\r\nEND:VEVENT"),
    "all of it": lambda text: NEW,
    "its purpose": lambda text: text.replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:CANCEL"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_change_of_the_programme_is_refused(phone, member, own, change):
    assert CHANGES[change](own) != own

    assert refusal(phone.put(member, CHANGES[change](own))) == (403, "D:need-privileges")
    assert phone("GET", member).content.decode() == own


BROKEN = {
    "nothing": lambda text: "\r\n",
    "no calendar": lambda text: "hello",
    "half of it": lambda text: text[:200],
    "two events": lambda text: text.replace("END:VEVENT\r\n", "END:VEVENT\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\n"),
    "no event": lambda text: "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n",
    "a task": lambda text: text.replace("VEVENT", "VTODO"),
    "two calendars": lambda text: text * 2,
    "crossed": lambda text: text.replace("END:VEVENT", "END:VCALENDAR"),
    "deep": lambda text: "BEGIN:A\r\n" * 5000,
    "a day for a time": lambda text: text.replace("DTSTART:20191031T", "DTSTART:20191031\r\nX-A:"),
    "an unknown zone": lambda text: text.replace("DTSTART:", "DTSTART;TZID=Nowhere/At all:").replace(
        "00Z\r\nDTEND", "00\r\nDTEND"
    ),
    "an evil zone": lambda text: text.replace("DTSTART:", "DTSTART;TZID=../../etc/passwd:").replace(
        "00Z\r\nDTEND", "00\r\nDTEND"
    ),
    "a bare colon": lambda text: text.replace("SUMMARY", ""),
    "no length": lambda text: re.sub("DTEND:.*Z", "DURATION:PT", text),
    "a length to after the last day": lambda text: re.sub("DTEND:.*Z", "DURATION:P9999W", text).replace(
        "DTSTART:2019", "DTSTART:9990"
    ),
    "before the first day": lambda text: re.sub("DTSTART:.*Z", "DTSTART;TZID=Asia/Tokyo:00010101T000000", text),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_no_event_is_refused(phone, member, own, case):
    broken = BROKEN[case](own)

    assert refusal(phone.put(member, broken)) == (403, "C:valid-calendar-data")


def test_line_may_be_folded_inside_a_character(phone, starred, member):
    """RFC 5545 section 3.1 has readers put up with it."""
    starred[0].title = "Schröder’s virtio-fs"
    starred[0].save(update_fields=["title"])
    own = phone("GET", member).content.replace("ö".encode(), b"\xc3\r\n \xb6")

    assert settled(phone("PUT", member, own, content_type="text/calendar"))


def test_unchanged_event_with_a_note_is_taken(phone, starred, member):
    with recording([starred[0].pk], by=None):
        Session.objects.filter(pk=starred[0].pk).update(note="Bring a laptop.\nAnd a cable; two, better.")
    own = phone("GET", member).content

    assert b"DESCRIPTION:Bring a laptop." in own
    assert settled(phone("PUT", member, own, content_type="text/calendar"))


def test_bytes_that_are_no_text_are_refused(phone, member):
    response = phone("PUT", member, b"BEGIN:VCALENDAR\xff\xfe", content_type="text/calendar")

    assert refusal(response) == (403, "C:valid-calendar-data")


@pytest.mark.parametrize("content_type", ["application/json", "text/vcard", "application/xml", ""])
def test_what_is_no_calendar_by_its_type_is_refused(phone, member, own, content_type):
    response = phone("PUT", member, own, content_type=content_type)

    assert refusal(response) == (403, "C:supported-calendar-data")


def test_more_than_a_resource_may_be_is_refused(phone, member, own):
    longer = own.replace("END:VEVENT", "X-A:" + "a" * 100_000 + "\r\nEND:VEVENT")

    assert refusal(phone.put(member, longer)) == (403, "C:max-resource-size")


def test_new_event_is_refused(phone, starred):
    assert refusal(phone.put(f"{phone.agenda}lunch.ics", NEW)) == (403, "D:need-privileges")
    assert refusal(phone.put(f"{phone.agenda}lunch.ics", NEW, If_None_Match="*")) == (403, "D:need-privileges")


def test_session_that_is_not_starred_is_not_starred_by_writing_it(phone, alice, starred):
    other = Session.objects.exclude(pk__in=[session.pk for session in starred]).first()

    response = phone.put(phone.address_of(other), NEW)

    assert refusal(response) == (403, "D:need-privileges")
    assert len(stars(alice)) == 3


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [("If_Match", "{}", 204), ("If_Match", '"old"', 412), ("If_None_Match", "*", 412), ("If_None_Match", '"old"', 204)],
)
def test_writing_honours_its_conditions(phone, member, own, header, value, status):
    tag = phone("GET", member)["ETag"]

    assert phone.put(member, own, **{header: value.format(tag)}).status_code == status


def test_writing_what_was_unstarred_since_tells_so(phone, member, own):
    tag = phone("GET", member)["ETag"]
    phone("DELETE", member)

    assert phone.put(member, own, If_Match=tag).status_code == 412


@pytest.mark.parametrize("path", ["agenda", "home"])
def test_calendar_is_not_written_over(phone, path):
    assert refusal(phone.put(getattr(phone, path), NEW)) == (403, "D:need-privileges")


TOKYO = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Apple Inc.//Mac OS X 10.9.5//EN
CALSCALE:GREGORIAN
BEGIN:VTIMEZONE
TZID:Asia/Tokyo
BEGIN:STANDARD
TZOFFSETFROM:+0900
DTSTART:19510907T000000
TZNAME:JST
TZOFFSETTO:+0900
END:STANDARD
END:VTIMEZONE
END:VCALENDAR
"""
COLOUR = '<A:calendar-color symbolic-color="red">#FF2968FF</A:calendar-color>'
SHOWN = "<A:calendar-color/><A:calendar-order/><D:displayname/>"


def kept():
    return CalendarKey.objects.get(name="Phone", user__email="alice@example.org").properties


def test_colour_order_and_name_are_kept_for_this_client(phone, alice, bobs_phone):
    written = f"{COLOUR}<A:calendar-order>3</A:calendar-order><D:displayname>KVM &amp; I</D:displayname>"

    response = phone.proppatch(phone.agenda, set_=written)

    assert answers(response) == {phone.agenda: {"A:calendar-color": "", "A:calendar-order": "", "D:displayname": ""}}
    assert answers(phone.propfind(phone.agenda, SHOWN)) == {
        phone.agenda: {"A:calendar-color": "#FF2968FF", "A:calendar-order": "3", "D:displayname": "KVM & I"}
    }
    assert kept() == {
        "agenda": {"calendar-color": "#FF2968FF", "calendar-order": "3", "displayname": "KVM & I"},
    }
    assert answers(bobs_phone.propfind(bobs_phone.agenda, SHOWN)) == {
        bobs_phone.agenda: {"A:calendar-color": "#0b6e66ff", "D:displayname": "My agenda · Forum agenda"}
    }


def test_removing_brings_the_first_back(phone):
    phone.proppatch(phone.agenda, set_=COLOUR)

    response = phone.proppatch(phone.agenda, remove="<A:calendar-color/><A:calendar-order/>")

    assert answers(response) == {phone.agenda: {"A:calendar-color": "", "A:calendar-order": ""}}
    assert answers(phone.propfind(phone.agenda, "<A:calendar-color/>")) == {
        phone.agenda: {"A:calendar-color": "#0b6e66ff"}
    }
    assert kept() == {"agenda": {}}


def test_long_values_are_cut(phone):
    phone.proppatch(phone.agenda, set_=f"<D:displayname>{'x' * 9000}</D:displayname>")

    assert kept() == {"agenda": {"displayname": "x" * 120}}


def test_no_change_of_the_calendars_version(phone, starred):
    before = token_in(phone.sync())

    phone.proppatch(phone.agenda, set_=COLOUR)

    assert token_in(phone.sync()) == before


def test_all_or_nothing(phone):
    response = phone.proppatch(phone.agenda, set_=f"{COLOUR}<D:getetag>x</D:getetag><C:calendar-timezone/>")

    assert answers(response, 403) == {phone.agenda: {"D:getetag": "", "C:calendar-timezone": ""}}
    assert answers(response, 424) == {phone.agenda: {"A:calendar-color": ""}}
    assert b"<D:cannot-modify-protected-property/>" in response.content
    assert kept() == {}


OLD_MAC = f"""{COLOUR}<C:calendar-description>What I hear</C:calendar-description>
<C:schedule-calendar-transp><C:transparent/></C:schedule-calendar-transp>
<C:calendar-timezone>{TOKYO}</C:calendar-timezone>"""
OLD_MAC_NAMES = (
    "<A:calendar-color/><C:calendar-description/><C:schedule-calendar-transp/><C:calendar-timezone/><D:displayname/>"
)


def test_older_mac_sets_up_a_calendar(phone):
    before = answers(phone.propfind(phone.agenda, OLD_MAC_NAMES))[phone.agenda]
    set_up = answers(phone.proppatch(phone.agenda, set_=OLD_MAC))
    now = answers(phone.propfind(phone.agenda, OLD_MAC_NAMES))[phone.agenda]
    phone.proppatch(phone.agenda, remove=OLD_MAC_NAMES)

    assert list(set_up[phone.agenda].values()) == [""] * 4
    assert now == {
        "A:calendar-color": "#FF2968FF",
        "C:calendar-description": "What I hear",
        "C:schedule-calendar-transp": "C:transparent",
        "C:calendar-timezone": TOKYO.strip(),
        "D:displayname": before["D:displayname"],
    }
    assert answers(phone.propfind(phone.agenda, OLD_MAC_NAMES))[phone.agenda] == before
    assert kept() == {"agenda": {}}


UNFIT = {
    "no zone": ("calendar-timezone", "Asia/Tokyo", 403),
    "an event": ("calendar-timezone", TOKYO.replace("END:VCAL", "BEGIN:VEVENT\nEND:VEVENT\nEND:VCAL"), 403),
    "a long zone": ("calendar-timezone", TOKYO.replace("END:VTIM", f"X-A:{'a' * 20_000}\nEND:VTIM"), 403),
    "nothing": ("schedule-calendar-transp", "", 409),
    "a word": ("schedule-calendar-transp", "opaque", 409),
    "neither": ("schedule-calendar-transp", "<C:clear/>", 409),
}


@pytest.mark.parametrize("case", UNFIT)
def test_value_that_a_property_cannot_have_is_refused(phone, case):
    name, value, status = UNFIT[case]

    response = phone.proppatch(phone.agenda, set_=f"{COLOUR}<C:{name}>{value}</C:{name}>")

    assert answers(response, status) == {phone.agenda: {f"C:{name}": ""}}
    assert answers(response, 424) == {phone.agenda: {"A:calendar-color": ""}}
    assert (b"<C:valid-calendar-data/>" in response.content) is (status == 403)
    assert kept() == {}


def test_what_is_no_calendar_keeps_nothing(phone, member):
    for path in (phone.home, phone.principal, member):
        assert answers(phone.proppatch(path, set_=COLOUR), 403) == {path: {"A:calendar-color": ""}}
    assert kept() == {}


ALARMS = "<C:default-alarm-vevent-datetime>{}</C:default-alarm-vevent-datetime><C:default-alarm-vevent-date/>"
ALARM_NAMES = "<C:default-alarm-vevent-datetime/><C:default-alarm-vevent-date/>"


def test_mac_sets_default_alarms_of_the_home(phone, bobs_phone):
    alarm = "BEGIN:VALARM\nTRIGGER:-PT15M\nEND:VALARM"

    response = phone.proppatch(phone.home, set_=ALARMS.format(alarm))

    names = dict.fromkeys(("C:default-alarm-vevent-datetime", "C:default-alarm-vevent-date"), "")
    assert answers(response) == {phone.home: names}
    assert answers(phone.propfind(phone.home, ALARM_NAMES)) == {phone.home: {"C:default-alarm-vevent-datetime": alarm}}
    assert kept() == {"the home": {"default-alarm-vevent-datetime": alarm}}
    for path, device in ((phone.agenda, phone), (bobs_phone.home, bobs_phone)):
        assert answers(device.propfind(path, ALARM_NAMES), 404) == {path: names}


def test_default_alarms_of_the_home_are_cut_and_removed(phone):
    phone.proppatch(phone.home, set_=ALARMS.format("x" * 9000))
    long = kept()

    phone.proppatch(phone.home, remove=ALARM_NAMES)

    assert (long, kept()) == ({"the home": {"default-alarm-vevent-datetime": "x" * 2000}}, {"the home": {}})


def test_home_takes_default_alarms_with_nothing_else(phone):
    response = phone.proppatch(phone.home, set_=f"{ALARMS.format('x')}{COLOUR}")

    assert answers(response, 403) == {phone.home: {"A:calendar-color": ""}}
    assert kept() == {}


NOTHING = '<D:missing/><x:colour xmlns:x="urn:x"/>'


def test_removing_what_there_is_not_is_done(phone, member):
    """RFC 4918 section 14.23."""
    phone.proppatch(phone.home, set_=ALARMS.format("x"))
    for path in (phone.agenda, phone.home, phone.principal, member, "/dav/"):
        assert answers(phone.proppatch(path, remove=NOTHING)) == {path: {"D:missing": "", "urn:x:colour": ""}}
    phone.proppatch(phone.principal, remove=ALARM_NAMES)
    refused = phone.proppatch(phone.agenda, remove=f"{NOTHING}<D:getetag/><D:resourcetype/>{COLOUR}")

    assert kept() == {"the home": {"default-alarm-vevent-datetime": "x"}}
    assert answers(refused, 403) == {phone.agenda: {"D:resourcetype": ""}}
    assert len(answers(refused, 424)[phone.agenda]) == 4


def test_principal_and_root_take_no_default_alarms(phone):
    for path in (phone.principal, "/dav/"):
        response = phone.proppatch(path, set_=ALARMS.format("x"))

        assert list(answers(response, 403)[path]) == ["C:default-alarm-vevent-datetime", "C:default-alarm-vevent-date"]
    assert kept() == {}


@pytest.mark.parametrize("body", ["", f"<D:propfind {DECLARED}/>"])
def test_proppatch_that_says_nothing_is_refused(phone, body):
    assert phone("PROPPATCH", phone.agenda, body).status_code == 400


def test_date_within_the_second_of_a_change_deletes_nothing(phone, alice, starred, member, time_machine):
    time_machine.move_to("2019-10-30T09:00:00.2Z", tick=False)
    with recording([starred[0].pk], by=None):
        Session.objects.filter(pk=starred[0].pk).update(title="Once")
    within = phone("GET", member)["Last-Modified"]
    time_machine.move_to("2019-10-30T09:00:05Z", tick=False)
    later = phone("GET", member)["Last-Modified"]

    refused = phone("DELETE", member, headers={"If-Unmodified-Since": within})
    listed = answers(phone.propfind(member, "<D:getlastmodified/>"))[member]["D:getlastmodified"]

    assert (refused.status_code, listed) == (412, later)
    assert phone("DELETE", member, headers={"If-Unmodified-Since": later}).status_code == 204
