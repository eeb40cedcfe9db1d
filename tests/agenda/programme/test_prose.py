"""Plain text shown well: the seed's own abstracts, and whatever else people may type."""

from __future__ import annotations

import json
import re

import pytest
from django.conf import settings
from hypothesis import example, given
from hypothesis import strategies as st

from agenda.programme.prose import credited, first_sentences, fold, people, to_html
from tests.pages import read_html

FIXTURE = json.loads((settings.BASE_DIR / "fixtures" / "kvm-forum-2019.json").read_text())
SESSIONS = [row["fields"] for row in FIXTURE if row["model"] == "agenda.session"]
ABSTRACTS = {session["title"]: session["abstract"] for session in SESSIONS}

TAG = re.compile(r'<(?:p|li) dir="auto">|</?(?:p|ul|li|br)>|<a href="https?://[^"<>\s]*" rel="nofollow noopener">|</a>')
scraps = st.sampled_from(
    [
        *("\n", "\n\n", "\r\n", "\n \n", " ", "\t", "\u00a0", "\u2028", "\x0b", "\x00", "\ufeff"),
        *("- ", "* ", "• ", "-", "  - ", "-\n", "- \n", "\n- ", "\n  more"),
        *("https://", "http://a.example/x?y=1&z=2", "HTTPS://B.EXAMPLE", "javascript:alert(1)", ".", ")", "(", "]"),
        *("<script>alert(1)</script>", "</p>", "<!--", "]]>", "&amp;", "&", "'", '"', "<", ">", "“", "”"),
        *("word", "a" * 50, "twelve words " * 4),
    ]
)
any_text = st.lists(scraps | st.text(max_size=8), max_size=20).map("".join)


def abstract_of(title: str) -> str:
    return next(text for name, text in ABSTRACTS.items() if name.startswith(title))


def words(text: str) -> list[str]:
    """All words but the marks of list entries, which are not shown."""
    return [word for word in text.split() if word not in ("-", "*", "•")]


@pytest.mark.parametrize("title", ["Nesting&testing", "virtio-vsock"])
def test_lines_wrapped_by_hand_are_joined(title):
    text = abstract_of(title)

    paragraphs = read_html(to_html(text)).texts("p")

    assert paragraphs == [" ".join(block.split()) for block in text.split("\n\n")]


@pytest.mark.parametrize(
    ("title", "paragraphs"),
    [("Virtualized Fibre-channel", 3), ("Towards the Higher", 3), ("QEMU-Hexagon", 6), ("Bring QEMU", 3)],
)
def test_long_lines_are_paragraphs_of_their_own(title, paragraphs):
    text = abstract_of(title)

    shown = read_html(to_html(text)).texts("p")

    assert shown == [line for line in text.split("\n") if line]
    assert len(shown) == paragraphs


def test_kubevirt_list_is_a_list_of_seven():
    root = read_html(to_html(abstract_of("KubeVirt")))

    assert [element.tag for element in root.children] == ["p", "ul"]
    assert root.one("p").text.endswith("In this talk we are")
    assert len(root.all("li")) == 7
    assert root.texts("li")[0] == "giving small demo to illustrate how KubeVirt works"
    assert root.texts("li")[6] == "and what is laying ahead"


@pytest.mark.parametrize("title", ABSTRACTS)
def test_seed_abstract_keeps_every_word_and_has_no_line_break(title):
    root = read_html(to_html(ABSTRACTS[title]))

    assert words(" ".join(root.texts("p") + root.texts("li"))) == words(ABSTRACTS[title])
    assert root.all("br") == []


def test_addresses_are_links_without_the_bracket_around_them():
    root = read_html(to_html(abstract_of("SPDK")))

    assert [(link["href"], link.text, link["rel"]) for link in root.all("a")] == [
        ("https://virtio-fs.gitlab.io/", "https://virtio-fs.gitlab.io/", "nofollow noopener"),
        ("https://spdk.io", "https://spdk.io", "nofollow noopener"),
    ]
    assert "Virtio-fs(https://virtio-fs.gitlab.io/) is proposed" in root.text


@pytest.mark.parametrize(
    ("title", "escaped"),
    [("Bring QEMU", "period ( &lt; 35 ms) with"), ("Hybird", "pass through(L0-&gt;L1) to")],
)
def test_signs_of_the_seed_are_escaped_once(title, escaped):
    assert to_html(abstract_of(title)).count(escaped) == 1


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        (" \n \n ", ""),
        ("One.", "<p>One.</p>"),
        ("One.\r\n\r\n\r\nTwo.", "<p>One.</p><p>Two.</p>"),
        ("One.\n \t \nTwo.", "<p>One.</p><p>Two.</p>"),
        ("Part 1\nPart 2", "<p>Part 1<br>Part 2</p>"),
        ("Nesting&testing", "<p>Nesting&amp;testing</p>"),
        ("&amp; <b>", "<p>&amp;amp; &lt;b&gt;</p>"),
        ("- one\n* two\n• three", "<ul><li>one</li><li>two</li><li>three</li></ul>"),
        ("We:\n- one\n- two\nAnd so on", "<p>We:</p><ul><li>one</li><li>two</li></ul><p>And so on</p>"),
        ("- one\n  goes on\n- two", "<ul><li>one goes on</li><li>two</li></ul>"),
        ("- one\n  - nested", "<ul><li>one</li><li>nested</li></ul>"),
        ("-- no list\n-1 degree", "<p>-- no list<br>-1 degree</p>"),
        ("- \nafter an empty entry", "<p>-<br>after an empty entry</p>"),
        ("Before\n-\n- one", "<p>Before<br>-</p><ul><li>one</li></ul>"),
    ],
)
def test_text_becomes_paragraphs_and_lists(text, html):
    assert to_html(text) == html.replace("<p>", '<p dir="auto">').replace("<li>", '<li dir="auto">')


