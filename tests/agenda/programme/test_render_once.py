"""Parts of pages that are rendered once for the same values, and of nothing else."""

from __future__ import annotations

from django.template import RequestContext, Template

from agenda.programme.rows import render_once

FOOTER = '{% load agenda %}{% render_once "_footer.html" slug=slug website=website %}'


def test_same_values_are_the_same_html():
    first = render_once("_footer.html", slug="kvm-forum-2019", website="")

    assert render_once("_footer.html", slug="kvm-forum-2019", website="") is first
    assert render_once("_footer.html", slug="other", website="") != first


def test_values_are_escaped():
    html = render_once("_footer.html", slug="kvm-forum-2019", website='"><script>')

    assert "<script>" not in html
    assert "&quot;&gt;&lt;script&gt;" in html


def test_only_what_is_given_reaches_it(rf):
    context = RequestContext(rf.get("/"), {"slug": "", "website": "https://example.org/", "user": "alice"})

    assert Template('{% load agenda %}{% render_once "agenda/_star_form.html" %}').render(context).count("csrf") == 0
    assert Template(FOOTER).render(context) == render_once("_footer.html", slug="", website="https://example.org/")
