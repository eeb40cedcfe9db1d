"""Who gets what at every address of the site; a new address fails here until somebody has thought about it."""

from __future__ import annotations

import pytest
from django.test import Client

from agenda.editing.inviting import claim
from agenda.models import EventEditor, Session, Star
from tests.agenda.kvm_forum import add_event
from tests.forum.addresses import COOKIE, TOTP_SECRET, address, routes

pytestmark = pytest.mark.any_database

# What a visitor, Alice (whose things they are), Bob, an editor and a superuser are answered.
ALL = (200, 200, 200, 200, 200)
NOBODY = (404, 404, 404, 404, 404)
ELSEWHERE = (302, 302, 302, 302, 302)
MOVED = (301, 301, 301, 301, 301)
VISITORS = (200, 302, 302, 302, 302)
SIGNED_IN = (302, 200, 200, 200, 200)
SWITCHED_OFF = (302, 403, 403, 403, 403)
BY_KEY_ALONE = (401, 401, 401, 401, 401)
ALICE = (302, 200, 404, 404, 404)
ALICE_THEN_ELSEWHERE = (302, 302, 404, 404, 404)
ASKED_FOR_HER_SECOND_STEP = (302, 302, 200, 200, 200)  # Alice has an app
EDITORS = (302, 302, 302, 200, 200)
EDITORS_OF_UNPUBLISHED = (404, 404, 404, 200, 200)
EDITORS_ALONE = (404, 404, 404, 200, 200)
EDITORS_ALONE_THEN_ELSEWHERE = (404, 404, 404, 302, 302)
SUPERUSERS = (302, 302, 302, 403, 200)

