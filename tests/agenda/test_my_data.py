"""Everything stored about me, in one file that I can take along."""

from __future__ import annotations

import errno
import io
import json
import re
import zipfile
from itertools import islice
from typing import Any

import pytest
from django.test import Client

from accounts.models import CalendarKey
from agenda import my_data
from agenda.models import Session, StarLog
from agenda.stars.starring import star
from tests.agenda.belongings import (
    AGENT,
    SECRET,
    add_talks,
    give_everything,
    log_in,
    people_fields,
    set_times,
)
from tests.agenda.kvm_forum import BEFORE
from tests.calendars import content_lines
from tests.conftest import PASSWORD

DOWNLOAD = "/accounts/data/download"
AT = "2019-10-01T08:00:00Z"
DAY, EVENING = "2019-10-30T00:00:00Z", "2019-10-30T20:00:00Z"

# Where in data.json each place for a person is; a new one belongs here, or with its reason among the exceptions.
EXPORTED = {
    ("account.EmailAddress", "user"): "email_addresses",
    ("account.EmailAddress", "email"): "email_addresses",
    ("accounts.CalendarKey", "user"): "calendars",
    ("accounts.CalendarKey", "user_names"): "calendars",
    ("accounts.User", "email"): "account",
    ("accounts.User", "refused_address"): "account",
    ("accounts.User_groups", "user"): "account",
    ("accounts.User_user_permissions", "user"): "account",
    ("admin.LogEntry", "user"): "editing_log",
    ("admin.LogEntry", "content_type"): "account_log",
    ("agenda.Announcement", "made_by"): "announcements",
    ("agenda.Batch", "by"): "published_plans",
    ("agenda.Notice", "user"): "notices",
    ("agenda.EventEditor", "email"): "events_edited",
    ("agenda.EventEditor", "user"): "events_edited",
    ("agenda.EventEditor", "invited_by"): "invitations",
    ("agenda.LeftFinding", "by"): "left_findings",
    ("agenda.Plan", "made_by"): "plans",
    ("agenda.RowRevision", "by"): "other_edits",
    ("agenda.SessionRevision", "by"): "edits",
    ("agenda.Star", "user"): "stars",
    ("agenda.StarLog", "user"): "star_log",
    ("mfa.Authenticator", "user"): "passkeys",
    ("socialaccount.SocialAccount", "user"): "connected_accounts",
    ("usersessions.UserSession", "user"): "devices",
    ("usersessions.UserSession", "user_agent"): "devices",
}
EXCEPTIONS = {
    ("account.EmailConfirmation", "email_address"): "a secret: links that confirm an address, which codes replaced",
    ("sessions.Session", "session_key"): "a secret: whoever has it is logged in",
    ("sessions.Session", "session_data"): "that one is logged in, which devices says, and secrets",
    ("socialaccount.SocialToken", "account"): "a secret: it opens the account elsewhere",
    ("usersessions.UserSession", "session_key"): "a secret: whoever has it is logged in",
}


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(BEFORE, tick=False)


@pytest.fixture
def talks(db):
    return add_talks()


@pytest.fixture
def files(client, alice, bob, root, talks) -> dict[str, str]:
    """What Alice gets, whose second session was withdrawn; Bob has as much of everything."""
    for user, device in ((alice, client), (bob, Client())):
        log_in(device, user, headers={"User-Agent": AGENT})
        give_everything(user, root, talks)
    Session.objects.filter(slug="secrets").update(is_published=False)
    set_times()
    return unpacked(client)


def unpacked(client: Client) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(client.get(DOWNLOAD).getvalue())) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def key_paths(data: Any, within: str = "") -> list[str]:
    """The keys of objects, first seen first, as "section.field"; what other sites and editors named is left out."""
    if isinstance(data, list):
        return list(dict.fromkeys(path for each in data for path in key_paths(each, within)))
    if not isinstance(data, dict) or within.count(".") > 1:
        return []
    return [path for key, value in data.items() for path in (f"{within}{key}", *key_paths(value, f"{within}{key}."))]


def test_every_place_for_a_person_is_exported_or_excepted():
    assert set(people_fields()) == EXPORTED.keys() | EXCEPTIONS.keys()
    assert EXPORTED.keys() & EXCEPTIONS.keys() == set()


