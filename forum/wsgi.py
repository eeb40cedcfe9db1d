"""The site as a WSGI application."""

import os
import threading
from multiprocessing.util import Finalize

from django.core.wsgi import get_wsgi_application

from database.pooling import check_pooler
from database.snapshots import checkpoint
from forum import reports
from forum.bodies import PatientApplication
from forum.charsets import CharsetApplication
from forum.checks import refuse_to_start

STOPS_WITHIN = 5  # seconds


def stop() -> None:
    """Leaves a database that is whole in its one file, once what this process gathered is written."""
    for thread in threading.enumerate():
        if not thread.daemon and thread is not threading.current_thread():
            thread.join(STOPS_WITHIN)
    checkpoint()


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "forum.settings")
reports.begin()
application = PatientApplication(CharsetApplication(get_wsgi_application()))
refuse_to_start()
check_pooler()
checkpoint()
# Not atexit: the workers of a server are forked, and leave without it.
Finalize(None, stop, exitpriority=1)
