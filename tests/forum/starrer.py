"""A person who stars and unstars without end, in a process that can be killed; run by test_backup_under_load.py.

Prints the line of the log of each of it that was saved.
"""

from __future__ import annotations

import json
import sys
from itertools import cycle

import django
from django.conf import settings

if __name__ == "__main__":
    database, email = sys.argv[1:]
    settings.DATABASES["default"].update(json.loads(database))
    django.setup()

    from accounts.models import User
    from agenda.models import Session, StarLog
    from agenda.stars.starring import star, unstar

    user = User.objects.get(email=email)
    for session in cycle(Session.objects.order_by("pk")):
        if not star(user, [session.pk], through=StarLog.Through.PAGE):
            unstar(user, session, through=StarLog.Through.PAGE)
        print(StarLog.objects.filter(user=user).latest("pk").pk, flush=True)  # noqa: T201 (the test reads it)
