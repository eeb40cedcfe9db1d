"""The site's own settings; static files keep their names, so that none need be collected."""

from forum.settings import *  # noqa: F403 (all of them, whatever they are)
from forum.settings import STORAGES

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
