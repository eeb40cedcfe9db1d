"""What nobody's calendar sends: answered with 4xx, at once, and without opening or asking anything."""

from __future__ import annotations

import time
from urllib.parse import quote

import pytest

from agenda.models import Event, Session, Track
from tests.agenda.caldav.dav import ALL_EVENTS, DECLARED, Dav, answers, refusal

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE p [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    + ']><D:propfind xmlns:D="DAV:"><D:prop><D:displayname x="&a11;">&a11;</D:displayname></D:prop></D:propfind>'
)
QUADRATIC = (
    f'<!DOCTYPE p [<!ENTITY a "{"ha" * 50_000}">]><D:propfind xmlns:D="DAV:"><D:prop><D:x>{"&a;" * 100_000}</D:x>'
    "</D:prop></D:propfind>"
)
FILE = (
    '<!DOCTYPE p [<!ENTITY a SYSTEM "file:///etc/passwd">]><D:propfind xmlns:D="DAV:"><D:prop>&a;</D:prop></D:propfind>'
)
NETWORK = '<!DOCTYPE p SYSTEM "http://127.0.0.1:9/p.dtd"><D:propfind xmlns:D="DAV:"><D:allprop/></D:propfind>'
PARAMETER = '<!DOCTYPE p [<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;]><D:propfind xmlns:D="DAV:"/>'
DEEP = "<a>" * 100_000 + "</a>" * 100_000
METHODS = ["PROPFIND", "REPORT", "PROPPATCH"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("body", [BOMB, QUADRATIC, FILE, NETWORK, PARAMETER, "<!DOCTYPE p><p/>"])
def test_document_type_is_refused_at_once(phone, method, body):
    began = time.process_time()

    response = phone(method, phone.agenda, body, headers={"Depth": "0"})

    assert response.status_code in (400, 403)
    assert b"root:" not in response.content
    assert time.process_time() - began < 1


def test_document_type_that_is_well_formed_is_told_so(phone):
    assert refusal(phone("REPORT", phone.agenda, FILE)) == (403, "D:no-external-entities")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "body",
    ["hello", "<a>", "<a></b>", "<D:a/>", "<a>&b;</a>", DEEP, "\0", '<?xml version="1.0" encoding="x"?><a/>', " "],
)
def test_what_is_not_well_formed_is_refused(phone, method, body):
    assert phone(method, phone.agenda, body, headers={"Depth": "0"}).status_code == 400


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("content_type", ["application/json", "text/calendar", "multipart/form-data", "x"])
def test_what_is_no_xml_by_its_type_is_refused(phone, method, content_type):
    body = f"<D:propfind {DECLARED}><D:allprop/></D:propfind>"

    response = phone(method, phone.agenda, body, content_type=content_type, headers={"Depth": "0"})

    assert response.status_code == 415


UNSAID = ["", "text/plain", "text/plain; charset=utf-8", "application/x-www-form-urlencoded", "text/xml"]


@pytest.mark.parametrize("before", ["", "\r\n ", '<?xml version="1.0"?>', '\n<?xml version="1.0" encoding="utf-8"?>\n'])
@pytest.mark.parametrize("content_type", UNSAID)
def test_body_that_does_not_say_what_it_is_is_xml(phone, content_type, before):
    body = f"{before}<D:propfind {DECLARED}><D:prop><D:displayname/></D:prop></D:propfind>"

    response = phone("PROPFIND", phone.agenda, body, content_type=content_type, headers={"Depth": "0"})

    assert answers(response) == {phone.agenda: {"D:displayname": "My agenda · Forum agenda"}}


@pytest.mark.parametrize("method", [*METHODS, "PUT", "DELETE", "MKCALENDAR"])
def test_ten_megabytes_are_refused(phone, method):
    assert phone(method, phone.agenda, "<a>" + " " * 10_000_000 + "</a>").status_code == 413


