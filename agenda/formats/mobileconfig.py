"""A configuration profile with which an iPhone, iPad or Mac adds a CalDAV account at one tap (Apple's own format)."""

from __future__ import annotations

import plistlib
from urllib.parse import urlsplit
from uuid import UUID, uuid5

CONTENT_TYPE = "application/x-apple-aspen-config"


def caldav_profile(*, key: UUID, name: str, server: str, user_name: str, password: str) -> bytes:
    """The profile of an account. It holds the password, so it opens the calendar. The same key gives the same bytes.

    `server` is the absolute address of CalDAV. The profile is not signed, and the device says so when installing it.
    """
    address = urlsplit(server)
    is_safe = address.scheme == "https"
    identifier = f"{address.hostname}.calendar.{key}"
    account = {
        "PayloadType": "com.apple.caldav.account",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"{identifier}.account",
        "PayloadUUID": str(uuid5(key, "account")).upper(),
        "CalDAVAccountDescription": name,
        "CalDAVHostName": address.hostname or "",
        "CalDAVPort": address.port or (443 if is_safe else 80),
        "CalDAVUseSSL": is_safe,
        "CalDAVPrincipalURL": address.path,
        "CalDAVUsername": user_name,
        "CalDAVPassword": password,
    }
    profile = {
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadIdentifier": identifier,
        "PayloadUUID": str(key).upper(),
        "PayloadDisplayName": name,
        "PayloadDescription": "Adds a calendar with the talks you starred. Removing this profile removes the calendar.",
        "PayloadContent": [account],
    }
    return plistlib.dumps(profile)
