"""Where the cursor stands when a form appears."""

from __future__ import annotations

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def input_of(field: BoundField, begin: bool | None = None) -> SafeString:
    """The field's input. The cursor stands in the first faulty one, or in the first of a form to `begin` with."""
    fields = field.form.visible_fields()
    faulty = [each for each in fields if each.errors]
    if faulty or begin or field.form.errors:
        first = (faulty or fields)[0]
        return field.as_widget(attrs={"autofocus": True} if first.name == field.name else None)
    return field.as_widget()