@pytest.mark.parametrize("method", [*METHODS, "PUT", "DELETE"])
def test_body_of_unknown_length_is_refused_and_not_taken_for_none(phone, starred, method):
    response = phone(method, phone.address_of(starred[0]), headers={"Depth": "0", "Transfer-Encoding": "chunked"})

    assert response.status_code == 411
    assert phone("GET", phone.address_of(starred[0])).status_code == 200


@pytest.mark.parametrize("length", ["x", "-1", "1.5", "١"])
def test_length_that_is_none_is_refused(phone, length):
    assert phone("PROPFIND", phone.agenda, headers={"Depth": "0"}, CONTENT_LENGTH=length).status_code == 400


def test_strangers_are_not_told_more_than_to_sign_in(phone):
    phone.sign_in(phone.user.email, "wrong")

    assert phone("PROPFIND", phone.agenda, headers={"Transfer-Encoding": "chunked"}).status_code == 401


@pytest.mark.parametrize("method", METHODS)
def test_other_root_elements_are_refused(phone, method):
    status = phone(method, phone.agenda, "<other/>", headers={"Depth": "0"}).status_code

    assert status == (403 if method == "REPORT" else 400)


@pytest.mark.parametrize(
    "names", ["".join(f"<D:p{n}/>" for n in range(101)), f"<D:{'p' * 20_000}/>", f'<x xmlns="{"n" * 20_000}"/>']
)
@pytest.mark.parametrize("around", ["<D:prop>{}</D:prop>", "<D:allprop/><D:include>{}</D:include>"])
def test_more_properties_than_anybody_asks_for_are_refused(phone, names, around):
    body = f"<D:propfind {DECLARED}>{around.format(names)}</D:propfind>"

    assert phone("PROPFIND", phone.agenda, body, headers={"Depth": "1"}).status_code == 400


def test_names_that_want_to_be_markup_stay_names(phone):
    response = phone.propfind(phone.agenda, """<x xmlns="urn:a&amp;lt;b'c"/>""")

    assert answers(response, 404) == {phone.agenda: {"urn:a&lt;b'c:x": ""}}


def test_values_that_want_to_be_markup_stay_values(phone):
    phone.proppatch(phone.agenda, set_="<D:displayname>&lt;/D:displayname&gt;&amp;amp;</D:displayname>")

    found = answers(phone.propfind(phone.agenda, "<D:displayname/>"))

    assert found == {phone.agenda: {"D:displayname": "</D:displayname>&amp;"}}


@pytest.mark.parametrize("char", ["\x01", "\x0b", "\x1f", "\ufffe", "\uffff"])
def test_programme_may_hold_what_xml_may_not(alice, clock, starred, kvm_forum, char):
    track = Track.objects.create(event=kvm_forum, name=f"Hard{char}ware", slug="hardware")
    Event.objects.update(name=f"KVM{char} Forum", venue=f"Ce{char}ntre")
    Session.objects.update(title=f"Boots{char}trap", abstract=f"A{char}b", track=track)
    phone = Dav(alice, collections=[kvm_forum.slug, f"{kvm_forum.slug}--hardware"])

    inside = "<D:displayname/><C:calendar-description/>"
    found = list(answers(phone.propfind(phone.home, inside, depth="1")).values())
    data = answers(phone.query(ALL_EVENTS, prop="<C:calendar-data/>"))

    assert [each["D:displayname"] for each in found[2:]] == ["KVM Forum", "KVM Forum: Hardware"]
    assert found[2]["C:calendar-description"].startswith("The programme, to look at. Centre, Lyon")
    assert ["SUMMARY:Bootstrap\r\n" in each["C:calendar-data"] for each in data.values()] == [True] * 3


