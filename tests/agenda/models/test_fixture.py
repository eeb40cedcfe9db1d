"""KVM Forum 2019 as `loaddata` reads it: the facts of its source, read back from the database."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from itertools import groupby

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command

from agenda.models import Appearance, Event, Material, Session, Speaker

FIXTURE = settings.BASE_DIR / "fixtures" / "kvm-forum-2019.json"
SOURCE = settings.BASE_DIR.parent / "shared" / "seed" / "kvm-forum-2019-track-2.txt"

VSOCK = "virtio-vsock in QEMU, Firecracker and Linux: Status, Performance and Challenges"
HEXAGON = (
    "QEMU-Hexagon: Automatic Translation of the ISA Manual Pseudcode to Tiny Code Instructions of a VLIW Architecture"
)
HYBIRD = "Hybird^2 Nested VM IO Performance Tuning"
PROGRAMME = [
    ("2019-10-31 11:00 CET", "Managing Matryoshkas: Testing Nested Guests", "Marc Hartmayer, IBM"),
    ("2019-10-31 11:30 CET", "Nesting&testing", "Vitaly Kuznetsov, Red Hat"),
    ("2019-10-31 12:00 CET", "Moving s390 Kvm-unit-tests up the Stack", "Janosch Frank, IBM R&D Germany"),
    ("2019-10-31 13:45 CET", "virtio-fs: A Shared File System for Virtual Machines", "Stefan Hajnoczi, Red Hat"),
    (
        "2019-10-31 14:15 CET",
        "SPDK Vhost FUSE Target to Accelerate File Access in VMs and Containers",
        "Changpeng Liu & Xiaodong Liu, Intel",
    ),
    ("2019-10-31 14:45 CET", VSOCK, "Andra Paraschiv, Amazon Web Services & Stefano Garzarella, Red Hat"),
    ("2019-10-31 15:45 CET", "Virtualized Fibre-channel - Some Years Later", "Hannes Reinecke, SUSE Linux GmbH"),
    ("2019-10-31 16:15 CET", "Reworking the Inter-VM Shared Memory Device", "Jan Kiszka, Siemens AG"),
    ("2019-10-31 16:45 CET", "Making the Most of NBD", "Eric Blake & Richard Jones, Red Hat"),
    (
        "2019-11-01 09:00 CET",
        "What's Going On? Taking Advantage of TCG's Total System Awareness",
        "Alex Bennée, Linaro",
    ),
    ("2019-11-01 09:30 CET", "Towards the Higher Level Debugging with QEMU", "Pavel Dovgalyuk, ISP RAS"),
    ("2019-11-01 10:00 CET", HEXAGON, "Niccolò Izzo, rev.ng & Taylor Simpson, Qualcomm Innovation Center"),
    ("2019-11-01 11:00 CET", HYBIRD, "Tianyu Lan, Microsoft & Chao Peng, Intel"),
    ("2019-11-01 11:30 CET", "Ideal/optimal Memory Management for Future VMs", "Isaku Yamahata, Intel"),
    (
        "2019-11-01 12:00 CET",
        "A Lightweight Virtual Interrupt Controller for Container/Serverless",
        "Jing Liu & Chao Peng, Intel",
    ),
    ("2019-11-01 13:45 CET", "KubeVirt Community Update", "Fabian Deutsch, Red Hat"),
    ("2019-11-01 14:15 CET", "Post-copy Live Migration on Pass-through Devices", "Kevin Tian & Shaopeng He, Intel"),
    (
        "2019-11-01 14:45 CET",
        "Efficient Performance Monitoring in the Cloud with Virtual PMUs",
        "Sean Christopherson, Intel",
    ),
    ("2019-11-01 16:15 CET", "Multi-process QEMU - Status Update", "John Johnson & Elena Ufimtseva, Oracle"),
    ("2019-11-01 16:45 CET", "Bring QEMU to Micro Service World", "Xiao Guangrong & Zhang Yulei, Tencent Cloud"),
]

# The speaker entries in the order of the sessions, and within a session as listed: name, job title, organisation.
ENTRIES = [
    [("Marc Hartmayer", "Software Engineer", "IBM R&D")],
    [("Vitaly Kuznetsov", "Principal Software Engineer", "Red Hat")],
    [("Janosch Frank", "Software Engineer", "IBM")],
    [("Stefan Hajnoczi", "Senior Principal Software Engineer", "Red Hat")],
    [("Xiaodong Liu", "Senior Cloud Engineer", "Intel")],
    [
        ("Stefano Garzarella", "Senior Software Engineer", "Red Hat"),
        ("Andra Paraschiv", "Software Development Engineer", "Amazon Web Services"),
    ],
    [("Hannes Reinecke", "Teamlead Storage & Networking", "SUSE Linux GmbH")],
    [("Jan Kiszka", "Senior Key Expert", "Siemens")],
    [
        ("Richard W.M. Jones", "Senior Principal Software Engineer", "Red Hat"),
        ("Eric Blake", "Software Engineer", "Red Hat"),
    ],
    [("Alex Bennée", "Senior Software Engineer", "Linaro")],
    [("Pavel Dovgalyuk", "Software developer", "ISP RAS")],
    [
        ("Taylor Simpson", "Lead LLVM Compiler & Tools Team", "Qualcomm Innovation Center"),
        ("Niccolò Izzo", "Lead Compiler Engineer", "rev.ng"),
    ],
    [("Chao Peng", "Senior Software Engineer", "Intel"), ("Tianyu Lan", "Senior Software Engineer", "Microsoft")],
    [("Isaku Yamahata", "Software engineer", "Intel")],
    [("Jing Liu", "Software Engineer", "Intel"), ("Chao Peng", "Senior Software Engineer", "Intel")],
    [("Fabian Deutsch", "Engineering Manager", "Red Hat")],
    [("Kevin Tian", "Principal Engineer", "Intel"), ("Shaopeng He", "Senior Network Software Engineer", "Intel")],
    [("Sean Christopherson", "Software Engineer", "Intel")],
    [
        ("John Johnson", "Senior Software Architect", "Oracle"),
        ("Elena Ufimtseva", "Principal Member of Technical Staff", "Oracle"),
    ],
    [
        ("Xiao Guangrong", "Senior Software Engineer", "Tencent Cloud"),
        ("Yulei Zhang", "Senior Software Engineer", "Tencent"),
    ],
]

# Whose biography the source cuts, and the last words it gives.
CUT = {
    "Alex Bennée": "CCTV recorders and point-to-multipoint...",
    "Andra Paraschiv": "a Software Engineer at Intel, focusing on research...",
    "Chao Peng": "He was speaker in KVM forum/Xen...",
    "Elena Ufimtseva": "Previously had given a talk...",
    "Fabian Deutsch": "Throughout the years he spoke at...",
    "Hannes Reinecke": "Now working at SUSE Labs as Teamlead for...",
    "Isaku Yamahata": "OpenStack Neutron (networking) and has...",
    "Jan Kiszka": "open source as platform for their products...",
    "John Johnson": "the kernel architecture for 64b SPARC...",
    "Kevin Tian": "Open source Technology Center of Intel, with current focus...",
    "Niccolò Izzo": "for Rowhammer Attacks” (Costa Brava, Spain, IEEE...",
    "Pavel Dovgalyuk": "and education. For the...",
    "Stefan Hajnoczi": "He also organizes and mentors in the Google Summer...",
    "Taylor Simpson": "the LLVM back end for Hexagon at the 2011 LLVM Developers...",
    "Tianyu Lan": "at Intel Open source technology center...",
    "Xiao Guangrong": "KVM Forum 2016, 2017, 2018. He is...",
    "Xiaodong Liu": "among virtualization, cloud native storage and...",
    "Yulei Zhang": 'his recent presentations were: "Adaptive...',
}

# Spellings and signs that a well-meaning hand would mend, and the only row whose abstract has them.
AS_WRITTEN = {
    '"self-replicating programs"': "Managing Matryoshkas: Testing Nested Guests",
    "(Hyper-V, VMware,...)": "Nesting&testing",
    "only one hypervisor...KVM. But": "Moving s390 Kvm-unit-tests up the Stack",
    "Virtio-fs(https://virtio-fs.gitlab.io/) is": PROGRAMME[4][1],
    "backwards compability": "Virtualized Fibre-channel - Some Years Later",
    "more and more(e.g security container and emulation ).": HYBIRD,
    "has a side affect.": HYBIRD,
    "(DPDK, SPDK)plus device pass through(L0->L1) to": HYBIRD,
    "it’s becoming": "Ideal/optimal Memory Management for Future VMs",
    "controllers(e.g. PIC/APIC)": "A Lightweight Virtual Interrupt Controller for Container/Serverless",
    "today’s KVM-based": "Efficient Performance Monitoring in the Cloud with Virtual PMUs",
    "with ~3000x boost": "Efficient Performance Monitoring in the Cloud with Virtual PMUs",
    "firecrack from AWS.": "Bring QEMU to Micro Service World",
    "could benifit another.": "Bring QEMU to Micro Service World",
    "( < 35 ms) with": "Bring QEMU to Micro Service World",
}

# Lines in each paragraph, of the abstracts that have more than one in any.
LINES = {
    "Nesting&testing": [5, 5],
    VSOCK: [5, 6, 6],
    "Virtualized Fibre-channel - Some Years Later": [3],
    "Towards the Higher Level Debugging with QEMU": [2, 1],
    HEXAGON: [1, 3, 1, 1],
    "KubeVirt Community Update": [1, 7],
    "Bring QEMU to Micro Service World": [3],
}

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture(autouse=True)
def event(kvm_forum: Event) -> Event:
    return kvm_forum


def lines_by_paragraph(text: str) -> list[int]:
    return [paragraph.count("\n") + 1 for paragraph in text.split("\n\n")]


def test_event_is_two_days_in_lyon(event: Event) -> None:
    assert (event.slug, event.name) == ("kvm-forum-2019", "KVM Forum 2019")
    assert (event.starts_on, event.ends_on) == (date(2019, 10, 31), date(2019, 11, 1))
    assert event.time_zone == "Europe/Paris"
    assert event.place == "Lyon Convention Centre, Lyon, France"
    assert event.website == "https://events19.linuxfoundation.org/events/kvm-forum-2019/"


def test_event_has_one_track_and_one_room(event: Event) -> None:
    assert list(event.tracks.values_list("slug", "name")) == [("kvm-forum-track-2", "KVM Forum Track 2")]
    assert list(event.rooms.values_list("slug", "name")) == [("forum-3", "Forum 3")]
    assert event.default_track == event.tracks.get()


def test_sessions_keep_time_title_and_byline(event: Event) -> None:
    sessions = Session.objects.in_order()

    shown = [(f"{s.start.astimezone(event.zone):%Y-%m-%d %H:%M %Z}", s.title, s.byline) for s in sessions]

    assert shown == PROGRAMME


def test_sessions_are_nine_and_eleven_of_half_an_hour(event: Event) -> None:
    sessions = Session.objects.all()

    assert sessions.count() == 20
    assert sessions.on_day(event, date(2019, 10, 31)).count() == 9
    assert sessions.on_day(event, date(2019, 11, 1)).count() == 11
    assert {session.duration for session in sessions} == {timedelta(minutes=30)}


def test_sessions_share_track_room_and_state() -> None:
    same = Session.objects.values_list("track__name", "room__name", "language", "status", "is_published", "sequence")

    assert set(same) == {("KVM Forum Track 2", "Forum 3", "en", "confirmed", True, 0)}


def test_slides_are_included_in_all_but_two() -> None:
    without = Session.objects.in_order().filter(slides_included=False).values_list("title", flat=True)

    assert Session.objects.filter(slides_included=True).count() == 18
    assert list(without) == ["Virtualized Fibre-channel - Some Years Later", HYBIRD]


def test_material_is_one_slides_pdf_of_unknown_address() -> None:
    material = Material.objects.get()

    assert material.session.title == "Managing Matryoshkas: Testing Nested Guests"
    assert (material.kind, material.title, material.url, material.file.name) == ("slides", "slides pdf", "", "")


def test_speakers_keep_listed_order_and_role() -> None:
    listed = [
        [(a.speaker.name, a.speaker.job_title, a.speaker.organisation) for a in session.appearances.all()]
        for session in Session.objects.in_order().with_details()
    ]

    assert listed == ENTRIES


def test_speaker_entries_are_28_of_27_people() -> None:
    chao_peng = Speaker.objects.get(name="Chao Peng")

    assert Appearance.objects.count() == 28
    assert Speaker.objects.count() == 27
    assert [s.title for s in chao_peng.sessions.in_order()] == [
        HYBIRD,
        "A Lightweight Virtual Interrupt Controller for Container/Serverless",
    ]


def test_four_pairs_are_listed_in_another_order_than_in_the_byline() -> None:
    turned = []

    for session in Session.objects.in_order().with_details():
        surnames = [appearance.speaker.name.split()[-1] for appearance in session.appearances.all()]
        places = [session.byline.index(surname) for surname in surnames]
        if places != sorted(places):
            turned.append(session.title)

    assert turned == [VSOCK, "Making the Most of NBD", HEXAGON, HYBIRD]


def test_changpeng_liu_is_in_a_byline_and_not_listed() -> None:
    session = Session.objects.get(byline__contains="Changpeng")

    assert session.byline == "Changpeng Liu & Xiaodong Liu, Intel"
    assert [speaker.name for speaker in session.speakers.all()] == ["Xiaodong Liu"]
    assert not Speaker.objects.filter(name__contains="Changpeng").exists()


def test_dashes_stay_in_two_titles_and_in_no_byline() -> None:
    dashed = Session.objects.in_order().filter(title__contains=" - ").values_list("title", flat=True)

    assert list(dashed) == ["Virtualized Fibre-channel - Some Years Later", "Multi-process QEMU - Status Update"]
    assert not Session.objects.filter(byline__contains=" - ").exists()


@pytest.mark.parametrize(("words", "title"), AS_WRITTEN.items())
def test_abstract_keeps_spelling_and_signs(words: str, title: str) -> None:
    assert [session.title for session in Session.objects.all() if words in session.abstract] == [title]


def test_biography_keeps_curly_quotes() -> None:
    biography = Speaker.objects.get(name="Niccolò Izzo").biography

    assert re.findall("[‘’“”]", biography) == ["’", "“", "”"]
    assert "its Master’s Degree in Computer" in biography
    assert "as “Software-only Reverse Engineering of Physical (DRAM) Mappings for Rowhammer Attacks” (" in biography


def test_no_break_spaces_stay_in_the_one_biography_that_has_them() -> None:
    texts = [s.abstract for s in Session.objects.all()] + [p.biography for p in Speaker.objects.all()]

    with_them = [text for text in texts if "\u00a0" in text]

    assert with_them == [Speaker.objects.get(name="Taylor Simpson").biography]
    assert re.findall("[^ ]+ \u00a0[^ ]+", with_them[0]) == ["Center. \u00a0His", "Hexagon. \u00a0He"]


def test_abstracts_keep_their_lines() -> None:
    lines = {session.title: lines_by_paragraph(session.abstract) for session in Session.objects.in_order()}

    assert {title: counts for title, counts in lines.items() if max(counts) > 1} == LINES


def test_hard_wrapped_lines_end_where_the_source_wraps() -> None:
    last_words = [
        line.split()[-1] for line in Session.objects.get(title="Nesting&testing").abstract.split("\n") if line
    ]

    assert last_words == [
        "been",
        "remains",
        "not",
        "different",
        "simpler.",
        "kvm-unit-tests",
        "have",
        "approaches",
        "we",
        "better.",
    ]


def test_kubevirt_list_keeps_its_dashes() -> None:
    abstract = Session.objects.get(title="KubeVirt Community Update").abstract

    assert abstract.split("\n\n")[1] == (
        "- giving small demo to illustrate how KubeVirt works\n"
        "- looking at where KubeVirt stands today\n"
        "- what features it gained\n"
        "- what architectural shifts it went through\n"
        "- how traditional components like libvirt are used\n"
        "- how the community is using KubeVirt\n"
        "- and what is laying ahead"
    )


def test_texts_begin_and_end_without_blanks() -> None:
    texts = [s.abstract for s in Session.objects.all()] + [p.biography for p in Speaker.objects.all()]

    assert [text for text in texts if text != text.strip() or not text] == []
    assert [text for text in texts if "\n\n\n" in text or "\r" in text] == []


def test_cut_biographies_are_flagged_and_end_where_the_source_ends() -> None:
    cut = Speaker.objects.filter(biography_is_cut=True)

    assert {s.name: s.biography[-len(CUT.get(s.name, "")) :] for s in cut} == CUT
    assert Appearance.objects.filter(speaker__in=cut).count() == 19
    assert {s.name for s in Speaker.objects.all() if s.biography.endswith("...")} == CUT.keys()
    assert not Speaker.objects.filter(biography__contains="Read More").exists()
    assert not Speaker.objects.filter(biography__contains="→").exists()


def test_every_row_passes_its_own_validation() -> None:
    for model in apps.get_app_config("agenda").get_models():
        for row in model._default_manager.all():
            row.full_clean()


def test_loading_again_changes_nothing() -> None:
    before = every_row()

    call_command("loaddata", "kvm-forum-2019", verbosity=0)

    assert every_row() == before


def every_row() -> dict[str, list[dict[str, object]]]:
    """All fields of all rows of all tables, by table."""
    return {model._meta.label: list(model._default_manager.order_by("pk").values()) for model in apps.get_models()}


def test_file_is_readable_and_in_order() -> None:
    text = FIXTURE.read_text(encoding="utf-8")
    rows = json.loads(text)

    assert text == json.dumps(rows, indent=2, ensure_ascii=False) + "\n"
    assert {tuple(row) for row in rows} == {("model", "fields")}  # natural keys only: no "pk"
    assert [(model, len(list(same))) for model, same in groupby(row["model"] for row in rows)] == [
        ("agenda.event", 1),
        ("agenda.track", 1),
        ("agenda.room", 1),
        ("agenda.speaker", 27),
        ("agenda.session", 20),
        ("agenda.appearance", 28),
        ("agenda.material", 1),
    ]


@pytest.mark.skipif(not SOURCE.exists(), reason=f"the source is not beside the checkout: ../shared/seed/{SOURCE.name}")
def test_texts_are_the_source_verbatim() -> None:
    # Where an abstract ends varies by blank lines alone.
    source = re.sub("\n{2,}Speakers\n", "\n\nSpeakers\n", SOURCE.read_bytes().decode())
    talks = [f"CET\n\n{s.title} - {s.byline}\n{s.abstract}\n\nSpeakers\n" for s in Session.objects.all()]
    people = [
        f"\n\n{p.name}\n\n{p.job_title}, {p.organisation}\n{p.biography}{' Read More →' * p.biography_is_cut}\n"
        for p in Speaker.objects.all()
    ]

    found = {text: source.count(text) for text in talks + people}

    assert [text for text, times in found.items() if times == 0] == []
    assert sum(found.values()) == 48  # 20 talks and 28 speaker entries: two are the same
