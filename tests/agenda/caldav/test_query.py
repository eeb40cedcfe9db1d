"""REPORT calendar-query and calendar-multiget, and those that are refused."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest

from agenda.models import Session, StarLog
from agenda.stars.starring import star, unstar
from tests.agenda.caldav.dav import ALL_EVENTS, DECLARED, Dav, answers, refusal, statuses, token_in
from tests.agenda.kvm_forum import AFTER, add_event, add_session, session_of

pytestmark = pytest.mark.any_database

NESTING, GOING_ON, KUBEVIRT = "Nesting&testing", "What's Going On?", "KubeVirt"


def titles(phone, response):
    """The first word of each session found."""
    guids = {f"{phone.address_of(session)}": session.title.split()[0] for session in Session.objects.all()}
    return [guids[href] for href in answers(response)]


def within(inside, name="VEVENT"):
    return f'<C:comp-filter name="VCALENDAR"><C:comp-filter name="{name}">{inside}</C:comp-filter></C:comp-filter>'


def stamp(moment):
    return f"{moment:%Y%m%dT%H%M%SZ}"


@pytest.mark.parametrize(
    "inside", [ALL_EVENTS, '<C:comp-filter name="VCALENDAR"/>', ALL_EVENTS.lower().replace("c:", "C:")]
)
def test_query_without_conditions_finds_all(phone, starred, inside):
    assert len(answers(phone.query(inside))) == 3


@pytest.mark.parametrize("name", ["VTODO", "VJOURNAL", "VFREEBUSY", "X-OTHER"])
def test_query_for_what_there_is_none_of_finds_nothing(phone, starred, name):
    assert answers(phone.query(within("", name))) == {}


def test_query_for_the_lack_of_something_finds_all(phone, starred):
    inside = within('<C:comp-filter name="VALARM"><C:is-not-defined/></C:comp-filter>')

    assert len(answers(phone.query(inside))) == 3
    phone.change_key(options={"alarm": 10})
    assert answers(phone.query(inside)) == {}
    assert len(answers(phone.query(within('<C:comp-filter name="VALARM"/>')))) == 3


def test_query_returns_the_calendar_data_that_get_does(phone, starred):
    member = phone.address_of(starred[0])

    found = answers(phone.query(ALL_EVENTS, prop="<D:getetag/><C:calendar-data/>"))

    get = phone("GET", member)
    assert found[member] == {"D:getetag": get["ETag"], "C:calendar-data": get.content.decode()}


@pytest.mark.parametrize(
    ("attributes", "condition"),
    [
        ('content-type="application/calendar+json"', "C:supported-calendar-data"),
        ('version="3.0"', "C:supported-calendar-data"),
        ('content-type="text/calendar" version="1.0"', "C:supported-calendar-data"),
        ('content-type="text/calendar" version="2.0"', ""),
    ],
)
def test_data_of_another_kind_is_refused(phone, starred, attributes, condition):
    data = f"<C:calendar-data {attributes}/>"
    responses = [phone.query(ALL_EVENTS, prop=data), phone.multiget(phone.address_of(starred[0]), prop=data)]

    if condition:
        assert [refusal(response) for response in responses] == [(403, condition)] * 2
    else:
        assert [len(answers(response)) for response in responses] == [3, 1]


def ranges(session):
    start, end = stamp(session.start), stamp(session.end)
    return {
        "exactly it": (f'start="{start}" end="{end}"', True),
        "until it starts": (f'end="{start}"', False),
        "from its end": (f'start="{end}"', False),
        "from its start on": (f'start="{start}"', True),
        "until its end": (f'end="{end}"', True),
        "within it": (f'start="{start[:-3]}01Z" end="{start[:-3]}02Z"', True),
        "a century": ('start="19500101T000000Z" end="20500101T000000Z"', True),
        "the year before": ('start="20180101T000000Z" end="20181231T235959Z"', False),
    }


CASES = ["exactly it", "until it starts", "from its end", "from its start on", "until its end", "within it"]


@pytest.mark.parametrize("case", [*CASES, "a century", "the year before"])
def test_time_range_finds_what_overlaps_it(phone, starred, case):
    session = session_of(NESTING)
    attributes, is_found = ranges(session)[case]

    found = answers(phone.query(within(f"<C:time-range {attributes}/>")))

    assert (phone.address_of(session) in found) is is_found


TOKYO = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//EN
BEGIN:VTIMEZONE
TZID:{name}
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0900
TZOFFSETTO:+0900
END:STANDARD
END:VTIMEZONE
END:VCALENDAR
"""
EVENT = "BEGIN:VEVENT\nUID:x\nEND:VEVENT\n"
ZONES = {
    "one of IANA's": (TOKYO.format(name="Asia/Tokyo"), 1),
    "one of its own": (TOKYO.format(name="The office"), 1),
    "Outlook's": (TOKYO.format(name="Tokyo Standard Time").replace("\n", "\r\n"), 1),
    "another place": (TOKYO.format(name="Europe/Paris"), 0),
    "nothing": ("", None),
    "no calendar": ("Asia/Tokyo", None),
    "an event": (TOKYO.format(name="Asia/Tokyo").replace("END:VCALENDAR", f"{EVENT}END:VCALENDAR"), None),
    "no zone": ("BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR", None),
    "no offset": (TOKYO.format(name="x").replace("TZOFFSETTO:+0900\n", ""), None),
    "a strange offset": (TOKYO.format(name="x").replace("TZOFFSETTO:+0900", "TZOFFSETTO:+9900"), None),
    "a rule of every second": (TOKYO.format(name="x").replace("END:S", "RRULE:FREQ=SECONDLY\nEND:S"), None),
}


