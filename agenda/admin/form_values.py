"""The values of a form as text: what its page shows, and what a browser sends back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import InlineForeignKeyField

from accounts.admin import is_row_number
from agenda.editing.merging import Value, Values

MOST_ROWS = 1000  # of one list in one form; Django's own limit
LONGEST_TOTAL = 10  # digits; Python refuses to read thousands of them


def widget_of(field: forms.Field) -> Any:
    """The field's own widget, without the links that /admin/ adds around one."""
    return getattr(field.widget, "widget", field.widget)


def names_of(form: Any, name: str) -> list[str]:
    """The names of the inputs of a field: two for a day and its time."""
    widget: Any = widget_of(form.fields[name])
    sent = form.add_prefix(name)
    return [sent + part for part in widget.widgets_names] if hasattr(widget, "widgets") else [sent]


def editable(form: Any) -> list[str]:
    """The fields that the person can fill in; those that a list of rows adds for itself are left out."""
    added = {"DELETE", form._meta.model._meta.pk.name}
    return [
        name
        for name, field in form.fields.items()
        if not (name in added or field.disabled or isinstance(field, InlineForeignKeyField))
    ]


def row_numbers(data: Any, prefix: str) -> range:
    """The numbers of a list's rows in what was sent."""
    total = data.get(f"{prefix}-TOTAL_FORMS", "")
    return range(min(int(total), MOST_ROWS) if total.isdecimal() and len(total) < LONGEST_TOTAL else 0)


def shown_values(form: Any) -> dict[str, Value]:
    return {name: _as_text(form.fields[name], form[name].initial) for name in editable(form)}


def sent_values(form: Any, data: Any, files: Any, base: Values) -> dict[str, Value]:
    """The sent values as text. A valid one is written as the page would show it, so that equal values compare equal.

    One that was not sent is as in `base`, unless it is a check box; one that is not valid is as it was typed.
    """
    return {name: _sent(form, name, data, files, base.get(name)) for name in editable(form)}


def _sent(form: Any, name: str, data: Any, files: Any, was: Value | None) -> Value:
    field, names = form.fields[name], names_of(form, name)
    widget = widget_of(field)
    if isinstance(widget, forms.FileInput):
        if names[0] in files:
            return (f"new file: {files[names[0]].name}",)
        shown = _as_text(field, form[name].initial)
        return ("",) if f"{names[0]}-clear" in data else (shown if was is None else was)
    if isinstance(widget, forms.CheckboxInput):
        return ("on" if names[0] in data else "",)
    if not any(each in data for each in names) and was is not None:
        return was
    raw = tuple(data.get(each, "").replace("\r\n", "\n") for each in names)
    if raw == was or isinstance(field, forms.ModelChoiceField):
        return raw
    try:
        return _as_text(field, field.clean(widget.value_from_datadict(data, files, form.add_prefix(name))))
    except ValidationError:
        return raw


def _as_text(field: forms.Field, value: Any) -> Value:
    widget, value = widget_of(field), field.prepare_value(value)
    if isinstance(widget, forms.FileInput):
        return (str(value or ""),)
    if isinstance(widget, forms.CheckboxInput):
        return ("on" if value else "",)
    parts = zip(widget.widgets, widget.decompress(value), strict=True) if hasattr(widget, "widgets") else None
    return tuple(_formatted(part, each) for part, each in parts or [(widget, value)])


def _formatted(widget: Any, value: Any) -> str:
    text = widget.format_value(value)
    text = text[0] if isinstance(text, list | tuple) and text else text
    return "" if text in (None, [], ()) else str(text).replace("\r\n", "\n")


def in_words(field: forms.Field, value: Value) -> str:
    """A value as a person reads it: the room's name, not its number."""
    text = " ".join(part for part in value if part)
    if isinstance(widget_of(field), forms.CheckboxInput):
        return "yes" if text else "no"
    if isinstance(field, forms.ModelChoiceField):
        found = field.queryset.filter(pk=text).first() if field.queryset is not None and is_row_number(text) else None
        text = str(found or text)
    elif choices := getattr(field, "choices", None):
        text = str(dict(choices).get(text, text))
    return text or "nothing"
