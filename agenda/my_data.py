"""All that the database holds about a person, for them to download; templates/accounts/data_readme.txt explains it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models.query import QuerySet
from django.template.loader import render_to_string

from accounts.erasing import about
from accounts.models import CalendarKey, User
from agenda.models import (
    Announcement,
    Batch,
    EventEditor,
    LeftFinding,
    Notice,
    Plan,
    RowRevision,
    Session,
    SessionRevision,
    Star,
    StarLog,
)
from agenda.models.session import is_visible_to

Row = dict[str, Any]
# In bytes. For a client that reads slowly the server keeps two of them in memory, and a thread only if there are more:
# nobody's zip is so large.
PORTION = 1_000_000


def archive(user: User, calendar: bytes) -> tuple[int, Iterator[bytes]]:
    """The size of a zip, and its bytes in portions: the person's data, what explains it, and this calendar file.

    It is written to a temporary file first, so that an error is answered as one. The file of several portions is closed
    with them: after the last one, or if nobody takes them.
    """
    with ExitStack() as opened:
        file = opened.enter_context(SpooledTemporaryFile(PORTION))
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as files:
            files.writestr("README.txt", render_to_string("accounts/data_readme.txt"))
            with files.open("data.json", "w") as written:
                written.writelines(line.encode() for line in _as_json(data_of(user)))
            files.writestr("stars.ics", calendar)
        size = file.tell()
        file.seek(0)
        if size <= PORTION:
            return size, iter([file.read()])
        portions = _portions(file)
        next(portions)
        opened.pop_all()
        return size, portions


def _portions(file: IO[bytes]) -> Iterator[bytes]:
    """Nothing at first, from where on the file is closed at every end; then what is in it."""
    with file:
        yield b""
        yield from iter(partial(file.read, PORTION), b"")


def _as_json(data: Row) -> Iterator[str]:
    """The lines of a JSON text, one for each row: Python's own indents take five times as long."""
    encode = DjangoJSONEncoder(ensure_ascii=False).encode
    opening = "{"
    for name, section in data.items():
        yield f"{opening}\n  {encode(name)}: "
        yield from [encode(section)] if isinstance(section, dict) else _as_array(map(encode, section))
        opening = ","
    yield "\n}\n"


def _as_array(rows: Iterator[str]) -> Iterator[str]:
    first = next(rows, None)
    if first is None:
        yield "[]"
        return
    yield f"[\n    {first}"
    yield from (f",\n    {row}" for row in rows)
    yield "\n  ]"


def data_of(user: User) -> Row:
    """The person's rows in words, the oldest first; each section can be read once.

    No secret: what opens the account or a calendar stays out.
    """
    return {
        "account": _account(user),
        **_ways_in(user),
        **_stars(user),
        "calendars": _calendars(user),
        "notices": _notices(user),
        **_edits(user),
    }


def _ways_in(user: User) -> Row:
    return {
        "email_addresses": _rows(EmailAddress.objects.filter(user=user), "email", "verified", "primary"),
        **_authenticators(user),
        "connected_accounts": _rows(
            SocialAccount.objects.filter(user=user),
            "provider",
            "uid",
            "extra_data",
            connected="date_joined",
            last_used="last_login",
        ),
        "devices": _rows(
            UserSession.objects.filter(user=user), "user_agent", logged_in="created_at", last_seen="last_seen_at"
        ),
    }


def _stars(user: User) -> Row:
    return {
        "stars": [
            {**_session(star.session, user), "starred": star.created, **_rank(star)}
            for star in Star.objects.filter(user=user).select_related("session__event", "in_case_of").order_by("pk")
        ],
        "star_log": _star_log(user),
    }


LOGGED = ("starred", "at", "acted", "through", "in_case_of", "stays_in_case")


def _rank(star: Star) -> Row:
    return {"in_case_of": star.in_case_of and star.in_case_of.guid, "stays_in_case": star.stays_in_case}


def _star_log(user: User) -> Iterator[Row]:
    """The lines of the log, which may be very many about a few sessions: each session is read once, no line is kept."""
    log = StarLog.objects.filter(user=user)
    sessions = Session.objects.filter(pk__in=log.order_by().values("session")).select_related("event")
    shown = {session.pk: _session(session, user) for session in sessions.defer("abstract")}
    lines = log.order_by("pk").values_list(
        "session", "starred", "at", "acted", "through", "in_case_of__guid", "stays_in_case"
    )
    for pk, *values in lines.iterator():
        if pk in shown:  # not what was starred for the first time a moment ago
            yield {**shown[pk], **dict(zip(LOGGED, values, strict=True))}


def _calendars(user: User) -> list[Row]:
    return _rows(
        CalendarKey.objects.filter(user=user).order_by("created", "pk"),
        "name",
        "kind",
        "created",
        "revoked",
        begins_with="lookup",
        options="options",
        collections="collections",
        user_names="user_names",
        properties="properties",
        last_fetched="last_used_at",
        last_client="last_client",
        last_version="served",
        last_options="served_options",
        fetched_every="fetched_every",
    )


