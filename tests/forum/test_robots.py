"""What search engines and calendar robots are told."""

from __future__ import annotations

from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import pytest

from agenda.models import Session, Speaker

pytestmark = pytest.mark.any_database

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture
def robots(client):
    parser = RobotFileParser()
    parser.parse(client.get("/robots.txt").content.decode().splitlines())
    return parser


def locations(client) -> dict[str, str | None]:
    """Each page's path and when it changed."""
    root = ElementTree.fromstring(client.get("/sitemap.xml").content)  # noqa: S314 (written by ourselves)
    return {
        url.findtext(f"{SITEMAP}loc").removeprefix("http://testserver"): url.findtext(f"{SITEMAP}lastmod")
        for url in root
    }


@pytest.mark.parametrize("agent", ["Google-Calendar-Importer", "Googlebot", "anything"])
@pytest.mark.parametrize(
    "path", ["/calendar/KEY.ics", "/", "/kvm-forum-2019/", "/kvm-forum-2019/schedule.ics", "/static/x.css"]
)
def test_robots_may_fetch_calendars_and_programme(robots, agent, path):
    assert robots.can_fetch(agent, path)


@pytest.mark.parametrize("path", ["/accounts/login/", "/admin/", "/agenda/", "/agenda/calendars/"])
def test_robots_are_kept_from_what_is_personal(robots, path):
    assert not robots.can_fetch("Googlebot", path)


def test_robots_are_told_where_the_sitemap_is(client, robots):
    assert robots.site_maps() == ["http://testserver/sitemap.xml"]
    assert client.get("/robots.txt")["Content-Type"] == "text/plain; charset=utf-8"
    assert client.post("/robots.txt").status_code == 405


def test_sitemap_has_every_public_page(client, kvm_forum):
    found = locations(client)

    assert found.keys() == {
        "/kvm-forum-2019/",
        *(session.get_absolute_url() for session in Session.objects.all()),
        *(speaker.get_absolute_url() for speaker in Speaker.objects.all()),
    }
    assert {client.get(path).status_code for path in found} == {200}


def test_sitemap_says_when_a_session_changed(client, kvm_forum):
    session = Session.objects.earliest("start")

    assert locations(client)[session.get_absolute_url()] == "2019-10-01"


def test_sitemap_has_nothing_unpublished(client, kvm_forum):
    Session.objects.exclude(title__startswith="Hybird").update(is_published=False)

    assert set(locations(client)) == {
        "/kvm-forum-2019/",
        "/kvm-forum-2019/sessions/hybird2-nested-vm-io-performance-tuning/",
        "/kvm-forum-2019/speakers/chao-peng/",
        "/kvm-forum-2019/speakers/tianyu-lan/",
    }


def test_favicon_is_found_at_its_old_address(client, db):
    response = client.get("/favicon.ico")

    assert (response.status_code, response["Location"]) == (301, "/static/forum/favicon-32.png")
