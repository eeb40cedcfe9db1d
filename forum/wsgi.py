"""The site as a WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

from forum.bodies import PatientApplication
from forum.checks import refuse_to_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "forum.settings")
application = PatientApplication(get_wsgi_application())
refuse_to_start()
