"""What a calendar shows, chosen on its row under "My calendars"."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from functools import partial

import icalendar
import pytest

from accounts.models import CalendarKey, User
from agenda.calendars import truth
from agenda.editing.changes import recording
from agenda.models import Session, StarLog, Track
from agenda.stars.starring import star
from tests.agenda.calendar_keys import CALENDARS, address_of, key_of, own_page, said, sent
from tests.agenda.kvm_forum import BEFORE, add_event, add_session
from tests.pages import Element, page

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
DEFAULTS = {"alarm": "0", "cancelled": "mark", "times": "utc", "events": "all"}


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


@pytest.fixture
def choose(client, alice):
    """Sends the defaults and what differs from them for a key, as Alice."""
    client.force_login(alice)
    return lambda key, **choices: client.post(address_of(key, "choose"), {**DEFAULTS, **choices}, follow=True)


def choices_of(root: Element) -> Element:
    return root.one("details.choices").one("form")


def vevents(client, address: str) -> list[icalendar.Component]:
    return icalendar.Calendar.from_ical(client.get(address).content).walk("VEVENT")


@pytest.mark.on_postgresql
def test_choices_of_an_event_that_is_hidden_for_now_are_kept(alice, kvm_forum, choose):
    other = add_event("other", "Europe/Paris", "2020-05-01", "2020-05-02", "hidden")
    key = key_of(alice, kind="caldav", collections=["other", "gone"], options={"events": [other.pk]})

    choose(key, events="chosen", event=kvm_forum.pk, collections=["kvm-forum-2019"])

    key.refresh_from_db()
    assert key.options["events"] == [kvm_forum.pk, other.pk]
    assert key.collections == ["kvm-forum-2019", "other"]


def test_tracks_of_an_announced_event_are_not_told_and_not_given_up(client, alice, kvm_forum, choose):
    other = add_event("other", "Europe/Paris", "2020-05-01", "2020-05-02", "announced")
    other.tracks.create(name="Secret", slug="secret")
    key = key_of(alice, kind="caldav", collections=["other--secret"])

    told = client.get(f"{CALENDARS}{key.pk}/").content
    choose(key, collections=["other"])
    choose(key, collections=[])

    key.refresh_from_db()
    assert (b"Other: the whole programme" in told, b"Other: Secret" in told) == (True, False)
    assert key.collections == ["other--secret"]


@pytest.mark.on_postgresql
def test_choices_are_kept_and_shown(client, alice, kvm_forum, choose):
    key = key_of(alice)

    response = choose(key, alarm="10", cancelled="drop", times="zone", events="chosen", event=kvm_forum.pk)

    key.refresh_from_db()
    assert key.options == {"alarm": 10, "cancelled": "drop", "times": "zone", "events": [kvm_forum.pk]}
    assert response.redirect_chain == [(f"{CALENDARS}{key.pk}/", 302)]
    assert said(response) == ["Saved for “Phone”. It shows there when the calendar is next updated."]
    assert page(response).one("details.choices").one("summary").text == (
        "What it shows Only KVM Forum 2019, cancelled talks removed, alarm 10 minutes before, times in the event’s zone"
    )


def test_form_shows_what_was_chosen_and_sent_again_changes_nothing(client, alice, kvm_forum, choose):
    key = key_of(alice, options={"alarm": 30, "cancelled": "drop", "events": [kvm_forum.pk]})
    client.force_login(alice)
    form = choices_of(own_page(client))

    client.post(form["action"], sent(form))

    assert CalendarKey.objects.get().options == key.options


def test_defaults_are_not_stored(alice, choose):
    key = key_of(alice, options={"alarm": 5, "times": "zone"})

    choose(key)

    key.refresh_from_db()
    assert (key.options, key.properties, key.collections) == ({}, {}, [])


def test_talks_of_a_calendar_may_leave_its_owner_free(client, alice, alice_feed, starred, choose):
    before = client.get(alice_feed).content
    key = CalendarKey.objects.get()

    response = choose(key, busy="free")
    after = client.get(alice_feed).content
    kept = choose(key)  # by a form of before, which has no such choice

    key.refresh_from_db()
    assert (before.count(b"TRANSP:OPAQUE"), before.count(b"X-MICROSOFT-CDO-BUSYSTATUS:FREE")) == (3, 0)
    assert (after.count(b"TRANSP:TRANSPARENT"), after.count(b"X-MICROSOFT-CDO-BUSYSTATUS:FREE")) == (3, 3)
    assert key.options == {"busy": "free"}
    assert [
        page(each).one("details.choices").one("summary").text.endswith(", as free") for each in (response, kept)
    ] == [True, True]


def test_next_fetch_of_the_same_address_shows_it(client, alice, alice_feed, starred, choose):
    cancelled, *others = starred
    with recording([cancelled.pk], by=None):
        Session.objects.filter(pk=cancelled.pk).update(status=Session.Status.CANCELLED)
    before = client.get(alice_feed)

    choose(CalendarKey.objects.get(), alarm="15", cancelled="drop")

    after = client.get(alice_feed, headers={"If-None-Match": before["ETag"]})
    events = icalendar.Calendar.from_ical(after.content).walk("VEVENT")
    assert len(icalendar.Calendar.from_ical(before.content).walk("VEVENT")) == 3
    assert {event["UID"] for event in events} == {str(session.guid) for session in others}
    assert [str(alarm["TRIGGER"].to_ical(), "ascii") for alarm in after_alarms(events)] == ["-PT15M", "-PT15M"]


def after_alarms(events: list[icalendar.Component]) -> list[icalendar.Component]:
    return [alarm for event in events for alarm in event.walk("VALARM")]


@pytest.mark.parametrize("kind", ["feed", "caldav"])
def test_new_choices_are_said_to_be_missing_until_the_calendar_is_fetched(client, alice, starred, choose, kind):
    key, text = CalendarKey.objects.issue(alice, name="Phone", once="form", kind=kind)
    fetch = (
        partial(client.get, f"/calendar/{text}.ics") if kind == "feed" else partial(synchronise, client, alice, text)
    )

    def waits() -> bool:
        (found,) = truth.of(alice, None)
        assert found.has_all_talks or not found.key.served
        return "does not show your new choices yet" in found.sentence

    def told_after(**choices: object) -> bool:
        choose(key, **choices)
        return waits()

    never_fetched = told_after(alarm="5")
    fetch()

    assert (never_fetched, waits()) == (False, False)
    assert [told_after(alarm="5"), told_after(alarm="10"), told_after(times="zone")] == [False, True, True]
    assert [told_after(alarm="5"), told_after()] == [False, True]
    fetch()
    assert not waits()


def synchronise(client, user: User, password: str) -> None:
    """As DAVx5 does the first time."""
    credentials = b64encode(f"{user.email}:{password}".encode()).decode()
    response = client.generic(
        "REPORT",
        f"/dav/calendars/{user.pk}/agenda/",
        '<sync-collection xmlns="DAV:"><sync-token/><sync-level>1</sync-level><prop/></sync-collection>',
        content_type="application/xml",
        headers={"Authorization": f"Basic {credentials}"},
    )
    assert response.status_code == 207


def test_choices_of_the_last_fetch_are_kept_until_the_next_or_until_they_are_chosen_again(
    client, alice, alice_feed, starred, choose
):
    def kept_after(**choices: object) -> tuple[object, object]:
        choose(CalendarKey.objects.get(), **choices)
        key = CalendarKey.objects.get()
        return key.options, key.served_options

    never_fetched = kept_after(alarm="5")
    client.get(alice_feed)

    assert never_fetched == ({"alarm": 5}, None)
    assert kept_after(alarm="10") == ({"alarm": 10}, {"alarm": 5})
    assert kept_after() == ({}, {"alarm": 5})
    assert kept_after(alarm="5") == ({"alarm": 5}, None)


def test_date_alone_proves_nothing_once_the_choices_are_others(client, alice, alice_feed, starred, choose):
    since = {"If-Modified-Since": client.get(alice_feed)["Last-Modified"]}
    before = client.get(alice_feed, headers=since).status_code

    choose(CalendarKey.objects.get(), alarm="5")

    assert (before, client.get(alice_feed, headers=since).status_code) == (304, 200)


def test_times_of_the_events_zone_name_it(client, alice, alice_feed, starred, choose):
    choose(CalendarKey.objects.get(), times="zone")

    events = vevents(client, alice_feed)

    assert {event["DTSTART"].params["TZID"] for event in events} == {"Europe/Paris"}


def test_only_stars_of_chosen_events_are_shown(client, alice, alice_feed, starred, choose):
    other = add_event("other-forum", "Asia/Tokyo", "2019-12-01", "2019-12-02")
    elsewhere = add_session(other, "Elsewhere", "2019-12-01 10:00")
    star(alice, [elsewhere.pk], through=StarLog.Through.PAGE)

    choose(CalendarKey.objects.get(), events="chosen", event=other.pk)

    assert [event["SUMMARY"] for event in vevents(client, alice_feed)] == ["Elsewhere"]


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        ({"alarm": "7"}, "Choose one of the alarms in the list."),
        ({"alarm": "soon\x00"}, "Choose one of the alarms in the list."),
        ({"alarm": ""}, "Choose an alarm."),
        ({"cancelled": "keep"}, "Choose what happens to cancelled talks."),
        ({"times": ""}, "Choose how times are written."),
        ({"events": "some"}, "Choose all events, or only some."),
        ({"events": "chosen"}, "Choose at least one event, or all of them."),
        ({"events": "chosen", "event": "999"}, "One of these events is not there any more. Choose among those below."),
        ({"events": "chosen", "event": "x"}, "One of these events is not there any more. Choose among those below."),
        ({"collections": "nowhere"}, "One of these tracks is not there any more. Choose among those below."),
    ],
)
def test_what_cannot_be_is_refused_in_words(alice, kvm_forum, choose, choices, sentence):
    key = key_of(alice, kind="caldav", options={"alarm": 5}, collections=["kvm-forum-2019"])

    response = choose(key, **choices)

    kept = (key.options, key.collections)
    key.refresh_from_db()
    assert (response.status_code, (key.options, key.collections)) == (422, kept)
    assert page(response).texts("p.error", role="alert") == [f"Nothing was changed for “Phone”. {sentence}"]


def test_refused_form_stands_open_with_what_was_sent_and_the_reason(alice, kvm_forum, choose):
    response = choose(key_of(alice), alarm="30", cancelled="drop", events="chosen")

    phone = page(response).one("details.choices")
    form = phone.one("form")
    assert "open" in phone.attributes
    assert form.texts("p.errors") == ["Choose at least one event, or all of them."]
    assert sent(form).items() >= {"alarm": ["30"], "cancelled": ["drop"], "events": ["chosen"]}.items()
    assert [each["aria-invalid"] for each in form.all("input", name="event")] == ["true"]


def test_offered_are_events_to_come_those_with_stars_and_those_chosen(client, alice, bob):
    slugs = ("over", "over-with-star", "over-with-bobs-star", "over-but-chosen", "over-but-read")
    events = {slug: add_event(slug, "Europe/Paris", "2019-05-01", "2019-05-02") for slug in slugs}
    add_event("to-come", "Europe/Paris", "2020-05-01", "2020-05-02")
    for person, slug in ((alice, "over-with-star"), (bob, "over-with-bobs-star")):
        talk = add_session(events[slug], "Talk", "2019-05-01 10:00")
        star(person, [talk.pk], through=StarLog.Through.PAGE)
    chosen = {"options": {"events": [events["over-but-chosen"].pk]}, "collections": ["over-but-read"]}
    key_of(alice, kind="caldav", **chosen)
    client.force_login(alice)

    form = choices_of(own_page(client))

    words = [label.text for label in form.all("label.inner")]
    assert sorted(words) == ["Over But Chosen", "Over But Read", "Over With Star", "To Come"]


def test_past_event_that_only_another_calendar_shows_is_taken_as_it_is_offered(client, alice, choose):
    over = add_event("over", "Europe/Paris", "2019-05-01", "2019-05-02")
    key_of(alice, "Laptop", options={"events": [over.pk]})
    phone = key_of(alice)
    client.force_login(alice)
    offered = [form for form in own_page(client, phone).all("form") if form["action"] == address_of(phone, "choose")]

    response = choose(phone, events="chosen", event=over.pk)

    phone.refresh_from_db()
    assert [label.text for form in offered for label in form.all("label.inner")] == ["Over"]
    assert (response.status_code, phone.options) == (200, {"events": [over.pk]})


def test_whole_tracks_are_added_to_a_calendar_of_both_ways(client, alice, kvm_forum, choose):
    track = Track.objects.get()
    colour = {"colour": "#ff0000"}
    key = key_of(alice, kind="caldav", properties=colour)

    response = choose(key, collections=["kvm-forum-2019", f"kvm-forum-2019--{track.slug}"])

    key.refresh_from_db()
    assert (key.properties, key.collections) == (colour, ["kvm-forum-2019", f"kvm-forum-2019--{track.slug}"])
    form = choices_of(page(response))
    assert sent(form)["collections"] == key.collections
    assert form.texts("legend")[-1] == "Calendars to read besides your stars"


def test_calendar_is_left_without_tracks_again(alice, kvm_forum, choose):
    key = key_of(alice, kind="caldav", collections=["kvm-forum-2019"])

    choose(key)

    key.refresh_from_db()
    assert key.collections == []


def test_feed_has_no_tracks_to_add(client, alice, kvm_forum, choose):
    key = key_of(alice)

    response = choose(key, collections=["kvm-forum-2019"])

    key.refresh_from_db()
    assert (key.properties, key.collections) == ({}, [])
    assert choices_of(page(response)).all("input", name="collections") == []


def test_every_choice_has_a_label_of_its_own(client, alice, kvm_forum):
    key_of(alice, kind="caldav")
    client.force_login(alice)

    root = own_page(client)

    ids = [element["id"] for element in root.every() if "id" in element.attributes]
    labels = {label["for"] for label in root.all("label") if "for" in label.attributes}
    inside = {field["id"] for label in root.all("label.option") for field in label.all("input")}
    forms = [each for form in root.all("details.choices") for each in form.every()]
    fields = {each["id"] for each in forms if each.tag in ("select", "input") and "id" in each.attributes}
    assert len(ids) == len(set(ids))
    assert fields == {each for each in labels | inside if not each.startswith(("name-", "notice-"))}


def test_choices_of_a_revoked_calendar_are_not_changed(alice, choose):
    assert choose(key_of(alice, revoked=datetime(2019, 1, 1, tzinfo=UTC))).status_code == 404


def test_events_that_are_gone_are_not_shown_as_all(client, alice):
    key_of(alice, options={"events": [999]})
    client.force_login(alice)

    summary = own_page(client).one("details.choices").one("summary").text

    assert summary.startswith("What it shows Only events that are gone, cancelled")


@pytest.mark.parametrize("count", [1, 3])
def test_refusal_takes_as_many_queries_for_1_and_3_calendars(alice, choose, django_assert_num_queries, count):
    *_, key = [key_of(alice, f"Phone {number}") for number in range(count)]

    # The cookie session, user; in a transaction (2) the key, all keys, what they can show (2), and the page: keys,
    # stars, what those can show (2), the current event.
    with django_assert_num_queries(13):
        choose(key, alarm="7")


@pytest.mark.parametrize(
    ("first", "second", "status", "options"),
    [
        ({"alarm": "10"}, {"times": "zone"}, 302, {"alarm": 10, "times": "zone"}),
        ({"alarm": "10"}, {"alarm": "10"}, 302, {"alarm": 10}),
        ({"alarm": "10"}, {"alarm": "30"}, 422, {"alarm": 10}),
    ],
)
def test_choices_of_two_tabs_are_merged_or_said(client, alice, kvm_forum, first, second, status, options):
    key = key_of(alice)
    client.force_login(alice)
    form = choices_of(own_page(client))

    client.post(form["action"], sent(form) | first)
    response = client.post(form["action"], sent(form) | second)

    assert response.status_code == status
    key.refresh_from_db()
    assert key.options == options


def test_choice_of_two_tabs_is_saved_when_sent_again(client, alice, kvm_forum):
    key = key_of(alice)
    client.force_login(alice)
    form = choices_of(own_page(client))
    client.post(form["action"], sent(form) | {"alarm": "10"})
    refused = choices_of(page(client.post(form["action"], sent(form) | {"alarm": "30"})))

    assert refused.texts("p.errors") == [
        "Another tab changed this to “10 minutes before”. Save again to use what is chosen here."
    ]
    client.post(form["action"], sent(refused))

    key.refresh_from_db()
    assert key.options == {"alarm": 30}
