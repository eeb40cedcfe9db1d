"""WebDAV's XML: requests read within limits, multistatus answers written as text."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from xml.sax.saxutils import escape, quoteattr

from django.http import HttpRequest, HttpResponse
from lxml import etree

from agenda.caldav.refusals import Refused
from agenda.formats.xml_text import in_xml

DAV = "{DAV:}"
CALDAV = "{urn:ietf:params:xml:ns:caldav}"
CALENDARSERVER = "{http://calendarserver.org/ns/}"
APPLE = "{http://apple.com/ns/ical/}"
PREFIXES = {DAV: "D", CALDAV: "C", CALENDARSERVER: "CS", APPLE: "A"}
NAMESPACES = " ".join(f'xmlns:{prefix}="{namespace[1:-1]}"' for namespace, prefix in PREFIXES.items())
DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
CONTENT_TYPE = "application/xml; charset=utf-8"
# The last three are what programs and tools send that do not say what it is. None of them means anything else here.
TAKEN = ("application/xml", "text/xml", "", "text/plain", "application/x-www-form-urlencoded")


def read(request: HttpRequest) -> etree._Element | None:
    """The root element of the request's body; None if there is no body.

    Refuses other content types with 415, a document type (which could define entities) with 403, and what is not
    well-formed with 400.
    """
    if not request.body:
        return None
    if request.content_type not in TAKEN:
        raise Refused(415, f"This takes XML, not {request.content_type}.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(request.body.lstrip(), parser)  # nothing may stand before the XML declaration
    except etree.XMLSyntaxError:
        raise Refused(400, "The body is not well-formed XML.") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Refused(403, "", "<D:no-external-entities/>")
    return root


def element(name: str, inner: str = "") -> str:
    """An element of that name, written {namespace}local. `inner` must be XML already."""
    namespace, brace, local = name.rpartition("}")
    if prefix := PREFIXES.get(namespace + brace):
        local = begin = f"{prefix}:{local}"
    else:
        begin = f"{local} xmlns={quoteattr(namespace[1:])}"
    return f"<{begin}>{inner}</{local}>" if inner else f"<{begin}/>"


def text(value: str) -> str:
    """Escapes the text, also CR, which XML readers would drop (XML 1.0 section 2.11). Removes forbidden characters."""
    return escape(in_xml(value), {"\r": "&#13;"})


def href(path: str) -> str:
    return f"<D:href>{text(path)}</D:href>"


def status(code: int) -> str:
    return f"<D:status>HTTP/1.1 {code} {HTTPStatus(code).phrase}</D:status>"


def propstat(code: int, properties: str, error: str = "") -> str:
    said = f"<D:error>{error}</D:error>" if error else ""
    return f"<D:propstat><D:prop>{properties}</D:prop>{status(code)}{said}</D:propstat>"


def response(path: str, *inside: str) -> str:
    return f"<D:response>{href(path)}{''.join(inside)}</D:response>"


def multistatus(responses: Iterable[str], end: str = "") -> HttpResponse:
    """A 207 answer (RFC 4918 section 13). `end` is written after the responses."""
    body = f"{DECLARATION}<D:multistatus {NAMESPACES}>{''.join(responses)}{end}</D:multistatus>"
    return HttpResponse(body, status=207, content_type=CONTENT_TYPE)


def error(code: int, condition: str) -> HttpResponse:
    """The answer for a failed pre- or postcondition (RFC 4918 section 16). `condition` must be XML already."""
    body = f"{DECLARATION}<D:error {NAMESPACES}>{condition}</D:error>"
    return HttpResponse(body, status=code, content_type=CONTENT_TYPE)
