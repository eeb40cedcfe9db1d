"""REPORT calendar-query and calendar-multiget, and those that are refused."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest

from agenda.models import Session, StarLog
from agenda.stars.starring import star, unstar
from tests.agenda.caldav.dav import ALL_EVENTS, DECLARED, Dav, answers, refusal, statuses, token_in, vevents
from tests.agenda.kvm_forum import AFTER, add_event, add_session, session_of

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
    "inside",
    [
        '<C:comp name="VCALENDAR"><C:prop name="VERSION"/><C:comp name="VEVENT"><C:prop name="UID"/></C:comp></C:comp>',
        '<C:expand start="20191030T000000Z" end="20191103T000000Z"/>',
        '<C:limit-recurrence-set start="20191030T000000Z" end="20191103T000000Z"/>',
    ],
)
def test_query_for_a_part_of_the_data_may_get_the_whole(phone, starred, inside):
    found = answers(phone.query(ALL_EVENTS, prop=f"<C:calendar-data>{inside}</C:calendar-data>"))

    assert [vevents(found[href]["C:calendar-data"]) for href in found] == [1, 1, 1]


def test_data_of_another_kind_is_refused(phone, starred):
    response = phone.query(ALL_EVENTS, prop='<C:calendar-data content-type="application/calendar+json"/>')

    assert refusal(response) == (403, "C:supported-calendar-data")


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


REFUSED = {
    "another collation": (match("x", collation="i;basic"), "C:supported-collation"),
    "a parameter": (
        within('<C:prop-filter name="DTSTART"><C:param-filter name="TZID"/></C:prop-filter>'),
        "C:supported-filter",
    ),
    "a property's time": (
        within('<C:prop-filter name="DTSTAMP"><C:time-range start="20191031T100000Z"/></C:prop-filter>'),
        "C:supported-filter",
    ),
    "an alarm's time": (
        within('<C:comp-filter name="VALARM"><C:time-range start="20191031T100000Z"/></C:comp-filter>'),
        "C:supported-filter",
    ),
    "no filter inside": ("", "C:valid-filter"),
    "no calendar around": ('<C:comp-filter name="VEVENT"/>', "C:valid-filter"),
    "two calendars": ('<C:comp-filter name="VCALENDAR"/>' * 2, "C:valid-filter"),
    "no name": (within("<C:prop-filter/>"), "C:valid-filter"),
    "lack and more": (
        within('<C:prop-filter name="UID"><C:is-not-defined/><C:text-match>x</C:text-match></C:prop-filter>'),
        "C:valid-filter",
    ),
    "what nobody has heard of": (within("<C:wish/>"), "C:supported-filter"),
    "too many": (within('<C:prop-filter name="UID"/>' * 60), "C:supported-filter"),
    "too deep": ('<C:comp-filter name="VCALENDAR">' * 200 + "</C:comp-filter>" * 200, "C:supported-filter"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_filter_that_is_not_understood_is_refused_as_a_whole(phone, starred, case):
    inside, condition = REFUSED[case]

    assert refusal(phone.query(inside)) == (403, condition)


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
        "C:free-busy-query",
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


@pytest.mark.parametrize("path", ["home", "principal"])
def test_reports_are_refused_where_there_is_no_calendar(phone, path):
    body = f"<C:calendar-query {DECLARED}><C:filter>{ALL_EVENTS}</C:filter></C:calendar-query>"

    assert refusal(phone("REPORT", getattr(phone, path), body)) == (403, "D:supported-report")


def test_report_without_a_body_is_refused(phone):
    assert phone("REPORT", phone.agenda).status_code == 400
