"""Which calendar program asked, in words."""

from __future__ import annotations

import pytest

from agenda.calendars.places import BY_SLUG
from agenda.calendars.programs import CLIENTS, client_name, client_of


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Google-Calendar-Importer", "Google Calendar"),
        ("Mozilla/5.0 (compatible; Google-Calendar-Importer)", "Google Calendar"),
        ("iOS/7.1.1 (11D201) dataaccessd/1.0", "Apple Calendar on an iPhone or iPad"),
        ("iOS/17.4.1 (21E236) dataaccessd/1.0", "Apple Calendar on an iPhone or iPad"),
        ("iOS/26.5 (23F77) dataaccessd/1.0", "Apple Calendar on an iPhone or iPad"),
        ("iOS/14.0 (18A373) accountsd/1.0", "Apple Calendar on an iPhone or iPad"),
        ("remindd/3976", "Apple Calendar on an iPhone or iPad"),
        ("macOS/14.4 (23E214) dataaccessd/1.0", "Apple Calendar on a Mac"),
        ("macOS/11.0 (20A5343i) CalendarAgent/950", "Apple Calendar on a Mac"),
        ("Mac_OS_X/10.9.2 (13C64) CalendarAgent/176", "Apple Calendar on a Mac"),
        ("Mac+OS+X/10.10.5 (14F27) CalendarAgent/316.1", "Apple Calendar on a Mac"),
        ("Mac+OS+X/15.3 (24D60) remindd/1111", "Apple Calendar on a Mac"),
        ("CalendarStore/5.0 (1127); iCal/5.0 (1535); Mac OS X/10.7.1 (11B26)", "Apple Calendar on a Mac"),
        ("Mac OS X/10.15.7 (19H2) CalendarAgent/930.5.1", "Apple Calendar on a Mac"),
        ("CalendarAgent/1", "Apple Calendar on a Mac"),
        ("Microsoft.Exchange.ServiceHost.CalendarSync", "Outlook"),
        ("Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0; Pro)", "Outlook"),
        ("Mozilla/4.0 (compatible; ms-office; MSOffice 16)", "Outlook"),
        ("ICSx5/2.4.3 (ical4j/3.2.19 okhttp/5.3.2 Android/16)", "ICSx5"),
        ("DAVx5/4.5.9-ose (dav4jvm; okhttp/5.3.2) Android/15", "DAVx5"),
        ("Evolution/3.28.5", "Evolution"),
        ("python-caldav/2.1.0", "python-caldav"),
        ("Python-httplib2/0.20.4 (gzip)", "calcurse"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:78.0) Gecko/20100101 Thunderbird/78.8.0",
            "Thunderbird",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15",
            "a web browser",
        ),
        ("ICSx5/2.2 (2023/12/20; okhttp/5.0) Android/14", "ICSx5"),
        ("DAVx5/4.3-ose (2024/01/01; dav4jvm; okhttp/4.12.0) Android/14", "DAVx5"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Thunderbird/115.9.0", "Thunderbird"),
        ("khal/0.11", "khal"),
        ("vdirsyncer/0.19.2", "vdirsyncer"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:124.0) Gecko/20100101 Firefox/124.0", "a web browser"),
        ("NextCloud-News/1.0", "NextCloud-News"),
        ("x" * 100, "x" * 60),
        ("/odd", ""),
        ("", ""),
    ],
)
def test_program_is_told_from_its_user_agent(user_agent, name):
    assert client_name(user_agent) == name


def test_every_program_is_at_a_place_of_the_form_or_at_any():
    assert {client.place for _, client in CLIENTS} <= {"", *BY_SLUG}
    assert client_of("Google-Calendar-Importer").place == "google"


@pytest.mark.parametrize(
    ("user_agent", "begins"),
    [
        ("Google-Calendar-Importer", "Google goes on showing what it fetched last, at least until it comes again"),
        ("Microsoft.Exchange.ServiceHost.CalendarSync", "Outlook goes on showing what it fetched last, at least until"),
        ("ICSx5/2.4.3", "ICSx5 will say that it cannot fetch the calendar any more, and shows what it has until"),
        ("DAVx5/4.5.9-ose", "DAVx5 will ask for the password, and shows what it has until"),
        ("iOS/26.5 (23F77) dataaccessd/1.0", "What it has already shown may stay there until you remove the calendar"),
        ("unheard/1", "What it has already shown may stay there until you remove the calendar"),
    ],
)
def test_only_what_is_known_is_said_of_a_revoked_calendar(user_agent, begins):
    assert client_of(user_agent).after_revoking.startswith(begins)
