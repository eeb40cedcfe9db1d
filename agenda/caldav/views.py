"""The views of CalDAV, one function for each method."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import parse_etags
from django.views.decorators.csrf import csrf_exempt
from lxml import etree

from agenda.caldav import addresses, conditions, writing, xml
from agenda.caldav.addresses import Address, ResourceKind
from agenda.caldav.authentication import Caller, caller
from agenda.caldav.collections import Collection
from agenda.caldav.home import Member, Resource, Signpost, collections, find, starred_at
from agenda.caldav.properties import CONTENT_TYPE, Asked, answer, answers
from agenda.caldav.refusals import Refused, needs
from agenda.caldav.reports import report
from agenda.caldav.syncing import Reply, served_with
from agenda.calendars.fetches import note_fetch
from agenda.programme.vevents import changed_by, last_modified

CAPABILITIES = "1, 3, calendar-access"
FOR_PROGRAMS = "This address is for calendar programs, which synchronise with it. There is nothing to see here.\n"
NOT_HERE = "There is nothing at this address, or it is not yours.\n"
GETETAG = f"{xml.DAV}getetag"


@csrf_exempt
def well_known(request: HttpRequest) -> HttpResponse:
    """Redirects to the root with 301, for every method and without a sign-in (RFC 6764 section 5).

    iOS, macOS, DAVx5 and Thunderbird follow it with PROPFIND. If they were asked for a password here, some would send
    it to a host that they have not checked yet.
    """
    response = HttpResponse(status=301, headers={"Location": addresses.ROOT})
    response["Cache-Control"] = "public, max-age=3600"
    return response


@csrf_exempt
def dav(request: HttpRequest, path: str = "") -> HttpResponse:
    """Answers all below /dav/: 401 to a client that has not signed in, and never a page or a cookie."""
    try:
        known = caller(request)
        response, served = _answered(request, known)
        note_fetch(known.opened, served or known.opened.served, request.headers.get("User-Agent", ""))
    except Refused as refused:
        response = _refusal(refused)
    response["DAV"] = CAPABILITIES
    response["Cache-Control"] = "private, no-cache"
    return response


def _answered(request: HttpRequest, known: Caller) -> Reply:
    try:
        _check_length(request)
        address = addresses.read(request.path_info)
        resource = find(known, address)
        if resource is None:
            return _missing(request, known, address)
        if "HTTP_IF" in request.META and not conditions.hold(request, known, resource):
            return Reply(HttpResponse(status=412))
        method = METHODS.get(request.method or "")
        return method(request, resource) if method else Reply(_not_allowed(resource))
    except Refused as refused:
        return Reply(_refusal(refused))


def _check_length(request: HttpRequest) -> None:
    """Refuses a body without a length: Django reads it as empty, which would ask for everything."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length and "Transfer-Encoding" in request.headers:
        raise Refused(411, "Say with Content-Length how long the body is.\n")
    if length and not (length.isascii() and length.isdecimal()):
        raise Refused(400, "A Content-Length is a whole number of bytes.\n")


def _refusal(refused: Refused) -> HttpResponse:
    if refused.condition:
        return xml.error(refused.status, refused.condition)
    headers = {"Content-Type": "text/plain; charset=utf-8", **refused.headers}
    return HttpResponse(refused.words, status=refused.status, headers=headers)


def _missing(request: HttpRequest, known: Caller, address: Address | None) -> Reply:
    """Answers where nothing is: nothing can be made there, but the star of a hidden session can be removed.

    A client that still shows the session would take a 404 for success, and the talk would come back once it is
    published again. If-Match and If are ignored: hiding the session made a new version, which no client has. To most
    clients the 412 of RFC 9110 section 13.1.1 would mean to keep the talk that their owner deleted.
    """
    if request.method == "DELETE" and (member := starred_at(known, address)):
        return writing.delete(member)
    if request.method == "PUT" and (_failed(request, None, None) or not conditions.hold(request, known, None)):
        return Reply(HttpResponse(status=412))
    if request.method in ("PUT", "MKCALENDAR", "MKCOL"):
        raise needs("bind", request.path.rstrip("/").rpartition("/")[0] + "/")
    raise Refused(404, NOT_HERE)


def _not_allowed(resource: Resource) -> HttpResponse:
    response = HttpResponse(status=405)
    response["Allow"] = ", ".join(_allowed(resource))
    return response


def _allowed(resource: Resource) -> list[str]:
    """The allowed methods. Without PUT and DELETE, Evolution takes the agenda for read-only and sends no deletion.

    On the agenda itself both are answered with 403.
    """
    collection = resource.collection if isinstance(resource, Member) else resource
    methods = ["OPTIONS", "GET", "HEAD", "PROPFIND", "PROPPATCH"]
    methods += [] if isinstance(resource, Signpost) else ["REPORT"]
    return [*methods, "PUT", "DELETE"] if isinstance(collection, Collection) and collection.is_own else methods


