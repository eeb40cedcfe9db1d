from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

EDITORS_GROUP = "Programme editors"
EDITABLE = ("event", "track", "room", "speaker", "session", "appearance", "material")


class AgendaConfig(AppConfig):
    name = "agenda"

    def ready(self) -> None:
        from agenda import receivers  # noqa: F401, PLC0415 (models are there only now)

        post_migrate.connect(make_editors_group, sender=self)


def make_editors_group(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """The group may edit all of the programme, and see nothing of users, stars or keys.

    After migration, as the permissions themselves are made only then; an administrator's own additions stay.
    """
    from django.contrib.auth.management import create_permissions  # noqa: PLC0415 (models are there only now)
    from django.contrib.auth.models import Group, Permission  # noqa: PLC0415 (models are there only now)

    create_permissions(sender, verbosity=0, using=using)  # auth does it, too, but after us
    group, _ = Group.objects.using(using).get_or_create(name=EDITORS_GROUP)
    permissions = Permission.objects.using(using).filter(
        content_type__app_label="agenda", content_type__model__in=EDITABLE
    )
    group.permissions.add(*permissions)