def test_everything_is_there(files, talks):
    opening, secrets, close = (
        {"session": str(talk.guid), "event": "Forum", "title": talk.title, "start": start, "end": end}
        for talk, start, end in zip(
            talks,
            ("2019-10-30T09:00:00Z", "2019-10-30T10:00:00Z", "2019-10-30T11:00:00Z"),
            ("2019-10-30T09:30:00Z", "2019-10-30T10:30:00Z", "2019-10-30T11:30:00Z"),
            strict=True,
        )
    )
    hidden = dict.fromkeys(secrets) | {"session": secrets["session"]}
    logged = {"at": AT, "acted": AT, "through": "page", "starred": True, "in_case_of": None, "stays_in_case": False}

    assert json.loads(files["data.json"]) == {
        "account": {
            "email": "alice@example.org",
            "display_name": "alice@example.org & Co",
            "time_zone": "Asia/Tokyo",
            "notice_minutes": 30,
            "refused_address": "alice@example.org",
            "changes_seen": {"forum": AT},
            "signed_up": AT,
            "last_logged_in": AT,
            "has_password": True,
            "is_active": True,
            "is_editor": False,
            "is_administrator": False,
            "groups": ["Programme editors"],
            "permissions": ["view_logentry"],
        },
        "email_addresses": [
            {"email": "alice@example.org", "verified": True, "primary": True},
            {"email": "new.alice@example.org", "verified": False, "primary": False},
        ],
        "passkeys": [{"name": "Blue key", "created": AT, "last_used": AT}],
        "authenticator_app": {"on": True, "created": AT, "last_used": AT},
        "recovery_codes": {"on": True, "created": AT, "last_used": AT},
        "connected_accounts": [
            {
                "provider": "github",
                "uid": f"7{CalendarKey.objects.get(user__email='alice@example.org').user_id}",
                "extra_data": {"login": "me"},
                "connected": AT,
                "last_used": AT,
            }
        ],
        "devices": [{"user_agent": AGENT, "logged_in": AT, "last_seen": AT}],
        "stars": [
            {**opening, "starred": AT, "in_case_of": secrets["session"], "stays_in_case": True},
            {**hidden, "starred": AT, "in_case_of": None, "stays_in_case": False},
        ],
        "star_log": [
            {**opening, **logged},
            {**hidden, **logged},
            {**close, **logged},
            {**close, **logged, "through": "caldav", "starred": False, "in_case_of": opening["session"]},
        ],
        "calendars": [
            {
                "name": "Phone",
                "kind": "feed",
                "created": AT,
                "revoked": None,
                "begins_with": CalendarKey.objects.get(user__email="alice@example.org").lookup,
                "options": {"alarm": 5},
                "collections": [],
                "user_names": [],
                "properties": {"order": "3"},
                "last_fetched": AT,
                "last_client": "",
                "last_version": "",
                "last_options": None,
                "fetched_every": 900,
            }
        ],
        "notices": [{**opening, "changed": AT, "begun": AT, "sent": AT}],
        "edits": [{**opening, "at": AT, "changes": {"room": ["A", "B"]}, "note": "Bigger."}],
        "plans": [{"event": "forum", "made": AT, "title": "Later", "state": "waiting", "note": "In hall B."}],
        "published_plans": [{"event": "forum", "at": AT, "title": "Later", "note": "In hall B."}],
        "announcements": [{"event": "forum", "made": AT, "start": DAY, "end": EVENING, "text": "Lunch."}],
        "other_edits": [{"event": "forum", "at": AT, "what": "room B", "changes": {"name": ["A", "B"]}}],
        "events_edited": [{"event": "forum", "invited": AT, "as": "alice@example.org"}],
        "invitations": [{"event": "forum", "invited": AT}],
        "left_findings": [{"event": "forum", "at": AT, "kind": "no-room"}],
        "editing_log": [{"at": AT, "what": "Opening", "action": "Changed."}],
        "account_log": [{"at": AT, "what": "alice@example.org", "action": "Changed."}],
    }


def test_every_section_is_where_a_person_has_a_place(files):
    sections = json.loads(files["data.json"])

    assert sections.keys() - set(EXPORTED.values()) == {"authenticator_app", "recovery_codes"}  # with the passkeys
    assert all(sections.values())


def test_readme_names_every_field_in_order(files):
    section, named = "", []
    for line in files["README.txt"].partition("\n\n\n")[2].splitlines():
        if heading := re.match(r"(\w+): \S", line):
            section = heading[1]
            named.append(section)
        elif field := re.match(r"  (\w+) +\S", line):
            named.append(f"{section}.{field[1]}")

    assert named == key_paths(json.loads(files["data.json"]))


def test_nothing_secret_and_nothing_of_bob_is_in_it(files, alice):
    everything = "".join(files.values())

    key = CalendarKey.objects.get(user=alice)
    assert "bob@" not in everything
    assert SECRET not in everything
    assert alice.password not in everything
    assert PASSWORD not in everything
    assert key.digest not in everything


