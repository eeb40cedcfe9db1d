"""robots.txt, the favicon and the sitemaps."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

from agenda.models import Event, Session, Speaker

# /calendar/ is missing on purpose: Google's calendar robot reads this file and would fetch no feed that it forbids.
CLOSED_TO_ROBOTS = ("/accounts/", "/admin/", "/agenda/")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED_TO_ROBOTS)]
    lines += ["", f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Redirects to the icon, for programs that ask at this address without reading a page."""
    return redirect(static("forum/favicon-32.png"), permanent=True)


class SiteMap(Sitemap):  # type: ignore[type-arg]  # generic in the stubs alone
    """Names the pages by the site's own address, whatever the robot called it."""

    def get_protocol(self, protocol: str | None = None) -> str:
        return str(urlsplit(settings.SITE_URL).scheme)

    def get_domain(self, site: object = None) -> str:
        return str(urlsplit(settings.SITE_URL).netloc)


class Events(SiteMap):
    def items(self) -> list[Event]:
        return list(Event.objects.public())


class Sessions(SiteMap):
    def items(self) -> list[Session]:
        return list(Session.objects.published().select_related("event").order_by("pk"))

    def lastmod(self, session: Session) -> object:
        return session.updated


class Speakers(SiteMap):
    def items(self) -> list[Speaker]:
        published = Session.objects.published()
        return list(Speaker.objects.filter(sessions__in=published).distinct().select_related("event").order_by("pk"))


SITEMAPS = {"events": Events, "sessions": Sessions, "speakers": Speakers}
