"""What tests of views share."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User


@pytest.fixture
def browser(editor: User) -> Client:
    """Where the editor is logged in, beside the visitor's `client`."""
    client = Client()
    client.force_login(editor)
    return client