def test_calendars_user_name_is_in_it_whatever_the_address_is_now(client, alice):
    CalendarKey.objects.issue(alice, name="Phone", once="form", kind="caldav")
    alice.email = "alice@elsewhere.example"
    alice.save()
    client.force_login(alice)

    (calendar,) = json.loads(unpacked(client)["data.json"])["calendars"]

    assert calendar["user_names"] == ["alice@example.org"]


def test_session_keys_are_not_in_it(client, alice):
    log_in(client, alice)

    assert client.session.session_key not in "".join(unpacked(client).values())


def test_calendar_is_that_of_a_feed(client, alice, talks):
    client.force_login(alice)
    star(alice, [talks[0].pk], through=StarLog.Through.PAGE)
    _, key = CalendarKey.objects.issue(alice, name="Phone", once="form")
    feed = Client().get(f"/calendar/{key}.ics")

    calendar = unpacked(client)["stars.ics"]

    assert "SUMMARY:Opening" in content_lines(feed)
    assert calendar == feed.content.decode()


def test_calendar_leaves_out_what_is_not_published(files):
    assert [line for line in files["stars.ics"].splitlines() if line.startswith("SUMMARY")] == ["SUMMARY:Opening"]


def test_editor_sees_what_is_not_published(client, editor, talks):
    client.force_login(editor)
    star(editor, [talks[1].pk], through=StarLog.Through.PAGE)
    Session.objects.update(is_published=False)

    assert [row["title"] for row in json.loads(unpacked(client)["data.json"])["stars"]] == ["Secrets"]


def test_new_account_has_every_section(client, alice):
    client.force_login(alice)

    data = json.loads(unpacked(client)["data.json"])

    assert data["authenticator_app"] == {"on": False, "created": None, "last_used": None}
    assert [name for name, rows in data.items() if not rows] == [
        "passkeys",
        "connected_accounts",
        "stars",
        "star_log",
        "calendars",
        "notices",
        "edits",
        "plans",
        "published_plans",
        "announcements",
        "other_edits",
        "events_edited",
        "invitations",
        "left_findings",
        "editing_log",
        "account_log",
    ]


def test_same_data_is_the_same_file(client, alice):
    client.force_login(alice)

    assert client.get(DOWNLOAD).getvalue() == client.get(DOWNLOAD).getvalue()


def test_answer_is_a_file_that_nobody_keeps(client, alice):
    client.force_login(alice)

    response = client.get(DOWNLOAD)

    assert response.getvalue().startswith(b"PK")
    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"] == 'attachment; filename="my-conference-agenda.zip"'
    assert response["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


def test_download_is_streamed_as_it_is(client, alice, monkeypatch):
    monkeypatch.setattr(my_data, "PORTION", 500)
    client.force_login(alice)

    response = client.get(DOWNLOAD, headers={"Accept-Encoding": "gzip"})

    portions = list(response.streaming_content)
    whole = b"".join(portions)
    assert (len(portions) > 2, {len(portion) for portion in portions[:-1]}) == (True, {500})
    assert zipfile.ZipFile(io.BytesIO(whole)).testzip() is None
    assert (response["Content-Length"], "Content-Encoding" in response.headers) == (str(len(whole)), False)


@pytest.mark.parametrize("taken", [0, 1, None])
def test_file_behind_a_download_is_closed_also_when_the_client_goes_away(alice, monkeypatch, taken):
    monkeypatch.setattr(my_data, "PORTION", 500)
    _, portions = my_data.archive(alice, b"")
    file = portions.gi_frame.f_locals["file"]

    list(islice(portions, taken))
    before = file.closed
    portions.close()

    assert (before, file.closed) == (taken is None, True)


def test_disk_that_is_full_is_said_before_anything_is_sent(client, alice, monkeypatch):
    def write(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    client.force_login(alice)
    client.raise_request_exception = False
    monkeypatch.setattr(zipfile.ZipFile, "writestr", write)

    assert client.get(DOWNLOAD).status_code == 503


def test_download_asks_for_sign_in_and_refuses_other_methods(client, alice):
    asked = client.get(DOWNLOAD)
    client.force_login(alice)

    assert asked["Location"] == f"/accounts/login/?next={DOWNLOAD}"
    assert client.post(DOWNLOAD).status_code == 405


@pytest.mark.parametrize("count", [1, 3])
def test_download_takes_as_many_queries_for_1_and_3(client, alice, talks, django_assert_num_queries, count):
    star(alice, [talk.pk for talk in talks[:count]], through=StarLog.Through.PAGE)
    client.force_login(alice)

    # Cookie session and user, one to count, two for the calendar, fifteen for the sections.
    with django_assert_num_queries(27):  # one of them for the speakers of sessions without a byline
        client.get(DOWNLOAD).getvalue()
