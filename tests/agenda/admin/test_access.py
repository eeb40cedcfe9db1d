"""Who comes into /admin/, and what stays hidden there from everybody."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission

from agenda.models import Star, StarLog
from tests.agenda.admin.conftest import BACKEND
from tests.agenda.admin.editing import address, page

pytestmark = pytest.mark.any_database

HIDDEN = ["accounts.CalendarKey", "agenda.SessionRevision", "agenda.Star", "agenda.StarLog"]


def test_visitor_is_sent_to_the_sites_own_sign_in(client, db):
    response = client.get("/admin/agenda/session/", follow=True)

    assert response.redirect_chain[-1] == ("/accounts/login/?next=%2Fadmin%2Fagenda%2Fsession%2F", 302)


def test_attendee_is_refused(client, alice):
    client.force_login(alice, backend=BACKEND)

    assert client.get("/admin/", follow=True).status_code == 403


def test_editor_finds_the_programme_and_nothing_else(desk):
    index = page(desk.get("/admin/"))

    assert index.one("h1").text == "Programme"
    assert [row.one("th").text for row in index.one("main").all("tr") if row.all("th", scope="row")] == [
        *("Announcements", "Events", "Rooms", "Sessions", "Speakers", "Tracks", "Walking times")
    ]


def test_editing_pages_lead_back_to_the_site(desk):
    assert page(desk.get("/admin/")).link("View site") == "/"


@pytest.mark.parametrize("at", ["accounts/user/", "accounts/user/add/", "accounts/user/1/change/"])
def test_editor_sees_no_accounts(desk, at):
    assert desk.get(f"/admin/{at}").status_code == 403


def test_editor_is_offered_no_accounts_to_choose_from(desk):
    asked = {"app_label": "agenda", "model_name": "star", "field_name": "user", "term": ""}

    assert desk.get("/admin/autocomplete/", asked).status_code == 403


def test_what_libraries_would_show_has_no_page():
    assert sorted(model._meta.label for model in admin.site._registry) == [
        *(
            "accounts.User",
            "agenda.Announcement",
            "agenda.Event",
            "agenda.Room",
            "agenda.Session",
            "agenda.Speaker",
            "agenda.Track",
            "agenda.Walk",
        )
    ]


@pytest.mark.parametrize("model", HIDDEN)
def test_stars_keys_and_revisions_have_no_page(model):
    assert not admin.site.is_registered(apps.get_model(model))


@pytest.mark.parametrize(
    "lookup",
    [
        "agenda/session/?stars__user__email__startswith=a",
        "agenda/session/?stars__user=1",
        "agenda/session/?stars__user_id=1",
        "agenda/session/?stars=1",
        "agenda/session/?stars__isnull=1",
        "agenda/session/?star_log__user=1",
        "agenda/session/?star_log__starred=1",
        "agenda/session/?revisions__by=1",
        "agenda/session/?event__sessions__stars__user=1",
        "agenda/session/?speakers__sessions__stars__user=1",
        "agenda/event/?sessions__stars__user=1",
        "agenda/event/?sessions__stars=1",
        "agenda/speaker/?sessions__stars__user=1",
        "agenda/speaker/?appearances__session__stars__user__email__startswith=a",
        "agenda/room/?sessions__stars__user=1",
        "agenda/track/?sessions__stars__user=1",
        "accounts/user/?stars__session=1",
        "accounts/user/?stars=1",
        "accounts/user/?star_log__session=1",
        "accounts/user/?calendar_keys__lookup__startswith=a",
        "accounts/user/?calendar_keys__isnull=0",
        "accounts/user/?password__startswith=a",
        "accounts/user/?groups__user__stars__session=1",
    ],
)
def test_no_list_tells_who_starred_what(root_desk, alice, opening, lookup):
    Star.objects.create(user=alice, session=opening)
    StarLog.objects.create(user=alice, session=opening, starred=True, through="page")

    assert root_desk.get(f"/admin/{lookup}").status_code == 400


def test_lookup_with_a_nul_is_refused(desk, kvm_forum):
    assert desk.get("/admin/agenda/session/", {"status__exact": "a\0"}).status_code == 400


def test_who_may_only_look_changes_nothing(client, alice, opening):
    alice.is_staff = True
    alice.save()
    alice.user_permissions.add(Permission.objects.get(codename="view_session", content_type__app_label="agenda"))
    client.force_login(alice, backend=BACKEND)

    shown = page(client.get(address(opening)))

    assert shown.one("h1").text == "View session"
    assert shown.all("input", name="_save") == []
    assert client.post(address(opening), {"title": "Mine"}).status_code == 403
