"""What the tests of "My calendars" do on its pages."""

from __future__ import annotations

from uuid import UUID

from accounts.models import CalendarKey, User
from tests.pages import Element, page

CALENDARS = "/agenda/calendars/"
ADD = f"{CALENDARS}add"
TIDY = f"{CALENDARS}tidy"
NOBODYS = CalendarKey(pk=UUID(int=4))
WORDS = ("rename", "choose", "renew", "revoke", "reopen")  # what can be done with a calendar


def key_of(user: User, name: str = "Phone", kind: str = "feed", **fields: object) -> CalendarKey:
    key, _ = CalendarKey.objects.issue(user, name=name, once=f"{user.pk} {name}", kind=kind)
    CalendarKey.objects.filter(pk=key.pk).update(**fields)
    key.refresh_from_db()
    return key


def address_of(key: CalendarKey, word: str) -> str:
    return f"{CALENDARS}{key.pk}/{word}"


def add(client, place: str = "other", **form: str) -> Element:
    return page(client.post(ADD, {"place": place, **form}))


def address_shown(root: Element) -> str:
    return root.one("code", id="address").text


def said(response) -> list[str]:
    return page(response).one("div", id="messages").texts("p")


def own_page(client, key: CalendarKey | None = None) -> Element:
    """The page of that calendar, or of the only one."""
    return page(client.get(f"{CALENDARS}{(key or CalendarKey.objects.active().get()).pk}/"))


def offered(client, place: str) -> Element:
    """The form on a place's page, of the button that makes the key."""
    return page(client.get(f"{ADD}/{place}/")).one("form", action=ADD)


def sent(form: Element) -> dict[str, list[str]]:
    """What a browser sends if nothing in the form is touched, its buttons apart."""
    values: dict[str, list[str]] = {}
    for field in form.all("input"):
        if field.attributes.get("type") not in ("checkbox", "radio") or "checked" in field.attributes:
            values.setdefault(field["name"], []).append(field.attributes.get("value", ""))
    for select in form.all("select"):
        values[select["name"]] = [each["value"] for each in select.all("option") if "selected" in each.attributes]
    return values