def _notices(user: User) -> list[Row]:
    notices = Notice.objects.filter(user=user).select_related("revision__session__event").order_by("pk")
    return [
        {
            **_session(notice.revision.session, user),
            "changed": notice.revision.at,
            "begun": notice.claimed_at,
            "sent": notice.sent_at,
        }
        for notice in notices
    ]


def _edits(user: User) -> Row:
    return {
        "edits": [
            {**_session(edit.session, user), "at": edit.at, "changes": edit.changes, "note": edit.note}
            for edit in SessionRevision.objects.filter(by=user).select_related("session__event").order_by("pk")
        ],
        "plans": [
            {"event": plan.event.slug, "made": plan.made, "title": plan.title, "state": plan.state, "note": plan.note}
            for plan in Plan.objects.filter(made_by=user).select_related("event").defer("wanted").order_by("made", "pk")
        ],
        "published_plans": [
            {"event": batch.event.slug, "at": batch.at, "title": batch.plan.title, "note": batch.note}
            for batch in Batch.objects.filter(by=user).select_related("event", "plan").order_by("pk")
        ],
        "announcements": [
            {"event": made.event.slug, "made": made.made, "start": made.start, "end": made.end, "text": made.text}
            for made in Announcement.objects.filter(made_by=user).select_related("event").order_by("pk")
        ],
        "other_edits": [
            {"event": edit.event.slug, "at": edit.at, "what": f"{edit.kind} {edit.name}", "changes": edit.changes}
            for edit in RowRevision.objects.filter(by=user).select_related("event").order_by("pk")
        ],
        "events_edited": [
            {"event": each.event.slug, "invited": each.at, "as": each.email}
            for each in EventEditor.objects.filter(user=user).select_related("event").order_by("pk")
        ],
        "invitations": [
            {"event": each.event.slug, "invited": each.at}
            for each in EventEditor.objects.filter(invited_by=user).select_related("event").order_by("pk")
        ],
        "left_findings": [
            {"event": left.event.slug, "at": left.at, "kind": left.key.partition(":")[0]}
            for left in LeftFinding.objects.filter(by=user).select_related("event").order_by("pk")
        ],
        "editing_log": _log(LogEntry.objects.filter(user=user)),
        "account_log": _log(LogEntry.objects.filter(about(user))),
    }


def _account(user: User) -> Row:
    return {
        "email": user.email,
        "display_name": user.display_name,
        "time_zone": user.time_zone,
        "notice_minutes": user.notice_minutes,
        "refused_address": user.refused_address,
        "changes_seen": user.changes_seen,
        "signed_up": user.date_joined,
        "last_logged_in": user.last_login,
        "has_password": user.has_usable_password(),
        "is_active": user.is_active,
        "is_editor": user.is_staff,
        "is_administrator": user.is_superuser,
        "groups": list(user.groups.order_by("name").values_list("name", flat=True)),
        "permissions": list(user.user_permissions.order_by("pk").values_list("codename", flat=True)),
    }


def _authenticators(user: User) -> Row:
    """Passkeys by name, and for each second factor whether it is on. What they hold is secret, and left out."""
    found = list(Authenticator.objects.filter(user=user).order_by("pk"))
    kinds = {each.type: each for each in found}

    def second_factor(kind: str) -> Row:
        row = kinds.get(kind)
        return {"on": bool(row), "created": row and row.created_at, "last_used": row and row.last_used_at}

    return {
        "passkeys": [
            {"name": each.wrap().name, "created": each.created_at, "last_used": each.last_used_at}
            for each in found
            if each.type == Authenticator.Type.WEBAUTHN
        ],
        "authenticator_app": second_factor(Authenticator.Type.TOTP),
        "recovery_codes": second_factor(Authenticator.Type.RECOVERY_CODES),
    }


def _log(entries: QuerySet[LogEntry]) -> list[Row]:
    return [
        {"at": entry.action_time, "what": entry.object_repr, "action": entry.get_change_message()}
        for entry in entries.order_by("pk")
    ]


def _session(session: Session, user: User) -> Row:
    """The fields that identify a session of the programme; only its guid if this user may not see it."""
    shown = session if is_visible_to(session, user) else None
    return {
        "session": session.guid,
        "event": shown and shown.event.name,
        "title": shown and shown.title,
        "start": shown and shown.start,
        "end": shown and shown.end,
    }


def _rows(rows: Any, *fields: str, **renamed: str) -> list[Row]:
    """The named fields of each row: `fields` under their own names, `renamed` under new ones, in the order given."""
    names = {**{field: field for field in fields}, **renamed}
    ordered: Iterable[Any] = rows if rows.ordered else rows.order_by("pk")
    return [{name: getattr(row, field) for name, field in names.items()} for row in ordered]
