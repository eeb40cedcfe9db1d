"""Calendar programs: told from their User-Agent, and added with one entry each."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from agenda.calendars import places, programs
from agenda.calendars.places import GOOGLE, PLACES, Link, Place
from agenda.calendars.programs import PROGRAMS, Program, Remedy, program_of
from agenda.models import StarLog
from agenda.stars.starring import star
from tests.agenda.calendar_keys import CALENDARS, add, address_of, address_shown, key_of, own_page, said
from tests.pages import page

PROTON_PLACE = Place(
    slug="proton",
    name="Proton Calendar",
    links=(Link("Add to Proton Calendar", "https://proton.example/add?url={https_quoted}"),),
    steps=("Open the link.", "Choose <Add>."),
)
PROTON = Program(
    name="Proton Calendar",
    marks=("ProtonCalendar/",),
    place=PROTON_PLACE,
    remedy=Remedy("Renew the address & add it in Proton Calendar.", renew=True),
    after_revoking="Proton Calendar shows what it has for a day.",
    usually="Proton Calendar usually updates every 8 hours",
)


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
    assert program_of(user_agent).name == name


def test_every_program_is_at_a_place_of_the_form_or_at_any():
    assert {program.place for program in PROGRAMS} <= {None, *PLACES}
    assert program_of("Google-Calendar-Importer").place == GOOGLE


@pytest.mark.parametrize(
    ("user_agent", "begins"),
    [
        ("Google-Calendar-Importer", "Google goes on showing the talks of its last update, at least until"),
        (
            "Microsoft.Exchange.ServiceHost.CalendarSync",
            "Outlook goes on showing the talks of its last update, at least",
        ),
        ("ICSx5/2.4.3", "ICSx5 will say that it cannot update the calendar any more, and shows what it has until"),
        ("DAVx5/4.5.9-ose", "DAVx5 will ask for the password, and shows what it has until"),
        ("iOS/26.5 (23F77) dataaccessd/1.0", "What it has already shown may stay there until you remove the calendar"),
        ("unheard/1", "What it has already shown may stay there until you remove the calendar"),
    ],
)
def test_only_what_is_known_is_said_of_a_revoked_calendar(user_agent, begins):
    assert program_of(user_agent).after_revoking.startswith(begins)


@pytest.fixture
def proton(monkeypatch):
    """One more entry in each of the two tables."""
    monkeypatch.setattr(places, "PLACES", (PROTON_PLACE, *PLACES))
    monkeypatch.setattr(programs, "PROGRAMS", (PROTON, *PROGRAMS))
    program_of.cache_clear()
    yield
    program_of.cache_clear()


def test_new_place_is_one_entry(client, alice, proton):
    client.force_login(alice)

    button = next(each for each in page(client.get(CALENDARS)).one("nav.places").all("a") if "Proton" in each.text)
    main = add(client, button["href"].strip("/").rpartition("/")[2]).one("main")

    assert button.text == main.one("h1").text.partition(":")[0] == "Proton Calendar"
    assert main.link("Add to Proton Calendar") == "https://proton.example/add?url=" + quote(
        address_shown(main), safe=""
    )
    assert main.one("ol").texts("li") == ["Open the link.", "Choose <Add>."]


def test_new_program_is_one_entry(client, alice, alice_feed, opening, proton):
    client.get(alice_feed, headers={"User-Agent": "ProtonCalendar/1.0"})
    star(alice, [opening.pk], through=StarLog.Through.PAGE)
    client.force_login(alice)

    truth, remedy = own_page(client).one("div.card").texts("p")[:2]
    renewed = page(client.post(address_of(alice.calendar_keys.get(), "renew"), {"once": "once"})).one("main")

    assert truth.startswith("Phone (Proton Calendar) was last ")
    assert f"{PROTON.usually}; " in truth
    assert remedy == PROTON.remedy.words
    assert renewed.link("Add to Proton Calendar")
    assert PROTON.after_revoking in renewed.one("p.warning").text


def test_program_that_is_not_known_is_the_new_places_only_one(client, alice, proton):
    key = key_of(alice, "Proton Calendar 2", last_client="Fetcher/1.0")
    client.force_login(alice)

    (words,) = said(client.post(address_of(key, "revoke"), follow=True))

    assert words == f"“Proton Calendar 2” gets nothing any more. {PROTON.after_revoking}"
