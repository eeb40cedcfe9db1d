"""PROPFIND: the properties asked for, of a resource and of what is in it."""

from __future__ import annotations

import pytest

from agenda.caldav.syncing import PREFIX
from agenda.models import Session, StarLog
from agenda.stars.starring import star
from agenda.version_cache import VersionCache
from tests.agenda.caldav.dav import DECLARED, answers, refusal
from tests.agenda.kvm_forum import session_of

pytestmark = pytest.mark.any_database

ALL = f"<D:propfind {DECLARED}><D:allprop/></D:propfind>"
NAMES = f"<D:propfind {DECLARED}><D:propname/></D:propfind>"
INCLUDE = f"<D:propfind {DECLARED}><D:allprop/><D:include><D:owner/><D:nonsense/></D:include></D:propfind>"


def ask(phone, path, body, depth="0"):
    return phone("PROPFIND", path, body, headers={"Depth": depth})


def test_what_is_not_there_is_said_to_be_missing(phone):
    inside = '<D:displayname/><x:colour xmlns:x="urn:a&amp;b"/><nothing xmlns=""/><D:lockdiscovery/>'

    response = phone.propfind(phone.agenda, inside)

    assert answers(response) == {phone.agenda: {"D:displayname": "My agenda · Forum agenda"}}
    assert answers(response, 404) == {
        phone.agenda: {"urn:a&b:colour": "", "None:nothing": "", "D:lockdiscovery": ""},
    }


@pytest.mark.parametrize("prefer", ["return=minimal", "depth-noroot, return = minimal"])
def test_minimal_answer_leaves_out_what_is_missing(phone, prefer):
    response = phone.propfind(phone.agenda, "<D:displayname/><D:lockdiscovery/>", Prefer=prefer)

    assert answers(response, 404) == {phone.agenda: {}}
    assert answers(response) == {phone.agenda: {"D:displayname": "My agenda · Forum agenda"}}


def test_minimal_answer_with_nothing_is_still_a_response(phone):
    response = phone.propfind(phone.agenda, "<D:lockdiscovery/>", Prefer="return=minimal")

    assert answers(response) == {phone.agenda: {}}


@pytest.mark.parametrize("body", ["", ALL])
def test_all_are_those_of_webdav_and_the_clients_own(phone, starred, body):
    member = phone.address_of(starred[0])
    size = len(phone("GET", member).content)

    response = ask(phone, phone.agenda, body, "1")

    found = answers(response)
    assert len(found) == 4
    assert answers(response, 404) == {href: {} for href in found}
    assert found[phone.agenda] == {
        "D:resourcetype": "D:collection C:calendar",
        "D:displayname": "My agenda · Forum agenda",
        "A:calendar-color": "#0b6e66ff",
    }
    assert found[member] == {
        "D:resourcetype": "",
        "D:getetag": phone("GET", member)["ETag"],
        "D:getcontenttype": "text/calendar; charset=utf-8; component=VEVENT",
        "D:getcontentlength": str(size),
        "D:getlastmodified": "Tue, 01 Oct 2019 00:00:00 GMT",
    }


def test_all_and_some_that_are_included(phone):
    response = ask(phone, phone.home, INCLUDE)

    assert answers(response)[phone.home] == {
        "D:resourcetype": "D:collection",
        "D:displayname": "Calendars",
        "D:owner": f"D:href={phone.principal}",
    }
    assert answers(response, 404) == {phone.home: {"D:nonsense": ""}}


# RFC 4918, appendix A: what is unknown is ignored; what is left asks in one of three ways.
ASKED = {
    "<D:undefined/>": 400,
    "": 400,
    "<D:allprop/><D:propname/>": 400,
    "<D:allprop/><D:prop><D:getetag/></D:prop>": 400,
    "<D:prop><D:getetag/></D:prop><D:propname/>": 400,
    '<x:wish xmlns:x="urn:x"/><D:prop><D:getetag/></D:prop>': 207,
    "<D:propname/><D:undefined/>": 207,
    "<D:allprop/><D:include/>": 207,
    "<D:prop/>": 207,
}


@pytest.mark.parametrize("inside", ASKED)
def test_propfind_asks_in_one_way(phone, inside):
    response = ask(phone, phone.agenda, f"<D:propfind {DECLARED}>{inside}</D:propfind>")

    assert response.status_code == ASKED[inside]


def test_names_alone_have_no_values(phone, starred):
    found = answers(ask(phone, phone.address_of(starred[0]), NAMES))

    names = ["current-user-principal", "current-user-privilege-set", "getcontentlength", "getcontenttype", "getetag"]
    names += ["getlastmodified", "owner", "resourcetype", "supported-report-set"]
    assert found == {phone.address_of(starred[0]): {f"D:{name}": "" for name in names}}


def test_every_named_property_has_a_value_when_asked_for(phone):
    for path in ("/dav/", phone.principal, phone.home, phone.agenda):
        (names,) = answers(ask(phone, path, NAMES)).values()

        response = phone.propfind(path, "".join(f"<{name}/>" for name in names))

        assert answers(response, 404) == {path: {}}


def test_members_come_in_order_of_start(phone, starred):
    found = list(answers(phone.propfind(phone.agenda, "<D:getetag/>", depth="1")))

    in_order = Session.objects.filter(pk__in=[session.pk for session in starred]).order_by("start")
    assert found == [phone.agenda, *map(phone.address_of, in_order)]


def test_member_that_was_unpublished_is_not_there(phone, starred):
    Session.objects.filter(pk=starred[0].pk).update(is_published=False)

    found = answers(phone.propfind(phone.agenda, "<D:getetag/>", depth="1"))

    assert (phone.address_of(starred[0]) in found, len(found)) == (False, 3)
    assert phone.propfind(phone.address_of(starred[0]), "<D:getetag/>").status_code == 404


