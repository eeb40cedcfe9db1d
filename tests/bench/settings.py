"""The site's own settings, with one more address: the yardstick."""

from forum.settings import *  # noqa: F403 (all of them, whatever they are)

ROOT_URLCONF = "tests.bench.urls"
