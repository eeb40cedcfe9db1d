"""Every address of the site, as its resolver knows them, filled in with things that are Alice's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from fido2.cose import ES256
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorAttestationResponse,
    AuthenticatorData,
    CollectedClientData,
    RegistrationResponse,
)

from accounts.models import CalendarKey, User
from agenda.models import (
    Announcement,
    Batch,
    Event,
    EventEditor,
    Plan,
    Room,
    RowRevision,
    Session,
    SessionRevision,
    Source,
    Speaker,
    Star,
    Track,
    Walk,
)
from tests.accounts.steps import be_logged_in
from tests.agenda.kvm_forum import session_of

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:[^()]|\([^)]*\))*\)")
TOTP_SECRET = "JBSWY3DPEHPK3PXP"
COOKIE = "the-cookie-session-of-alices-laptop"

Things = dict[str, object]


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    """Like "<slug:event_slug>/speakers/", in the resolver's order."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            yield before + str(entry.pattern)
        else:
            yield from routes(entry, before + str(entry.pattern))


def signed_in(user: User) -> Client:
    """A browser that has just shown who is there. What fails in a view is answered, as in production, with 500."""
    client = Client(raise_request_exception=False)
    be_logged_in(client, user)
    return client


def alices_things(alice: User) -> Things:
    """One of everything that has an address: a parameter's name, or the route's beginning, and the value there."""
    key, text = CalendarKey.objects.issue(alice, name="Phone", once="alice's form")
    session = session_of("Nesting&testing")
    Star.objects.create(user=alice, session=session)
    Authenticator.objects.create(user=alice, type=Authenticator.Type.TOTP, data={"secret": TOTP_SECRET})
    passkey = Authenticator.objects.create(user=alice, type=Authenticator.Type.WEBAUTHN, data=passkey_data())
    laptop = UserSession.objects.create(user=alice, session_key=COOKIE, ip="192.0.2.7", user_agent="Firefox/130.0")
    now = timezone.now()
    editor = EventEditor.objects.create(event=session.event, email="friend@example.org")
    renamed = {"row": session.room_id, "kind": RowRevision.Kind.ROOM, "name": "A", "changes": {"name": ["B", "A"]}}
    row_revision = RowRevision.objects.create(event=session.event, **renamed)
    Walk.objects.create(event=session.event, room=session.room, other=session.room, minutes=0)
    announced = Announcement.objects.create(event=session.event, text="Lunch.", start=now, end=now + timedelta(hours=1))
    here = "https://127.0.0.1/schedule.xml"  # which is never connected to
    source = Source.objects.create(event=session.event, name=here, address=here)
    nothing = {"event": session.event, "kind": Plan.Kind.EDIT, "wanted": {"sessions": []}}
    waiting = Plan.objects.create(**nothing, title="Nothing")
    done = Plan.objects.create(**nothing, title="Nothing", state=Plan.Status.PUBLISHED)
    before = {"sessions": [], "new": [], "speakers": [], "renames": []}
    batch = Batch.objects.create(event=session.event, plan=done, at=session.updated, before=before)
    revision = SessionRevision.objects.create(session=session, sequence=0, changes={"language": ["fr", "en"]})
    rows = {model: model.objects.first() for model in (Announcement, Event, Room, Session, Speaker, Track, Walk)}
    return {
        "accounts/2fa/webauthn/": passkey.pk,
        "accounts/sessions/": laptop.pk,
        "admin/accounts/user/": alice.pk,
        **{f"admin/agenda/{model._meta.model_name}/": row.pk for model, row in rows.items()},
        "admin/r/": session.pk,
        "<slug:event_slug>/speakers/": session.speakers.first().slug,
        "<slug:event_slug>/sessions/": session.slug,
        "<slug:event_slug>/edit/morning/talks/": session.slug,
        "<slug:event_slug>/edit/morning/rooms/": rows[Room].slug,
        "first": session.guid,
        "other": rows[Session].guid,
        "guid": session.guid,
        "content_type_id": ContentType.objects.get_for_model(Session).pk,
        "key_id": key.pk,
        "key": text,
        "event_slug": session.event.slug,
        "source_id": source.pk,
        "plan_id": waiting.pk,
        "batch_id": batch.pk,
        "box": 1,
        "revision_id": revision.pk,
        "row_revision_id": row_revision.pk,
        "announcement_id": announced.pk,
        "editor_id": editor.pk,
        "place_slug": "apple",
        "app_label": "agenda",
        "path": "face.png",
        "url": "nothing-here",
        "provider_id": "oidc",
    }


def passkey_data() -> dict[str, object]:
    """What the database keeps of a passkey; nobody has this one."""
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    key = ES256({1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32})
    credential = AttestedCredentialData.create(b"\0" * 16, b"alice's passkey", key)
    attested = AttestationObject.create("none", AuthenticatorData.create(b"r" * 32, flags, 0, credential), {})
    client_data = CollectedClientData.create("webauthn.create", b"challenge", "http://testserver")
    response = AuthenticatorAttestationResponse(client_data=client_data, attestation_object=attested)
    return {"name": "Laptop", "credential": dict(RegistrationResponse(raw_id=b"alice's passkey", response=response))}


def address(route: str, things: Things) -> str:
    """The route with its parameters filled in."""

    def value(match: re.Match[str]) -> str:
        beginnings = (thing for begin, thing in things.items() if "/" in begin and route.startswith(begin))
        name = match[1] or match[2]
        return str(things[name] if name in things else next(beginnings))

    return "/" + PARAMETER.sub(value, route).replace("^", "").replace("$", "")