@pytest.mark.parametrize("case", ZONES)
def test_local_range_is_read_in_the_zone_that_the_query_names(phone, starred, case):
    """The first session begins at 10:30 in UTC, which is 19:30 in Tokyo."""
    zone, count = ZONES[case]
    inside = within('<C:time-range start="20191031T193000" end="20191031T193001"/>')
    body = f"<C:filter>{inside}</C:filter><C:timezone>{zone}</C:timezone>"

    response = phone("REPORT", phone.agenda, f"<C:calendar-query {DECLARED}><D:prop/>{body}</C:calendar-query>")

    if count is None:
        assert refusal(response) == (403, "C:valid-calendar-data")
    else:
        assert len(answers(response)) == count


@pytest.mark.parametrize(("name", "count"), [("Asia/Tokyo", 1), (" Europe/Paris ", 0), ("Nowhere/At_all", None)])
def test_local_range_is_read_in_a_zone_by_its_name(phone, starred, name, count):
    inside = within('<C:time-range start="20191031T193000" end="20191031T193001"/>')
    body = f"<C:filter>{inside}</C:filter><C:timezone-id>{name}</C:timezone-id>"

    response = phone("REPORT", phone.agenda, f"<C:calendar-query {DECLARED}><D:prop/>{body}</C:calendar-query>")

    if count is None:
        assert refusal(response) == (403, "C:valid-timezone")
    else:
        assert len(answers(response)) == count


def test_every_range_has_been_tried(starred):
    assert list(ranges(starred[0])) == [*CASES, "a century", "the year before"]


@pytest.mark.parametrize(
    "attributes",
    [
        "",
        'start="yesterday"',
        'start="2019-10-31T10:00:00Z"',
        'start="20191031T100000"',
        'start="20191331T100000Z"',
        'start="20191031T100000Z" end="20191031T100000Z"',
        'start="20191031T100000Z" end="20191031T090000Z"',
    ],
)
def test_range_that_is_none_is_refused(phone, starred, attributes):
    assert refusal(phone.query(within(f"<C:time-range {attributes}/>"))) == (403, "C:valid-filter")


def is_noted(phone):
    """Whether the calendar is taken to know all that there is now."""
    phone.key.refresh_from_db()
    return f"data:,{phone.key.served}" == token_in(phone.sync())


TOLD = {
    "all": (ALL_EVENTS, True),
    "a past day": (within('<C:time-range start="20191001T000000Z" end="20191002T000000Z"/>'), False),
    "a day to come": (within('<C:time-range start="20191201T000000Z" end="20191202T000000Z"/>'), False),
    "the last weeks and what is to come": (within('<C:time-range start="20191001T000000Z"/>'), True),
    "later than the stars": (within('<C:time-range start="20191201T000000Z"/>'), False),
    "a year with all of them": (within('<C:time-range start="20190601T000000Z" end="20200601T000000Z"/>'), True),
    "until now": (within('<C:time-range end="20191030T080000Z"/>'), False),
    "tasks": (within("", "VTODO"), False),
    "titles": (within('<C:prop-filter name="SUMMARY"/>'), False),
}


