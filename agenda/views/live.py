"""The version of a programme, by which pages stay fresh."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from agenda.programme.access import event_or_404
from agenda.programme.fresh import changed_since
from agenda.programme.timetable import version_of


@require_safe
def version(request: HttpRequest, event_slug: str) -> HttpResponse:
    """A few bytes that differ after every published change; with ?since=…, what changed since that version, in words.

    Pages ask for it every minute: one query, and 304 if nothing has changed.
    """
    present = version_of(event_slug)
    if present is None:
        raise Http404
    if since := request.GET.get("since"):
        return HttpResponse(changed_since(event_or_404(request, event_slug), since), content_type="text/plain")
    etag = f'"{present}"'
    response = HttpResponse(present, content_type="text/plain", headers={"ETag": etag})
    patch_cache_control(response, no_cache=True, public=True)
    return get_conditional_response(request, etag=etag, response=response) or response
