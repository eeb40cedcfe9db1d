"""The requests of real programs, as they send them, from the first to the one that comes every quarter of an hour."""

from __future__ import annotations

import pytest

from agenda.models import Star, StarLog
from agenda.stars.starring import star
from tests.agenda.caldav.dav import answers, refusal, statuses, token_in
from tests.agenda.kvm_forum import session_of

pytestmark = pytest.mark.any_database

IOS = "iOS/17.5.1 (21F90) dataaccessd/1.0"
DAVX5 = "DAVx5/4.4.2-ose (dav4jvm; okhttp/4.12.0) Android/14"
EVOLUTION = "Evolution/3.46.4"
THUNDERBIRD = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.1.0"

IOS_PRINCIPAL = """<?xml version="1.0" encoding="UTF-8"?>
<A:propfind xmlns:A="DAV:">
  <A:prop>
    <A:current-user-principal/>
    <A:principal-URL/>
    <A:resourcetype/>
  </A:prop>
</A:propfind>
"""
IOS_HOME = """<?xml version="1.0" encoding="UTF-8"?>
<A:propfind xmlns:A="DAV:">
  <A:prop>
    <B:calendar-home-set xmlns:B="urn:ietf:params:xml:ns:caldav"/>
    <B:calendar-user-address-set xmlns:B="urn:ietf:params:xml:ns:caldav"/>
    <A:current-user-principal/>
    <A:displayname/>
    <C:dropbox-home-URL xmlns:C="http://calendarserver.org/ns/"/>
    <C:email-address-set xmlns:C="http://calendarserver.org/ns/"/>
    <B:max-attendees-per-instance xmlns:B="urn:ietf:params:xml:ns:caldav"/>
    <C:notification-URL xmlns:C="http://calendarserver.org/ns/"/>
    <A:principal-collection-set/>
    <A:principal-URL/>
    <A:resource-id/>
    <B:schedule-inbox-URL xmlns:B="urn:ietf:params:xml:ns:caldav"/>
    <B:schedule-outbox-URL xmlns:B="urn:ietf:params:xml:ns:caldav"/>
    <A:supported-report-set/>
  </A:prop>
</A:propfind>
"""
IOS_CALENDARS = """<?xml version="1.0" encoding="UTF-8"?>
<A:propfind xmlns:A="DAV:">
  <A:prop>
    <A:add-member/>
    <C:allowed-sharing-modes xmlns:C="http://calendarserver.org/ns/"/>
    <D:autoprovisioned xmlns:D="http://apple.com/ns/ical/"/>
    <E:bulk-requests xmlns:E="http://me.com/_namespace/"/>
    <D:calendar-color xmlns:D="http://apple.com/ns/ical/"/>
    <B:calendar-description xmlns:B="urn:ietf:params:xml:ns:caldav"/>
    <B:calendar-free-busy-set xmlns:B="urn:ietf:params:xml:ns:caldav"/>
    <D:calendar-order xmlns:D="http://apple.com/ns/ical/"/>
    <B:calendar-timezone xmlns:B="urn:ietf:params:xml:ns:caldav"/>
    <A:current-user-privilege-set/>
    <B:default-alarm-vevent-date xmlns:B="urn:ietf:params:xml:ns:caldav"/>
    <B:default-alarm-vevent-datetime xmlns:B="urn:ietf:params:xml:ns:caldav"/>
    <A:displayname/>
    <C:getctag xmlns:C="http://calendarserver.org/ns/"/>
    <D:language-code xmlns:D="http://apple.com/ns/ical/"/>
    <A:owner/>
    <C:pre-publish-url xmlns:C="http://calendarserver.org/ns/"/>
    <C:publish-url xmlns:C="http://calendarserver.org/ns/"/>
    <C:push-transports xmlns:C="http://calendarserver.org/ns/"/>
    <C:pushkey xmlns:C="http://calendarserver.org/ns/"/>
    <A:quota-available-bytes/>
    <A:quota-used-bytes/>
    <D:refreshrate xmlns:D="http://apple.com/ns/ical/"/>
    <A:resource-id/>
    <A:resourcetype/>
    <B:schedule-calendar-transp xmlns:B="urn:ietf:params:xml:ns:caldav"/>
    <B:schedule-default-calendar-URL xmlns:B="urn:ietf:params:xml:ns:caldav"/>
    <C:source xmlns:C="http://calendarserver.org/ns/"/>
    <C:subscribed-strip-alarms xmlns:C="http://calendarserver.org/ns/"/>
    <B:supported-calendar-component-set xmlns:B="urn:ietf:params:xml:ns:caldav"/>
    <A:supported-report-set/>
    <A:sync-token/>
  </A:prop>
</A:propfind>
"""
IOS_MULTIGET = """<?xml version="1.0" encoding="UTF-8"?>
<B:calendar-multiget xmlns:B="urn:ietf:params:xml:ns:caldav">
  <A:prop xmlns:A="DAV:">
    <A:getetag/>
    <B:calendar-data/>
    <C:updated-by xmlns:C="http://calendarserver.org/ns/"/>
  </A:prop>
  <A:href xmlns:A="DAV:">{}</A:href>
</B:calendar-multiget>
"""
MACOS_ORDER = """<?xml version="1.0" encoding="UTF-8"?>
<A:propertyupdate xmlns:A="DAV:">
  <A:set>
    <A:prop>
      <D:calendar-order xmlns:D="http://apple.com/ns/ical/">2</D:calendar-order>
    </A:prop>
  </A:set>
</A:propertyupdate>
"""
DAVX5_CALENDARS = (
    "<?xml version='1.0' encoding='UTF-8' ?><propfind xmlns=\"DAV:\" xmlns:CAL=\"urn:ietf:params:xml:ns:caldav\" "
    'xmlns:CARD="urn:ietf:params:xml:ns:carddav"><prop><resourcetype /><displayname /><current-user-privilege-set />'
    "<CARD:addressbook-description /><owner /><CAL:calendar-description /><n0:calendar-color "
    'xmlns:n0="http://apple.com/ns/ical/" /><CAL:calendar-timezone /><CAL:supported-calendar-component-set />'
    '<n1:source xmlns:n1="http://calendarserver.org/ns/" /></prop></propfind>'
)
DAVX5_STATE = (
    "<?xml version='1.0' encoding='UTF-8' ?><propfind xmlns=\"DAV:\" xmlns:CAL=\"urn:ietf:params:xml:ns:caldav\">"
    '<prop><CAL:max-resource-size /><n0:getctag xmlns:n0="http://calendarserver.org/ns/" /><sync-token />'
    "<supported-report-set /></prop></propfind>"
)
DAVX5_QUERY = (
    "<?xml version='1.0' encoding='UTF-8' ?><CAL:calendar-query xmlns=\"DAV:\" "
    'xmlns:CAL="urn:ietf:params:xml:ns:caldav"><prop><getetag /></prop>'
    '<CAL:filter><CAL:comp-filter name="VCALENDAR"><CAL:comp-filter name="VEVENT">'
    '<CAL:time-range start="20190802T080000Z" /></CAL:comp-filter></CAL:comp-filter></CAL:filter></CAL:calendar-query>'
)
DAVX5_MULTIGET = (
    "<?xml version='1.0' encoding='UTF-8' ?><CAL:calendar-multiget xmlns=\"DAV:\" "
    'xmlns:CAL="urn:ietf:params:xml:ns:caldav"><prop><getcontenttype /><getetag /><n0:schedule-tag '
    'xmlns:n0="urn:ietf:params:xml:ns:caldav" /><CAL:calendar-data /></prop><href>{}</href></CAL:calendar-multiget>'
)
THUNDERBIRD_CHECK = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<D:propfind xmlns:D="DAV:" xmlns:CS="http://calendarserver.org/ns/" '
    'xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:resourcetype/><D:owner/><D:current-user-principal/>'
    "<D:current-user-privilege-set/><D:supported-report-set/><C:supported-calendar-component-set/><CS:getctag/>"
    "</D:prop></D:propfind>"
)
THUNDERBIRD_SYNC = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<sync-collection xmlns="DAV:"><sync-token>{}</sync-token>'
    "<sync-level>1</sync-level><prop><getcontenttype/><getetag/></prop></sync-collection>"
)