@pytest.mark.parametrize("case", TOLD)
@pytest.mark.parametrize("is_unstarred", [False, True])
def test_calendar_knows_all_if_its_question_left_nothing_out(phone, alice, starred, case, is_unstarred):
    """What was unstarred, its client may still show."""
    for session in starred if is_unstarred else ():
        unstar(alice, session, through=StarLog.Through.PAGE)
    inside, is_told = TOLD[case]

    phone.query(inside)

    assert is_noted(phone) is is_told


@pytest.mark.parametrize(
    ("attributes", "is_told"),
    [
        ('start="20191102T000000Z"', True),
        ('start="20191102T000000Z" end="20191103T000000Z"', True),
        ('start="20191001T000000Z" end="20191002T000000Z"', False),
    ],
)
def test_what_was_over_before_a_range_need_not_be_told(phone, starred, time_machine, attributes, is_told):
    time_machine.move_to(AFTER)

    phone.query(within(f"<C:time-range {attributes}/>"))

    assert is_noted(phone) is is_told


AUTUMN = within('<C:time-range start="20191001T000000Z" end="20191201T000000Z"/>')


@pytest.fixture
def far(kvm_forum) -> Session:
    """Long after that autumn, at another event."""
    return add_session(add_event("other", "Europe/Paris", "2020-01-01", "2020-01-02"), "Far", "2020-01-01T10:00")


@pytest.mark.on_postgresql
def test_what_was_unstarred_before_the_calendar_was_added_need_not_be_told(alice, starred, far, time_machine):
    star(alice, [far.pk], through=StarLog.Through.PAGE)
    unstar(alice, far, through=StarLog.Through.PAGE)
    time_machine.shift(timedelta(minutes=1))
    phone = Dav(alice)

    phone.query(AUTUMN)

    assert is_noted(phone)


def test_what_was_unstarred_before_the_calendar_knew_all_need_not_be_told(phone, alice, starred, far):
    star(alice, [far.pk], through=StarLog.Through.PAGE)
    unstar(alice, far, through=StarLog.Through.PAGE)
    phone.query(ALL_EVENTS)
    unstar(alice, starred[0], through=StarLog.Through.PAGE)

    phone.query(AUTUMN)

    assert is_noted(phone)


@pytest.mark.on_postgresql
def test_what_is_unstarred_or_not_chosen_since_must_be_told(phone, alice, starred, far, kvm_forum):
    star(alice, [far.pk], through=StarLog.Through.PAGE)
    phone.query(ALL_EVENTS)
    phone.key.refresh_from_db()
    phone.change_key(options={"events": [kvm_forum.pk]}, served_options={})
    phone.query(AUTUMN)
    of_another_event = is_noted(phone)
    phone.change_key(options={})
    phone.query(ALL_EVENTS)
    unstar(alice, far, through=StarLog.Through.PAGE)

    phone.query(AUTUMN)

    assert (of_another_event, is_noted(phone)) == (False, False)


@pytest.mark.on_postgresql
def test_stars_of_events_that_the_calendar_does_not_show_need_not_be_told(phone, alice, starred, kvm_forum):
    other = add_session(add_event("other", "Europe/Paris", "2020-01-01", "2020-01-02"), "Other", "2020-01-01T10:00")
    star(alice, [other.pk], through=StarLog.Through.PAGE)
    phone.change_key(options={"events": [kvm_forum.pk]})

    phone.query(within('<C:time-range start="20191001T000000Z" end="20191201T000000Z"/>'))

    assert is_noted(phone)


def match(text, name="SUMMARY", **attributes):
    written = " ".join(f'{key.replace("_", "-")}="{value}"' for key, value in attributes.items())
    return within(f'<C:prop-filter name="{name}"><C:text-match {written}>{text}</C:text-match></C:prop-filter>')