def _options(request: HttpRequest, resource: Resource) -> Reply:
    response = HttpResponse()
    response["Allow"] = ", ".join(_allowed(resource))
    return Reply(response)


def _get(request: HttpRequest, resource: Resource) -> Reply:
    """A member as a calendar object; for anything else, a sentence for people who open the address in a browser."""
    if not isinstance(resource, Member):
        return Reply(HttpResponse(FOR_PROGRAMS, content_type="text/plain; charset=utf-8"))
    tag = resource.collection.etag(resource.entry)
    # Other options give other bytes at the same time, so a date can refuse a request but never prove a match.
    dated = changed_by(resource.entry.updated) if "If-Unmodified-Since" in request.headers else None
    response = get_conditional_response(request, etag=tag, last_modified=dated)
    if response is None:
        body = resource.collection.bodies([resource.entry]).get(resource.entry.pk)
        if body is None:  # deleted a moment ago
            raise Refused(404, NOT_HERE)
        response = HttpResponse(body, content_type=CONTENT_TYPE)
    response["ETag"] = tag
    response["Last-Modified"] = last_modified(resource.entry.updated)
    return Reply(response)


def _failed(request: HttpRequest, tag: str | None, changed: int | None) -> bool:
    """True if a precondition of a request that writes, such as If-Match, does not hold (RFC 9110 section 13)."""
    only_if = request.headers.get("If-Match", "*")
    if not parse_etags(only_if):  # not a list of ETags: taken for one without quotes, never for no condition
        return tag is None or only_if.strip() != tag.strip('"')
    return get_conditional_response(request, etag=tag, last_modified=changed) is not None


def _delete(request: HttpRequest, resource: Resource) -> Reply:
    if not isinstance(resource, Member):
        raise needs("unbind", resource.address)
    return _if_changed(request, resource) or writing.delete(resource)


def _put(request: HttpRequest, resource: Resource) -> Reply:
    if not isinstance(resource, Member):
        raise needs("write-content", resource.address)
    return _if_changed(request, resource) or writing.put(request, resource)


def _if_changed(request: HttpRequest, member: Member) -> Reply | None:
    """A 412 if the client does not have the member as it is now; None if it does."""
    has_failed = _failed(request, member.collection.etag(member.entry), changed_by(member.entry.updated))
    return Reply(HttpResponse(status=412)) if has_failed else None


def _proppatch(request: HttpRequest, resource: Resource) -> Reply:
    return writing.proppatch(resource, xml.read(request))


def _is_minimal(request: HttpRequest) -> bool:
    return "return=minimal" in request.headers.get("Prefer", "").replace(" ", "").lower()


def _report(request: HttpRequest, resource: Resource) -> Reply:
    return report(request, resource, xml.read(request), is_minimal=_is_minimal(request))


def _propfind(request: HttpRequest, resource: Resource) -> Reply:
    """The resource and, at depth 1, what is in it; never deeper (RFC 4918 section 9.1.1)."""
    depth = request.headers.get("Depth", "infinity").lower()
    if depth not in ("0", "1", "infinity"):
        raise Refused(400, "A Depth is 0, 1 or infinity.")
    if depth == "infinity" and not isinstance(resource, Member):
        raise Refused(403, "", "<D:propfind-finite-depth/>")
    asked = Asked.read(_propfind_in(request), is_minimal=_is_minimal(request))
    if isinstance(resource, Member):
        return Reply(xml.multistatus(answers([resource], asked)))
    found, served = [answer(resource, asked)], ""
    if depth == "1" and isinstance(resource, Signpost) and resource.kind is ResourceKind.HOME:
        found += [answer(collection, asked) for collection in collections(resource.caller)]
    if depth == "1" and isinstance(resource, Collection):
        found += answers((Member(resource, entry) for entry in resource.entries), asked)
        if asked.names is None or GETETAG in asked.names:
            served = served_with(resource)
    return Reply(xml.multistatus(found), served)


def _propfind_in(request: HttpRequest) -> etree._Element | None:
    """The body's propfind. It asks in one of three ways; what it holds besides is ignored (RFC 4918, A.3 and A.4)."""
    root = xml.read(request)
    if root is None:
        return None
    ways = {each.tag for each in root} & {f"{xml.DAV}{name}" for name in ("prop", "allprop", "propname")}
    if root.tag != f"{xml.DAV}propfind" or len(ways) != 1:
        raise Refused(400, "A PROPFIND's body is a propfind that holds one of prop, allprop and propname.\n")
    return root


METHODS: dict[str, Callable[[HttpRequest, Resource], Reply]] = {
    "OPTIONS": _options,
    "GET": _get,
    "HEAD": _get,
    "PROPFIND": _propfind,
    "PROPPATCH": _proppatch,
    "REPORT": _report,
    "PUT": _put,
    "DELETE": _delete,
}
