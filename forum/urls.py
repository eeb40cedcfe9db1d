"""All addresses of the site. The agenda's come last, because an event's slug may be any word that the others leave."""

from django.contrib import admin
from django.contrib.sitemaps.views import sitemap
from django.urls import include, path

from forum import health, installed, mailbox, media, robots

urlpatterns = [
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("robots.txt", robots.robots, name="robots"),
    path("sitemap.xml", sitemap, {"sitemaps": robots.SITEMAPS}, name="sitemap"),
    path("favicon.ico", robots.favicon, name="favicon"),
    path("sw.js", installed.worker, name="worker"),
    path("manifest.webmanifest", installed.manifest, name="manifest"),
    path("media/<path:path>", media.media, name="media"),
    path("dev/mailbox/", mailbox.mailbox, name="dev-mailbox"),
    path("accounts/", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("agenda.urls")),
]
handler400 = "forum.errors.not_understood"
handler404 = "forum.errors.not_found"
handler500 = "forum.errors.broken"
handler429 = "forum.errors.too_often"  # Django has none; django-allauth looks for it here
