"""The environment the suite runs in; a pytest plugin, so that it stands before Django reads its settings."""

import os

os.environ.setdefault("DEBUG", "0")
os.environ.setdefault("SECRET_KEY", "a-key-for-tests-only-" + "0123456789abcdef" * 3)
# Playwright's synchronous API keeps an event loop in the test's thread, which Django takes for an async caller.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
