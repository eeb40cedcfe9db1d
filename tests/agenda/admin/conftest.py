"""Editors and superusers at their desks."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User

BACKEND = "accounts.backends.Backend"


@pytest.fixture
def desk(editor: User) -> Client:
    """The browser of an editor who is signed in."""
    client = Client()
    client.force_login(editor, backend=BACKEND)
    return client


@pytest.fixture
def root_desk(root: User) -> Client:
    client = Client()
    client.force_login(root, backend=BACKEND)
    return client


@pytest.fixture
def other_desk(root_desk: Client) -> Client:
    """The browser of another editor, who has the same form open."""
    return root_desk
