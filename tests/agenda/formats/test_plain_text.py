import pytest
from hypothesis import given
from hypothesis import strategies as st

from agenda.formats.plain_text import one_line, plain, tidy

BASE = "https://owl.example/2019/"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # HTML
        ("<p>Hello <b>World</b>.</p>\n<p>Bye.</p>", "Hello World.\n\nBye."),
        ("<p>First:</p><ul><li>One</li><li><p>Two</p></li></ul>Then", "First:\n\n- One\n- Two\n\nThen"),
        ("<ol><li>One\n<li>Two</ol>", "- One\n- Two"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<p>wrapped\n  here</p>", "wrapped here"),
        ("<pre>a\n   b</pre>", "a\n   b"),
        ("<p>A &lt;b&gt; &amp; &quot;c&quot;&nbsp;&#233;</p>", 'A <b> & "c"\xa0é'),
        ("<p>Use std::vector<int> here</p>", "Use std::vector<int> here"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ('<p>An <img src="x.png" alt="owl"> flies</p>', "An owl flies"),
        ("<p>x<!-- hidden --> y</p>", "x y"),
        ("<p>a <!-- b</p>", "a <!-- b"),
        ("<SCRIPT>alert('<p>')</script><style>p {}</style><p>ok</p>", "ok"),
        ("<p>The <title> and <style> tags</p>", "The <title> and <style> tags"),
        ("<dl><dt>a</dt><dd>b</dd></dl><h2>c</h2>d", "a\n\nb\n\nc\n\nd"),
        ('<a href="//[">bad</a> and <a href="HTTP://A.EXAMPLE">ok</a>', "bad and ok (HTTP://A.EXAMPLE)"),
        # links
        ('<a href="https://a.example/b?c=1&amp;d=2">Words</a>', "Words (https://a.example/b?c=1&d=2)"),
        ("<a href='https://a.example/'>a.example</a>", "https://a.example/"),
        ("<a href=https://a.example>https://a.example</a>", "https://a.example"),
        ('<a href="mailto:ada@owl.example?subject=x">Ada</a>', "Ada (ada@owl.example)"),
        ('<a href="../map">Map</a>', "Map (https://owl.example/map)"),
        ('<a href="#top">Up</a> <a href="javascript:alert(1)">Bad</a> <a>None</a>', "Up Bad None"),
        ('<p><a href="https://a.example/">one <b>two</b></a></p>', "one two (https://a.example/)"),
        # Markdown
        ("# Title\n\nText", "Title\n\nText"),
        ("## Title ##\ntext", "Title\ntext"),
        ("*a* **b c** _d_ __e f__ ***g***", "a b c d e f g"),
        ("* one\n* two\n  + three", "- one\n- two\n  - three"),
        ("[a](https://b.example/(x)) and [c](d.html)", "a (https://b.example/(x)) and c (https://owl.example/2019/d.html)"),
        ('[a](https://b.example "Title") ![pic](https://b.example/p.png)', "a (https://b.example) pic (https://b.example/p.png)"),
        ("<https://a.example/> [https://b.example](https://b.example)", "https://a.example/ https://b.example"),
        ("snake_case_word __init__ 2*3*4 a * b * c 5 * 6", "snake_case_word __init__ 2*3*4 a * b * c 5 * 6"),
        ("One <b>x</b><br>\ntwo\n\n* three", "One x\ntwo\n\n- three"),
        ("1\n\n2 <a href='https://a.example'>a</a>\n\n3", "1\n\n2 a (https://a.example)\n\n3"),
        # neither
        ("Use the <b> tag & <int>", "Use the <b> tag & <int>"),
        ("a\r\nb\rc\x0bd  \n\n\n\n e\x00\x07\ud800\ufffe", "a\nb\nc\nd\n\n e"),
        ("", ""),
    ],
)  # fmt: skip
def test_plain_is_what_the_product_shows(text, expected):
    assert plain(text, BASE) == expected
    assert plain(expected, BASE) == expected


def test_relative_link_without_base_keeps_its_words():
    assert plain('<a href="/map">Map</a>') == "Map"
    assert plain("rows[0](x) and [list](list.html)") == "rows[0](x) and [list](list.html)"


def test_one_line_joins_lines_and_keeps_blanks_inside_them():
    assert one_line(" Two\r\n   lines\x00 \t of  a\xa0title\ud800 ") == "Two lines   of  a\xa0title"


@given(st.text(st.characters(exclude_categories=())))
def test_texts_can_be_stored_and_are_cleaned_once(text):
    for clean in (tidy, one_line):
        assert clean(clean(text)) == clean(text)
    plain(text).encode()
    assert not {"\0", "\r"} & set(plain(text))