@pytest.mark.parametrize(
    ("text", "attributes", "found"),
    [
        ("nesting&amp;TESTING", {}, ["Nesting&testing"]),
        ("nesting&amp;TESTING", {"collation": "i;ascii-casemap"}, ["Nesting&testing"]),
        ("nesting&amp;TESTING", {"collation": "i;unicode-casemap"}, ["Nesting&testing"]),
        ("nesting&amp;TESTING", {"collation": "i;octet"}, []),
        ("Nesting&amp;testing", {"collation": "i;octet"}, ["Nesting&testing"]),
        ("Nesting&amp;testing", {"negate_condition": "yes"}, ["What's", "KubeVirt"]),
        ("nowhere", {}, []),
    ],
)
def test_text_is_found_in_titles(phone, starred, text, attributes, found):
    assert sorted(titles(phone, phone.query(match(text, **attributes)))) == sorted(found)


def test_uid_finds_its_one_event(phone, starred):
    session = session_of(KUBEVIRT)

    found = answers(phone.query(match(session.guid, name="UID", collation="i;octet")))

    assert list(found) == [phone.address_of(session)]


def test_umlaut_is_the_same_in_any_case_for_unicode_alone(phone, starred):
    Session.objects.filter(pk=starred[0].pk).update(title="Über alles")

    ascii_ = phone.query(match("über"))
    unicode_ = phone.query(match("über", collation="i;unicode-casemap"))

    assert (len(answers(ascii_)), len(answers(unicode_))) == (0, 1)


@pytest.mark.parametrize(("name", "count"), [("RRULE", 3), ("SUMMARY", 0)])
def test_lack_of_a_property_is_found(phone, starred, name, count):
    inside = within(f'<C:prop-filter name="{name}"><C:is-not-defined/></C:prop-filter>')

    assert len(answers(phone.query(inside))) == count
    assert len(answers(phone.query(within(f'<C:prop-filter name="{name}"/>')))) == 3 - count


RANGE = '<C:time-range start="20191031T100000Z"/>'


def comp(name, inside=""):
    return f'<C:comp-filter name="{name}">{inside}</C:comp-filter>'


def prop(name, inside=""):
    return within(f'<C:prop-filter name="{name}">{inside}</C:prop-filter>')


