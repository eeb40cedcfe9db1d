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
        token = super().render(context)
        if not token or "request" not in context:
            return SafeString(token)
        return format_html('{}<input type="hidden" name="{}" value="{}">', token, FIELD, mark_of(context["request"]))


@register.tag
def csrf_token(parser: Parser, token: Token) -> FormFieldsNode:
    return FormFieldsNode()