def test_a_body_full_of_names_is_answered_at_once(phone, starred):
    hrefs = [f"{phone.agenda}{n}.ics" for n in range(10_000)]
    began = time.process_time()

    response = phone.multiget(*hrefs)

    assert len(answers(response)) == 10_000
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "path", ["/dav/calendars/999999999999999999/agenda/", "/dav/principals/0/", "/dav/%00/", "/dav/a\n/"]
)
def test_addresses_of_nothing(phone, path):
    assert phone.propfind(path).status_code == 404


@pytest.mark.parametrize("name", ["\x01", "\x0b", "\ufffe", "<&\"'>", "a b", "é"])
def test_addresses_that_want_to_be_markup_stay_addresses(phone, name):
    response = phone("MKCALENDAR", quote(f"{phone.home}{name}/new/"))

    assert refusal(response) == (403, "D:need-privileges")
    assert response.content.count(f"<D:href>{quote(f'{phone.home}{name}/')}</D:href>".encode()) == 1


def test_utf_16_is_xml_too(phone):
    body = (
        f'<?xml version="1.0" encoding="utf-16"?><D:propfind {DECLARED}><D:prop><D:displayname/></D:prop></D:propfind>'
    )

    response = phone("PROPFIND", phone.agenda, body.encode("utf-16"), headers={"Depth": "0"})

    assert answers(response) == {phone.agenda: {"D:displayname": "My agenda · Forum agenda"}}


CONDITIONS = ["(" * 60_000, "<" * 60_000, "(<a> " * 12_000, "(Not " * 12_000, "[" * 60_000, '(["' * 20_000]
CONDITIONS += [f"<a>{' ' * 60_000}", f"({' ' * 60_000}", f"(<{'a' * 60_000}", f'(["{"a" * 60_000}', "(<a>)" * 12_000]


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda written: written[:6])
def test_condition_is_read_at_once(phone, starred, condition):
    began = time.process_time()

    response = phone("DELETE", phone.address_of(starred[0]), headers={"If": condition})

    assert response.status_code == 400
    assert time.process_time() - began < 1


def query(inside, data=""):
    calendars = f'<C:comp-filter name="VCALENDAR">{inside}</C:comp-filter>'
    prop = f"<D:prop><C:calendar-data>{data}</C:calendar-data></D:prop>"
    return f"<C:calendar-query {DECLARED}>{prop}<C:filter>{calendars}</C:filter></C:calendar-query>"


TITLE = '<C:comp-filter name="VEVENT"><C:prop-filter name="SUMMARY">{}</C:prop-filter></C:comp-filter>'
LONG = {
    "a text": (query(TITLE.format(f"<C:text-match>{'a' * 900_000}</C:text-match>")), 207),
    "many texts": (query(TITLE.format(f"<C:text-match>{'a' * 20_000}</C:text-match>" * 40)), 207),
    "a name": (query(f'<C:comp-filter name="{"a" * 900_000}"/>'), 207),
    "a time": (query(f'<C:comp-filter name="VEVENT"><C:time-range start="{"1" * 900_000}Z"/></C:comp-filter>'), 403),
    "a collation": (query(TITLE.format(f'<C:text-match collation="{"i;" * 400_000}">a</C:text-match>')), 403),
    "nested components": (query('<C:comp-filter name="X-A">' * 40 + "</C:comp-filter>" * 40), 207),
    "many components": (query('<C:comp-filter name="X-A"/>' * 30_000), 403),
    "a part's name": (query("", f'<C:comp name="VCALENDAR"><C:prop name="{"a" * 900_000}"/></C:comp>'), 207),
    "nested parts": (query("", '<C:comp name="VCALENDAR">' * 90 + "</C:comp>" * 90), 207),
    "many parts": (query("", '<C:comp name="VCALENDAR"/>' * 30_000), 400),
}


@pytest.mark.parametrize("case", LONG)
def test_long_query_is_answered_at_once(phone, starred, case):
    body, status = LONG[case]
    began = time.process_time()

    response = phone("REPORT", phone.agenda, body)

    assert response.status_code == status
    assert time.process_time() - began < 1
