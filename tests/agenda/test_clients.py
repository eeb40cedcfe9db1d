"""Which calendar program asked, in words."""

from __future__ import annotations

import pytest

from agenda.clients import client_name


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Google-Calendar-Importer", "Google Calendar"),
        ("Mozilla/5.0 (compatible; Google-Calendar-Importer)", "Google Calendar"),
        ("iOS/17.4.1 (21E236) dataaccessd/1.0", "Apple Calendar on an iPhone or iPad"),
        ("macOS/14.4 (23E214) dataaccessd/1.0", "Apple Calendar on a Mac"),
        ("Mac OS X/10.15.7 (19H2) CalendarAgent/930.5.1", "Apple Calendar on a Mac"),
        ("CalendarAgent/1", "Apple Calendar on a Mac"),
        ("Microsoft.Exchange.ServiceHost.CalendarSync", "Outlook"),
        ("Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0; Pro)", "Outlook"),
        ("ICSx5/2.2 (2023/12/20; okhttp/5.0) Android/14", "ICSx5"),
        ("DAVx5/4.3-ose (2024/01/01; dav4jvm; okhttp/4.12.0) Android/14", "DAVx5"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Thunderbird/115.9.0", "Thunderbird"),
        ("khal/0.11", "khal"),
        ("vdirsyncer/0.19.2", "vdirsyncer"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:124.0) Gecko/20100101 Firefox/124.0", "a web browser"),
        ("NextCloud-News/1.0", "NextCloud-News"),
        ("x" * 100, "x" * 60),
        ("/odd", ""),
        ("", ""),
    ],
)
def test_program_is_told_from_its_user_agent(user_agent, name):
    assert client_name(user_agent) == name
