"""All addresses of the site; the agenda's come last, as an event's slug may be any word but those before it."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("agenda.urls")),
]
