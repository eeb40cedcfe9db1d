"""Where the cursor stands when a form appears."""

from __future__ import annotations

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def input_of(field: BoundField, begin: bool | None = None) -> SafeString:
    """The field's input, with the cursor in the first faulty field of its form, or in the first field if `begin`.

    A text field without an autocomplete token asks for nothing that browsers know of the person: autocomplete is off.
    """
    fields = field.form.visible_fields()
    faulty = [each for each in fields if each.errors]
    attrs: dict[str, str | bool] = {}
    if field.widget_type in ("text", "email", "password") and "autocomplete" not in field.field.widget.attrs:
        attrs["autocomplete"] = "off"
    if (faulty or begin or field.form.errors) and (faulty or fields)[0].name == field.name:
        attrs["autofocus"] = True
        if field.form.non_field_errors():  # read out with the field, as nobody hears an alert that was there before
            attrs["aria-describedby"] = " ".join(filter(None, ["form-errors", field.aria_describedby]))
    return field.as_widget(attrs=attrs)
