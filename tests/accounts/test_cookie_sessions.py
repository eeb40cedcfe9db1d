"""Cookie sessions that several requests of one browser read and write at once, and that get another key at a log-in."""

from __future__ import annotations

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session as CookieSession
from django.utils import timezone

from accounts.backends import SessionStore, merged
from tests.threads import at_once

pytestmark = pytest.mark.django_db
BROWSER = "c" * 43  # the random text in its cookie


def stored(key: str | None) -> dict[str, object]:
    return dict(SessionStore(key).items())


def begun(**values: object) -> str:
    """The key of a session with these values."""
    store = SessionStore()
    store.update(values)
    store.save()
    return store.session_key


def test_two_requests_keep_what_each_has_saved():
    key = begun(stars=[1, 2], zone="Asia/Tokyo", step=1)
    one, two = SessionStore(key), SessionStore(key)
    assert one.get("stars") == two.get("stars")

    one["stars"] = [1, 2, 3]
    del one["step"]
    one.save()
    two["stars"] = [2, 4]
    two["offered"] = True
    two.save()

    assert stored(key) == {"stars": [2, 3, 4], "zone": "Asia/Tokyo", "offered": True}
    assert dict(two.items()) == stored(key)


@pytest.mark.parametrize(
    ("mine", "expected"),
    [
        ({"list": [1], "text": "a"}, {"list": [1, 9], "text": "b", "new": [0]}),
        ({"list": [1, 2], "text": "c"}, {"list": [1, 9, 2], "text": "c", "new": [0]}),
        ({"list": []}, {"list": [9], "new": [0]}),
        ({"list": [1], "text": "a", "new": [5]}, {"list": [1, 9], "text": "b", "new": [0, 5]}),
        ({"list": None, "text": "a"}, {"list": None, "text": "b", "new": [0]}),
    ],
)
def test_merging_takes_what_differs_from_before(mine, expected):
    before, theirs = {"list": [1], "text": "a"}, {"list": [1, 9], "text": "b", "new": [0]}

    assert merged(before, mine, theirs) == expected


def test_session_that_was_deleted_meanwhile_is_not_saved_again():
    key = begun(stars=[1])
    late = SessionStore(key)
    late["stars"] = [1, 2]
    SessionStore().delete(key)

    with pytest.raises(UpdateError):
        late.save()

    assert not CookieSession.objects.exists()


def test_another_key_takes_along_what_was_saved_meanwhile():
    key = begun(stars=[1])
    login, other = SessionStore(key), SessionStore(key)
    assert login["stars"] == [1]
    other["stars"] = [1, 2]
    other.save()

    login.cycle_key()

    assert login["stars"] == [1, 2]
    assert stored(login.session_key) == {"stars": [1, 2]}


def test_former_key_opens_and_takes_nothing_and_keeps_the_cookie():
    key = begun(stars=[1])
    late, login = SessionStore(key), SessionStore(key)
    assert late["stars"] == [1]
    login.cycle_key()

    for store in (late, SessionStore(key)):
        store["stars"] = [2]
        with pytest.raises(UpdateError):
            store.save()

    former = SessionStore(key)
    assert (former.get("stars"), former.session_key, former.is_empty()) == (None, key, False)
    assert stored(login.session_key) == {"stars": [1]}


def test_former_key_is_forgotten_after_a_minute(time_machine):
    time_machine.move_to("2019-10-01T12:00Z", tick=False)
    key = begun(stars=[1])
    SessionStore(key).cycle_key()
    time_machine.move_to("2019-10-01T12:01Z", tick=False)

    late = SessionStore(key)

    assert (late.get("stars"), late.session_key) == (None, None)
    assert CookieSession.objects.get(pk=key).expire_date == timezone.now()


def test_two_log_ins_at_once_both_succeed():
    key = begun(stars=[1])
    one, two = SessionStore(key), SessionStore(key)
    assert one["stars"] == two["stars"]

    one.cycle_key()
    two.cycle_key()

    assert stored(one.session_key) == stored(two.session_key) == {"stars": [1]}
    assert len({key, one.session_key, two.session_key}) == 3


def test_two_requests_that_begin_at_once_share_a_session(shared_database):
    numbers = iter(range(8))

    def begin() -> str | None:
        store = SessionStore()
        store.begin(BROWSER)
        store["stars"] = [next(numbers)]
        store.save()
        return store.session_key

    (key,) = set(at_once(8, begin))

    assert sorted(stored(key)["stars"]) == list(range(8))


@pytest.mark.parametrize("later", [{"seconds": 61}, {"user": True}, {"moved": True}])
def test_session_of_before_is_not_shared(time_machine, later):
    time_machine.move_to("2019-10-01T12:00Z", tick=False)
    first, second = SessionStore(), SessionStore()
    first.begin(BROWSER)
    if "user" in later:
        first[SESSION_KEY] = "1"
        first.save()
    if "moved" in later:
        first.cycle_key()
    time_machine.shift(later.get("seconds", 0))

    second.begin(BROWSER)

    assert second.session_key not in (None, first.session_key)
    assert SESSION_KEY not in second
