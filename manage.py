#!/usr/bin/env python
"""Django's command line for this site."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import Error

from database.outages import is_outage
from forum.version import VERSION

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "forum.settings")
    if sys.argv[1:] in (["version"], ["--version"]):  # not Django's
        sys.stdout.write(f"{VERSION}\n")
        sys.exit()
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:  # a sentence of forum/settings.py
        sys.exit(f"{error}")
    except Error as error:
        if not is_outage(error):
            raise
        sys.exit(f"The database does not answer, or takes no writes: {error}")
