"""Parts of pages that depend on a few words alone, rendered once."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=4_000)  # of about 2 KB
def kept(template_name: str, **given: object) -> SafeString:
    """The template rendered with nothing but these values, once in a process for each set of them.

    Request, user and active time zone do not reach it, so nobody can be shown what is another's. The values must be
    hashable, and equal only where they show the same.
    """
    return mark_safe(get_template(template_name).render(given))  # noqa: S308 (it escapes)
