"""The tag {% csrf_token %} of all templates: Django's own, and the mark of accounts.same_person beside it."""

from __future__ import annotations

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.same_person import FIELD, mark_of

register = template.Library()


class FormFieldsNode(CsrfTokenNode):
    def render(self, context: Context) -> SafeString:
        """The hidden fields; they are the same in all forms of a page, and made for the first."""
        request = context.get("request")
        made = SafeString(getattr(request, "form_fields", ""))
        if not made:
            made = SafeString(super().render(context))
            if made and request is not None:
                mark = '{}<input type="hidden" name="{}" value="{}">'
                made = request.form_fields = format_html(mark, made, FIELD, mark_of(request))
        return made


@register.tag
def csrf_token(parser: Parser, token: Token) -> FormFieldsNode:
    return FormFieldsNode()