REFUSED = {
    "another collation": (match("x", collation="i;basic"), "C:supported-collation"),
    "a time of a text": (prop("SUMMARY", RANGE), "C:valid-filter"),
    "a time of a calendar": (comp("VCALENDAR", RANGE), "C:valid-filter"),
    "a time of a zone": (comp("VCALENDAR", comp("VTIMEZONE", RANGE)), "C:valid-filter"),
    "a time of a zone's part": (comp("VCALENDAR", comp("VTIMEZONE", comp("STANDARD", RANGE))), "C:valid-filter"),
    "a time of what we do not know": (within(comp("VALARM", comp("X-COMP", RANGE))), "C:valid-filter"),
    "an alarm of a calendar": (comp("VCALENDAR", comp("VALARM")), "C:valid-filter"),
    "an event in an event": (within(comp("VEVENT")), "C:valid-filter"),
    "an event in a task": (within(comp("VEVENT"), "VTODO"), "C:valid-filter"),
    "an event in an alarm": (within(comp("VALARM", comp("VEVENT"))), "C:valid-filter"),
    "a calendar in a calendar": (comp("VCALENDAR", comp("VCALENDAR")), "C:valid-filter"),
    "a text of an event": (within("<C:text-match>x</C:text-match>"), "C:valid-filter"),
    "a property in a property": (prop("SUMMARY", '<C:prop-filter name="UID"/>'), "C:valid-filter"),
    "a time of a parameter": (
        prop("DTSTART", f'<C:param-filter name="TZID">{RANGE}</C:param-filter>'),
        "C:valid-filter",
    ),
    "a parameter without a name": (prop("DTSTART", "<C:param-filter/>"), "C:valid-filter"),
    "no filter inside": ("", "C:valid-filter"),
    "no calendar around": ('<C:comp-filter name="VEVENT"/>', "C:valid-filter"),
    "another calendar": (comp("X-CALENDAR"), "C:valid-filter"),
    "a property alone": ('<C:prop-filter name="UID"/>', "C:valid-filter"),
    "two calendars": ('<C:comp-filter name="VCALENDAR"/>' * 2, "C:valid-filter"),
    "no name": (within("<C:prop-filter/>"), "C:valid-filter"),
    "lack and more": (prop("UID", "<C:is-not-defined/><C:text-match>x</C:text-match>"), "C:valid-filter"),
    "what nobody has heard of": (within("<C:wish/>"), "C:valid-filter"),
    "too many": (within('<C:prop-filter name="UID"/>' * 60), "C:supported-filter"),
    "too deep": ('<C:comp-filter name="VCALENDAR">' * 200 + "</C:comp-filter>" * 200, "C:supported-filter"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_filter_that_is_not_understood_is_refused_as_a_whole(phone, starred, case):
    inside, condition = REFUSED[case]

    assert refusal(phone.query(inside)) == (403, condition)


def parameter(name, inside=""):
    return f'<C:param-filter name="{name}">{inside}</C:param-filter>'


def between(start, end):
    """A time-range of that Thursday, from and to these times in UTC."""
    return f'<C:time-range start="20191031T{start}Z" end="20191031T{end}Z"/>'


ABSENT = "<C:is-not-defined/>"
# How many are found, with alarms of ten minutes and times in the event's zone. The first begins at 10:30, UTC.
FOUND = {
    "a zone": (prop("DTSTART", parameter("TZID")), 3),
    "no zone": (prop("DTSTART", parameter("TZID", ABSENT)), 0),
    "no such parameter": (prop("DTSTART", parameter("VALUE", ABSENT)), 3),
    "a zone's name": (prop("DTSTART", parameter("TZID", "<C:text-match>par</C:text-match>")), 3),
    "another zone's": (prop("DTSTART", parameter("TZID", "<C:text-match>Rome</C:text-match>")), 0),
    "unlike what is not there": (
        prop("UID", parameter("X", '<C:text-match negate-condition="yes">a</C:text-match>')),
        0,
    ),
    "a text without": (prop("SUMMARY", f"<C:text-match>nesting</C:text-match>{parameter('LANGUAGE', ABSENT)}"), 1),
    "starts then": (prop("DTSTART", between("103000", "103001")), 1),
    "started before": (prop("DTSTART", between("103001", "235959")), 0),
    "starts at the end": (prop("DTSTART", between("000000", "103000")), 0),
    "ends then": (prop("DTEND", between("110000", "110001")), 1),
    "written that month": (prop("DTSTAMP", '<C:time-range start="20191001T000000Z" end="20191101T000000Z"/>'), 3),
    "written later": (prop("DTSTAMP", '<C:time-range start="20191101T000000Z"/>'), 0),
    "due": (prop("DUE", RANGE), 0),
    "an alarm then": (within(comp("VALARM", between("102000", "102001"))), 1),
    "an alarm before": (within(comp("VALARM", between("102001", "120000"))), 0),
    "an alarm that shows": (within(comp("VALARM", '<C:prop-filter name="ACTION"/>')), 3),
    "a zone itself": (comp("VCALENDAR", comp("VTIMEZONE", comp("STANDARD"))), 3),
    "no calendar": (comp("VCALENDAR", ABSENT), 0),
    "the event of an old draft": (within("<C:is-defined/>"), 3),
    "the property of an old draft": (prop("SUMMARY", "<C:is-defined/>"), 3),
}


@pytest.mark.parametrize("case", FOUND)
def test_filters_look_at_parameters_times_and_alarms(phone, starred, case):
    inside, count = FOUND[case]
    phone.change_key(options={"alarm": 10, "times": "zone"})

    response = phone.query(inside)

    assert len(answers(response)) == count


def test_query_without_a_filter_is_refused(phone):
    response = phone("REPORT", phone.agenda, f"<C:calendar-query {DECLARED}><D:prop/></C:calendar-query>")

    assert refusal(response) == (403, "C:valid-filter")


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("inside", [ALL_EVENTS, within('<C:time-range start="20190101T000000Z"/>'), match("e")])
def test_query_takes_as_many_queries_for_1_and_3(phone, starred, django_assert_num_queries, count, inside):
    for session in starred[count:]:
        phone("DELETE", phone.address_of(session))
    phone.query(inside)

    with django_assert_num_queries(5 if "time-range" in inside else 4):  # key, owner, stars, log, and when they are
        found = answers(phone.query(inside))

    assert len(found) == count


def test_multiget_finds_what_is_named_however_it_is_written(phone, starred):
    first, second, third = map(phone.address_of, starred)
    hrefs = [
        f"http://testserver{first}",
        quote(second, safe="").replace("%2F", "/").replace("-", "%2d"),
        f"\n {third} \n",
    ]

    found = answers(phone.multiget(*hrefs, first))

    assert list(found) == [first, second, third]


def test_multiget_says_what_is_not_there(phone, bobs_phone, starred):
    there = phone.address_of(starred[0])
    elsewhere = [
        bobs_phone.address_of(starred[0]),
        f"{phone.agenda}nothing.ics",
        f"{phone.agenda}a%26b&amp;.ics",
        f"https://elsewhere.example{there}",
        "http://[broken",
        "",
        phone.agenda,
        "../../etc/passwd",
    ]

    found = statuses(phone.multiget(there, *elsewhere))

    missing = dict.fromkeys((href.replace("&amp;", "&") for href in elsewhere), 404)
    assert found == {there: 200, **missing}


def test_multiget_of_unstarred_session_says_it_is_gone(phone, starred):
    other = Session.objects.exclude(pk__in=[session.pk for session in starred]).first()

    assert statuses(phone.multiget(phone.address_of(other))) == {phone.address_of(other): 404}


@pytest.mark.parametrize(
    "root",
    [
        "D:expand-property",
        "D:principal-property-search",
        "D:principal-search-property-set",
        "D:version-tree",
        "D:nonsense",
    ],
)
@pytest.mark.parametrize("path", ["agenda", "home", "principal"])
def test_other_reports_are_refused(phone, root, path):
    response = phone("REPORT", getattr(phone, path), f"<{root} {DECLARED}/>")

    assert refusal(response) == (403, "D:supported-report")


@pytest.mark.parametrize("root", ["C:calendar-query", "C:calendar-multiget", "C:free-busy-query", "D:sync-collection"])
@pytest.mark.parametrize("path", ["home", "principal"])
def test_reports_are_refused_where_there_is_no_calendar(phone, path, root):
    response = phone("REPORT", getattr(phone, path), f"<{root} {DECLARED}/>")

    assert refusal(response) == (403, "D:supported-report")


@pytest.mark.parametrize(
    ("root", "inside", "found"),
    [
        ("C:calendar-query", f"<C:filter>{ALL_EVENTS}</C:filter>", {"its own": 200}),
        ("C:calendar-query", f"<C:filter>{within('', 'VTODO')}</C:filter>", {}),
        ("C:calendar-query", f"<C:filter>{match('nesting')}</C:filter>", {"its own": 200}),
        ("C:calendar-query", f"<C:filter>{match('kubevirt')}</C:filter>", {}),
        ("C:calendar-multiget", "<D:href>{own}</D:href>", {"its own": 200}),
        ("C:calendar-multiget", "<D:href>{other}</D:href>", {"another's": 404}),
        ("C:free-busy-query", "", None),
        ("D:sync-collection", "", None),
    ],
)
def test_reports_of_a_member_are_about_it_alone(phone, starred, root, inside, found):
    own, other = (phone.address_of(session) for session in (session_of(NESTING), session_of(GOING_ON)))
    inside = inside.format(own=own, other=other)

    response = phone("REPORT", own, f"<{root} {DECLARED}><D:prop><D:getetag/></D:prop>{inside}</{root}>")

    if found is None:
        assert refusal(response) == (403, "D:supported-report")
    else:
        assert statuses(response) == {{"its own": own, "another's": other}[name]: code for name, code in found.items()}
    phone.key.refresh_from_db()
    assert phone.key.served == ""  # it knows of no other


def test_member_names_the_reports_that_it_has(phone, starred):
    (found,) = answers(phone.propfind(phone.address_of(starred[0]), "<D:supported-report-set/>")).values()

    named = [f"D:supported-report=D:report=C:{name}" for name in ("calendar-query", "calendar-multiget")]
    assert found["D:supported-report-set"] == " ".join(named)


def test_report_without_a_body_is_refused(phone):
    assert phone("REPORT", phone.agenda).status_code == 400
