"""What every answer of the site tells the browser to refuse, whatever the answer is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as site_settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from accounts.limits import TooOften
from forum.urls import handler429
from forum.urls import urlpatterns as site
from tests.forum.addresses import address, routes

pytestmark = pytest.mark.any_database

POLICY = {
    **dict.fromkeys(("default-src", "base-uri", "frame-ancestors"), "'none'"),
    **dict.fromkeys(("script-src", "style-src", "connect-src", "worker-src", "manifest-src", "form-action"), "'self'"),
    "img-src": "'self' data:",
}
MEDIA_POLICY = {"default-src": "'none'", "frame-ancestors": "'none'", "sandbox": ""}
WORKERS_POLICY = {"default-src": "'none'", "connect-src": "'self'"}
HEADERS = {
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
ALLOWED = ["clipboard-write", "publickey-credentials-create", "publickey-credentials-get"]
DENIED = ["camera", "geolocation", "microphone", "payment", "usb", "browsing-topics"]


def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError


def too_often(request: HttpRequest) -> HttpResponse:
    raise TooOften(60)


urlpatterns = [path("x/forbidden", forbidden), path("x/broken", broken), path("x/too-often", too_often), *site]
__all__ = ["handler429", "urlpatterns"]


def policy_of(response: HttpResponse) -> dict[str, str]:
    parts = (part.strip() for part in response["Content-Security-Policy"].split(";"))
    return dict(part.partition(" ")[::2] for part in parts)


def permissions_of(response: HttpResponse) -> dict[str, str]:
    return dict(part.strip().split("=") for part in response["Permissions-Policy"].split(","))


def faults_of(response: HttpResponse, policy: dict[str, str] = POLICY) -> list[str]:
    """The headers that are missing or say something else."""
    permissions = permissions_of(response)
    wrong = [name for name, value in HEADERS.items() if response.get(name) != value]
    wrong += [] if policy_of(response) == policy else ["Content-Security-Policy"]
    wrong += [name for name in ALLOWED if permissions.get(name) != "(self)"]
    return wrong + [name for name in DENIED if permissions.get(name) != "()"]


@pytest.mark.parametrize("name", ["visitor", "alice", "root"])
def test_every_address_has_every_header(browsers, things, name):
    answers = {route: browsers[name].get(address(route, things)) for route in routes()}

    faults = {
        route: faults_of(response, {"media/<path:path>": MEDIA_POLICY, "sw.js": WORKERS_POLICY}.get(route, POLICY))
        for route, response in answers.items()
    }
    key_page = browsers["alice"].post("/agenda/calendars/add", {"place": "other"})
    answers["media/<path:path>"].close()  # last: it ends a request, and with it PostgreSQL's connection
    assert {route: wrong for route, wrong in faults.items() if wrong} == {}
    assert faults_of(key_page) == ["Referrer-Policy"]
    assert key_page["Referrer-Policy"] == "no-referrer"


@pytest.mark.django_db
@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("address", "status", "about"),
    [
        ("/", 400, {"headers": {"host": "elsewhere.example"}}),
        ("/x/forbidden", 403, {}),
        ("/nothing/", 404, {}),
        ("/agenda/calendars/add", 405, {}),
        ("/agenda/", 413, {"CONTENT_LENGTH": "10000000"}),
        ("/x/too-often", 429, {}),
        ("/x/broken", 500, {}),
        ("/static/forum/favicon.svg", 200, {}),
        ("/static/forum/nothing.svg", 404, {}),
    ],
)
def test_refusals_and_files_have_every_header(address, status, about):
    client = Client(raise_request_exception=False)

    response = client.get(address, **about)

    b"".join(response)
    assert (response.status_code, faults_of(response)) == (status, [])


@pytest.mark.django_db
def test_refused_form_has_every_header():
    response = Client(enforce_csrf_checks=True).post("/agenda/time-zone/")

    assert (response.status_code, faults_of(response)) == (403, [])


def test_no_policy_lets_anything_inline_run():
    text = json.dumps(site_settings.CONTENT_SECURITY_POLICY)

    assert [word for word in ("unsafe", "http:", "https:", "*") if word in text] == []


ASK = """
import json, django
from django.conf import settings
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
django.setup()
from django.core.management import call_command
from django.test import Client
call_command("migrate", verbosity=0)
plain = Client(SERVER_NAME="agenda.example.org").get("/agenda/", headers={"X-Forwarded-Proto": "http"})
client = Client(SERVER_NAME="agenda.example.org", headers={"X-Forwarded-Proto": "https"})
client.post("/agenda/time-zone/", {"time_zone": "Europe/Paris", "next": "/"})
page = client.get("/accounts/login/")
visitor = Client(SERVER_NAME="agenda.example.org", headers={"X-Forwarded-Proto": "https"})
visitor.get("/accounts/login/")
print(json.dumps({
    "redirect": [plain.status_code, plain["Location"]],
    "plain": dict(plain.headers),
    "secure": dict(page.headers),
    "cookies": {name: dict(cookie) for each in (client, visitor) for name, cookie in each.cookies.items()},
    "hashers": settings.PASSWORD_HASHERS,
    "origins": settings.CSRF_TRUSTED_ORIGINS,
}))
"""


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What the site answers in production; its settings are made once, when they are read: it takes its own process."""
    var = tmp_path_factory.mktemp("var")
    environment = os.environ | {
        "SITE_URL": "https://agenda.example.org",
        "TRUSTED_PROXY_COUNT": "1",
        "DATABASE_URL": f"sqlite:///{var}/db.sqlite3",
        "VAR_DIR": str(var),
        "LOG_LEVEL": "CRITICAL",
        "DJANGO_SETTINGS_MODULE": "forum.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env=environment,
        cwd=Path(site_settings.BASE_DIR),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_production_leads_to_https_and_stays_there(production):
    hsts = "max-age=31536000"

    assert production["redirect"] == [301, "https://agenda.example.org/agenda/"]
    assert production["secure"]["Strict-Transport-Security"] == hsts
    assert "Strict-Transport-Security" not in production["plain"]  # browsers must ignore it there
    assert production["plain"]["Content-Security-Policy"] == production["secure"]["Content-Security-Policy"]


def test_production_cookies_belong_to_this_host_alone(production):
    kept = {
        name: (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"])
        for name, cookie in production["cookies"].items()
    }

    assert kept == dict.fromkeys(
        ["__Host-sessionid", "__Host-csrftoken", "__Host-browser"], (True, True, "Lax", "/", "")
    )


def test_production_hashes_passwords_with_argon2_and_trusts_its_own_forms(production):
    assert production["hashers"][0] == "django.contrib.auth.hashers.Argon2PasswordHasher"
    assert production["origins"] == ["https://agenda.example.org"]
