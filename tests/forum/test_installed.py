"""The worker and the manifest: what makes the site an app on a phone."""

from __future__ import annotations

from pathlib import Path

from django.contrib.staticfiles import finders
from PIL import Image

from forum import installed


def test_worker_is_another_one_when_a_file_is(client, monkeypatch):
    first = client.get("/sw.js")

    assert (first["Content-Type"], first["Cache-Control"]) == ("text/javascript", "no-cache")
    assert first["Content-Security-Policy"] == "default-src 'none'; connect-src 'self'"
    assert client.get("/sw.js", headers={"If-None-Match": first["ETag"]}).status_code == 304
    monkeypatch.setattr(installed, "static", lambda name: f"/static/{name}?newer")
    second = client.get("/sw.js")
    assert second["ETag"] != first["ETag"]
    assert '"/static/forum/site.css?newer"' in second.content.decode()


def test_switched_off_the_worker_takes_itself_away(client, settings, db):
    settings.OFFLINE = False

    assert "unregister()" in client.get("/sw.js").content.decode()
    assert b"data-worker" not in client.get("/accounts/login/").content
    settings.OFFLINE = True
    assert b'data-worker="/sw.js"' in client.get("/accounts/login/").content


def test_manifest_opens_my_agenda_with_icons_of_these_sizes(client, settings):
    settings.SITE_NAME = "Talks & more"
    response = client.get("/manifest.webmanifest")
    about = response.json()

    assert (response["Content-Type"], response["Cache-Control"]) == (
        "application/manifest+json",
        "public, max-age=86400",
    )
    assert (about["name"], about["start_url"], about["display"]) == ("Talks & more", "/agenda/", "standalone")
    assert {each["name"]: each["url"] for each in about["shortcuts"]} == {
        "Now": "/agenda/now/",
        "My agenda": "/agenda/",
    }
    for icon in about["icons"]:
        with Image.open(Path(finders.find(icon["src"].removeprefix("/static/")))) as image:
            assert f"{image.width}x{image.height}" == icon["sizes"]
    assert [each["purpose"] for each in about["icons"]] == ["any", "any", "maskable"]


def test_session_that_is_over_takes_along_what_the_browser_keeps(client, alice):
    client.force_login(alice)
    page = client.get("/accounts/")
    out = client.post("/accounts/logout/")
    stale = type(client)(headers={"Cookie": "sessionid=ended-elsewhere"}).get("/accounts/")

    assert "Clear-Site-Data" not in page
    assert out["Clear-Site-Data"] == stale["Clear-Site-Data"] == '"storage"'
