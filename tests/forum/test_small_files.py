"""Our style sheets and scripts are sent without comments and blanks, and say the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from forum.small_files import without_comments

OURS = Path(settings.BASE_DIR) / "forum/static/forum"


def test_style_sheet_says_the_same_without_comments_and_blanks():
    sheet = """/* One: 1; */
.a , .b:is(.c, :hover) > p::before { /* two */
  content: " ; /* not a comment */ : ";
  margin: -1px calc(1px + 2px) 0; color : red
}
i::after { content: ' ; "' "\\"; /*"; }
@media screen and (min-width: 1px) { a /* three */ b { color: red !important; } }
"""
    assert without_comments("a.css", sheet) == (
        ' .a,.b:is(.c,:hover) > p::before{content:" ; /* not a comment */ : ";margin:-1px calc(1px + 2px) 0;'
        'color :red}i::after{content:\' ; "\' "\\"; /*";}@media screen and (min-width:1px){a b{color:red !important;}}'
    )


@pytest.mark.parametrize("script", sorted(path.name for path in OURS.glob("*.js")))
def test_script_keeps_each_line_of_code(script):
    text = (OURS / script).read_text()

    lines = [line.strip() for line in text.splitlines()]
    assert without_comments(script, text).splitlines() == [each for each in lines if each and not each.startswith("//")]
    assert [
        line for line in lines if line.count("`") % 2
    ] == []  # no text has several lines: they would lose their indents


def test_only_our_own_files_are_made_smaller(tmp_path):
    storages = settings.STORAGES | {"staticfiles": {"BACKEND": "forum.small_files.SmallStaticFilesStorage"}}

    # Compressing takes ten times the rest.
    uncompressed = {"WHITENOISE_SKIP_COMPRESS_EXTENSIONS": ["css", "js", "svg"]}
    with override_settings(STATIC_ROOT=tmp_path, STORAGES=storages, **uncompressed):
        call_command("collectstatic", interactive=False, verbosity=0)

    (hashed,) = tmp_path.glob("forum/site.????????????.js")
    assert hashed.read_text() == without_comments("site.js", (OURS / "site.js").read_text())
    assert (tmp_path / "forum/site.js").read_text() == hashed.read_text()
    assert "/*" in (tmp_path / "admin/css/base.css").read_text()
