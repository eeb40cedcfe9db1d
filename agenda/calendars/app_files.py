"""What the page "For apps" offers of an event: codes for the apps that people carry, and what each file is for."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString

from agenda.calendars import qr
from agenda.formats.giggity import opening
from agenda.models import Event

WHAT = {
    "ics": "Any calendar. Subscribe to the address, and each change follows.",
    "xml": "Giggity, EventFahrplan, displays, video teams and other conference software.",
    "json": "The same for programs that would rather read JSON.",
    "xcal": "The calendar in XML, with cancelled talks.",
    "csv": "A table for any spreadsheet, also to edit and to import again.",
    "xlsx": "The same table for Excel and LibreOffice.",
}


class App(NamedTuple):
    """An app with a code that a phone's camera reads."""

    name: str
    what: str
    link: str
    words: str
    qr: SafeString


class AppFile(NamedTuple):
    kind: str
    path: str
    what: str


# The codes of public addresses: drawing one takes as long as several pages.
_code = lru_cache(maxsize=64)(qr.svg)


def files_of(event: Event) -> dict[str, Any]:
    """The values that templates/agenda/apps.html shows."""
    paths = {kind: reverse(f"agenda:schedule-{kind}", args=[event.slug]) for kind in WHAT}
    xml = settings.SITE_URL + paths["xml"]
    giggity = opening(xml)
    return {
        "xml": xml,
        "apps": [
            App(
                "Giggity",
                "For Android. Scan the code, and the app opens the programme.",
                giggity,
                "Open in Giggity",
                _code(giggity, "QR code that opens the programme in Giggity"),
            ),
            App(
                "EventFahrplan",
                "For Android. Scan the address, and paste it in the settings as the alternative schedule URL, "
                "if your version asks for one.",
                xml,
                "The address, schedule.xml",
                _code(xml, "QR code of the address of schedule.xml, for EventFahrplan"),
            ),
        ],
        "files": [AppFile(kind, path, WHAT[kind]) for kind, path in paths.items()],
    }
