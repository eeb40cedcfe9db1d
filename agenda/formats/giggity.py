"""Links that open a programme in Giggity, an app for Android, also with some of its sessions chosen."""

from __future__ import annotations

import json
import zlib
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from urllib.parse import quote
from uuid import UUID

OPENER = "https://ggt.gaa.st/"  # on a phone without the app, this page says where to get it


def opening(schedule: str, guids: Sequence[UUID] = ()) -> str:
    """The link for the schedule.xml at this address. After a question, Giggity marks the sessions with these guids.

    All of it stands after the #, so no server is told what somebody chose.
    """
    link = f"{OPENER}#url={quote(schedule, safe='')}"
    if not guids:
        return link
    listed = json.dumps([str(guid) for guid in guids], separators=(",", ":")).encode()
    return f"{link}&see={urlsafe_b64encode(zlib.compress(listed, 9)).decode()}"
