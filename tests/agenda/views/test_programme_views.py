"""The views of the programme: chosen by the address, and then kept in this browser."""

from __future__ import annotations

import pytest

from agenda.models import Speaker
from tests.agenda.kvm_forum import KVM
from tests.pages import Element, page

pytestmark = pytest.mark.any_database


def shown(root: Element) -> str:
    """The view that the switch says is shown."""
    (words,) = root.one("nav.views").texts("a", aria_current="true")
    return words


def test_switch_has_three_views_that_keep_the_filters(client, kvm_forum):
    views = page(client.get(f"{KVM}?q=kvm&day=2019-10-31")).one("nav.views").all("a")

    assert {view.text: view["href"] for view in views} == {
        words: f"?day=2019-10-31&q=kvm&view={words.lower()}" for words in ("List", "Full", "Grid")
    }


def test_chosen_view_is_kept_until_another_is_chosen(client, kvm_forum):
    views = [shown(page(client.get(KVM + query))) for query in ("", "?view=full", "?slides=1", "?view=list", "")]

    assert views == ["List", "Full", "Full", "List", "List"]
    assert client.cookies["view"].value == "list"


@pytest.mark.parametrize("value", ["3d", ""])
def test_unknown_view_of_a_cookie_is_the_list(client, kvm_forum, value):
    client.cookies["view"] = value

    assert shown(page(client.get(KVM))) == "List"


def test_preview_keeps_no_view(client, kvm_forum, editor):
    client.force_login(editor)
    client.get(f"{KVM}?view=full&at=2019-10-31T11:10")

    assert "view" not in client.cookies


def test_letters_lead_to_the_first_name_of_each(client, kvm_forum):
    Speaker.objects.filter(name="Yulei Zhang").update(name="Émile")
    Speaker.objects.filter(name="Chao Peng").update(name="3D Chao")
    root = page(client.get(f"{KVM}speakers/"))

    letters = {link.text.removeprefix("To the names with "): link["href"] for link in root.one("nav.letters").all("a")}

    assert list(letters.items())[:4] == [
        ("#", "#p-chao-peng"),
        ("A", "#p-alex-bennee"),
        ("E", "#p-elena-ufimtseva"),
        ("F", "#p-fabian-deutsch"),
    ]