EDITED = ("announcement", "event", "room", "session", "speaker", "track", "walk")
ROW = ("", "add/", "<path:object_id>/history/", "<path:object_id>/delete/", "<path:object_id>/change/")
ANSWERS: dict[str, tuple[int, ...]] = {
    "health/live": ALL,
    "health/ready": ALL,
    "robots.txt": ALL,
    "sitemap.xml": ALL,
    "favicon.ico": MOVED,
    "sw.js": ALL,
    "manifest.webmanifest": ALL,
    "media/<path:path>": ALL,
    "dev/mailbox/": NOBODY,
    "accounts/": SIGNED_IN,
    "accounts/login/": VISITORS,
    "accounts/logout/": SIGNED_IN,
    "accounts/inactive/": ALL,
    "accounts/signup/": VISITORS,
    "accounts/signup/passkey/": VISITORS,
    "accounts/reauthenticate/": SIGNED_IN,
    "accounts/reauthenticate/code/": SWITCHED_OFF,
    "accounts/reauthenticate/code/confirm/": SWITCHED_OFF,
    "accounts/email/": SIGNED_IN,
    "accounts/confirm-email/": ELSEWHERE,
    "accounts/password/change/": SIGNED_IN,
    "accounts/password/set/": ELSEWHERE,
    "accounts/password/reset/": ALL,
    "accounts/password/reset/confirm/": ELSEWHERE,
    "accounts/password/reset/complete/": ELSEWHERE,
    "accounts/password/reset/done/": ALL,
    "accounts/login/code/": VISITORS,
    "accounts/login/code/confirm/": ELSEWHERE,
    "accounts/2fa/": SIGNED_IN,
    "accounts/2fa/authenticate/": ELSEWHERE,
    "accounts/2fa/reauthenticate/": (302, 200, 302, 302, 302),
    "accounts/2fa/totp/activate/": (302, 302, 200, 200, 200),
    "accounts/2fa/totp/deactivate/": ALICE_THEN_ELSEWHERE,
    "accounts/2fa/recovery-codes/": (302, 404, 404, 404, 404),
    "accounts/2fa/recovery-codes/generate/": ASKED_FOR_HER_SECOND_STEP,
    "accounts/2fa/recovery-codes/download/": (302, 404, 404, 404, 404),
    "accounts/2fa/webauthn/": SIGNED_IN,
    "accounts/2fa/webauthn/add/": ASKED_FOR_HER_SECOND_STEP,
    "accounts/2fa/webauthn/reauthenticate/": (302, 200, 302, 302, 302),
    "accounts/2fa/webauthn/keys/<int:pk>/remove/": ALICE_THEN_ELSEWHERE,
    "accounts/2fa/webauthn/keys/<int:pk>/edit/": ALICE_THEN_ELSEWHERE,
    "accounts/2fa/webauthn/login/": ELSEWHERE,
    "accounts/2fa/webauthn/signup/": ELSEWHERE,
    "accounts/3rdparty/": SIGNED_IN,
    "accounts/3rdparty/signup/": ELSEWHERE,
    "accounts/3rdparty/login/cancelled/": ALL,
    "accounts/3rdparty/login/error/": (401, 401, 401, 401, 401),
    "accounts/social/login/cancelled/": MOVED,
    "accounts/social/login/error/": MOVED,
    "accounts/social/signup/": MOVED,
    "accounts/social/connections/": MOVED,
    "accounts/github/login/": NOBODY,
    "accounts/github/login/callback/": NOBODY,
    "accounts/google/login/": NOBODY,
    "accounts/google/login/callback/": NOBODY,
    "accounts/google/login/token/": NOBODY,
    "accounts/oidc/<provider_id>/login/callback/": NOBODY,
    "accounts/oidc/^(?P<provider_id>[^/]+)/login/": NOBODY,
    "accounts/oidc/^(?P<provider_id>[^/]+)/login/callback/": NOBODY,
    "accounts/data/download": SIGNED_IN,
    "accounts/data/delete": SIGNED_IN,
    "accounts/sessions/": ELSEWHERE,
    "POST accounts/sessions/<int:pk>/end": ALICE_THEN_ELSEWHERE,
    "admin/": EDITORS,
    "admin/login/": (302, 403, 403, 302, 302),
    "admin/logout/": (302, 302, 302, 405, 405),
    "admin/password_change/": ELSEWHERE,
    "admin/password_change/done/": EDITORS,
    "admin/autocomplete/": (302, 302, 302, 403, 403),
    "admin/jsi18n/": EDITORS,
    "admin/r/<path:content_type_id>/<path:object_id>/": ELSEWHERE,
    **{f"admin/accounts/user/{row}": SUPERUSERS for row in ROW},
    "admin/accounts/user/<path:object_id>/": ELSEWHERE,
    **{f"admin/agenda/{model}/{row}": EDITORS for model in EDITED for row in ROW},
    **{f"admin/agenda/{model}/<path:object_id>/": ELSEWHERE for model in EDITED},
    "admin/^(?P<app_label>accounts|agenda)/$": EDITORS,
    "admin/(?P<url>.*)$": (302, 302, 302, 404, 404),
    "": ELSEWHERE,
    "events/": ALL,
    "agenda/": ALL,
    "POST agenda/rank/<uuid:first>/<uuid:other>": (302, 422, 422, 422, 422),
    "POST agenda/unrank/<uuid:guid>": ELSEWHERE,
    "POST agenda/keep-in-case/<uuid:guid>": (302, 422, 422, 422, 422),
    "POST agenda/choose/<int:box>": (422, 422, 422, 422, 422),  # nothing is picked
    "POST agenda/seen/<slug:event_slug>": ELSEWHERE,
    "agenda/free/<slug:event_slug>/": ELSEWHERE,
    "agenda/calendars/": SIGNED_IN,
    "agenda/calendars/<uuid:key_id>/": ALICE,
    "agenda/calendars/add/here/": ELSEWHERE,
    "agenda/calendars/add/<slug:place_slug>/": SIGNED_IN,
    "POST agenda/calendars/tidy": ELSEWHERE,
    "POST agenda/calendars/add": (302, 422, 422, 422, 422),
    "POST agenda/calendars/<uuid:key_id>/rename": (302, 422, 404, 404, 404),
    "POST agenda/calendars/<uuid:key_id>/choose": (302, 422, 404, 404, 404),
    "agenda/apps/": ALL,
    "POST agenda/apps/read": (422, 422, 422, 422, 422),  # nothing is in it
    "POST agenda/apps/star": ELSEWHERE,
    "agenda/now/": ELSEWHERE,
    "agenda/stars": ALL,
    "agenda/stars.csv": ALL,
    "agenda/notices/": SIGNED_IN,
    "agenda/notices/stop": NOBODY,  # without the token of the mail that it stands in
    "agenda/time-zone/": ALL,
    "calendar/<str:key>.ics": ALL,
    "calendar/<str:key>.json": ALL,
    ".well-known/caldav": MOVED,
    ".well-known/caldav/": MOVED,
    "dav": BY_KEY_ALONE,
    "dav/": BY_KEY_ALONE,
    "dav/<path:path>": BY_KEY_ALONE,
    "<slug:event_slug>/": ALL,
    "<slug:event_slug>/edit/": EDITORS_ALONE,
    "edit/import/": EDITORS_ALONE,
    "<slug:event_slug>/edit/import/": EDITORS_ALONE,
    "<slug:event_slug>/edit/plans/<uuid:plan_id>/": EDITORS_ALONE,
    "<slug:event_slug>/edit/plans/<uuid:plan_id>/reading/": EDITORS_ALONE_THEN_ELSEWHERE,
    "<slug:event_slug>/edit/batches/<int:batch_id>/": EDITORS_ALONE,
    "POST <slug:event_slug>/edit/batches/<int:batch_id>/put-back/": EDITORS_ALONE_THEN_ELSEWHERE,
    "<slug:event_slug>/edit/board/": EDITORS_ALONE,
    "<slug:event_slug>/edit/morning/": EDITORS_ALONE,
    "<slug:event_slug>/edit/morning/talks/<slug:slug>/": EDITORS_ALONE,
    "<slug:event_slug>/edit/morning/talks/<slug:slug>/note/": EDITORS_ALONE,
    "<slug:event_slug>/edit/morning/rooms/<slug:slug>/": EDITORS_ALONE,
    "<slug:event_slug>/edit/sessions/": EDITORS_ALONE,
    "<slug:event_slug>/edit/history/": EDITORS_ALONE,
    "<slug:event_slug>/edit/sessions/add/": EDITORS_ALONE,
    "<slug:event_slug>/edit/walking/": EDITORS_ALONE,
    "<slug:event_slug>/edit/announcements/": EDITORS_ALONE,
    "<slug:event_slug>/edit/announcements/<int:announcement_id>/": EDITORS_ALONE,
    "POST <slug:event_slug>/edit/announcements/<int:announcement_id>/end": EDITORS_ALONE_THEN_ELSEWHERE,
    "<slug:event_slug>/edit/delete/": EDITORS_ALONE,
    "POST <slug:event_slug>/edit/state": EDITORS_ALONE_THEN_ELSEWHERE,
    "POST <slug:event_slug>/edit/listing": EDITORS_ALONE_THEN_ELSEWHERE,
    "POST <slug:event_slug>/edit/editors/invite": (404, 404, 404, 422, 422),  # without an address
    "POST <slug:event_slug>/edit/editors/<int:editor_id>/withdraw": EDITORS_ALONE_THEN_ELSEWHERE,
    "POST <slug:event_slug>/edit/history/rows/<int:row_revision_id>/put-back": EDITORS_ALONE_THEN_ELSEWHERE,
    "POST <slug:event_slug>/edit/move": EDITORS_ALONE_THEN_ELSEWHERE,
    "POST <slug:event_slug>/edit/history/<int:revision_id>/put-back": EDITORS_ALONE_THEN_ELSEWHERE,
    "POST <slug:event_slug>/edit/findings/leave": EDITORS_ALONE_THEN_ELSEWHERE,
    "POST <slug:event_slug>/edit/findings/ask-again": EDITORS_ALONE_THEN_ELSEWHERE,
    "POST <slug:event_slug>/edit/findings/mend": EDITORS_ALONE_THEN_ELSEWHERE,
    "POST <slug:event_slug>/edit/sources/<int:source_id>/policy": EDITORS_ALONE_THEN_ELSEWHERE,
    "POST <slug:event_slug>/edit/sources/<int:source_id>/fetch": EDITORS_ALONE_THEN_ELSEWHERE,
    "POST <slug:event_slug>/edit/sources/<int:source_id>/stop": EDITORS_ALONE_THEN_ELSEWHERE,
    "POST <slug:event_slug>/edit/sources/<int:source_id>/follow": EDITORS_ALONE_THEN_ELSEWHERE,
    "<slug:event_slug>/now/": ALL,
    "<slug:event_slug>/version": ALL,
    "<slug:event_slug>/offline/": ALL,
    "<slug:event_slug>/changes/": ALL,
    "<slug:event_slug>/changes.atom": ALL,
    "<slug:event_slug>/apps/": ALL,
    "<slug:event_slug>/schedule.ics": ALL,
    **{f"<slug:event_slug>/schedule.{kind}": ALL for kind in ("xml", "json", "xcal", "csv", "xlsx")},
    "<slug:event_slug>/speakers/": ALL,
    "<slug:event_slug>/speakers/<slug:slug>/": ALL,
    "<slug:event_slug>/sessions/<slug:slug>/": ALL,
    "POST <slug:event_slug>/sessions/<slug:slug>/star": ELSEWHERE,
    "POST <slug:event_slug>/sessions/<slug:slug>/unstar": ELSEWHERE,
    "<slug:event_slug>/sessions/<slug:slug>.ics": ALL,
    # Last, as they close the feed.
    "POST agenda/calendars/<uuid:key_id>/renew": ALICE,
    "POST agenda/calendars/<uuid:key_id>/revoke": ALICE_THEN_ELSEWHERE,
    "POST agenda/calendars/<uuid:key_id>/reopen": ALICE_THEN_ELSEWHERE,
    "POST accounts/calendars/close": ELSEWHERE,
}
OUT_OF_REACH = (
    *(
        "auth/group",
        "auth/permission",
        "accounts/calendarkey",
        "accounts/counter",
        "accounts/sessionowner",
        "agenda/star",
        "agenda/starlog",
        "agenda/sessionrevision",
        "agenda/rowrevision",
        "agenda/eventeditor",
    ),
    *("account/emailaddress", "mfa/authenticator", "usersessions/usersession", "sessions/session", "admin/logentry"),
    *("socialaccount/socialaccount", "socialaccount/socialtoken", "socialaccount/socialapp"),
)


