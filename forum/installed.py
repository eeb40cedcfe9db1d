"""What a browser needs to keep the site on a phone: its worker, and the manifest that names and draws it there."""

from __future__ import annotations

import json
from hashlib import sha256

from csp.constants import HEADER
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import get_template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

# What the page of a programme needs, besides itself.
FILES = ("forum/site.css", "forum/offline.js", "forum/kept.js", "forum/favicon.svg")
WORKERS_POLICY = "default-src 'none'; connect-src 'self'"
A_DAY = 60 * 60 * 24  # seconds
INK, PAPER = "#0b6e69", "#fbfaf7"  # of the icon and of the pages


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The worker, another one when a static file is; with OFFLINE=0 one that takes itself away."""
    files = [static(name) for name in FILES]
    template = get_template("sw.js" if settings.OFFLINE else "sw_off.js")
    source = template.render({"files": json.dumps(files), "version": _digest(*files)})
    tag = f'"{_digest(source)}"'
    response = get_conditional_response(request, etag=tag) or HttpResponse(source, content_type="text/javascript")
    response["ETag"] = tag
    response["Cache-Control"] = "no-cache"
    response[HEADER] = WORKERS_POLICY
    return response


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """The name, the icons and the first page of the site when it is installed on a phone."""
    icons = [
        ("forum/icon-192.png", 192, "any"),
        ("forum/icon-512.png", 512, "any"),
        ("forum/icon-mask.png", 512, "maskable"),
    ]
    agenda = reverse("agenda:agenda")
    about = {
        "id": agenda,
        "name": settings.SITE_NAME,
        "short_name": settings.SITE_NAME,
        "start_url": agenda,
        "scope": "/",
        "display": "standalone",
        "theme_color": INK,
        "background_color": PAPER,
        "icons": [
            {"src": static(name), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
            for name, size, purpose in icons
        ],
        "shortcuts": [{"name": "Now", "url": reverse("agenda:own-now")}, {"name": "My agenda", "url": agenda}],
    }
    response = JsonResponse(about, content_type="application/manifest+json")
    response["Cache-Control"] = f"public, max-age={A_DAY}"
    return response


def _digest(*texts: str) -> str:
    return sha256(" ".join(texts).encode()).hexdigest()[:12]
