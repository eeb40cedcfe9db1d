"""The store of what was made of sessions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agenda.version_cache import Version, VersionCache

NOON = datetime(2019, 10, 31, 12, tzinfo=UTC)
ONE, TWO, THREE = (Version(pk, NOON) for pk in (1, 2, 3))


class Maker:
    """Makes "made of 1" of pk 1 and remembers what it was asked for."""

    def __init__(self):
        self.asked = []

    def __call__(self, pks):
        self.asked.append(pks)
        return {pk: f"made of {pk}" for pk in reversed(pks)}


@pytest.fixture
def kept():
    store = VersionCache(size=2)
    yield store
    VersionCache.every.remove(store)


def test_what_was_made_is_made_once(kept):
    make = Maker()

    first = kept.get([ONE], "list", make)
    second = kept.get([ONE], "list", make)

    assert first == second == {1: "made of 1"}
    assert make.asked == [[1]]


def test_order_is_the_one_asked_for(kept):
    make = Maker()
    kept.get([ONE], "list", make)

    assert list(kept.get([TWO, ONE], "list", make)) == [2, 1]


def test_only_what_is_missing_is_made(kept):
    make = Maker()
    kept.get([TWO], "list", make)

    kept.get([ONE, TWO], "list", make)

    assert make.asked == [[2], [1]]


def test_newer_version_is_made_anew(kept):
    make = Maker()
    kept.get([ONE], "list", make)

    kept.get([Version(1, NOON.replace(microsecond=1))], "list", make)

    assert make.asked == [[1], [1]]


def test_variants_are_kept_apart(kept):
    make = Maker()

    kept.get([ONE], "list", make)
    kept.get([ONE], "full", make)

    assert make.asked == [[1], [1]]


def test_what_make_leaves_out_is_left_out(kept):
    assert kept.get([ONE, TWO], "list", lambda pks: {2: "two"}) == {2: "two"}


def test_empty_text_is_kept_too(kept):
    make = Maker()
    kept.get([ONE], "list", lambda pks: {1: ""})

    assert kept.get([ONE], "list", make) == {1: ""}
    assert make.asked == []


def test_nothing_asked_makes_nothing(kept):
    make = Maker()

    assert kept.get([], "list", make) == {}
    assert make.asked == []


def test_full_store_forgets_the_oldest(kept):
    make = Maker()
    for version in (ONE, TWO, THREE):
        kept.get([version], "list", make)

    kept.get([TWO, THREE], "list", make)
    kept.get([ONE], "list", make)

    assert make.asked == [[1], [2], [3], [1]]


def test_more_than_fits_is_returned_whole(kept):
    assert len(kept.get([ONE, TWO, THREE], "list", Maker())) == 3


def test_clear_all_forgets_everything(kept):
    make = Maker()
    kept.get([ONE], "list", make)

    VersionCache.clear_all()
    kept.get([ONE], "list", make)

    assert make.asked == [[1], [1]]
