"""The group of users that may edit the programme. Models are imported in the function: they load after this module."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig

EDITORS_GROUP = "Programme editors"
EDITABLE = ("event", "track", "room", "speaker", "session", "appearance", "material", "announcement", "walk")


def make_editors_group(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Makes the editors' group, which may edit all of the programme, and see nothing of users, stars or keys.

    Runs after each migration, which makes the permissions. Permissions that an administrator added stay.
    """
    from django.contrib.auth.management import create_permissions  # noqa: PLC0415 (models are there only now)
    from django.contrib.auth.models import Group, Permission  # noqa: PLC0415 (models are there only now)

    create_permissions(sender, verbosity=0, using=using)  # auth does so too, but only after this
    group, _ = Group.objects.using(using).get_or_create(name=EDITORS_GROUP)
    permissions = Permission.objects.using(using).filter(
        content_type__app_label="agenda", content_type__model__in=EDITABLE
    )
    group.permissions.add(*permissions)