def answer(browser: Client, entry: str, things: dict[str, object]) -> int:
    """The status at an entry of the table; a file is read to its end, and so closed."""
    method, _, route = entry.rpartition(" ")
    response = (browser.post if method else browser.get)(address(route, things))
    b"".join(response)
    return response.status_code


def test_every_address_has_its_entry():
    assert {entry.rpartition(" ")[2] for entry in ANSWERS} == set(routes())


def test_everybody_gets_what_the_table_says(browsers, things):
    answers = {
        entry: tuple(answer(browsers[name], entry, things) for name in ("visitor", "bob", "editor", "root", "alice"))
        for entry in ANSWERS
    }

    # Alice comes last: what she revokes and ends is gone after her.
    in_order = {entry: (visitor, alice, *others) for entry, (visitor, *others, alice) in answers.items()}
    assert {entry: found for entry, found in in_order.items() if found != ANSWERS[entry]} == {}


def test_editor_of_one_event_finds_nothing_of_another_one(browsers, things, bob):
    own = add_event("autumn", "Europe/Berlin", "2026-09-01", "2026-09-02")
    EventEditor.objects.create(event=own, email=bob.email)
    claim(bob)
    edited = [entry for entry in ANSWERS if "<slug:event_slug>/edit/" in entry]
    of_rows = [entry for entry in edited if entry.count("<") > 1]
    here = things | {"event_slug": own.slug}

    through_their_own = {entry: answer(browsers["bob"], entry, here) for entry in edited}
    pages_sent_to = {entry: answer(browsers["bob"], f"POST {entry.rpartition(' ')[2]}", here) for entry in of_rows}
    of_the_other = {answer(browsers["bob"], entry, things) for entry in edited}

    assert {entry: through_their_own[entry] for entry in of_rows} == dict.fromkeys(of_rows, 404)
    assert {entry for entry, found in pages_sent_to.items() if found not in (404, 405)} == set()
    assert (through_their_own["<slug:event_slug>/edit/"], of_the_other) == (200, {404})


