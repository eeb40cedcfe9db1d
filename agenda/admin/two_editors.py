"""Two editors with the same form open: the second save is merged with the first, and conflicts are asked about."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.same_person import FIELD as MADE_FOR
from agenda.admin.form_values import editable, in_words, names_of, row_numbers, sent_values, shown_values, widget_of
from agenda.editing.changes import one_at_a_time
from agenda.editing.merging import MyRow, Row, Value, Values, merge, merge_rows
from agenda.programme.prose import in_isolates

SALT = "agenda.admin.two_editors"
BASE, CHOICE = "_base", "_choose-"  # names in the form; the second is followed by the name of a field


@dataclass(frozen=True, slots=True)
class Question:
    """A field, or the removal of a row, about which the two editors disagree."""

    name: str
    label: str
    theirs: str
    mine: str
    is_file: bool = False


@dataclass(frozen=True, slots=True)
class ChosenFile:
    """A file that the second editor chose and has to choose again, as a page cannot send it back to the browser."""

    name: str
    label: str
    file_name: str


def read_base(text: str) -> dict[str, Any]:
    """The values that the form was made from, which its page sends back; all empty if missing or altered.

    Without them, the second editor is asked about every difference.
    """
    try:
        base: dict[str, Any] = signing.loads(text, salt=SALT)
    except signing.BadSignature:
        return {"values": {}, "rows": {}, "asked": {}, "at": ""}
    return base


def _tuples(values: dict[str, list[str]]) -> dict[str, Value]:
    return {name: tuple(value) for name, value in values.items()}


def _label(form: Any, name: str, of: str) -> str:
    """The field's name, and the row of a list that it belongs to."""
    return f"{of}: {form[name].label}" if of else str(form[name].label)


def _called(form: Any, row: str, values: Values) -> str:
    """A row of a list by its number and what it says: "material 2 (slides, Part one)"."""
    said = [
        in_isolates(in_words(form.fields[name], value))
        for name, value in values.items()
        if any(value) and not isinstance(widget_of(form.fields[name]), forms.FileInput)
    ]
    return f"{row} ({', '.join(said)})" if said else row


