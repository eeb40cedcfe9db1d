"""The admin site of the editing pages, which shows our own models and none that a library registers."""

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
        """Skips the models of libraries: permissions, addresses, second factors, devices, tokens of other sites."""
        if admin_class is not None and admin_class.__module__.partition(".")[0] in OURS:
            super().register(model_or_iterable, admin_class, **options)

    def password_change(  # type: ignore[override]  # the stubs know of a page alone
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Redirects to the page where all users change their password, with its limits and its mail."""
        return redirect("account_change_password")


class EditingConfig(AdminConfig):
    default_site = "forum.editing.EditingSite"