@pytest.mark.parametrize("entry", [entry for entry in ANSWERS if "sessions/<slug:slug>" in entry])
def test_unpublished_session_is_there_for_editors_alone(browsers, things, entry):
    Session.objects.update(is_published=False)

    answers = tuple(answer(browser, entry, things) for browser in browsers.values())

    expected = (404, 404, 404, 302, 302) if entry.startswith("POST") else EDITORS_OF_UNPUBLISHED
    assert answers == expected


def test_speaker_of_unpublished_sessions_is_there_for_editors_alone(browsers, things):
    Session.objects.update(is_published=False)

    answers = tuple(answer(each, "<slug:event_slug>/speakers/<slug:slug>/", things) for each in browsers.values())

    assert answers == EDITORS_OF_UNPUBLISHED


@pytest.mark.parametrize("name", ["visitor", "alice", "bob", "editor", "root"])
def test_forged_form_changes_nothing_anywhere(browsers, things, name):
    browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
    browser.cookies = browsers[name].cookies

    answers = {route: browser.post(address(route, things)).status_code for route in routes()}

    # Google's own form cannot have our token; with Google's keys set, allauth compares the one in Google's cookie.
    # Nor can a mail program's: who it is for stands in a signed token of its own.
    others = {"accounts/google/login/token/": 404, "agenda/notices/stop": 404}
    # A calendar program's password comes with each request, and no cookie opens what it does.
    others |= {"dav": 401, "dav/": 401, "dav/<path:path>": 401, ".well-known/caldav": 301}
    others |= {".well-known/caldav/": 301}
    # Monitoring is answered before anybody's form is looked at; it takes none.
    others |= {"health/live": 405, "health/ready": 405}
    assert answers == {**dict.fromkeys(answers, 403), **others}


