"""The environment the suite runs in; a pytest plugin, so that it stands before Django reads its settings."""

from __future__ import annotations

import os
import tempfile

import pytest

os.environ["DEBUG"] = "0"
os.environ["SECRET_KEY"] = "a-key-for-tests-only-" + "0123456789abcdef" * 3
os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="forum-agenda-tests-")
# Playwright's synchronous API keeps an event loop in the test's thread, which Django takes for an async caller.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Static files straight from their folders; passwords hashed fast; the address that Django's client asks."""
    from django.conf import settings  # noqa: PLC0415 (only now is the environment complete)

    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.WHITENOISE_AUTOREFRESH = True
    settings.WHITENOISE_USE_FINDERS = True
    settings.SITE_URL = "http://testserver"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
