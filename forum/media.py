"""Files that editors uploaded: photos are shown, everything else is offered for download."""

from __future__ import annotations

import posixpath

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from agenda.models.session import is_editor
from agenda.programme.access import event_of_file, is_for_editors_alone
from database.outages import is_outage

SHOWN = frozenset(("image/png", "image/jpeg", "image/webp", "image/gif"))


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """The uploaded file at this path, or 404; to all but editors also for one that no public session shows.

    An uploaded page or drawing could bring scripts along: nothing but pictures opens inside the site.
    """
    if "\0" in path:  # it is in no name, and databases refuse it
        raise Http404
    file = posixpath.normpath(path).lstrip("/")
    hidden = is_for_editors_alone(file)
    if hidden and not is_editor(request.user, event_of_file(file)):
        raise Http404
    response = _answer(request, file)
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-cache" if hidden else "public, max-age=3600"
    return response


def _answer(request: HttpRequest, file: str) -> HttpResponseBase:
    """304 if the browser has the file as it is, else the file, from wherever it is kept."""
    try:
        opened = default_storage.open(file)
        changed = int(default_storage.get_modified_time(file).timestamp())
    except OSError as error:  # also a name that is longer than any disk takes
        if is_outage(error):
            raise
        raise Http404 from error
    unchanged = get_conditional_response(request, last_modified=changed)
    if unchanged:
        opened.close()
        return unchanged
    response = FileResponse(opened)
    response.headers["Last-Modified"] = http_date(changed)
    if response.headers["Content-Type"] not in SHOWN:
        response.headers["Content-Disposition"] = "attachment"
    return response