def test_editing_pages_show_no_secret_and_nobodys_stars_to_a_superuser(browsers, things, alice):
    alice.refresh_from_db()
    key = str(things["key"])
    hidden = [key[:8], key[8:], TOTP_SECRET, COOKIE, alice.password, alice.calendar_keys.get().digest, "192.0.2.7"]
    others = Star.objects.get(user=alice).session.title

    pages = {
        route: browsers["root"].get(address(route, things), follow=True) for route in routes() if "admin/" in route
    }

    shown = {route: [word for word in hidden if word in response.content.decode()] for route, response in pages.items()}
    assert {route: words for route, words in shown.items() if words} == {}
    assert [route for route in pages if "accounts/user" in route and others in pages[route].content.decode()] == []


def test_editor_cannot_make_themselves_a_superuser(browsers, things, editor):
    for verb in ("change", "delete"):
        browsers["editor"].post(f"/admin/accounts/user/{editor.pk}/{verb}/", {"is_superuser": "on", "post": "yes"})

    editor.refresh_from_db()
    assert (editor.is_superuser, editor.groups.count(), editor.user_permissions.count()) == (False, 1, 0)


@pytest.mark.parametrize("name", ["editor", "root"])
def test_rights_keys_stars_and_devices_have_no_editing_page(browsers, name):
    pages = [f"/admin/{model}/{page}" for model in OUT_OF_REACH for page in ("", "add/", "1/change/")]

    assert {browsers[name].get(page).status_code for page in pages} == {404}
