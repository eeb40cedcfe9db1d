"""The server's secrets change, as docs/security.md says, and the calendars go on."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from accounts.models import CalendarKey

OLD, NEW, OLDEST = ("-".join([word] * 12) for word in ("old", "new", "oldest"))


@pytest.fixture
def addresses(alice, settings) -> dict[str, str]:
    """A calendar made under the oldest of the secrets, and one under the one that followed."""
    keys = {}
    for name, secrets in {"tablet": [OLDEST], "phone": [OLD, OLDEST]}.items():
        settings.CALENDAR_SECRETS = secrets
        _, keys[name] = CalendarKey.objects.issue(alice, name=name, once=name)
    return {name: f"/calendar/{key}.ics" for name, key in keys.items()}


def statuses(client, addresses: dict[str, str]) -> list[int]:
    return [client.get(address).status_code for address in addresses.values()]


def test_calendars_open_under_each_secret_that_is_listed(client, addresses, settings):
    settings.CALENDAR_SECRETS = [NEW, OLD, OLDEST]

    assert statuses(client, addresses) == [200, 200]


def test_secret_that_is_struck_off_closes_its_calendars_alone(client, addresses, settings):
    settings.CALENDAR_SECRETS = [NEW, OLD]

    assert statuses(client, addresses) == [404, 200]


def test_new_calendars_are_under_the_first(client, alice, addresses, settings):
    settings.CALENDAR_SECRETS = [NEW, OLD, OLDEST]
    _, key = CalendarKey.objects.issue(alice, name="Laptop", once="laptop")
    settings.CALENDAR_SECRETS = [NEW]

    assert client.get(f"/calendar/{key}.ics").status_code == 200
    assert statuses(client, addresses) == [404, 404]


@pytest.mark.parametrize(
    ("fallbacks", "status"), [([], 302), (["the one before"], 200)], ids=["and all log in again", "and all stay in"]
)
def test_secret_key_changes_and_calendars_go_on(client, alice, addresses, settings, fallbacks, status):
    settings.CALENDAR_SECRETS = [OLD, OLDEST]
    settings.SECRET_KEY = "the one before"
    client.force_login(alice)
    assert client.get("/accounts/").status_code == 200

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", fallbacks

    assert statuses(client, addresses) == [200, 200]
    assert client.get("/accounts/").status_code == status


@pytest.mark.parametrize(
    ("listed", "secrets"), [("", "['the secret key']"), ("new,the secret key", "['new', 'the secret key']")]
)
def test_secret_key_is_the_calendars_secret_until_they_have_their_own(settings, tmp_path, listed, secrets):
    environment = {"SECRET_KEY": "the secret key", "CALENDAR_SECRETS": listed, "VAR_DIR": str(tmp_path)}
    show = "from forum import settings; print(settings.CALENDAR_SECRETS)"

    done = subprocess.run(
        [sys.executable, "-c", show],
        env=os.environ | environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == secrets
