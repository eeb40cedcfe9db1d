"""Where a form of ours leads when it is done: back to the page that it stood on."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def way_back(request: HttpRequest, otherwise: str) -> str:
    """The address in `next`, without its fragment; `otherwise` where there is none or it leads to another site."""
    target = (request.POST.get("next") or request.GET.get("next", "")).partition("#")[0]
    if target and url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return target
    return otherwise
