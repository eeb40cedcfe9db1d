"""The address to go to after a form was sent: back to the page that the form was on."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def way_back(request: HttpRequest, otherwise: str) -> str:
    """The address in `next`, without its fragment; `otherwise` where there is none or it leads to another site."""
    target = (request.POST.get("next") or request.GET.get("next", "")).partition("#")[0]
    if target and url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return target
    return otherwise
