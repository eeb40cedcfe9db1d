"""Editing the programme at /admin/: the site's name, its sign-in (allauth's), and a module for each kind of row."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin

from agenda.admin import announcements, events, rooms, sessions, speakers, tracks, walks

__all__ = ["announcements", "events", "rooms", "sessions", "speakers", "tracks", "walks"]

admin.site.site_header = "Programme editing"
admin.site.site_title = f"Programme editing · {settings.SITE_NAME}"
admin.site.index_title = "Programme"
admin.site.enable_nav_sidebar = False  # eight kinds of rows need no second menu; the lists need the width
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
