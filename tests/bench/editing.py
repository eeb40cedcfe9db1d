"""What it takes to move a session that very many have starred, by the form that editors use."""

from __future__ import annotations

import time

from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from agenda.editing.editors import EDITORS_GROUP
from agenda.models import Session
from tests.agenda.admin.editing import address, filled

AIM = 1.0  # seconds


def edited(session: Session) -> tuple[float, list[str]]:
    """Seconds that the answer to the sent form took, and the statements that wrote; raises if nothing was changed."""
    editor = User.objects.create_user("editor@example.org", is_staff=True)
    editor.groups.add(Group.objects.get(name=EDITORS_GROUP))
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(editor)
    form = filled(client, address(session)) | {"title": f"{session.title}, moved"}
    with CaptureQueriesContext(connection) as queries:
        began = time.perf_counter()
        client.post(address(session), form)
        seconds = time.perf_counter() - began
    (revision,) = session.revisions.all()
    assert list(revision.changes) == ["title"]
    written = [query["sql"] for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    return seconds, written
