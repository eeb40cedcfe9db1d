"""Forms of /admin/ filled in and sent as an editor's browser does, and what comes back."""

from __future__ import annotations

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.pages import VOID, Element, Reader


class AdminReader(Reader):
    """Django's own pages write <use/> in their drawings."""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)


def page(response: HttpResponse) -> Element:
    """The answer's tree; its status must be that of a page."""
    assert response.status_code == 200, response
    reader = AdminReader()
    reader.feed(response.content.decode())
    (root,) = reader.open
    return root


def read(response: HttpResponse) -> Element:
    """The answer's tree, whatever its status."""
    reader = AdminReader()
    reader.feed(response.content.decode())
    return reader.open[0]


def save(client: Client, row: object, sent: dict[str, str], **fields: object) -> HttpResponse:
    """The answer to a form that was opened earlier."""
    return client.post(address(row), {name: value for name, value in (sent | fields).items() if value is not None})


def answer(
    client: Client, row: object, response: HttpResponse, *, files: dict[str, object] | None = None, **choices: str
) -> HttpResponse:
    """The answer to the page that asks; it sends the hidden form again."""
    form = read(response).one("form", id="both_changed_form")
    sent = {each["name"]: "".join(each.children).removeprefix("\n") for each in form.all("textarea")}
    hidden = [each for each in form.all("input") if each.attributes["type"] == "hidden"]
    sent |= {each["name"]: each["value"] for each in hidden}
    return client.post(
        address(row), sent | (files or {}) | {f"_choose-{name}": value for name, value in choices.items()}
    )


def address(row: object, doing: str = "change") -> str:
    """Of the page that changes or deletes this row."""
    return reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_{doing}", args=[row.pk])


def filled(client: Client, at: str) -> dict[str, str]:
    """What the form there sends if nothing in it is touched; lines end as browsers send them, with CRLF."""
    form = next(form for form in page(client.get(at)).all("form") if form.attributes.get("id", "").endswith("_form"))
    sent = {field["name"]: "".join(field.children).removeprefix("\n") for field in form.all("textarea")}
    sent = {name: text.replace("\n", "\r\n") for name, text in sent.items()}
    sent |= {field["name"]: option["value"] for field in form.all("select") for option in _selected(field)}
    return sent | {field["name"]: _value(field) for field in form.all("input") if _is_sent(field)}


def _selected(field: Element) -> list[Element]:
    if "disabled" in field.attributes:
        return []
    return [option for option in field.all("option") if "selected" in option.attributes]


def _is_sent(field: Element) -> bool:
    kind = field.attributes.get("type", "text")
    return kind not in ("submit", "file") and (kind != "checkbox" or "checked" in field.attributes)


def _value(field: Element) -> str:
    return field.attributes.get("value", "on" if field.attributes["type"] == "checkbox" else "")


def change(client: Client, row: object, **fields: str | None) -> HttpResponse:
    """The answer to the row's own form with these fields changed."""
    return send(client, address(row), **fields)


def send(client: Client, at: str, **fields: str | None) -> HttpResponse:
    """The answer to the form there with these fields filled in; None takes one out, as an unticked box is."""
    sent = filled(client, at) | fields
    return client.post(at, {name: value for name, value in sent.items() if value is not None}, follow=True)


ASKED_FIRST = ("cancel", "unpublish")


def act(client: Client, action: str, *rows: object, **fields: str) -> HttpResponse:
    """The answer to an action on these rows of their list, and to the page that asks first."""
    if action in ASKED_FIRST:
        fields = {"confirmed": "yes", **fields}
    at = reverse(f"admin:{rows[0]._meta.label_lower.replace('.', '_')}_changelist")
    chosen = {"action": action, "_selected_action": [row.pk for row in rows], "index": 0}
    return client.post(at, chosen | fields, follow=True)


def messages(response: HttpResponse) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def errors(response: HttpResponse) -> dict[str, list[str]]:
    """What was refused, by field; "" is the form as a whole."""
    lists = page(response).all("ul.errorlist")
    return {
        each.attributes.get("id", "").removeprefix("id_").removesuffix("_error"): each.texts("li") for each in lists
    }
