"""Which calendar program asks, told from its User-Agent in words its owner knows."""

from __future__ import annotations

# The first that occurs decides, so the particular stand before the general: ICSx5 and iOS also name their platform.
CLIENTS = (
    ("Google-Calendar-Importer", "Google Calendar"),
    ("ICSx5", "ICSx5"),
    ("DAVx5", "DAVx5"),
    ("Microsoft", "Outlook"),
    ("Outlook", "Outlook"),
    ("Thunderbird", "Thunderbird"),
    ("macOS", "Apple Calendar on a Mac"),
    ("Mac OS X", "Apple Calendar on a Mac"),
    ("CalendarAgent", "Apple Calendar on a Mac"),
    ("iOS", "Apple Calendar on an iPhone or iPad"),
    ("dataaccessd", "Apple Calendar on an iPhone or iPad"),
    ("khal", "khal"),
    ("vdirsyncer", "vdirsyncer"),
    ("Mozilla/", "a web browser"),
)


def client_name(user_agent: str) -> str:
    """ "Google Calendar", say; what the client calls itself if we do not know it; "" if it does not say."""
    for mark, name in CLIENTS:
        if mark in user_agent:
            return name
    return user_agent.partition("/")[0][:60]