def test_session_that_is_not_starred_is_not_there(phone, starred):
    other = Session.objects.exclude(pk__in=[session.pk for session in starred]).first()

    assert phone.propfind(phone.address_of(other), "<D:getetag/>").status_code == 404


@pytest.mark.parametrize("path", ["root", "principal", "home", "agenda"])
@pytest.mark.parametrize("depth", ["infinity", "Infinity", None])
def test_infinite_depth_is_refused(phone, path, depth):
    headers = {} if depth is None else {"Depth": depth}

    response = phone("PROPFIND", getattr(phone, path, "/dav/"), headers=headers)

    assert refusal(response) == (403, "D:propfind-finite-depth")


def test_member_has_nothing_below_so_any_depth_will_do(phone, starred):
    member = phone.address_of(starred[0])

    assert list(answers(phone.propfind(member, "<D:getetag/>", depth="infinity"))) == [member]


@pytest.mark.parametrize("depth", ["2", "-1", "", "one"])
def test_depth_that_does_not_exist_is_refused(phone, depth):
    assert phone.propfind(phone.agenda, "<D:getetag/>", depth=depth).status_code == 400


@pytest.mark.parametrize(
    "path",
    ["/dav/x/", "/dav/principals/", "/dav/calendars/", "{home}other/", "{home}agenda/x.ics", "{home}agenda/x/y.ics"],
)
def test_what_does_not_exist_is_not_there(phone, path):
    assert phone.propfind(path.format(home=phone.home)).status_code == 404


@pytest.mark.parametrize("path", ["agenda", "home", "principal"])
def test_slash_at_the_end_may_be_missing(phone, path):
    address = getattr(phone, path)

    assert list(answers(phone.propfind(address.rstrip("/"), "<D:resourcetype/>"))) == [address]


def test_encoded_address_is_the_same(phone, starred):
    member = phone.address_of(starred[0])

    found = phone.propfind(member.replace("-", "%2D").replace("agenda", "%61genda"), "<D:getetag/>")

    assert list(answers(found)) == [member]


@pytest.mark.parametrize("prop", ["<D:getetag/>", "<D:getcontentlength/>"])
@pytest.mark.parametrize("count", [1, 3])
def test_listing_takes_as_many_queries_for_1_and_3(phone, alice, kvm_forum, django_assert_num_queries, count, prop):
    star(alice, Session.objects.values_list("pk", flat=True)[:count], through=StarLog.Through.PAGE)
    phone.propfind(phone.agenda, prop, depth="1")

    with django_assert_num_queries(4):  # key, owner, stars, log
        found = answers(phone.propfind(phone.agenda, prop, depth="1"))

    assert len(found) == count + 1
    VersionCache.clear_all()
    with django_assert_num_queries(4 if "etag" in prop else 5):
        phone.propfind(phone.agenda, prop, depth="1")


def test_listing_with_etags_is_what_the_calendar_knows_from_then_on(phone, starred):
    token = answers(phone.propfind(phone.agenda, "<D:sync-token/>"))[phone.agenda]["D:sync-token"]
    phone.propfind(phone.agenda, "<D:getcontenttype/>", depth="1")
    phone.key.refresh_from_db()
    before = phone.key.served

    phone.propfind(phone.agenda, "<D:getetag/>", depth="1")

    phone.key.refresh_from_db()
    assert (before, PREFIX + phone.key.served) == ("", token)


def test_head_and_get_of_a_member(phone, starred):
    member = phone.address_of(session_of("Nesting&testing"))

    get, head = phone("GET", member), phone("HEAD", member)

    assert (get.status_code, head.status_code, head.content) == (200, 200, b"")
    assert get["Content-Type"] == "text/calendar; charset=utf-8; component=VEVENT"
    assert get["Last-Modified"] == "Tue, 01 Oct 2019 00:00:00 GMT"
    assert head.headers == get.headers
    lines = get.content.decode().split("\r\n")
    assert (lines.count("BEGIN:VEVENT"), lines.count("BEGIN:VCALENDAR")) == (1, 1)
    assert [line for line in lines if line.startswith("METHOD")] == []


@pytest.mark.parametrize(("condition", "status"), [("{}", 304), ("W/{}", 304), ("*", 304), ('"other"', 200)])
def test_get_of_what_the_client_has(phone, starred, condition, status):
    member = phone.address_of(starred[0])
    tag = phone("GET", member)["ETag"]

    response = phone("GET", member, headers={"If-None-Match": condition.format(tag)})

    assert (response.status_code, response["ETag"]) == (status, tag)


@pytest.mark.parametrize(("year", "status"), [(2018, 412), (2035, 200)])
def test_get_unless_modified_since(phone, starred, year, status):
    date = f"Mon, 01 Jan {year} 00:00:00 GMT"

    response = phone("GET", phone.address_of(starred[0]), headers={"If-Unmodified-Since": date})

    assert response.status_code == status


def test_etag_changes_with_what_the_owner_chose(phone, starred):
    member = phone.address_of(starred[0])
    before = phone("GET", member)
    phone.change_key(options={"alarm": 10})

    after = phone("GET", member)

    assert before["ETag"] != after["ETag"]
    assert (b"BEGIN:VALARM" in before.content, b"BEGIN:VALARM" in after.content) == (False, True)


def test_times_of_the_event_bring_their_zone_along(phone, starred):
    phone.change_key(options={"times": "zone"})

    text = phone("GET", phone.address_of(starred[0])).content.decode()

    assert ("TZID:Europe/Paris\r\n" in text, "DTSTART;TZID=Europe/Paris:" in text) == (True, True)
