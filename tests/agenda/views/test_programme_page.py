"""The programme's page: all of it, its days and breaks, the two views, and the clock's part in it."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from agenda.editing.changes import recording, touch
from agenda.models import Event, Session, Speaker, Star
from agenda.version_cache import VersionCache
from tests.agenda.kvm_forum import AFTER, BEFORE, DURING, KVM, add_event, add_session, session_of
from tests.agenda.pages import spans, starts
from tests.pages import Element, page

pytestmark = pytest.mark.any_database

HOSTILE = '<script>alert(1)</script> & "quotes"'


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def programme(client, query: str = "") -> Element:
    return page(client.get(KVM + query))


def listed(root: Element) -> list[str]:
    return root.texts(".title")


def row(root: Element, session: Session) -> Element:
    return root.one("li.session", id=f"s-{session.slug}")


def test_visitor_reads_twenty_titles_in_order(client, kvm_forum):
    root = programme(client)

    assert listed(root) == list(Session.objects.order_by("start").values_list("title", flat=True))
    assert len(listed(root)) == 20


def test_days_breaks_and_sessions_follow_each_other(client, kvm_forum):
    thursday, friday = programme(client).all("ol.programme")

    def shape(day: Element) -> list[str]:
        items = [item for item in day.children if isinstance(item, Element)]
        return [item.text if "break" in item.classes else item.one("time.from").text for item in items]

    assert shape(thursday) == [
        *("11:00", "11:30", "12:00", "Break · 1 h 15 min", "13:45", "14:15", "14:45"),
        *("Break · 30 min", "15:45", "16:15", "16:45"),
    ]
    assert shape(friday) == [
        *("09:00", "09:30", "10:00", "Break · 30 min", "11:00", "11:30", "12:00"),
        *("Break · 1 h 15 min", "13:45", "14:15", "14:45", "Break · 1 h", "16:15", "16:45"),
    ]


def test_days_are_headings_that_name_their_section(client, kvm_forum):
    root = programme(client)

    assert root.texts("h2.day") == ["Thursday, 31 October", "Friday, 1 November"]
    labels = [section["aria-labelledby"] for section in root.all("section")]
    assert labels == [heading["id"] for heading in root.all("h2.day")]


def test_head_says_where_and_when_and_links_to_more(client, kvm_forum):
    root = programme(client)

    head = root.one("div.page-head")
    assert root.texts("h1") == ["KVM Forum 2019"]
    assert head.text.startswith("KVM Forum 2019 31 October – 1 November 2019 · Lyon Convention Centre, Lyon, France")
    assert head.link("More information for KVM Forum 2019") == kvm_forum.website
    assert head.one("form.zone").text.startswith("times in CET")


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "dates"),
    [
        ("2019-10-31", "2019-10-31", "31 October 2019"),
        ("2019-10-30", "2019-10-31", "30–31 October 2019"),
        ("2019-12-31", "2020-01-01", "31 December 2019 – 1 January 2020"),
    ],
)
def test_dates_are_said_as_short_as_they_can(client, kvm_forum, starts_on, ends_on, dates):
    Event.objects.update(starts_on=starts_on, ends_on=ends_on)

    assert programme(client).one("div.page-head").one("div.sub").text.startswith(f"{dates} ·")


@pytest.mark.parametrize(
    ("moment", "badges"),
    [(BEFORE, []), (DURING, ["on now"]), (AFTER, ["KVM Forum 2019 has ended"])],
)
def test_banner_follows_the_clock(client, kvm_forum, time_machine, moment, badges):
    time_machine.move_to(moment, tick=False)

    assert programme(client).one("div.page-head").texts("p.badge") == badges


def test_row_says_what_a_reader_chooses_by(client, opening):
    opening.event.rooms.create(name="Hall", slug="hall")
    opening.event.tracks.create(name="BoF", slug="bof")
    root = programme(client)

    shown, hour = row(root, opening), root.all("li.hour")[0].one("h3.hour-head")
    assert hour.text == "11:00 to 11:30 · Thursday"
    assert [time["datetime"] for time in hour.all("time")] == [
        "2019-10-31T11:00:00+01:00",
        "2019-10-31T11:30:00+01:00",
    ]
    assert shown.link(opening.title) == opening.get_absolute_url()
    assert shown.one("div.line").text == "Marc Hartmayer, IBM Slides included Forum 3 KVM Forum Track 2"
    assert shown.all("div.details") == []


def test_row_says_neither_track_nor_room_where_the_event_has_only_one(client, opening):
    assert row(programme(client), opening).one("p.meta").text == "Slides included"
    assert row(programme(client, "?view=full"), opening).one("p.meta").text.startswith("KVM Forum Track 2 Forum 3")


def test_row_without_slides_does_not_say_so(client, kvm_forum):
    assert row(programme(client), session_of("Hybird")).one("p.meta").text == ""


def test_row_of_a_bare_session_leaves_out_what_is_not_known(client, kvm_forum):
    bare = add_session(kvm_forum, "BoF", "2019-10-31 17:30")

    shown = row(programme(client, "?view=full"), bare)

    assert (shown.all("p.byline"), shown.one("p.meta").text, shown.one("div.details").text) == ([], "", "")


@pytest.mark.parametrize(
    ("status", "badges"), [("confirmed", []), ("tentative", ["tentative"]), ("cancelled", ["cancelled"])]
)
def test_row_says_its_status(client, opening, status, badges):
    Session.objects.filter(pk=opening.pk).update(status=status)

    shown = row(programme(client), opening)

    assert shown.texts("span.badge") == badges
    assert ("cancelled" in shown.classes) is (status == "cancelled")


@pytest.mark.parametrize(
    ("by", "badge"),
    [(timedelta(minutes=15), "moved from 11:00"), (timedelta(days=1), "moved from Thu 11:00")],
)
def test_row_says_where_it_moved_from(client, opening, by, badge):
    with recording([opening.pk], by=None):
        Session.objects.filter(pk=opening.pk).update(start=opening.start + by, end=opening.end + by)

    assert row(programme(client), opening).texts("span.badge") == [badge]


def test_full_view_has_text_speakers_and_materials(client, opening):
    root = programme(client, "?view=full")

    details = row(root, opening).one("div.details")
    assert len(root.all("div.details")) == 20
    assert details.all("div.prose")[0].texts("p")[0].startswith("The nested virtualization functionality is one")
    assert details.one("p.name").link("Marc Hartmayer") == "/kvm-forum-2019/speakers/marc-hartmayer/"
    assert details.one("p.role").text == "Software Engineer, IBM R&D"
    assert details.one("div.portrait").text == "MH"
    assert details.one("ul.materials").text == "slides pdf (address not known)"


def test_full_view_offers_more_of_cut_biographies_alone(client, kvm_forum):
    root = programme(client, "?view=full")

    assert len([name for name in root.texts("p.cut") if name.startswith("Read more about")]) == 19
    cut = row(root, session_of("virtio-fs")).one("p.cut")
    assert cut.link("Read more about Stefan Hajnoczi") == "/kvm-forum-2019/speakers/stefan-hajnoczi/"
    assert row(root, session_of("Managing")).all("p.cut") == []


def test_full_view_lists_speakers_as_listed(client, kvm_forum):
    details = row(programme(client, "?view=full"), session_of("Making the Most of NBD"))

    assert details.texts("p.name") == ["Richard W.M. Jones", "Eric Blake"]


def test_material_with_an_address_is_a_link(client, opening):
    opening.materials.update(url="https://a.example/slides.pdf")
    touch(opening.event)

    assert row(programme(client, "?view=full"), opening).link("slides pdf") == "https://a.example/slides.pdf"


def test_visitors_are_told_why_to_sign_up(client, kvm_forum):
    notice = programme(client, "?q=nested").one("p.notice")

    assert notice.text == (
        "Tap ☆ on the talks you want, no account needed. Sign up or log in to keep your favourites and sync them to "
        "your phone or calendar."
    )
    assert notice.link("Sign up") == "/accounts/signup/?next=/kvm-forum-2019/%3Fq%3Dnested"
    assert notice.link("log in") == "/accounts/login/?next=/kvm-forum-2019/%3Fq%3Dnested"


def test_alice_is_not_told_to_sign_up(client, kvm_forum, alice):
    client.force_login(alice)

    assert programme(client).all("p.notice") == []


def test_stars_are_pressed_for_whom_they_are(client, opening, alice, bob):
    Star.objects.create(user=alice, session=opening)
    pressed = {}
    for user in (alice, bob):
        client.force_login(user)
        pressed[user] = [button["aria-label"] for button in programme(client).all("button.star", aria_pressed="true")]

    assert pressed == {alice: [f"Star: {opening.title}"], bob: []}


def test_stars_of_one_reader_are_not_kept_for_the_next(client, opening, alice):
    Star.objects.create(user=alice, session=opening)
    client.force_login(alice)
    programme(client)
    client.logout()

    assert programme(client).all("button.star", aria_pressed="true") == []


def test_every_row_has_one_star_that_posts_without_javascript(client, kvm_forum):
    root = programme(client)

    stars = root.all("button.star")
    assert [star["formaction"] for star in stars] == [star["hx-post"] for star in stars]
    assert [star["formaction"] for star in stars] == [
        f"{link['href']}star" for title in root.all(".title") for link in title.all("a")
    ]
    assert {star["form"] for star in stars} == {root.one("form", id="stars")["id"]}
    assert root.one("form", id="stars").fields().keys() == {"csrfmiddlewaretoken", "made_for", "next"}


def test_unpublished_session_is_shown_to_editors_alone(client, opening, alice, editor):
    Session.objects.filter(pk=opening.pk).update(is_published=False)
    shown = [len(listed(programme(client)))]
    for user in (alice, editor):
        client.force_login(user)
        shown.append(len(listed(programme(client))))

    assert shown == [19, 19, 20]
    assert row(programme(client), opening).texts("span.badge") == ["not published"]


def test_unpublished_row_is_not_kept_for_readers(client, opening, editor):
    Session.objects.filter(pk=opening.pk).update(is_published=False)
    client.force_login(editor)
    programme(client)
    client.logout()

    assert opening.title not in listed(programme(client))


def test_programme_without_sessions_says_that_it_is_not_out(client, db):
    add_event("next-year", "Europe/Paris", "2020-10-31", "2020-11-01")

    root = page(client.get("/next-year/"))

    assert root.one("div.empty").texts("h2") == ["The programme is not out yet"]
    assert listed(root) == []
    assert root.all("p.take-away") == []


def test_unknown_event_is_not_found(client, kvm_forum):
    assert client.get("/kvm-forum-2020/").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_other_methods_are_refused(client, kvm_forum, method):
    assert getattr(client, method)(KVM).status_code == 405


def test_everything_from_the_database_is_escaped(client, opening):
    Event.objects.update(name=HOSTILE, venue=HOSTILE)
    opening.room.name = opening.track.name = HOSTILE
    opening.room.save()
    opening.track.save()
    Speaker.objects.update(name=HOSTILE, job_title=HOSTILE, biography=HOSTILE)
    opening.materials.update(title=HOSTILE)
    Session.objects.update(title=HOSTILE, byline=HOSTILE, abstract=HOSTILE)

    root = programme(client, "?view=full")

    assert [script.text for script in root.all("script")] == [""] * 3
    shown = row(root, opening)
    assert shown.one(".title").text == shown.one("p.byline").text == shown.one("p.name").text == HOSTILE
    assert shown.one("p.role").text == f"{HOSTILE}, IBM R&D"
    assert shown.texts("div.prose") == [HOSTILE, HOSTILE]
    assert shown.one("ul.materials").text == f"{HOSTILE} (address not known)"
    assert (root.one("h1").text, shown.one("span.room").text, shown.one("span.track").text) == (HOSTILE,) * 3


def test_page_never_opens_another_host_by_itself(client, opening):
    root = programme(client, "?view=full")

    loaded = [element["src"] for element in root.all("") if "src" in element.attributes]
    loaded += [link["href"] for link in root.all("link") if link["rel"] in ("stylesheet", "icon", "apple-touch-icon")]
    assert {urlsplit(address).netloc for address in loaded} == {""}


def test_head_names_the_page_for_previews_and_calendars(client, kvm_forum):
    root = programme(client, "?day=2019-10-31&q=nested")

    assert root.one("title").text == "KVM Forum 2019: programme"
    assert root.one("link", rel="canonical")["href"] == "http://testserver/kvm-forum-2019/"
    assert root.one("meta", property="og:title")["content"] == "KVM Forum 2019"
    assert root.one("link", rel="alternate", type="text/calendar")["href"] == "/kvm-forum-2019/schedule.ics"


def test_late_talk_stands_under_the_evening_before(client, db):
    event = add_event("night-talks", "America/New_York", "2019-11-02", "2019-11-03")
    add_session(event, "Evening", "2019-11-02 23:30", minutes=60)
    add_session(event, "Night", "2019-11-03 01:30")
    add_session(event, "Breakfast", "2019-11-03 08:00")

    root = page(client.get("/night-talks/"))

    assert [day.texts(".title") for day in root.all("ol.programme")] == [["Evening", "Night"], ["Breakfast"]]


def test_times_are_right_on_both_sides_of_a_clock_change(client, db):
    event = add_event("night-talks", "America/New_York", "2019-11-02", "2019-11-03")
    for title, start in [("Before", "2019-11-03 00:30"), ("After", "2019-11-03 02:30")]:
        add_session(event, title, start)

    hours = page(client.get("/night-talks/")).all("li.hour")

    assert [hour.one("time.from")["datetime"] for hour in hours] == [
        "2019-11-03T00:30:00-04:00",
        "2019-11-03T02:30:00-05:00",
    ]
    assert page(client.get("/night-talks/")).texts("li.break") == ["Break · 2 h 30 min"]


def test_zone_of_numbers_is_said_as_utc(client, db):
    add_event("island-talks", "Australia/Lord_Howe", "2019-10-06", "2019-10-06")

    assert page(client.get("/island-talks/")).one("form.zone").text.startswith("times in UTC+11")


def test_reader_with_a_zone_of_their_own_sees_it_named(client, opening, alice):
    alice.time_zone = "Asia/Tokyo"
    alice.save()
    client.force_login(alice)

    root = programme(client)

    assert spans(root)[0] == "19:00 to 19:30"
    assert root.one("form.zone").text == "times in JST, UTC+9 (Asia/Tokyo) show CET, UTC+1"
    assert [len(day.all("li.session")) for day in root.all("ol.programme")] == [7, 11, 2]  # by the days in Tokyo


def test_readers_in_two_zones_do_not_share_rows(client, opening):
    times = []
    for zone in ("event", "Asia/Tokyo", "event"):
        client.post("/agenda/time-zone/", {"time_zone": zone})
        times.append(starts(programme(client))[0])

    assert times == ["11:00", "19:00", "11:00"]


def test_two_views_do_not_share_rows(client, kvm_forum):
    details = [len(programme(client, query).all("div.details")) for query in ("", "?view=full", "?view=list")]

    assert details == [0, 20, 0]


def test_changed_session_is_shown_at_once(client, opening):
    programme(client)
    with recording([opening.pk], by=None):
        Session.objects.filter(pk=opening.pk).update(title="Managing Babushkas")

    assert row(programme(client), opening).one(".title").text == "Managing Babushkas"


def test_renamed_room_is_shown_at_once(client, opening):
    opening.event.rooms.create(name="Hall", slug="hall")
    programme(client)
    opening.room.name = "Forum 5"
    opening.room.save()
    touch(opening.room)

    assert row(programme(client), opening).one("span.room").text == "Forum 5"


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("query", "cold"), [("", 9), ("?view=full", 9), ("?q=kvm", 14)])
def test_programme_takes_as_many_queries_for_1_and_3(client, kvm_forum, django_assert_num_queries, count, query, cold):
    keep = list(Session.objects.order_by("start").values_list("pk", flat=True)[:count])
    Session.objects.exclude(pk__in=keep).delete()
    VersionCache.clear_all()

    with django_assert_num_queries(cold):  # event, tracks, rooms, sessions, version; and four for what is not kept yet
        client.get(KVM + query)
    with django_assert_num_queries(6 if "q=" in query else 5):  # a search is counted
        client.get(KVM + query)


def test_signed_in_programme_takes_three_queries_more(client, opening, alice, django_assert_num_queries):
    Star.objects.create(user=alice, session=opening)
    client.force_login(alice)
    client.get(KVM)

    with django_assert_num_queries(8):  # cookie session, user, stars
        client.get(KVM)