def ask(phone, agent, method, path, body, *, depth="0", content_type="text/xml"):
    headers = {"Depth": depth, "User-Agent": agent}
    return phone(method, path, body, content_type=content_type, headers=headers)


def test_iphone_finds_the_calendar(phone):
    root = ask(phone, IOS, "PROPFIND", "/dav/", IOS_PRINCIPAL)
    principal = ask(phone, IOS, "PROPFIND", phone.principal, IOS_HOME)
    calendars = answers(ask(phone, IOS, "PROPFIND", phone.home, IOS_CALENDARS, depth="1"))

    assert answers(root)["/dav/"]["D:current-user-principal"] == f"D:href={phone.principal}"
    assert answers(principal)[phone.principal]["C:calendar-home-set"] == f"D:href={phone.home}"
    assert list(calendars) == [phone.home, phone.agenda]
    assert calendars[phone.agenda]["D:resourcetype"] == "D:collection C:calendar"
    assert calendars[phone.agenda]["CS:getctag"] == calendars[phone.agenda]["D:sync-token"] != ""


def test_iphone_reads_an_event(phone, starred):
    member = phone.address_of(starred[0])

    found = answers(ask(phone, IOS, "REPORT", phone.agenda, IOS_MULTIGET.format(member)))

    assert found[member]["C:calendar-data"] == phone("GET", member).content.decode()