class Merging:
    """A form and its lists of rows as they are saved now, with the values that an editor sent merged into them."""

    def __init__(self, form: Any, formsets: list[Any]) -> None:
        self.form, self.formsets = form, formsets
        self.questions: list[Question] = []
        self.files: list[ChosenFile] = []
        self.asked: dict[str, Value] = {}  # names of inputs that are asked, with what they said for theirs

    @cached_property
    def theirs(self) -> dict[str, Any]:
        rows = {
            each.prefix: {str(form.instance.pk): shown_values(form) for form in each.initial_forms}
            for each in self.formsets
        }
        return {"values": shown_values(self.form), "rows": rows}

    def signed(self) -> str:
        base = self.theirs | {"asked": self.asked, "at": timezone.now().isoformat()}
        return signing.dumps(base, salt=SALT, compress=True)

    def take(self, request: HttpRequest, base: dict[str, Any]) -> None:
        """Replaces what the request sent by its merge with what is saved; `questions` has what cannot be merged."""
        data, files = request.POST.copy(), request.FILES.copy()
        unanswered = self._answer(data, base["asked"])
        was = _tuples(base["values"])
        merged = merge(was, self.theirs["values"], sent_values(self.form, data, files, was))
        again = [name for name in merged.values if self.form.add_prefix(name) in unanswered]
        self._write(self.form, merged.values, data, files, [*merged.asked, *again])
        for formset in self.formsets:
            self._take_rows(formset, base["rows"].get(formset.prefix, {}), data, files)
        request.POST = data  # type: ignore[assignment]
        request._files = files  # type: ignore[attr-defined]

    def _answer(self, data: Any, asked: dict[str, list[list[str]]]) -> set[str]:
        """Puts in the other editor's value where "theirs" was chosen; returns the inputs that have no answer yet."""
        unanswered = set()
        for name, parts in asked.items():
            chosen = data.get(CHOICE + name)
            if chosen == "theirs":
                for part, value in parts:
                    data.pop(part, None)
                    if value:
                        data[part] = value
            elif chosen != "mine":
                unanswered.add(name)
        return unanswered

    def _write(
        self, form: Any, values: dict[str, Value], data: Any, files: Any, asked: list[str], of: str = ""
    ) -> None:
        """Puts the merged values into what the form will read."""
        theirs = shown_values(form)
        for name in editable(form):
            names, value, field = names_of(form, name), values.get(name, theirs[name]), form.fields[name]
            is_file = isinstance(widget_of(field), forms.FileInput)
            if name in asked:
                self._ask(form, name, theirs[name], value, of)
            if is_file:
                if value == theirs[name]:
                    files.pop(names[0], None)
                elif name not in asked and names[0] in files:
                    self.files.append(ChosenFile(names[0], _label(form, name, of), files[names[0]].name))
                continue
            for part, text in zip(names, value, strict=True):
                data.pop(part, None)
                if text or not isinstance(widget_of(field), forms.CheckboxInput):
                    data[part] = text

    def _ask(self, form: Any, name: str, theirs: Value, mine: Value, of: str) -> None:
        field, sent = form.fields[name], form.add_prefix(name)
        is_file = isinstance(widget_of(field), forms.FileInput)
        said = in_words(field, theirs), in_words(field, mine)
        self.questions.append(Question(sent, _label(form, name, of), *said, is_file))
        if not is_file:
            self.asked[sent] = list(zip(names_of(form, name), theirs, strict=True))  # type: ignore[assignment]

    def _take_rows(self, formset: Any, base: dict[str, Any], data: Any, files: Any) -> None:
        theirs, prefix = self.theirs["rows"][formset.prefix], formset.prefix
        was = {key: _tuples(values) for key, values in base.items()} or {key: {} for key in theirs}
        mine, added = {}, []
        for number in row_numbers(data, prefix):
            key, sent = data.get(f"{prefix}-{number}-id", ""), self._sent_row(formset, number, was, data, files)
            if key:
                mine[key] = sent
            else:
                added.append(sent)
        identity = next(
            (tuple(check.fields[1:]) for check in formset.model._meta.constraints if hasattr(check, "fields")), ()
        )
        rows = merge_rows(was, theirs, mine, added, identity)
        clears = {name for name in data if name.endswith("-clear")}
        for name in [name for name in data if name.startswith(f"{prefix}-")]:
            del data[name]
        kept = {name: files.pop(name) for name in list(files) if name.startswith(f"{prefix}-")}
        kept |= {name: None for name in clears if name.startswith(f"{prefix}-")}
        rows.sort(key=lambda row: not row.key)
        data[f"{prefix}-TOTAL_FORMS"] = str(len(rows))
        data[f"{prefix}-INITIAL_FORMS"] = str(sum(bool(row.key) for row in rows))
        data[f"{prefix}-MIN_NUM_FORMS"], data[f"{prefix}-MAX_NUM_FORMS"] = "0", "1000"
        for number, row in enumerate(rows):
            self._put_row(formset, number, row, data, files, kept)

    def _form_of(self, formset: Any, key: str) -> Any:
        return next((form for form in formset.initial_forms if str(form.instance.pk) == key), formset.empty_form)

    def _sent_row(self, formset: Any, number: int, was: dict[str, Any], data: Any, files: Any) -> MyRow:
        prefix = f"{formset.prefix}-{number}"
        key = data.get(f"{prefix}-id", "")
        form = self._form_of(formset, key)
        form.prefix = prefix
        return MyRow(str(number), sent_values(form, data, files, was.get(key, {})), f"{prefix}-DELETE" in data)

    def _put_row(self, formset: Any, number: int, row: Row, data: Any, files: Any, kept: Any) -> None:
        form = self._form_of(formset, row.key)
        form.prefix = f"{formset.prefix}-{number}"
        for name in list(kept):
            source, _, field = name.removeprefix(f"{formset.prefix}-").partition("-")
            if source == row.source and kept[name] is None:
                data[f"{form.prefix}-{field}"] = "on"
            elif source == row.source:
                files.setlist(f"{form.prefix}-{field}", kept[name])
        data[f"{form.prefix}-id"] = row.key
        data[f"{form.prefix}-{formset.fk.name}"] = str(formset.instance.pk)
        of = _called(form, f"{formset.model._meta.verbose_name} {number + 1}", row.merged.values)
        self._write(form, row.merged.values, data, files, row.merged.asked, of)
        if row.is_removed:
            data[f"{form.prefix}-DELETE"] = "on"
        if row.removal_is_asked:
            name, words = f"{form.prefix}-DELETE", ("kept, with changes", "removed")
            self.asked[name] = [(name, "" if row.is_removed else "on")]  # type: ignore[assignment]
            theirs, mine = words if row.is_removed else words[::-1]
            self.questions.append(Question(name, of, theirs, mine))


class MergingAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Saves a form on top of what another editor saved since it was opened."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        with transaction.atomic():
            if request.method == "POST":
                one_at_a_time()
            obj = self.get_object(request, unquote(object_id)) if object_id else None
            if obj is None or not self.has_change_permission(request, obj):
                return super().changeform_view(request, object_id, form_url, extra_context)
            merging = self._merging(request, obj)
            if request.method == "POST":
                base = read_base(request.POST.get(BASE, ""))
                merging.take(request, base)
                if merging.questions:
                    return self._ask(request, obj, merging, base["at"])
            context = {"form_base": merging.signed()} | (extra_context or {})
            return super().changeform_view(request, object_id, form_url, context)

    def _merging(self, request: HttpRequest, obj: Any) -> Merging:
        formsets = [
            made(instance=obj, prefix=made.get_default_prefix(), queryset=inline.get_queryset(request))
            for made, inline in self.get_formsets_with_inlines(request, obj)
        ]
        return Merging(self.get_form(request, obj, change=True)(instance=obj), formsets)

    def _ask(self, request: HttpRequest, obj: Any, merging: Merging, since: str) -> HttpResponse:
        """The page that asks, field by field, whose value to keep. It sends the whole form again."""
        saves = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(obj), object_id=str(obj.pk)
        ).select_related("user")
        if made := parse_datetime(since) if since else None:
            saves = saves.filter(action_time__gte=made)
        # The token is the page's own; what was answered before is part of the values now.
        left_out = (BASE, "csrfmiddlewaretoken", MADE_FOR)
        hidden = [
            (name, value)
            for name, values in request.POST.lists()
            if name not in left_out and not name.startswith(CHOICE)
            for value in values
        ]
        context = self.admin_site.each_context(request) | {
            **{"title": "Both of you changed this", "opts": self.opts, "original": obj, "saves": list(saves[:5])},
            **{"questions": merging.questions, "hidden": hidden, "form_base": merging.signed()},
            "files": merging.files,
        }
        return TemplateResponse(request, "admin/agenda/both_changed.html", context, status=409)
