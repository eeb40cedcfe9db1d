"""A profile for Apple's devices, read back as a property list."""

from __future__ import annotations

import plistlib
from uuid import UUID

import pytest

from agenda.formats.mobileconfig import caldav_profile

FIELDS = {
    "key": UUID("6f1c2a90-4f0e-4c5b-9a52-0d7c7d1f3b01"),
    "name": "My <agenda> & more",
    "server": "https://forum.example/dav/",
    "user_name": "alice@example.org",
    "password": "KEY",
}


def test_profile_adds_one_caldav_account():
    profile = plistlib.loads(caldav_profile(**FIELDS))

    (account,) = profile.pop("PayloadContent")
    assert profile == {
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadIdentifier": "forum.example.calendar.6f1c2a90-4f0e-4c5b-9a52-0d7c7d1f3b01",
        "PayloadUUID": "6F1C2A90-4F0E-4C5B-9A52-0D7C7D1F3B01",
        "PayloadDisplayName": "My <agenda> & more",
        "PayloadDescription": "Adds a calendar with the talks you starred. Removing this profile removes the calendar.",
    }
    assert account == {
        "PayloadType": "com.apple.caldav.account",
        "PayloadVersion": 1,
        "PayloadIdentifier": "forum.example.calendar.6f1c2a90-4f0e-4c5b-9a52-0d7c7d1f3b01.account",
        "PayloadUUID": account["PayloadUUID"],
        "CalDAVAccountDescription": "My <agenda> & more",
        "CalDAVHostName": "forum.example",
        "CalDAVPort": 443,
        "CalDAVUseSSL": True,
        "CalDAVPrincipalURL": "/dav/",
        "CalDAVUsername": "alice@example.org",
        "CalDAVPassword": "KEY",
    }


@pytest.mark.parametrize(
    ("server", "host", "port", "is_safe"),
    [
        ("http://127.0.0.1:8000/dav/", "127.0.0.1", 8000, False),
        ("http://forum.example/dav/", "forum.example", 80, False),
        ("https://forum.example:8443/dav/", "forum.example", 8443, True),
    ],
)
def test_server_is_taken_apart(server, host, port, is_safe):
    (account,) = plistlib.loads(caldav_profile(**FIELDS | {"server": server}))["PayloadContent"]

    assert (account["CalDAVHostName"], account["CalDAVPort"], account["CalDAVUseSSL"]) == (host, port, is_safe)


def test_same_key_gives_the_same_file_and_another_key_another_account():
    other = UUID("6f1c2a90-4f0e-4c5b-9a52-0d7c7d1f3b02")

    profiles = [plistlib.loads(caldav_profile(**FIELDS | {"key": key})) for key in (FIELDS["key"], other)]

    ids = {profile["PayloadUUID"] for profile in profiles}
    ids |= {profile["PayloadContent"][0]["PayloadUUID"] for profile in profiles}
    assert caldav_profile(**FIELDS) == caldav_profile(**FIELDS)
    assert len(ids) == 4
