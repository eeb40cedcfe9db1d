"""Parts of pages that are rendered once for the same values, and of nothing else."""

from __future__ import annotations

from django.template import RequestContext, Template

from agenda.templatetags.kept import kept

FOOTER = '{% load kept %}{% kept "_footer.html" slug=slug website=website %}'


def test_same_values_are_the_same_html():
    first = kept("_footer.html", slug="kvm-forum-2019", website="")

    assert kept("_footer.html", slug="kvm-forum-2019", website="") is first
    assert kept("_footer.html", slug="other", website="") != first


def test_values_are_escaped():
    html = kept("_footer.html", slug="kvm-forum-2019", website='"><script>')

    assert "<script>" not in html
    assert "&quot;&gt;&lt;script&gt;" in html


def test_only_what_is_given_reaches_it(rf):
    context = RequestContext(rf.get("/"), {"slug": "", "website": "https://example.org/", "user": "alice"})

    assert Template('{% load kept %}{% kept "agenda/_star_form.html" %}').render(context).count("csrf") == 0
    assert Template(FOOTER).render(context) == kept("_footer.html", slug="", website="https://example.org/")
