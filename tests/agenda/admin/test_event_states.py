"""Hiding and publishing an event in /admin/, and what calendars notice of it."""

from __future__ import annotations

import pytest

from agenda.calendars import truth
from agenda.models import Event, FormerSlug, Session, SessionRevision, Star
from tests.agenda.admin.editing import act, address, change, filled, messages, page, send
from tests.agenda.caldav.dav import Dav, answers, statuses, token_in
from tests.agenda.kvm_forum import BEFORE, KVM, add_event

pytestmark = pytest.mark.any_database

NEW = {"name": "Next", "slug": "next", "starts_on": "01/05/2030", "ends_on": "02/05/2030", "time_zone": "Europe/Paris"}


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def test_new_event_begins_hidden_and_says_so(desk):
    said = messages(send(desk, "/admin/agenda/event/add/", **NEW))

    assert Event.objects.get().state == "hidden"
    assert "Only editors see it until you publish it." in said


@pytest.mark.on_postgresql
def test_new_event_that_is_public_at_once_says_nothing(desk):
    assert len(messages(send(desk, "/admin/agenda/event/add/", **NEW, state="published"))) == 1


@pytest.mark.on_postgresql
def test_list_shows_and_filters_the_state(desk, kvm_forum):
    add_event("devconf", "America/New_York", "2019-12-01", "2019-12-02", "hidden")

    root = page(desk.get("/admin/agenda/event/?state__exact=hidden"))

    assert root.texts("th.field-name") == ["Devconf"]
    assert root.texts("td.field-state") == ["hidden: only editors see it"]


@pytest.mark.on_postgresql
def test_action_publishes(desk, kvm_forum):
    devconf = add_event("devconf", "America/New_York", "2019-12-01", "2019-12-02", "hidden")

    said = messages(act(desk, "publish", devconf, kvm_forum))

    assert said == ["Published 1 event."]
    assert set(Event.objects.values_list("state", flat=True)) == {"published"}


def test_hiding_and_publishing_move_each_session_on_and_are_in_its_history(desk, opening):
    change(desk, opening.event, state="hidden")
    change(desk, opening.event, state="published")

    changes = [revision.changes for revision in SessionRevision.objects.filter(session=opening).order_by("pk")]
    assert changes == [{"is_published": [True, False]}, {"is_published": [False, True]}]
    assert Session.objects.filter(updated__gt=BEFORE).count() == Session.objects.count()


def test_archiving_changes_no_session(desk, opening):
    before = list(Session.objects.values_list("updated", flat=True))

    change(desk, opening.event, state="archived")

    assert list(Session.objects.values_list("updated", flat=True)) == before


def test_day_of_the_programme_is_kept_and_changes_no_session(desk, opening):
    before = list(Session.objects.values_list("updated", flat=True))

    change(desk, opening.event, programme_on="01/10/2019")

    assert str(Event.objects.get().programme_on) == "2019-10-01"
    assert list(Session.objects.values_list("updated", flat=True)) == before


@pytest.mark.parametrize(
    ("day", "error"),
    [
        ("02/11/2019", "That is after the event’s last day."),
        ("01/10/0019", "The year 19 cannot be right. Write the date like 31/10/2019."),
    ],
)
def test_day_of_the_programme_that_cannot_be_is_refused(desk, kvm_forum, day, error):
    root = page(change(desk, kvm_forum, programme_on=day))

    assert root.texts("ul.errorlist") == [error]
    assert Event.objects.get().programme_on is None


def test_feeds_notice_that_an_event_was_hidden_and_published(client, desk, alice, alice_feed, opening):
    Star.objects.create(user=alice, session=opening)
    seen = []
    for state in ("published", "hidden", "published"):
        change(desk, Event.objects.get(), state=state)
        tag = seen[-1][0]["ETag"] if seen else ""
        seen.append([client.get(alice_feed, headers={"If-None-Match": tag}), client.get(f"{KVM}schedule.ics")])

    assert [[answer.status_code for answer in answers] for answers in seen] == [[200, 200], [200, 404], [200, 200]]
    assert [answers[0].content.count(b"BEGIN:VEVENT") for answers in seen] == [1, 0, 1]


def test_truth_says_that_a_calendar_still_has_what_was_hidden(client, desk, alice, alice_feed, opening):
    Star.objects.create(user=alice, session=opening)
    client.get(alice_feed, headers={"User-Agent": "Google-Calendar-Importer"})

    change(desk, opening.event, state="hidden")

    (found,) = truth.of(alice, None)
    assert found.withdrawn == [opening]


def test_programme_over_caldav_gives_up_and_takes_back_its_sessions(desk, alice, kvm_forum):
    phone = Dav(alice, collections=["kvm-forum-2019"])
    whole = f"{phone.home}kvm-forum-2019/"
    tokens = [token_in(phone.sync(path=whole))]

    found = []
    for state in ("announced", "published"):
        change(desk, Event.objects.get(), state=state)
        answer = phone.sync(tokens[-1], path=whole)
        tokens.append(token_in(answer))
        found.append(set(statuses(answer).values()))

    assert len(answers(phone.propfind(whole, "<D:getetag/>", depth="1"))) == 1 + Session.objects.count()
    assert found == [{404}, {200}]


@pytest.mark.parametrize("part", ["track", "room", "speakers", None])
def test_changing_a_slug_keeps_the_former_one(desk, opening, part):
    row = opening if part is None else opening.speakers.first() if part == "speakers" else getattr(opening, part)
    before = row.slug

    change(desk, row, slug="renamed")

    kept = FormerSlug.objects.values_list("kind", "slug", "row").get()
    assert kept == (row._meta.model_name, before, row.pk)


def test_form_says_in_plain_words_what_a_state_and_a_slug_do(desk, kvm_forum):
    helps = page(desk.get(address(kvm_forum))).texts("div.help")

    assert any("Calendars follow" in text for text in helps)
    assert any("all those links break" in text for text in helps)
    assert filled(desk, "/admin/agenda/event/add/")["state"] == "hidden"
