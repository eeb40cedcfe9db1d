"""The site as a WSGI application."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from forum.checks import refuse_to_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "forum.settings")
application = get_wsgi_application()
refuse_to_start()

# What is loaded by now stays loaded: the collector need not go through it again, nor through the rest so often.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 20)
