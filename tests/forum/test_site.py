"""What holds for the whole site: every page's shape and headers, every link, and no migration forgotten."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from urllib.parse import urldefrag, urljoin
from uuid import UUID

import pytest
from django.core.management import call_command

from accounts.models import CalendarKey
from agenda.models import Session, Star
from tests.conftest import PASSWORD
from tests.pages import page

pytestmark = pytest.mark.any_database

KVM = "/kvm-forum-2019/"
PUBLIC = [
    KVM,
    f"{KVM}?view=full",
    f"{KVM}?view=grid",
    "/agenda/?view=calendar",
    f"{KVM}?q=xyzzy&day=2019-10-31",
    f"{KVM}?day=never",
    f"{KVM}now/",
    f"{KVM}sessions/nesting-testing/",
    f"{KVM}speakers/",
    f"{KVM}speakers/chao-peng/",
    f"{KVM}apps/",
    "/agenda/",
    "/agenda/apps/",
    "/agenda/time-zone/",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/login/code/",
    "/accounts/password/reset/",
    "/nothing/",
]
KEY = UUID(int=1)  # the same in each test, as they share what was visited
SIGNED_IN = [
    *PUBLIC[:12],
    "/agenda/calendars/",
    f"/agenda/calendars/{KEY}/renew",
    "/agenda/calendars/add/apple/",
    "/agenda/calendars/add/caldav/",
    "/accounts/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/logout/",
    "/nothing/",
]


@pytest.fixture(autouse=True)
def programme(kvm_forum, alice, time_machine):
    """The seed during its event, with a star and a calendar of Alice's."""
    time_machine.move_to("2019-10-31T10:10:00Z", tick=False)
    Star.objects.create(user=alice, session=Session.objects.get(slug="nesting-testing"))
    CalendarKey.objects.issue(alice, name="Phone", once="once")
    CalendarKey.objects.update(id=KEY)


@pytest.fixture(scope="module")
def visits():
    """What `visited` found, once for all tests here: they only read it."""
    return []


@pytest.fixture
def visited(visits, client, alice):
    """(address, answer, its tree) of every page, as a visitor and as Alice."""

    def visit():
        for address in PUBLIC:
            yield f"visitor {address}", client.get(address)
        client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
        for address in SIGNED_IN:
            yield f"alice {address}", client.get(address)

    if not visits:
        visits += [(address, response, page(response)) for address, response in visit()]
    return visits


def test_every_page_has_one_heading_one_title_and_one_main_part(visited):
    shapes = {
        address: [len(root.all(tag)) for tag in ("h1", "title", "main")]
        + [bool(root.one("h1").text), root.one("main")["id"]]
        for address, _, root in visited
    }

    assert shapes == {address: [1, 1, 1, True, "main"] for address in shapes}
    assert len(shapes) == len(PUBLIC) + len(SIGNED_IN)


def test_every_page_begins_with_a_way_past_the_header(visited):
    assert {root.all("a")[0]["href"] for _, _, root in visited} == {"#main"}
    assert {root.one("html")["lang"] for _, _, root in visited} == {"en-GB"}


def test_every_page_lets_nothing_run_but_the_sites_own_files(visited):
    for address, response, _ in visited:
        policy = dict(part.strip().partition(" ")[::2] for part in response["Content-Security-Policy"].split(";"))
        assert policy == {
            **dict.fromkeys(("default-src", "base-uri", "frame-ancestors"), "'none'"),
            **dict.fromkeys(
                ("script-src", "style-src", "connect-src", "worker-src", "manifest-src", "form-action"), "'self'"
            ),
            "img-src": "'self' data:",
        }, address


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Referrer-Policy", "same-origin"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ],
)
def test_every_page_has_the_header(visited, header, value):
    assert {address: response[header] for address, response, _ in visited} == {
        address: value for address, *_ in visited
    }


def test_every_page_is_kept_by_its_readers_browser_alone(visited):
    assert [address for address, response, _ in visited if "private" not in response.get("Cache-Control", "")] == []


def test_no_cache_keeps_a_page_of_one_person_for_back_after_log_out(visited):
    """Nor the pages to log in and sign up, which hold a typed address."""
    kept = [address.split() for address, response, _ in visited if "no-store" not in response["Cache-Control"]]

    assert [(who, path) for who, path in kept if who != "visitor" or path.startswith(("/accounts/", "/agenda/"))] == []
    assert ["visitor", "/kvm-forum-2019/"] in kept


def test_no_page_has_a_script_or_style_inside(visited):
    for address, _, root in visited:
        assert [script["src"] for script in root.all("script") if script.text] == [], address
        assert root.all("style") == [], address
        inline = [
            name for element in root.every() for name in element.attributes if name == "style" or name[:2] == "on"
        ]
        assert inline == [], address


def test_no_id_is_given_twice_on_a_page(visited):
    for address, _, root in visited:
        ids = Counter(element["id"] for element in root.every() if "id" in element.attributes)
        assert [name for name, times in ids.items() if times > 1] == [], address


def test_every_form_that_changes_something_can_prove_where_it_stood(visited):
    forms = [form for _, _, root in visited for form in root.all("form", method="post")]

    assert len(forms) > 20
    assert [form for form in forms if "csrfmiddlewaretoken" not in form.fields()] == []


def test_headings_never_skip_a_level(visited):
    for address, _, root in visited:
        levels = [int(element.tag[1]) for element in root.every() if element.tag in ("h1", "h2", "h3", "h4")]
        assert levels[0] == 1, address
        assert [pair for pair in pairwise(levels) if pair[1] > pair[0] + 1] == [], address


@pytest.mark.parametrize("who", ["visitor", "alice"])
def test_every_link_of_the_site_opens_and_its_fragment_is_there(client, alice, visited, who):
    pages = [(address.split()[1], root) for address, _, root in visited if address.startswith(who)]
    links = {urljoin(address, link["href"]) for address, root in pages for link in root.all("a")}
    client.force_login(alice) if who == "alice" else client.logout()
    read = dict(pages)  # from then: a calendar's letters are others in each test
    broken = []
    for link in sorted(link for link in links if link.startswith("/") and not link.startswith("/nothing/")):
        address, fragment = urldefrag(link)
        response = client.get(address, follow=True)
        if response.status_code != 200 or (fragment and not (read.get(address) or page(response)).all("", id=fragment)):
            broken.append(link)

    assert broken == []
    assert len(links) > 60


def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
