"""The number of stars in every page's header: what a person would count in their agenda."""

from __future__ import annotations

from agenda.models import Session, StarLog
from agenda.stars.starring import star
from tests.agenda.kvm_forum import KVM, session_of
from tests.pages import page

AGENDA = "/agenda/"


def star_two(user) -> None:
    """Of which one is then unpublished."""
    two = [session_of("Managing"), session_of("Nesting")]
    star(user, [session.pk for session in two], through=StarLog.Through.PAGE)
    Session.objects.filter(pk=two[1].pk).update(is_published=False)


def test_unpublished_star_is_not_counted(client, alice, kvm_forum):
    star_two(alice)
    client.force_login(alice)

    counts = [page(client.get(address)).one("span", id="star-count").text for address in (AGENDA, KVM, "/accounts/")]

    assert counts == ["1", "1", "1"]


def test_editor_sees_and_counts_unpublished_stars(client, editor, kvm_forum):
    star_two(editor)
    client.force_login(editor)

    roots = [page(client.get(address)) for address in (AGENDA, KVM)]

    assert [root.one("span", id="star-count").text for root in roots] == ["2", "2"]
    assert len(roots[1].all("button.star", aria_pressed="true")) == 2
