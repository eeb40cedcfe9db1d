"""What a phone keeps: the whole programme in one page, for everybody alike, and the list of one's own stars."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from random import Random

import brotli
import pytest
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.models import User
from agenda.models import Event, Session, Speaker, Star, StarLog
from agenda.programme.offline import CUTS, LARGEST, cut_at
from agenda.stars.starring import star, unstar
from tests.agenda.kvm_forum import BEFORE, KVM, add_event, session_of
from tests.agenda.programme_edits import edit
from tests.agenda.shared_programmes import shared
from tests.conftest import PASSWORD
from tests.pages import page

pytestmark = pytest.mark.any_database

OFFLINE, STARS = f"{KVM}offline/", "/agenda/stars"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


def tap(title: str, *, want: bool, base: int = 0, minutes_ago: float = 0) -> dict[str, object]:
    row = {"guid": str(session_of(title).guid), "want": want, "base": base, "ago": int(minutes_ago * 60_000)}
    return {**row, "title": f"{title} <i>"}


def send(client: Client, *taps: dict[str, object]) -> dict[str, object]:
    response = client.post(STARS, {"taps": json.dumps(taps)})
    assert (response.status_code, "no-store" in response["Cache-Control"]) == (200, True)
    return response.json()


def said(answer: dict[str, object]) -> list[str]:
    """The notices of what was not done."""
    return [each.text for each in page(HttpResponse(answer["said"])).all(".notice")]


def test_document_has_all_talks_and_nothing_of_its_reader(client, alice, kvm_forum, django_assert_num_queries):
    star(alice, [session_of("Nesting").pk], through=StarLog.Through.PAGE)
    Speaker.objects.update(photo="speakers/face.png")
    plain = client.get(OFFLINE)
    client.force_login(alice)

    with django_assert_num_queries(2):
        again = client.get(OFFLINE, headers={"Accept-Encoding": "gzip, br", "If-None-Match": plain["ETag"]})
    root, text = page(plain), plain.content.decode()

    assert brotli.decompress(again.content) == plain.content
    assert client.get(OFFLINE, headers={"Accept-Encoding": "br;q=0, gzip"}).content == plain.content
    assert (again["Vary"], again["Cache-Control"]) == ("Accept-Encoding", "public, no-cache")
    assert (plain["Programme"], plain.cookies, again.cookies) == ("2019-11-01", {}, {})
    assert len(root.all("li", class_="session")) == Session.objects.count() == 20
    assert [word for word in ("<form", "<img", "face.png", "★ ☆", alice.email, "csrf") if word in text] == []
    assert ["Speakers" in text, "CET, UTC+1" in text] == [True, True]
    assert client.get(OFFLINE, headers={"If-None-Match": plain["ETag"]}).status_code == 304


def test_document_follows_each_change_and_only_public_ones(client, editor, kvm_forum):
    before = client.get(OFFLINE)
    edit(session_of("Managing"), title="Managing nothing")
    edit(session_of("virtio-fs"), start=None, end=None)
    Session.objects.filter(title__startswith="Nesting").update(is_published=False)
    client.force_login(editor)

    after = client.get(OFFLINE)

    assert after["ETag"] != before["ETag"]
    assert [text in after.content for text in (b"Managing nothing", b"Nesting&amp;testing", b"No time yet")] == [
        True,
        False,
        True,
    ]
    add_event("empty", "Europe/Paris", "2020-01-01", "2020-01-02")
    assert b"There are no talks yet" in client.get("/empty/offline/").content
    for state in (Event.State.HIDDEN, Event.State.ANNOUNCED):
        Event.objects.update(state=state)
        assert client.get(OFFLINE).status_code == 404


def test_long_texts_are_cut_where_a_programme_is_large(client, kvm_forum):
    random = Random(1)
    for session in Session.objects.all():
        Session.objects.filter(pk=session.pk).update(abstract=f"{random.getrandbits(4 * 40_000):x}")
    response = client.get(OFFLINE, headers={"Accept-Encoding": "br"})

    assert len(response.content) <= LARGEST
    assert b"Long texts end with an ellipsis" in brotli.decompress(response.content)
    Session.objects.update(abstract="word " * 16_000, updated=timezone.now() + timedelta(minutes=1))
    assert b"Long texts end with an ellipsis" not in client.get(OFFLINE).content
    lengths = ([], [10_000] * 100, [1000] * 1000, [10_000] * 100_000)
    assert [cut_at(each, 550_000) for each in lengths] == [CUTS[0], 2000, 500, CUTS[-1]]


def test_document_of_a_thousand_talks_is_small(client, db):
    call_command(
        "import_programme", shared("fosdem-2025.schedule.xml"), "--new", "--apply", stdout=StringIO(), stderr=StringIO()
    )
    Event.objects.update(state="published")

    response = client.get("/fosdem-2025/offline/", headers={"Accept-Encoding": "br"})

    assert Session.objects.count() > 900
    assert len(response.content) <= LARGEST


@pytest.mark.on_postgresql
def test_taps_are_replayed_and_said(client, alice, kvm_forum, time_machine, django_assert_num_queries):
    client.force_login(alice)
    opening, nesting = session_of("Managing"), session_of("Nesting")
    star(alice, [opening.pk, nesting.pk], through=StarLog.Through.PAGE)
    before = client.get(STARS).json()
    time_machine.shift(600)
    unstar(alice, opening, through=StarLog.Through.CALDAV)
    gone = {"guid": "00000000-0000-4000-8000-000000000000", "want": True, "base": 0, "ago": 0}
    taps = [tap("Managing", want=True, minutes_ago=5), tap("Nesting", want=False, base=before["version"]), gone]
    taps.append(tap("virtio-fs", want=True, minutes_ago=3))
    time_machine.shift(60)

    with django_assert_num_queries(17):
        answer = send(client, *taps)

    assert answer["stars"] == [str(session_of("virtio-fs").guid)]
    told, missing = said(answer)
    assert told.startswith(
        "“Managing <i>”: Deleted in your calendar at 09:10, after you starred it on this device at 09:06."
    )
    assert told.endswith("Star it again")
    assert missing == "“” is no longer in the programme, so it has no star."
    assert sorted(before["stars"]) == sorted([str(opening.guid), str(nesting.guid)])
    assert send(client, *taps)["stars"] == answer["stars"]
    again = tap("Managing", want=True, base=answer["version"])
    assert str(opening.guid) in send(client, again)["stars"]
    (told,) = said(send(client, tap("virtio-fs", want=False, minutes_ago=50)))
    assert told.startswith("“virtio-fs <i>”: Starred at 09:08, after you unstarred it on this device at 08:21.")


def test_hidden_talk_can_be_unstarred_and_not_starred(client, alice, kvm_forum, time_machine):
    client.force_login(alice)
    star(alice, [session_of("Nesting").pk], through=StarLog.Through.PAGE)
    time_machine.shift(1)
    Session.objects.update(is_published=False)
    taps = [tap("Nesting", want=False), tap("Managing", want=True)]

    answer = send(client, *taps)

    assert [line.partition("”")[0] for line in said(answer)] == ["“Nesting <i>", "“Managing <i>"]
    assert Star.objects.count() == 0
    assert StarLog.objects.filter(through="offline").count() == 1


@pytest.mark.on_postgresql
def test_rank_of_a_star_taken_offline_is_kept_in_the_log(client, alice, kvm_forum):
    client.force_login(alice)
    first, second = session_of("Managing"), session_of("Nesting")
    star(alice, [first.pk, second.pk], through=StarLog.Through.PAGE)
    Star.objects.filter(session=second).update(in_case_of=first, stays_in_case=True)

    send(client, tap("Nesting", want=False, base=10**9))

    assert StarLog.objects.filter(starred=False).values_list("in_case_of", "stays_in_case").get() == (first.pk, True)


@pytest.mark.on_postgresql
def test_visitors_taps_come_along_to_the_account(client, alice, kvm_forum):
    empty = client.get(STARS).json()
    answer = send(client, tap("Managing", want=True), tap("Nesting", want=True))
    send(client, tap("Nesting", want=False))
    Session.objects.filter(title__startswith="virtio-fs").update(is_published=False)
    gone = send(client, tap("virtio-fs", want=True), tap("virtio-fs", want=False))

    assert (empty["who"], empty["version"], empty["stars"]) == ("", 0, [])
    assert len(answer["stars"]) == 2
    assert gone["stars"] == [str(session_of("Managing").guid)]
    assert said(gone) == ["“virtio-fs <i>” is no longer in the programme, so it has no star."]
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert client.get(STARS).json()["who"] not in ("", str(alice.pk))


@pytest.mark.parametrize(
    "taps",
    ["", "{}", "[1]", "[{}]", "[" * 100_000, '[{"guid": "x", "want": true, "base": 1, "ago": 1}]', f"[{'1,' * 100}1]"],
)
def test_what_is_no_list_of_taps_is_refused(client, kvm_forum, taps):
    assert client.post(STARS, {"taps": taps}).status_code == 400


def test_editor_lists_hidden_stars_too(client, editor, kvm_forum):
    star(editor, [session_of("Nesting").pk], through=StarLog.Through.PAGE)
    Session.objects.update(is_published=False)
    client.force_login(editor)

    assert client.get(STARS).json()["stars"] == [str(session_of("Nesting").guid)]


def test_shortcut_leads_to_what_is_on_now(client, kvm_forum):
    assert client.get("/agenda/now/")["Location"] == f"{KVM}now/"
    Event.objects.update(state=Event.State.HIDDEN)
    assert client.get("/agenda/now/")["Location"] == "/"


@pytest.mark.parametrize(
    ("days", "cookie", "shown"),
    [(-1, "", True), (-13, "", True), (-30, "", False), (10, "", False), (-1, "install=no", False)],
)
def test_installing_is_offered_around_an_event_until_put_away(
    client: Client, alice: User, kvm_forum: Event, time_machine, days: int, cookie: str, shown: bool
):
    star(alice, [session_of("Nesting").pk], through=StarLog.Through.PAGE)
    time_machine.move_to(BEFORE.replace(month=10, day=31))
    time_machine.shift(days * 86_400)
    client.force_login(alice)

    text = client.get("/agenda/", headers={"Cookie": cookie} if cookie else {}).content

    assert (b'id="install"' in text) == shown
