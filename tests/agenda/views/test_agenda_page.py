"""My agenda: all my stars by day, what overlaps, what is free in between, and what is next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import CalendarKey
from agenda.editing.changes import recording
from agenda.models import Room, Session, Star
from tests.agenda.kvm_forum import AFTER, BEFORE, KVM, add_event, add_session, session_of
from tests.pages import Element, page

pytestmark = pytest.mark.any_database

AGENDA = "/agenda/"
HOSTILE = '<script>alert(1)</script> & "quotes"'


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def star(user, *sessions: Session | str) -> None:
    for session in sessions:
        found = session_of(session) if isinstance(session, str) else session
        Star.objects.create(user=user, session=found)


@pytest.fixture
def agenda(client, alice):
    """What Alice reads there."""
    client.force_login(alice)
    return lambda: page(client.get(AGENDA))


def summary(root: Element) -> str:
    return root.one("div.page-head").one("p.sub").text


def items(root: Element) -> list[str]:
    """Titles and free times, in order."""
    rows = [row for programme in root.all("ol.programme") for row in programme.children if isinstance(row, Element)]
    return [
        row.text.removesuffix(" In the programme") if "break" in row.classes else row.one("h3.title").text
        for row in rows
    ]


def test_stars_stand_by_day_in_order(agenda, alice, kvm_forum):
    star(alice, "KubeVirt", "Nesting", "Managing")

    root = agenda()

    assert root.texts("h2.day") == ["Thursday, 31 October", "Friday, 1 November", "Sync"]
    assert [day.texts("h3.title") for day in root.all("ol.programme")] == [
        ["Managing Matryoshkas: Testing Nested Guests", "Nesting&testing"],
        ["KubeVirt Community Update"],
    ]
    assert {button["aria-pressed"] for button in root.all("button.star")} == {"true"}


def test_summary_counts_adds_up_and_says_what_is_next(agenda, alice, kvm_forum):
    star(alice, "Managing", "Nesting", "KubeVirt")

    assert summary(agenda()) == (
        "3 talks · 1 h 30 min · next: Managing Matryoshkas: Testing Nested Guests, Thursday 11:00, Forum 3"
    )


@pytest.mark.parametrize(
    ("moment", "next_up"),
    [
        (datetime(2019, 10, 31, 10, 30, tzinfo=UTC), "KubeVirt Community Update, Friday 13:45, Forum 3"),
        (AFTER, "none, the event has ended"),
    ],
)
def test_next_up_follows_the_clock(agenda, alice, kvm_forum, time_machine, moment, next_up):
    star(alice, "Managing", "KubeVirt")
    time_machine.move_to(moment, tick=False)

    assert summary(agenda()) == f"2 talks · 1 h · next: {next_up}"


def test_event_has_not_ended_because_my_talks_are_over(agenda, alice, kvm_forum, time_machine):
    star(alice, "Managing")
    time_machine.move_to(datetime(2019, 10, 31, 20, 0, tzinfo=UTC), tick=False)

    assert summary(agenda()) == "1 talk · 30 min · next: none"


def test_cancelled_talk_stays_but_is_neither_next_nor_counted_in_time(agenda, alice, kvm_forum):
    star(alice, "Managing", "Nesting")
    Session.objects.filter(title__startswith="Managing").update(status="cancelled")

    root = agenda()

    assert summary(root) == "2 talks · 30 min · next: Nesting&testing, Thursday 11:30, Forum 3"
    assert root.one("li.cancelled").one("h3.title").text == "Managing Matryoshkas: Testing Nested Guests"
    assert root.one("li.cancelled").texts("span.badge") == ["cancelled"]


def changed(session: Session, **fields: object) -> None:
    with recording([session.pk], by=None):
        Session.objects.filter(pk=session.pk).update(**fields)


def test_talks_that_overlap_are_one_box_whatever_their_number(agenda, alice, opening):
    marathon = add_session(opening.event, "Marathon", "2019-10-31 10:45", minutes=120)
    star(alice, marathon, "Managing", "Nesting", "KubeVirt")

    root = agenda()

    assert root.texts("legend") == [
        "10:45–12:45 · 3 talks that overlap Pick your first choice. The others stay as backup."
    ]
    assert [row.one("p.sub").text for row in root.all("li.choice")] == [
        "10:45–12:45",
        "11:00–11:30 · Forum 3",
        "11:30–12:00 · Forum 3",
    ]
    assert root.all("li.choice")[1].link(opening.title) == opening.get_absolute_url()


def test_today_begins_with_what_is_left_and_other_events_come_last(agenda, alice, opening, time_machine):
    other = add_event("other-forum", "Europe/Paris", "2019-09-01", "2019-09-01")
    star(alice, opening, "Nesting", "virtio-fs", "KubeVirt", add_session(other, "Long ago", "2019-09-01 10:00"))
    time_machine.move_to(datetime(2019, 10, 31, 11, 10, tzinfo=UTC), tick=False)

    root = agenda()

    earlier = root.one("details", id="earlier")
    assert (earlier.one("summary").text, earlier.texts("h3.title")) == (
        "2 earlier",
        ["Managing Matryoshkas: Testing Nested Guests", "Nesting&testing"],
    )
    assert root.one("section", id="mine-now").text.startswith("Next in 1 h 35 min · Forum 3 virtio-fs")
    assert [section.one("h2").text for section in root.all("section") if section.all("ol.programme")] == [
        "Rest of today · KVM Forum 2019 · CET, UTC+1",
        "Friday, 1 November · KVM Forum 2019 · CET, UTC+1",
        "Sunday, 1 September · Other Forum · CEST, UTC+2",
    ]
    assert items(root)[2:] == ["Free 12:10–13:45 · 1 talk", "KubeVirt Community Update", "Long ago"]
    assert "next:" not in summary(root)


def test_free_time_unfolds_its_talks_and_without_htmx_leads_to_the_programme(client, agenda, alice, kvm_forum):
    star(alice, "Managing", "virtio-fs")
    add_session(kvm_forum, "Hidden", "2019-10-31 12:00", is_published=False)
    address = agenda().one("li.free").one("p")["hx-get"]

    part = page(client.get(address, headers={"HX-Request": "true"}))
    star(alice, "Nesting", "Moving")

    assert part.texts("h3.title") == ["Nesting&testing", "Moving s390 Kvm-unit-tests up the Stack"]
    assert page(client.get(address, headers={"HX-Request": "true"})).text == "Nothing that you have not starred."
    assert client.get(address)["Location"] == address.replace("/agenda/free", "")
    assert client.get("/agenda/free/kvm-forum-2019/?from=soon", headers={"HX-Request": "true"}).status_code == 302


def test_changes_are_said_from_old_to_new_until_they_are_seen(client, agenda, alice, opening, time_machine):
    bay = Room.objects.create(event=opening.event, name="Bay", slug="bay")
    nesting, late = session_of("Nesting"), session_of("KubeVirt")
    star(alice, opening, nesting, late)
    changed(opening, start=opening.start + timedelta(hours=1), end=opening.end + timedelta(hours=1), room=bay)
    changed(nesting, status="cancelled", note="The train is late.")
    time_machine.shift(60)
    changed(late, end=late.end + timedelta(minutes=15))

    box = agenda().one("section.changes")
    form = box.one("form")
    response = client.post(form["action"], form.fields(), headers={"HX-Request": "true"})
    time_machine.shift(60)
    changed(opening, title="Dolls")

    assert box.one("h2").text == "3 changes"
    assert [row.one("p").text for row in box.all("li")] == [
        "ends 14:15 → 14:30",
        "cancelled: The train is late.",
        "11:00 → 12:00, Forum 3 → Bay",
    ]
    assert page(response).all("section.changes") == []
    again = agenda().one("section.changes")
    assert again.one("h2").text == "1 change since Wednesday 09:01"
    assert again.one("li").one("p").text == f"was called “{opening.title}”"


@pytest.mark.parametrize("until", ["", "soon", "2019-10-30", "2010-01-01T00:00:00+00:00"])
def test_changes_are_not_seen_by_what_is_no_later_moment(client, agenda, alice, opening, until):
    star(alice, opening)
    changed(opening, status="cancelled")
    agenda()
    client.post("/agenda/seen/kvm-forum-2019", {"until": until})

    assert len(agenda().all("section.changes")) == 1


@pytest.mark.parametrize("status", ["confirmed", "cancelled"])
def test_talks_that_touch_or_are_cancelled_do_not_overlap(agenda, alice, opening, status):
    start = "2019-10-31 11:00" if status == "cancelled" else "2019-10-31 10:30"
    star(alice, opening, add_session(opening.event, "Keynote", start, status=status))

    assert agenda().all("li.choice") == []


def test_free_time_is_said_with_how_much_is_on_then(agenda, alice, kvm_forum):
    star(alice, "Managing", "virtio-fs", "SPDK", "Making the Most")

    root = agenda()

    assert items(root) == [
        "Managing Matryoshkas: Testing Nested Guests",
        "Free 11:30–13:45 · 2 talks",
        "virtio-fs: A Shared File System for Virtual Machines",
        "SPDK Vhost FUSE Target to Accelerate File Access in VMs and Containers",
        "Free 14:45–16:45 · 3 talks",
        "Making the Most of NBD",
    ]
    assert root.all("li.break")[0].link("In the programme") == f"{KVM}?from=2019-10-31T11%3A30&to=2019-10-31T13%3A45"


def test_free_time_in_which_nothing_is_on_has_no_link(agenda, alice, kvm_forum):
    Session.objects.filter(title__startswith="Moving").update(status="cancelled")
    Session.objects.filter(title__startswith="Nesting").update(is_published=False)
    star(alice, "Managing", "virtio-fs")

    assert items(agenda())[1] == "Free 11:30–13:45"


def test_one_talk_in_free_time_is_one_talk(agenda, alice, kvm_forum):
    star(alice, "Managing", "Moving")

    assert items(agenda())[1] == "Free 11:30–12:00 · 1 talk"


def test_night_between_two_days_is_not_free_time(agenda, alice, kvm_forum):
    star(alice, "Making the Most", "What's Going On?")

    assert agenda().all("li.break") == []


def test_cancelled_talk_leaves_its_time_free(agenda, alice, kvm_forum):
    star(alice, "Managing", "Nesting", "Moving")
    Session.objects.filter(title="Nesting&testing").update(status="cancelled")

    assert items(agenda()) == [
        "Managing Matryoshkas: Testing Nested Guests",
        "Nesting&testing",
        "Free 11:30–12:00",
        "Moving s390 Kvm-unit-tests up the Stack",
    ]


def test_late_talk_belongs_to_the_evening_before(agenda, alice, db):
    event = add_event("night-talks", "America/New_York", "2019-11-02", "2019-11-03")
    star(alice, add_session(event, "Evening", "2019-11-02 23:00"), add_session(event, "Night", "2019-11-03 02:30"))

    root = agenda()

    assert root.texts("h2.day")[0] == "Saturday, 2 November"
    assert items(root) == ["Evening", "Free Sat 23:30 – Sun 02:30", "Night"]  # the clocks go back at two
    assert root.texts("time.from") == ["23:00", "Sun 02:30"]


def test_several_events_are_named(agenda, alice, opening):
    other = add_event("other-forum", "Europe/Paris", "2019-10-31", "2019-10-31")
    star(alice, opening, add_session(other, "Elsewhere", "2019-10-31 20:00"))

    root = agenda()

    assert root.texts("h2.day")[:2] == ["Thursday, 31 October · KVM Forum 2019", "Thursday, 31 October · Other Forum"]


def test_free_time_is_free_of_all_events_of_the_day(agenda, alice, opening):
    other = add_event("other-forum", "Europe/Paris", "2019-10-31", "2019-10-31")
    star(alice, opening, "Moving", add_session(other, "Elsewhere", "2019-10-31 11:30", minutes=20))
    star(alice, add_session(other, "Later", "2019-10-31 13:00"))

    assert items(agenda()) == [
        "Managing Matryoshkas: Testing Nested Guests",
        "Moving s390 Kvm-unit-tests up the Stack",
        "Elsewhere",
        "Free 12:30–13:00",
        "Later",
    ]


def test_talks_of_two_events_overlap_too(agenda, alice, opening):
    other = add_event("other-forum", "Asia/Tokyo", "2019-10-31", "2019-10-31")
    star(alice, opening, add_session(other, "Elsewhere", "2019-10-31 19:15"))

    assert [row.one("p.sub").text for row in agenda().all("li.choice")] == ["11:00–11:30 · Forum 3", "19:15–19:45"]


def test_talks_on_both_sides_of_the_end_of_a_day_overlap_too(agenda, alice, db):
    event = add_event("night-talks", "Europe/Paris", "2019-10-31", "2019-11-01")
    star(
        alice,
        add_session(event, "Night", "2019-11-01 03:30", minutes=60),
        add_session(event, "Dawn", "2019-11-01 04:15"),
    )

    root = agenda()

    assert root.texts("h2.day")[:-1] == ["Thursday, 31 October"]
    assert [row.one("p.sub").text for row in root.all("li.choice")] == ["Fri 03:30–04:30", "Fri 04:15–04:45"]


@pytest.mark.parametrize(
    ("moment", "next_up"),
    [(datetime(2019, 11, 1, 20, 0, tzinfo=UTC), "none"), (AFTER, "none, the events have ended")],
)
def test_several_events_are_said_to_be_over_once_all_are(agenda, alice, opening, time_machine, moment, next_up):
    other = add_event("other-forum", "Europe/Paris", "2019-10-31", "2019-10-31")
    star(alice, opening, add_session(other, "Elsewhere", "2019-10-31 20:00"))
    time_machine.move_to(moment, tick=False)

    assert summary(agenda()) == f"2 talks · 1 h · next: {next_up}"


def test_each_event_is_shown_in_its_own_zone(agenda, alice, opening):
    other = add_event("tokyo-forum", "Asia/Tokyo", "2019-11-05", "2019-11-05")
    star(alice, opening, add_session(other, "In Tokyo", "2019-11-05 09:00"))

    assert agenda().texts("time.from") == ["11:00", "09:00"]


def test_reader_with_a_zone_of_their_own_sees_all_in_it(agenda, alice, opening):
    alice.time_zone = "Asia/Tokyo"
    alice.save()
    star(alice, opening)

    root = agenda()

    assert root.texts("time.from") == ["19:00"]
    assert "Thursday 19:00" in summary(root)


def test_moved_talk_says_so(agenda, alice, opening):
    star(alice, opening)
    with recording([opening.pk], by=None):
        Session.objects.filter(pk=opening.pk).update(
            start=opening.start + timedelta(hours=1), end=opening.end + timedelta(hours=1)
        )

    assert agenda().one("li.session").texts("span.badge") == ["moved from 11:00"]


def test_unpublished_talk_is_not_shown(agenda, alice, kvm_forum):
    star(alice, "Managing", "Nesting")
    Session.objects.filter(title="Nesting&testing").update(is_published=False)

    assert items(agenda()) == ["Managing Matryoshkas: Testing Nested Guests"]


def test_bob_sees_nothing_of_alices_stars(client, alice, bob, opening):
    star(alice, opening)
    client.force_login(bob)

    assert items(page(client.get(AGENDA))) == []


def test_visitors_see_their_stars_and_how_to_keep_them(client, opening):
    client.post(f"{opening.get_absolute_url()}star")

    root = page(client.get(AGENDA))

    assert items(root) == [opening.title]
    assert root.one("p.notice").text == ("Sign up or log in to keep this star and sync it to your phone or calendar.")
    assert root.one("p.notice").link("Sign up") == "/accounts/signup/?next=/agenda/"
    assert root.all("nav.places") == []


def test_empty_agenda_teaches_the_first_star(client, kvm_forum):
    root = page(client.get(AGENDA))

    empty = root.one("div.empty")
    assert empty.one("h2").text == "Nothing starred yet"
    assert empty.link("Star your first talk") == KVM
    assert root.all("p.sub") == []


def test_empty_agenda_without_any_event_leads_home(client, db):
    assert page(client.get(AGENDA)).one("div.empty").link("Star your first talk") == "/"


def test_part_follows_the_stars_with_htmx(agenda, alice, opening):
    star(alice, opening)

    part = agenda().one("div", id="agenda")

    assert (part["hx-get"], part["hx-select"]) == (AGENDA, "#agenda")
    assert part["hx-trigger"].startswith("stars-changed from:body")
    assert part.one("h3.title").text == opening.title


def test_unstar_without_javascript_comes_back_here(client, alice, opening):
    star(alice, opening)
    client.force_login(alice)
    root = page(client.get(AGENDA))

    response = client.post(root.one("button.star")["formaction"], root.one("form", id="stars").fields(), follow=True)

    assert response.redirect_chain[0][0] == f"/agenda/?unstarred={opening.guid}#s-{opening.slug}"
    row = page(response).one("li.session", id=f"s-{opening.slug}")
    assert row.one("button.star")["aria-pressed"] == "false"
    assert row.one("p.unstarred").text == f"Unstarred · Undo and star {opening.title} again"
    assert items(page(client.get(AGENDA))) == []


def test_undo_without_javascript_stars_again_and_keeps_the_place(client, alice, opening):
    client.force_login(alice)
    root = page(client.get(f"{AGENDA}?unstarred={opening.guid}"))
    undo = root.one("button", id=f"undo-{opening.pk}")

    response = client.post(undo["formaction"], root.one("form", id="stars").fields(), follow=True)

    assert Star.objects.get().session == opening
    assert response.redirect_chain[0][0] == f"/agenda/?unstarred={opening.guid}#s-{opening.slug}"
    assert page(response).all("p.unstarred") == []


@pytest.mark.on_postgresql
def test_row_of_a_visitor_keeps_its_place_among_the_stars(client, starred):
    for session in starred:
        client.post(f"{session.get_absolute_url()}star")
    client.post(f"{starred[0].get_absolute_url()}unstar")

    rows = page(client.get(f"{AGENDA}?unstarred={starred[0].guid}")).all("li.session")

    assert {row.one("h3.title").text: row.one("button.star")["aria-pressed"] for row in rows} == {
        session.title: "false" if session == starred[0] else "true" for session in starred
    }


def test_unstarred_row_counts_as_nothing_and_another_day_keeps_its_own(client, alice, opening):
    beside = add_session(opening.event, "Beside", "2019-10-31 11:10")
    star(alice, beside)
    client.force_login(alice)

    root = page(client.get(f"{AGENDA}?unstarred={opening.guid}&unstarred=none&unstarred={beside.guid}"))

    assert items(root) == [opening.title, "Beside"]
    assert root.one("span", id="star-count").text == "1"
    assert root.all("span.overlap") == []
    assert [field["value"] for field in root.all("input", name="unstarred")] == ["", str(opening.guid)]


def test_unpublished_session_keeps_no_row(client, alice, opening):
    Session.objects.filter(pk=opening.pk).update(is_published=False)
    client.force_login(alice)

    assert items(page(client.get(f"{AGENDA}?unstarred={opening.guid}"))) == []


@pytest.mark.parametrize(("at", "keeps"), [(AGENDA, 1), (f"{AGENDA}?unstarred=x", 1), (KVM, 0), ("", 0)])
def test_htmx_is_told_which_row_to_keep_in_my_agenda_alone(client, alice, opening, at, keeps):
    star(alice, opening)
    client.force_login(alice)
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{at}"}

    part = page(client.post(f"{opening.get_absolute_url()}unstar", headers=headers))

    assert [field["value"] for field in part.all("input", name="unstarred")] == keeps * [str(opening.guid)]


def test_sync_box_lists_my_calendars_alone(agenda, alice, bob, kvm_forum):
    CalendarKey.objects.issue(alice, name="Phone", once="a")
    CalendarKey.objects.issue(bob, name="Bob's phone", once="b")

    root = agenda()

    assert root.one("ul.keys").texts("span.name") == ["Phone"]
    assert [link["href"] for link in root.one("nav.places").all("a")] == [
        f"/agenda/calendars/add/{slug}/" for slug in ("apple", "google", "outlook", "android", "other")
    ]
    assert [form["action"] for form in root.one("div.aside").all("form")] == []  # neither revoke nor renew


def test_agenda_is_kept_by_no_cache(client, kvm_forum):
    assert client.get(AGENDA)["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


def test_other_methods_are_refused(client, kvm_forum):
    assert client.post(AGENDA).status_code == 405


def test_everything_from_the_database_is_escaped(agenda, alice, opening):
    keynote = add_session(opening.event, HOSTILE, "2019-10-31 11:00", slug="hostile", room=opening.room)
    star(alice, opening, keynote)
    opening.room.name = opening.event.name = HOSTILE
    opening.room.save()
    opening.event.save()

    root = agenda()

    assert root.texts("script") == [""] * 5
    assert sorted(row.one("h3.title").text for row in root.all("li.choice")) == [HOSTILE, opening.title]


@pytest.mark.parametrize("count", [1, 3])
def test_agenda_takes_as_many_queries_for_1_and_3(client, alice, kvm_forum, django_assert_num_queries, count):
    star(alice, *Session.objects.order_by("start")[:count])
    for number in range(count):
        _, key = CalendarKey.objects.issue(alice, name="Phone", once=str(number))
        client.get(f"/calendar/{key}.ics", headers={"User-Agent": "iOS/18.0 dataaccessd/1.0"})
    client.force_login(alice)

    # Cookie session, user, events, stars, version, what was deleted elsewhere, keys, what calendars lack.
    client.get(AGENDA)
    with django_assert_num_queries(8):
        client.get(AGENDA)


def test_visitors_empty_agenda_takes_one_query(client, kvm_forum, django_assert_num_queries):
    with django_assert_num_queries(1):  # events
        client.get(AGENDA)
