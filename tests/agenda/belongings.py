"""A person with a row in every table that has people in it, and where those tables point at them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.test import Client

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
from agenda.stars.starring import star, unstar
from tests.agenda.kvm_forum import add_event, add_session
from tests.conftest import PASSWORD

SECRET = "kept-from-everybody"
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
PERSONAL = ("user", "mail", "session_data", "session_key")  # in a field's name, it may hold somebody


def log_in(client: Client, user: User, **more: Any) -> Client:
    """With the password, through the page."""
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD}, **more)
    return client


def add_talks() -> list[Session]:
    event = add_event("forum", "Europe/Paris", "2019-10-30", "2019-11-01")
    return [add_session(event, title, f"2019-10-30T1{n}:00") for n, title in enumerate(("Opening", "Secrets", "Close"))]


def give_everything(user: User, root: User, talks: list[Session]) -> str:
    """A row of each kind for this person, who has logged in; the address of their calendar."""
    opening, secrets, close = talks
    fields = {"display_name": f"{user.email} & Co", "time_zone": "Asia/Tokyo", "notice_minutes": 30}
    fields["changes_seen"] = {"forum": "2019-10-01T08:00:00Z"}
    User.objects.filter(pk=user.pk).update(**fields, refused_address=user.email)
    user.groups.add(Group.objects.get())
    user.user_permissions.add(Permission.objects.get(codename="view_logentry"))
    pending = EmailAddress.objects.create(user=user, email=f"new.{user.email}", verified=False, primary=False)
    EmailConfirmation.objects.create(email_address=pending, key=f"{SECRET}{user.pk}")
    for kind, data in (("webauthn", {"name": "Blue key"}), ("totp", {}), ("recovery_codes", {})):
        Authenticator.objects.create(user=user, type=kind, data={**data, "seed": SECRET})
    elsewhere = SocialAccount.objects.create(
        user=user, provider="github", uid=f"7{user.pk}", extra_data={"login": "me"}
    )
    SocialToken.objects.create(account=elsewhere, token=SECRET)
    star(user, [opening.pk, secrets.pk, close.pk], through=StarLog.Through.PAGE)
    Star.objects.filter(user=user, session=close).update(in_case_of=opening)
    unstar(user, close, through=StarLog.Through.CALDAV)
    Star.objects.filter(user=user, session=opening).update(in_case_of=secrets, stays_in_case=True)
    made, key = CalendarKey.objects.issue(user, name="Phone", once="form")
    CalendarKey.objects.filter(pk=made.pk).update(options={"alarm": 5}, properties={"order": "3"}, fetched_every=900)
    planned = {"event": opening.event, "kind": Plan.Kind.EDIT, "title": "Later", "note": "In hall B."}
    plan = Plan.objects.create(**planned, wanted=[], made_by=user)
    Batch.objects.create(event=opening.event, plan=plan, at=plan.made, by=user, note=plan.note)
    shown = {"start": datetime(2019, 10, 30, tzinfo=UTC), "end": datetime(2019, 10, 30, 20, tzinfo=UTC)}
    Announcement.objects.create(event=opening.event, text="Lunch.", made_by=user, **shown)
    EventEditor.objects.create(event=opening.event, email=user.email, user=user, invited_by=root)
    EventEditor.objects.create(event=opening.event, email=f"friend.of.{user.pk}@example.org", invited_by=user)
    renamed = {"kind": RowRevision.Kind.ROOM, "row": 1, "name": "B", "changes": {"name": ["A", "B"]}}
    RowRevision.objects.create(event=opening.event, by=user, **renamed)
    LeftFinding.objects.create(event=opening.event, key=f"no-room:{user.pk}", by=user)
    edit = SessionRevision.objects.create(
        session=opening, sequence=1, by=user, changes={"room": ["A", "B"]}, note="Bigger."
    )
    Notice.objects.create(user=user, revision=edit, sent_at=edit.at)
    note_in_log(by=user, about=opening)
    note_in_log(by=root, about=user)
    return f"/calendar/{key}.ics"


def note_in_log(*, by: User, about: models.Model) -> None:
    LogEntry.objects.create(
        user=by,
        content_type=ContentType.objects.get_for_model(about),
        object_id=str(about.pk),
        object_repr=str(about),
        action_flag=CHANGE,
        change_message="Changed.",
    )


def set_times(at: datetime = datetime(2019, 10, 1, 8, 0, tzinfo=UTC)) -> None:
    """The same for every row, so that a whole export can be written down."""
    for model in apps.get_models():
        times = [field.name for field in model._meta.fields if isinstance(field, models.DateTimeField)]
        keep = {"start", "end", "expire_date", "revoked", "expires_at"}
        if times := [name for name in times if name not in keep]:
            model._default_manager.update(**dict.fromkeys(times, at))


def people_fields() -> dict[tuple[str, str], models.Field[Any, Any]]:
    """Every (model, field) that may say whose a row is.

    Those are relations to a user or to a row that goes with one, relations to any kind of row at all, and what is
    called after people or their addresses.
    """
    personal: set[type[models.Model]] = {User}
    found: dict[tuple[str, str], models.Field[Any, Any]] = {}
    tables = apps.get_models(include_auto_created=True)
    while True:
        before = len(found)
        for model in tables:
            for field in model._meta.local_fields:
                if _is_personal(field, personal):
                    found[model._meta.label, field.name] = field
                    if field.remote_field and field.remote_field.on_delete is models.CASCADE:
                        personal.add(model)
        if len(found) == before:
            return found


def _is_personal(field: models.Field[Any, Any], personal: set[type[models.Model]]) -> bool:
    if field.remote_field:
        return field.related_model in {*personal, ContentType} and field.model is not Permission
    named_so = any(word in field.name for word in PERSONAL) and not isinstance(field, models.BooleanField)
    return named_so or isinstance(field, models.EmailField)


def every_row() -> list[str]:
    """All rows of all tables as text, what the sessions of browsers hold included."""
    rows = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 (names of ours)
            rows += [f"{table}: {row}" for row in cursor.fetchall()]
    CookieSession = apps.get_model("sessions", "Session")
    return rows + [f"a browser's session: {session.get_decoded()}" for session in CookieSession.objects.all()]
