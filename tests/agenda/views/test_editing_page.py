"""The front page of an event for editors: for them alone; it finds, leaves and mends, and keeps sources in step."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.test import Client

from agenda.models import Appearance, Event, LeftFinding, Plan, Session, Source, Speaker
from agenda.models.source import Batch
from tests.agenda.kvm_forum import BEFORE, add_event, add_session
from tests.pages import Element, page

pytestmark = pytest.mark.any_database

EDIT = "/kvm-forum-2019/edit/"
ADDRESS = "https://kvm-forum.example/schedule.xml"
CHANGPENG = (
    "Changpeng Liu is named in “SPDK Vhost FUSE Target to Accelerate File Access in VMs and Containers”, "
    "but not listed as a speaker."
)


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


@pytest.fixture
def source(kvm_forum: Event) -> Source:
    return Source.objects.create(event=kvm_forum, name=ADDRESS, address=ADDRESS, fetched=BEFORE, said="Nothing new.")


def shown(browser: Client) -> Element:
    return page(browser.get(EDIT))


def headings(browser: Client) -> list[str]:
    return [each.one("summary").text for each in shown(browser).all("details.findings")]


def key_of(browser: Client, text: str) -> str:
    (found,) = [each for each in shown(browser).all("li") if each.all("p") and each.all("p")[0].text == text]
    return found.all("button", name="key")[0]["value"]


def waiting(event: Event, title: str) -> Plan:
    return Plan.objects.create(event=event, kind=Plan.Kind.IMPORT, title=title, wanted={"sessions": []})


def test_page_is_there_for_editors_alone(client, kvm_forum, alice, browser):
    visitor = client.get(EDIT).status_code
    client.force_login(alice)

    assert (visitor, client.get(EDIT).status_code, browser.get(EDIT).status_code) == (404, 404, 200)
    assert browser.get("/no-such-event/edit/").status_code == 404


@pytest.mark.parametrize("path", ["findings/leave", "findings/ask-again", "findings/mend"])
def test_findings_are_for_editors_and_for_forms(client, kvm_forum, alice, browser, path):
    client.force_login(alice)

    assert client.post(EDIT + path, {"key": "x"}).status_code == 404
    assert browser.get(EDIT + path).status_code == 405
    assert browser.post("/no-such-event/edit/" + path).status_code == 404


@pytest.mark.parametrize("path", ["policy", "fetch", "stop", "follow"])
def test_source_is_for_editors_of_its_event_and_for_forms(client, source, alice, browser, path):
    add_event("other", "Europe/Paris", "2019-10-31", "2019-11-01")
    client.force_login(alice)

    assert client.post(f"{EDIT}sources/{source.pk}/{path}").status_code == 404
    assert browser.get(f"{EDIT}sources/{source.pk}/{path}").status_code == 405
    assert browser.post(f"/other/edit/sources/{source.pk}/{path}").status_code == 404


def test_programme_leads_editors_there(client, kvm_forum, browser):
    def links(reader: Client) -> list[str]:
        return [link["href"] for link in page(reader.get("/kvm-forum-2019/")).all("a", href=EDIT)]

    assert (links(client), links(browser)) == ([], [EDIT])


def test_state_is_shown_with_its_meaning(browser, kvm_forum):
    states = shown(browser).one("ul.states")

    assert states.one("li.present").text == "Published Everybody can read the programme, star talks and sync them"
    assert states.texts("button") == ["Hide it", "Announce it", "Archive it"]


def test_findings_are_grouped_with_the_worst_first(browser, kvm_forum):
    opening = kvm_forum.sessions.in_order()[0]
    opening.slug, opening.byline, opening.pk, opening.guid = "twin", "", None, uuid4()
    opening.save()

    assert headings(browser) == [
        "! 1 double-booked room",
        "! 1 person is named, but not listed",
        "! 2 people written in two ways",
        "! 19 sessions without their promised slides",
    ]


def test_finding_leads_to_its_session_in_the_admin(browser, kvm_forum):
    session = kvm_forum.sessions.get(byline__startswith="Changpeng Liu")

    assert shown(browser).all("a", href=f"/admin/agenda/session/{session.pk}/change/")
    assert browser.get(f"/admin/agenda/session/{session.pk}/change/").status_code == 200


@pytest.mark.on_postgresql
def test_finding_that_was_left_stays_so_until_it_is_asked_about_again(browser, editor, kvm_forum):
    key = key_of(browser, CHANGPENG)

    response = browser.post(EDIT + "findings/leave", {"key": key})

    assert response["Location"] == f"{EDIT}#problems"
    assert "! 1 person is named, but not listed" not in headings(browser)[:-1]
    assert shown(browser).one("details.left-findings").all("summary")[0].text == "1 left as it is"
    assert list(LeftFinding.objects.values_list("event", "key", "by", "at")) == [(kvm_forum.pk, key, editor.pk, BEFORE)]

    browser.post(EDIT + "findings/ask-again", {"key": key})

    assert not shown(browser).all("details.left-findings")
    assert headings(browser)[0] == "! 1 person is named, but not listed"


@pytest.mark.on_postgresql
def test_all_of_a_kind_are_left_at_once_and_twice_is_once(browser, kvm_forum):
    (form,) = [each for each in shown(browser).all("form") if each.text.startswith("Leave all 18")]
    keys = [field["value"] for field in form.all("input", name="key")]

    browser.post(EDIT + "findings/leave", {"key": keys})
    browser.post(EDIT + "findings/leave", {"key": keys})

    assert len(keys) == 18 == LeftFinding.objects.count()


def test_key_of_no_finding_is_not_kept(browser, kvm_forum):
    browser.post(EDIT + "findings/leave", {"key": ["room-twice:0123", "x" * 10_000, "\0"]})

    assert not LeftFinding.objects.exists()


def test_mend_makes_one_plan_that_lists_the_speaker(browser, editor, kvm_forum):
    key = key_of(browser, CHANGPENG)
    session = kvm_forum.sessions.get(byline__startswith="Changpeng Liu")

    for _ in range(2):
        response = browser.post(EDIT + "findings/mend", {"key": key})

    plan = Plan.objects.get()
    assert response["Location"] == f"/kvm-forum-2019/edit/plans/{plan.pk}/"
    assert (plan.kind, plan.state, plan.made_by) == ("edit", "waiting", editor)
    assert plan.wanted["sessions"][0] == {
        "key": str(session.pk),
        "session": session.pk,
        "title": session.title,
        "wanted": {"speakers": ["Xiaodong Liu", "Changpeng Liu"]},
        "base": {"speakers": ["Xiaodong Liu"]},
    }


def test_finding_that_is_gone_makes_no_plan(browser, kvm_forum):
    assert browser.post(EDIT + "findings/mend", {"key": "not-listed:0"}, follow=True).status_code == 200
    assert not Plan.objects.exists()


def test_waiting_plans_and_last_batches_are_shown(browser, editor, kvm_forum):
    waiting(kvm_forum, "pretalx schedule.json, 36 sessions")
    done = waiting(kvm_forum, "schedule.xml, 20 sessions")
    Plan.objects.filter(pk=done.pk).update(state="published")
    Batch.objects.create(event=kvm_forum, plan=done, at=BEFORE, by=editor, counts={"changed": 3, "gone": 1})

    plan, batch = shown(browser).one("div.notice"), shown(browser).one("ol.batches").one("li")
    assert plan.text.startswith("A plan waits: pretalx schedule.json, 36 sessions. Wed 30 Oct, 09:00; not published.")
    assert "schedule.xml, 20 sessions 3 changed, 1 cancelled editor@example.org" in batch.text


def test_batch_that_was_put_back_offers_it_no_more(browser, kvm_forum):
    batches: list[Batch] = []
    for title in ("first", "put back", "put back again"):
        plan = waiting(kvm_forum, title)
        before = batches[-1] if batches else None
        batches.append(Batch.objects.create(event=kvm_forum, plan=plan, at=BEFORE, inverse_of=before))
        rows = shown(browser).one("ol.batches").all("li")
        yes = [row.all("span.sub") != [] for row in reversed(rows)]

        assert yes == {1: [False], 2: [True, False], 3: [False, True, False]}[len(batches)]


def test_source_says_when_it_was_fetched_and_when_it_comes_next(browser, source):
    card = shown(browser).one("div.source")

    assert [each.text for each in card.all("dd")] == ["Wed 30 Oct, 09:00", "Nothing new.", "Wed 09:15 or soon after"]


@pytest.mark.on_postgresql
def test_policy_is_chosen(browser, source):
    browser.post(f"{EDIT}sources/{source.pk}/policy", {"policy": "harmless"})
    browser.post(f"{EDIT}sources/{source.pk}/policy", {"policy": "everything"})

    source.refresh_from_db()
    assert source.policy == "harmless"


def test_source_is_stopped_and_followed_again(browser, source):
    browser.post(f"{EDIT}sources/{source.pk}/stop")

    stopped = shown(browser).one("div.source")
    assert Source.objects.get().address == ""
    assert [form["action"] for form in stopped.all("form")] == [f"{EDIT}sources/{source.pk}/follow"]

    browser.post(f"{EDIT}sources/{source.pk}/follow")

    assert Source.objects.get().address == ADDRESS


def test_uploaded_file_cannot_be_followed(browser, kvm_forum):
    upload = Source.objects.create(event=kvm_forum, name="programme.xlsx")

    assert browser.post(f"{EDIT}sources/{upload.pk}/follow").status_code == 404


def test_fetching_says_at_once_what_is_in_the_way(browser, source):
    Source.objects.update(address="https://localhost/schedule.xml")

    response = browser.post(f"{EDIT}sources/{source.pk}/fetch", follow=True)

    source.refresh_from_db()
    said = "The address leads into a private network. Only public addresses are fetched."
    assert page(response).one("p.error").text == said
    assert (source.said, source.failures, source.fetched) == (said, 1, BEFORE)


def test_queries_do_not_grow_with_what_is_shown(browser, editor, kvm_forum, django_assert_num_queries):
    def more(number: int) -> None:
        Source.objects.create(event=kvm_forum, name=f"{ADDRESS}?{number}", address=f"{ADDRESS}?{number}")
        waiting(kvm_forum, "waits")
        plan = waiting(kvm_forum, "done")
        Plan.objects.filter(pk=plan.pk).update(state="published", made_by=editor)
        Batch.objects.create(event=kvm_forum, plan=plan, at=datetime.now(UTC), by=editor)
        made = add_session(kvm_forum, f"Talk {number}", "2019-11-05 11:00")
        speaker = Speaker.objects.create(event=kvm_forum, name=f"Ann Lee{number}", slug=f"ann{number}")
        Appearance.objects.create(session=made, speaker=speaker)

    more(1)
    browser.get(EDIT)
    with django_assert_num_queries(22):
        browser.get(EDIT)
    more(2)
    more(3)
    with django_assert_num_queries(22):
        browser.get(EDIT)
    assert Session.objects.count() == 23
