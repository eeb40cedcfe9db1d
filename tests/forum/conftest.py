"""The programme with everything that is Alice's, and the browsers of those who try their hands at it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from accounts.models import User
from agenda.models import Event
from tests.agenda.conftest import alice_feed, kvm_forum, programme_rows, starred
from tests.forum.addresses import Things, alices_things, signed_in

__all__ = ["alice_feed", "kvm_forum", "programme_rows", "starred"]


@pytest.fixture
def browsers(alice: User, bob: User, editor: User, root: User) -> dict[str, Client]:
    """All signed in just now, but for the visitor."""
    people = {"alice": alice, "bob": bob, "editor": editor, "root": root}
    visitor = Client(raise_request_exception=False)
    return {"visitor": visitor, **{name: signed_in(user) for name, user in people.items()}}


@pytest.fixture
def things(browsers: dict[str, Client], kvm_forum: Event, alice: User, settings, tmp_path: Path) -> Things:
    """Made once she is in: her authenticator app would ask for its code."""
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "face.png").write_bytes(b"\x89PNG")
    return alices_things(alice)
