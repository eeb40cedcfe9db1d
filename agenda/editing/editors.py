"""Who may edit the programme. Models are imported inside: this is read before they exist."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig

EDITORS_GROUP = "Programme editors"
EDITABLE = ("event", "track", "room", "speaker", "session", "appearance", "material")


def make_editors_group(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """The group may edit all of the programme, and see nothing of users, stars or keys.

    After migration, as the permissions themselves are made only then; an administrator's own additions stay.
    """
    from django.contrib.auth.management import create_permissions  # noqa: PLC0415 (models are there only now)
    from django.contrib.auth.models import Group, Permission  # noqa: PLC0415 (models are there only now)

    create_permissions(sender, verbosity=0, using=using)  # auth does so too, but only after this
    group, _ = Group.objects.using(using).get_or_create(name=EDITORS_GROUP)
    permissions = Permission.objects.using(using).filter(
        content_type__app_label="agenda", content_type__model__in=EDITABLE
    )
    group.permissions.add(*permissions)
