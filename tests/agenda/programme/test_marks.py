"""Found words in <mark>: where the search looks, as it compares, and with all of the text kept and escaped."""

from __future__ import annotations

import re
import time
from html import unescape

import pytest
from django.utils.safestring import mark_safe
from hypothesis import example, given
from hypothesis import strategies as st

from agenda.programme.marks import mark_rows, marked
from agenda.programme.prose import fold
from tests.pages import read_html

# Letters that fold to several, to one, to none, and what HTML is made of.
signs = st.text(st.sampled_from("aeAEłŁóéÉßæÆœıİﬁ’'–- <>&\"`;#x27\u0301\u200b\u00ad漢"), max_size=60)
ROW = (
    '<li class="session" id="s-a"><h3 class="title" dir="auto"><a href="/kvm/">{}</a></h3><p class="meta">KVM</p></li>'
)


@pytest.mark.parametrize(
    ("text", "q", "html"),
    [
        ("Łódź by night", "lodz", "<mark>Łódź</mark> by night"),
        ("Łódź by night", "NIGHT łódź", "<mark>Łódź</mark> by <mark>night</mark>"),
        ("Alex Benne\u0301e", "bennee", "Alex <mark>Benne\u0301e</mark>"),
        ("Straße", "strasse", "<mark>Straße</mark>"),
        ("Æther", "e", "<mark>Æ</mark>th<mark>e</mark>r"),
        ("virtio‑fs", "virtio-fs", "<mark>virtio‑fs</mark>"),
        ("What’s Going On?", "what's", "<mark>What’s</mark> Going On?"),
        ("co\u00adoperate", "cooperate", "<mark>co\u00adoperate</mark>"),
        ("aaa", "aa a", "<mark>aaa</mark>"),
        ("R&D <b>", "&", "R<mark>&amp;</mark>D &lt;b&gt;"),
        ("R&D <b>", "amp", "R&amp;D &lt;b&gt;"),
        ("R&D <b>", "<b>", "R&amp;D <mark>&lt;b&gt;</mark>"),
        ("KVM", "", "KVM"),
        ("KVM", "\u200b", "KVM"),
    ],
)
def test_words_found_are_marked(text, q, html):
    assert marked(text, q) == html


@given(signs, signs)
@example("’İﬁ", "'")
def test_marking_escapes_and_keeps_every_text(text, q):
    html = marked(text, q)

    assert unescape(re.sub("</?mark>", "", html)) == text
    assert not re.search("[<>]", re.sub("</?mark>", "", html))


@given(signs, signs)
def test_text_is_marked_if_the_search_finds_it_and_no_word_is_left_unmarked(text, q):
    words = fold(q).split()

    outside = re.split("<mark>.*?</mark>", marked(text, q), flags=re.DOTALL)

    assert (len(outside) > 1) == any(word in fold(text) for word in words)
    assert not any(word in fold(unescape(part)) for word in words for part in outside)


@given(signs, signs)
def test_marked_rows_keep_their_elements_and_words(title, q):
    row = mark_safe(ROW.format(marked(title, "")))  # noqa: S308 (escaped)

    before, after = read_html(row), read_html(mark_rows(row, q))

    assert [element.tag for element in after.every() if element.tag != "mark"] == [each.tag for each in before.every()]
    assert [each.attributes for each in after.all("a")] == [each.attributes for each in before.all("a")]
    assert "".join(after._texts()) == "".join(before._texts())


def test_rows_are_marked_only_where_the_search_looks():
    row = mark_safe(ROW.format("KVM &amp; kvm"))  # noqa: S308 (written here)

    marks = [element.text for element in read_html(mark_rows(row, "kvm session")).all("mark")]

    assert marks == ["KVM", "kvm"]
    assert mark_rows(row, "") is row


def test_marking_takes_time_in_proportion_to_the_text():
    def seconds(size: int) -> float:
        row = mark_safe(ROW.format("ab" * size + "&lt;"))  # noqa: S308 (written here)
        begun = time.process_time()
        mark_rows(row, "a b ab ba aba bab" + " <p" * 20)
        return time.process_time() - begun

    seconds(1_000)
    assert seconds(200_000) < 40 * max(seconds(20_000), 0.001)
