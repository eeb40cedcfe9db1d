"""A large event out of nothing: always the same one, and about as wordy as real programmes are."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID

from django.utils.text import slugify

from agenda.models import Appearance, Event, Room, Session, Speaker, Track

FIRST_DAY = date(2031, 5, 7)
LENGTH = timedelta(minutes=25)  # of a session; the next in its room follows at once
FIRST_NAMES = ["Ada", "Bela", "Chidi", "Dagny", "Emre", "Farah", "Goran", "Hana", "Ines", "Jaap", "Kofi", "Liv", "Mina"]
LAST_NAMES = ["Adler", "Brandt", "Castel", "Dahl", "Eriksen", "Fontana", "Grieg", "Hoang", "Ito", "Jansen", "Kaya"]
ORGANISATIONS = ["Northwind", "Blue Ridge Labs", "Kestrel", "Open Harbour", "Tamarind Systems", "Lanternworks"]
JOBS = ["Software Engineer", "Maintainer", "Architect", "Researcher", "Kernel Developer", "Site Engineer"]
VOCABULARY = (
    "a about after against agent allow and another any array at balance because before behind block boundary branch "
    "buffer build but by cache change channel clean clock cluster code commit compile consider container context copy "
    "core cost count crash cycle data deadline debug decide deep default delay deploy design device different disk "
    "driver during each early edge effort emulate engine error event every example fail fast feature few field file "
    "filter first flow for format frame free from garbage graph grow guest hard header heap help history host how idea "
    "image in index inside interrupt into issue it kernel key lane large latency layer lead learn less library limit "
    "link list live load lock log long loop machine many map measure memory merge method migrate model module more "
    "most move network never new node not object of old on once open order our over owner packet page part patch path "
    "people pipeline point pool port problem process profile protocol prove queue quick race random rate reader real "
    "record recover reduce release remote report request resource result review ring risk route rule run safe sample "
    "scale schedule script secure several share signal simple single slow small snapshot socket source space split "
    "stable stack start state still storage stream strong switch system table talk task test than that the their then "
    "thread through time to tool trace trust tune two under until update upstream user value version virtual volume "
    "wait walk was way what when where which while why will with without work write year"
)
WORDS = VOCABULARY.split()


def prose(random: Random, length: int) -> str:
    """Sentences of at least `length` characters in all, with a paragraph's end after every fifth."""
    text = ""
    while len(text) < length:
        sentences = (" ".join(random.choices(WORDS, k=random.randint(8, 20))).capitalize() for _ in range(5))
        text += ". ".join(sentences) + ".\n\n"
    return text.strip()


def make(
    *, sessions: int = 1000, rooms: int = 20, days: int = 2, speakers: int = 600, first_day: date = FIRST_DAY
) -> Event:
    """The event with its rows: all rooms in use at the same times, one or two speakers a session."""
    random = Random(1000)
    last_day = first_day + timedelta(days=days - 1)
    event = Event.objects.create(
        state=Event.State.PUBLISHED,
        slug="large",
        name="Large",
        starts_on=first_day,
        ends_on=last_day,
        time_zone="Europe/Paris",
        city="Lyon",
    )
    tracks = Track.objects.bulk_create(Track(event=event, name=f"Track {n}", slug=f"track-{n}") for n in range(10))
    halls = Room.objects.bulk_create(
        Room(event=event, name=f"Hall {n}", slug=f"hall-{n}", position=n) for n in range(rooms)
    )
    people = Speaker.objects.bulk_create(_speaker(event, number, random) for number in range(speakers))
    a_day = -(-sessions // days)  # rounded up
    made = []
    for number in range(sessions):
        day, slot, hall = number // a_day, number % a_day // rooms, halls[number % a_day % rooms]
        start = datetime.combine(first_day, datetime.min.time(), UTC) + timedelta(days=day, hours=7) + slot * LENGTH
        made.append(_session(event, number, random, room=hall, track=random.choice(tracks), start=start))
    pairs = [random.sample(people, k=random.choice((1, 1, 2))) for _ in made]
    for session, listed in zip(made, pairs, strict=True):
        session.byline = f"{' & '.join(speaker.name for speaker in listed)}, {listed[0].organisation}"
    Session.objects.bulk_create(made)
    Appearance.objects.bulk_create(
        Appearance(session=session, speaker=speaker, position=position)
        for session, listed in zip(made, pairs, strict=True)
        for position, speaker in enumerate(listed)
    )
    return event


def _speaker(event: Event, number: int, random: Random) -> Speaker:
    name = f"{random.choice(FIRST_NAMES)} {random.choice(LAST_NAMES)}"
    return Speaker(
        event=event,
        guid=UUID(int=random.getrandbits(128)),
        name=name,
        slug=f"{slugify(name)}-{number}",
        job_title=random.choice(JOBS),
        organisation=random.choice(ORGANISATIONS),
        biography=prose(random, 300),
    )


def _session(event: Event, number: int, random: Random, *, room: Room, track: Track, start: datetime) -> Session:
    title = " ".join(random.choices(WORDS, k=random.randint(4, 9))).capitalize()
    return Session(
        event=event,
        guid=UUID(int=random.getrandbits(128)),
        title=title,
        slug=f"{slugify(title)}-{number}",
        abstract=prose(random, 800),
        start=start,
        end=start + LENGTH,
        room=room,
        track=track,
        slides_included=random.random() < 0.5,
        created=datetime(2031, 1, 1, tzinfo=UTC),
        updated=datetime(2031, 1, 1, tzinfo=UTC),
    )
