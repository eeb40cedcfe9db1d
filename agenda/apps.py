from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from agenda.editing.editors import make_editors_group


class AgendaConfig(AppConfig):
    name = "agenda"
    verbose_name = "Programme"

    def ready(self) -> None:
        from agenda import receivers  # noqa: F401, PLC0415 (models are there only now)

        post_migrate.connect(make_editors_group, sender=self)