def test_short_lines_that_nobody_wrapped_keep_their_breaks():
    text = "A line of more than forty characters, certainly.\nShort.\nA line of more than forty characters again."

    assert len(read_html(to_html(text)).all("br")) == 2


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("See https://a.example/x.", "https://a.example/x"),
        ("(see https://a.example/x)", "https://a.example/x"),
        ("https://a.example/Nesting_(KVM)", "https://a.example/Nesting_(KVM)"),
        ("[https://a.example/x], and", "https://a.example/x"),
        ("“https://a.example/x”", "https://a.example/x"),
        ("<https://a.example/x>", "https://a.example/x"),
        ("http://a.example/?q=1&r=it's!", "http://a.example/?q=1&r=it's"),
        ("really https://a.example/?!?", "https://a.example/"),
        ("詳しくは https://a.example/x。ここ", "https://a.example/x"),
        ("請看https://a.example/x，謝謝", "https://a.example/x"),
        ("（https://a.example/x）", "https://a.example/x"),
        ("「https://a.example/x」と", "https://a.example/x"),
        ("https://a.example/日本語", "https://a.example/日本語"),
    ],
)
def test_address_ends_before_what_follows_it_in_the_sentence(text, address):
    root = read_html(to_html(text))

    assert root.one("a")["href"] == address
    assert root.text == text


@pytest.mark.parametrize("text", ["javascript:alert(1)", "data:text/html,x", "//a.example", "ftp://a.example", "a@b.c"])
def test_only_web_addresses_are_links(text):
    assert read_html(to_html(text)).all("a") == []


@given(any_text)
@example("- \nfoo")
@example("https://…)")
def test_any_text_keeps_its_words_and_nothing_but_known_tags(text):
    html = to_html(text)

    assert not re.search("[<>]", TAG.sub("", html))
    assert words(read_html(html).text) == words(text)


@given(any_text)
def test_links_show_what_they_open(text):
    for link in read_html(to_html(text)).all("a"):
        assert [link["href"]] == link.children
        assert re.match("https?://", link["href"])


@pytest.mark.parametrize(
    ("byline", "html"),
    [
        ("Marc Hartmayer, IBM", "<b>Marc Hartmayer</b>, IBM"),
        ("Jing Liu & Chao Peng, Intel", "<b>Jing Liu</b> &amp; <b>Chao Peng</b>, Intel"),
        ("Jan <b>, R&D, X", "<b>Jan &lt;b&gt;</b>, R&amp;D, X"),
        ("", "<b></b>"),
    ],
)
def test_names_in_a_byline_are_set_off(byline, html):
    assert credited(byline) == html


def test_one_name_with_an_and_of_its_own_is_not_parted():
    byline, whole = "Bo Ek, Tern & Tide & Ann & Co & Sons & Jo <i>", ["Tern & Tide", "Ann & Co", "Ann & Co & Sons"]

    assert credited(byline, whole) == (
        "<b>Bo Ek</b>, Tern &amp; Tide &amp; <b>Ann &amp; Co &amp; Sons</b> &amp; <b>Jo &lt;i&gt;</b>"
    )
    assert people(byline, whole) == (
        'Bo Ek<span class="org">, Tern &amp; Tide</span> &amp; Ann &amp; Co &amp; Sons &amp; Jo &lt;i&gt;'
    )


def test_short_text_is_its_own_summary():
    assert first_sentences(" One.\n\nTwo. ") == "One. Two."


def test_summary_is_cut_at_a_word():
    assert first_sentences("Hard times, hardly any time", 12) == "Hard times…"


def test_summary_of_one_endless_word_is_cut_too():
    assert first_sentences("w" * 300) == "w" * 199 + "…"


@given(st.text(), st.integers(2, 40))
def test_summary_is_never_longer_than_asked(text, length):
    assert len(first_sentences(text, length)) <= length


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Bennée", "bennee"),
        ("BENNÉE", "bennee"),
        ("Be\u0301la", "bela"),
        ("Straße", "strasse"),
        ("ﬁle\u00a0№", "file no"),
        ("Łódź Ørsted Đurić Sığ Ħal Ærø Œuvre Þór", "lodz orsted duric sig hal aero oeuvre thor"),
        ("What’s ‘new’", "what's 'new'"),
        ("virtio‑fs — on–line", "virtio-fs - on-line"),
        ("zero\u200bwidth", "zerowidth"),
        ("l´heure l`heure l′heure lʼheure l＇heure l‛heure", " ".join(["l'heure"] * 6)),
        ("a‐b a‑b a‒b a–b a—b a―b a−b a﹣b a－b a⸺b אב־גד", " ".join(["a-b"] * 10) + " אב-גד"),
        ("\u2067KVM\u2069 ☆\ufe0e soft\u00adly", "kvm ☆ softly"),
        ("Ŧŋ Ðð Ƶ ƀ ẞ", "tn dd z b ss"),
    ],
)
def test_folded_text_has_no_case_and_accents(text, folded):
    assert fold(text) == folded
