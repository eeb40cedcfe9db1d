"""Files that editors uploaded: photos are shown, everything else is offered for download."""

from __future__ import annotations

import posixpath

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from django.views.static import serve

from agenda.models.session import is_editor
from agenda.programme.access import event_of_file, is_for_editors_alone

SHOWN = frozenset(("image/png", "image/jpeg", "image/webp", "image/gif"))


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """The file at this path below MEDIA_ROOT, or 404; to all but editors also for one that no public session shows.

    An uploaded page or drawing could bring scripts along: nothing but pictures opens inside the site.
    """
    # NUL is in no name, and databases refuse it. The path is normalised as serve() does it.
    file = posixpath.normpath(path).lstrip("/")
    hidden = "\0" not in path and is_for_editors_alone(file)
    if hidden and not is_editor(request.user, event_of_file(file)):
        raise Http404
    try:
        response: HttpResponseBase = serve(request, path, document_root=str(settings.MEDIA_ROOT))
    except OSError as error:  # a name that is longer than any disk takes
        raise Http404 from error
    if response.headers["Content-Type"] not in SHOWN:
        response.headers["Content-Disposition"] = "attachment"
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-cache" if hidden else "public, max-age=3600"
    return response
