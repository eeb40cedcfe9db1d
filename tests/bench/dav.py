"""What CalDAV clients ask for: everything at first, then again and again whether anything is new."""

from __future__ import annotations

import re
from base64 import b64encode
from xml.sax.saxutils import escape

from django.test import Client

from accounts.models import CalendarKey, User
from tests.bench.load import HOST, Request

TOKEN = re.compile(r"sync-token>([^<]+)<")
REPORT = """\
<?xml version="1.0" encoding="utf-8"?>
<D:sync-collection xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:sync-token>{token}</D:sync-token>\
<D:sync-level>1</D:sync-level><D:prop><D:getetag/><C:calendar-data/></D:prop></D:sync-collection>
"""


def first_sync(user: User) -> Request:
    """Asks for all of the user's stars, by a new key of theirs."""
    _, password = CalendarKey.objects.issue(user, name="DAVx5", once="bench dav", kind=CalendarKey.Kind.CALDAV)
    credentials = b64encode(f"{user.email}:{password}".encode()).decode()
    headers = {
        "Authorization": f"Basic {credentials}",
        "Content-Type": "application/xml; charset=utf-8",
        "Depth": "0",
        "User-Agent": "DAVx5/4.4 (Android)",
    }
    return Request("REPORT", f"/dav/calendars/{user.pk}/agenda/", headers, REPORT.format(token="").encode())


def next_sync(first: Request, port: int) -> Request:
    """Asks for what is new since then: nothing, unless somebody stars or edits meanwhile."""
    site, kind = Client(headers={"Host": f"{HOST}:{port}"}), first.headers["Content-Type"]
    answer = site.generic(first.method, first.path, first.body, content_type=kind, headers=first.headers)
    (token,) = TOKEN.findall(answer.content.decode())
    return Request(first.method, first.path, first.headers, REPORT.format(token=escape(token)).encode())
