"""The editing pages' site: it shows what is ours, and nothing that a library registers of its own accord."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.apps import AdminConfig
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

OURS = ("accounts", "agenda")


class EditingSite(AdminSite):
    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: type[ModelAdmin[Any]] | None = None,
        **options: Any,
    ) -> None:
        """Leaves out rights, addresses, second factors, devices and other sites' tokens: libraries would show them."""
        if admin_class is not None and admin_class.__module__.partition(".")[0] in OURS:
            super().register(model_or_iterable, admin_class, **options)

    def password_change(  # type: ignore[override]  # the stubs know of a page alone
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Where everybody changes theirs: with a limit on tries, and a mail about it."""
        return redirect("account_change_password")


class EditingConfig(AdminConfig):
    default_site = "forum.editing.EditingSite"
