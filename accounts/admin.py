"""Accounts, for superusers; and DiscreetAdmin, with which no page of /admin/ shows stars or calendar keys."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import BadRequest
from django.db import models
from django.db.models import Model
from django.db.models.query import QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.addresses import AddressField
from accounts.erasing import erase
from accounts.models import User

LONGEST_NUMBER = 18  # digits; with more of them, databases refuse to compare
LONGEST_SEARCH = 200  # characters; SQLite refuses patterns above 50,000 bytes


def is_row_number(text: str) -> bool:
    """True for what may be the number of a row: no database refuses to look for it."""
    return text.isdecimal() and len(text) <= LONGEST_NUMBER


class DiscreetAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Lists, searches and deletes rows without showing stars or calendar keys, whatever relation leads to them."""

    # Relations whose rows go with the deleted one and may be counted on the page that asks before.
    deleted_along: tuple[str, ...] = ()
    # What is said where a row that could be deleted, when its editor was asked, cannot be any more.
    kept_now = "Nothing was deleted: something has just changed."

    @abstractmethod
    def kept_because(self, request: HttpRequest, obj: Any) -> str:
        """Why the row cannot be deleted and what to do instead, as a sentence; empty if it can be deleted."""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """True for the lookups of the list's own filters alone. Django allows one step along every relation."""
        too_large = value.isdecimal() and len(value) > LONGEST_NUMBER
        return lookup in self._own_lookups(request) and "\0" not in value and not too_large

    def _own_lookups(self, request: HttpRequest | None) -> Iterable[str]:
        entries: Iterable[Any] = self.get_list_filter(request) if request else self.list_filter or ()
        for entry in entries:
            name = entry[0] if isinstance(entry, tuple) else getattr(entry, "parameter_name", entry)
            yield from (name, f"{name}__exact", f"{name}__id__exact", f"{name}__isnull")

    def get_deleted_objects(
        self, objs: Iterable[Any], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """The rows by name, how many of each kind, no missing permissions, and why some rows cannot be deleted.

        Django's own method follows every relation, and would list each person's stars and keys.
        """
        chosen = list(objs)
        counts = {str(self.opts.verbose_name_plural): len(chosen)}
        for name in self.deleted_along:
            relation = self.opts.get_field(name)
            related: type[Model] = relation.related_model  # type: ignore[assignment]
            along = related._default_manager.filter(**{f"{relation.remote_field.name}__in": chosen})  # type: ignore[union-attr]
            counts[str(related._meta.verbose_name_plural)] = along.count()
        reasons = [reason for obj in chosen if (reason := self.kept_because(request, obj))]
        if reasons and "post" in request.POST:
            self.message_user(request, self.kept_now, messages.WARNING)
        return [str(obj) for obj in chosen], counts, set(), reasons

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return super().get_search_results(request, queryset, search_term.replace("\0", "")[:LONGEST_SEARCH])

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not all(is_row_number(pk) for pk in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise BadRequest("What was chosen is no row of the list.")
        if request.method == "GET" and ERROR_FLAG in request.GET:
            self.message_user(request, "That filter makes no sense here; showing all.", messages.WARNING)
        return super().changelist_view(request, extra_context)


class AccountForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic while running
    def validate_unique(self) -> None:
        """Leaves it to the constraint of the same column, which says it in our words. Both would say it twice."""


@admin.register(User)
class UserAdmin(DiscreetAdmin):
    """Opens, closes and deletes accounts, and names editors. Passwords are neither set nor shown."""

    list_display = ["email", "display_name", "is_staff", "is_superuser", "is_active", "last_seen"]
    list_filter = ["is_staff", "is_active", "groups"]
    search_fields = ["email", "display_name"]
    ordering = ["email"]
    form = AccountForm
    formfield_overrides: ClassVar = {models.EmailField: {"form_class": AddressField}}
    fields = ["email", "display_name", "is_active", "is_staff", "groups", "is_superuser", "last_seen", "joined"]

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        return self.fields if obj else ["email", "display_name", "is_staff", "groups"]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        # An address is proven by a code sent to it; changing it here would give the account to another person.
        return ["email", "is_superuser", "last_seen", "joined"] if obj else []

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(db_field, request, widget=forms.CheckboxSelectMultiple, **kwargs)

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        help_texts = {
            "groups": "“Programme editors” may change all of the programme.",
            "email": "They sign in with a code sent to it, and can set a password on their account page.",
        }
        return super().get_form(request, obj, change, help_texts=help_texts, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if not change:
            # With this row the code of their first sign-in verifies the address, too, and no second one is mailed.
            EmailAddress.objects.create(user=obj, email=obj.email, primary=True)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        erase(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            erase(user)

    def kept_because(self, request: HttpRequest, obj: User) -> str:
        return "This is your own account. Delete it on your account page." if obj == request.user else ""

    @admin.display(description="last sign-in (UTC)", ordering="last_login")
    def last_seen(self, user: User) -> str:
        return f"{user.last_login:%d/%m/%Y %H:%M}" if user.last_login else "never"

    @admin.display(description="signed up (UTC)")
    def joined(self, user: User) -> str:
        return f"{user.date_joined:%d/%m/%Y %H:%M}"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return _is_superuser(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return _is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return _is_superuser(request)


def _is_superuser(request: HttpRequest) -> bool:
    """True for active superusers alone. Permissions do not count: an editor of accounts could get all rights."""
    return request.user.is_active and request.user.is_superuser
