"""The places that an agenda can be synced to: a button each, the links that subscribe there, and the steps to take."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from accounts.models import CalendarKey

LATE = "looks for changes when it likes, from every few hours to once a day."


@dataclass(frozen=True, slots=True)
class Link:
    """A link that subscribes to a feed. `target` has gaps for its address: {webcal}, {webcal_quoted}, {https_quoted};
    and for its title: {title_quoted}.
    """

    words: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    slug: str
    name: str  # of its button, and of the calendars that are added with it
    hint: str = ""  # below its button
    links: tuple[Link, ...] = ()  # the best one first
    steps: tuple[str, ...] = ()
    kind: CalendarKey.Kind = CalendarKey.Kind.FEED
    program: str = ""  # which its button names, where that is not the place's name
    reminders: str = ""  # how it reminds by itself; empty if a calendar of ours has to

    @property
    def button(self) -> str:
        return self.program or self.name

    def links_to(self, address: str, title: str) -> list[Link]:
        """The place's links that subscribe to the feed at `address`."""
        webcal = webcal_of(address)
        gaps = {
            "webcal": webcal,
            "webcal_quoted": quote(webcal, safe=""),
            "https_quoted": quote(address, safe=""),
            "title_quoted": quote(title, safe=""),
        }
        return [Link(link.words, link.target.format_map(gaps)) for link in self.links]


# Google fetches a cid that begins with webcal: itself. It takes any other for the name of one of its own calendars.
OPEN_IN_GOOGLE = Link("Open in Google Calendar", "https://calendar.google.com/calendar/r?cid={webcal_quoted}")
OUTLOOK_QUERY = "/calendar/0/addfromweb?url={https_quoted}&name={title_quoted}"

APPLE = Place(
    slug="apple",
    name="iPhone or Mac",
    program="Apple Calendar",
    links=(Link("Subscribe in Apple Calendar", "{webcal}"),),
    steps=("Tap Subscribe when your iPhone, iPad or Mac asks. On another device: point its camera at the code.",),
)
GOOGLE = Place(
    slug="google",
    name="Google Calendar",
    links=(OPEN_IN_GOOGLE,),
    steps=(
        f"Google asks “Add this calendar?”: choose Add. It appears on every phone with that account. Google {LATE} "
        "A talk that is cancelled disappears there, as Google shows none.",
    ),
    reminders="Google Calendar has reminders of its own: set them in its settings.",
)
OUTLOOK = Place(
    slug="outlook",
    name="Outlook",
    links=(
        Link("Add to Outlook.com", f"https://outlook.live.com{OUTLOOK_QUERY}"),
        Link("Add to Outlook for work or school", f"https://outlook.office.com{OUTLOOK_QUERY}"),
    ),
    steps=(f"Outlook shows the address filled in: choose Import. It {LATE}",),
)
ANDROID = Place(
    slug="android",
    name="Android",
    program="ICSx5",
    links=(Link("Open in ICSx5 on this phone", "{webcal}"), OPEN_IN_GOOGLE),
    steps=(
        "Best: install the free app ICSx5, then tap the first button on the phone, or scan the code with it. "
        "It syncs as often as you tell it to.",
        "Without another app: open the second button once on a computer, signed in to Google. "
        "The calendar then appears in Google Calendar on the phone.",
    ),
)
OTHER = Place(
    slug="other",
    name="Other calendar",
    steps=("In your calendar program look for “Subscribe”, “From URL” or “Add calendar by address”, and paste this.",),
)
BOTH_WAYS = Place(
    slug="caldav",
    name="Both ways",
    program="DAVx5, both ways",
    hint="A talk you delete in the calendar loses its star here. For iPhone, Mac, Android and Thunderbird; "
    "takes a minute to set up.",
    kind=CalendarKey.Kind.CALDAV,
)
PLACES = (APPLE, GOOGLE, OUTLOOK, ANDROID, OTHER)  # in the order of their buttons; BOTH_WAYS has a form of its own

# Where a person with this device most likely looks at a calendar. The first that occurs in the User-Agent decides.
DEVICES = (
    ("iPhone", APPLE),
    ("iPad", APPLE),
    ("Macintosh", APPLE),
    ("Android", ANDROID),
    ("CrOS", GOOGLE),
    ("Windows", OUTLOOK),
)


def place_here(user_agent: str) -> Place:
    """The place of the device that this browser runs on; OTHER for a device that we do not know."""
    return next((place for mark, place in DEVICES if mark in user_agent), OTHER)


def own_first(user_agent: str) -> list[Place]:
    """All places, this device's own before the others; in their usual order if we do not know it."""
    here = place_here(user_agent)
    return sorted(PLACES, key=lambda place: place is not here) if here is not OTHER else list(PLACES)


def own_places(user_agent: str) -> tuple[Place, ...]:
    """The places of this very device, the first of which is for most people; empty where any may be meant."""
    here = place_here(user_agent)
    return (GOOGLE, ANDROID, BOTH_WAYS) if here is ANDROID else (APPLE,) if here is APPLE else ()


def is_phone(user_agent: str) -> bool:
    """True on a device that cannot scan what it shows."""
    return any(mark in user_agent for mark in ("iPhone", "iPad", "Android"))


def place_with(slug: str) -> Place | None:
    """The place whose button sends `slug`."""
    return next((place for place in (*PLACES, BOTH_WAYS) if place.slug == slug), None)


def place_of(key: CalendarKey, seen_at: Place | None) -> Place:
    """The place where a calendar most likely is: where its program was seen, else the one that it is named after."""
    if key.kind == CalendarKey.Kind.CALDAV:
        return BOTH_WAYS
    return seen_at or next((place for place in PLACES if key.name.startswith(place.name)), OTHER)


def webcal_of(address: str) -> str:
    """The address as calendar programs on a phone or a Mac open it."""
    return "webcal:" + address.partition(":")[2]


def davx5_link(server: str, user_name: str, password: str) -> str:
    """The link that opens DAVx5 with all three filled in (its manual, "Integration / API"): caldavs:// means https://."""
    scheme, host, path, *_ = urlsplit(server)
    return f"{'caldavs' if scheme == 'https' else 'caldav'}://{quote(user_name, safe='')}:{password}@{host}{path}"