def test_iphone_is_told_which_reports_there_are_not(phone):
    body = '<A:expand-property xmlns:A="DAV:"><A:property name="calendar-proxy-read-for"/></A:expand-property>'

    assert refusal(ask(phone, IOS, "REPORT", phone.principal, body)) == (403, "D:supported-report")


def test_mac_may_order_its_calendars(phone):
    response = ask(phone, "macOS/14.5 (23F79) CalendarAgent/995", "PROPPATCH", phone.agenda, MACOS_ORDER)

    assert answers(response) == {phone.agenda: {"A:calendar-order": ""}}


def test_davx5_may_delete_from_the_calendar(phone):
    found = answers(ask(phone, DAVX5, "PROPFIND", phone.home, DAVX5_CALENDARS, depth="1"))

    privileges = found[phone.agenda]["D:current-user-privilege-set"].split()
    assert {"D:privilege=D:write-content", "D:privilege=D:unbind"} <= set(privileges)


def test_davx5_syncs_what_is_not_long_past(phone, starred):
    state = answers(ask(phone, DAVX5, "PROPFIND", phone.agenda, DAVX5_STATE))
    listed = answers(ask(phone, DAVX5, "REPORT", phone.agenda, DAVX5_QUERY, depth="1"))
    member = phone.address_of(starred[0])
    read = answers(ask(phone, DAVX5, "REPORT", phone.agenda, DAVX5_MULTIGET.format(member)))

    assert state[phone.agenda]["D:sync-token"] == token_in(phone.sync())
    assert set(listed) == set(map(phone.address_of, starred))
    assert read[member]["D:getetag"] == listed[member]["D:getetag"]
    phone.key.refresh_from_db()
    assert f"data:,{phone.key.served}" == state[phone.agenda]["D:sync-token"]


def test_davx5_sends_a_deletion(phone, alice, starred):
    member = phone.address_of(starred[0])
    tag = answers(phone.multiget(member))[member]["D:getetag"]

    response = phone("DELETE", member, headers={"If-Match": tag, "User-Agent": DAVX5})

    assert (response.status_code, Star.objects.filter(user=alice).count()) == (204, 2)


def test_evolution_may_delete_from_the_calendar(phone):
    """It looks at no privileges, but for PUT and DELETE in what the calendar itself allows."""
    response = ask(phone, EVOLUTION, "OPTIONS", phone.agenda, "")

    assert "calendar-access" in response["DAV"].split(", ")
    assert {"PUT", "DELETE"} <= set(response["Allow"].split(", "))


def test_thunderbird_syncs_and_syncs_again(phone, alice, starred):
    check = ask(phone, THUNDERBIRD, "PROPFIND", phone.agenda, THUNDERBIRD_CHECK)
    first = ask(phone, THUNDERBIRD, "REPORT", phone.agenda, THUNDERBIRD_SYNC.format(""), depth="1")
    star(alice, [session_of("Managing").pk], through=StarLog.Through.PAGE)

    again = THUNDERBIRD_SYNC.format(token_in(first))
    second = ask(phone, THUNDERBIRD, "REPORT", phone.agenda, again, depth="1")

    assert answers(check)[phone.agenda]["CS:getctag"] == token_in(first)
    assert len(statuses(first)) == 3
    assert statuses(second) == {phone.address_of(session_of("Managing")): 200}


@pytest.mark.parametrize("component", ["VTODO", "VJOURNAL", "VEVENT"])
def test_vdirsyncer_asks_for_each_kind(phone, starred, component):
    body = (
        '<?xml version="1.0" encoding="utf-8" ?><C:calendar-query xmlns="DAV:" '
        'xmlns:C="urn:ietf:params:xml:ns:caldav"><prop><getcontenttype/><getetag/></prop><C:filter>'
        f'<C:comp-filter name="VCALENDAR"><C:comp-filter name="{component}"/></C:comp-filter></C:filter>'
        "</C:calendar-query>"
    )

    found = ask(phone, "vdirsyncer/0.19.3", "REPORT", phone.agenda, body, content_type="application/xml; charset=UTF-8")

    assert len(answers(found)) == (3 if component == "VEVENT" else 0)


def test_python_caldav_finds_by_uid(phone, starred):
    body = (
        '<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><C:calendar-data/></D:prop>'
        '<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:prop-filter name="UID">'
        f'<C:text-match collation="i;octet" negate-condition="no">{starred[1].guid}</C:text-match></C:prop-filter>'
        "</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
    )

    found = ask(phone, "python-caldav/2.1.2", "REPORT", phone.agenda, body, depth="1")

    assert list(answers(found)) == [phone.address_of(starred[1])]
