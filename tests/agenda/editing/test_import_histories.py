"""Whatever is imported, edited and put back: merges equal a model, no star is lost, versions grow."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import User
from agenda.editing.apply import publish
from agenda.editing.batches import undoing
from agenda.editing.changes import recording
from agenda.editing.imports import plan_for
from agenda.editing.plan import propose
from agenda.formats.records import ProgrammeRecord, SessionRecord
from agenda.models import Batch, Origin, Plan, Session, Source, Star
from tests.agenda.kvm_forum import add_event

NINE = datetime.fromisoformat("2026-03-01T09:00:00+00:00")
KEYS, TITLES, HOURS, ROOMS = ("a", "b"), ("One", "Two", "Three"), (0, 2), ("", "Main")

ONE = {"title": "One", "hour": 0, "room": "Main"}
UNDO = ("undo", 0)

talks = st.fixed_dictionaries(
    {"title": st.sampled_from(TITLES), "hour": st.sampled_from(HOURS), "room": st.sampled_from(ROOMS)}
)
files = st.dictionaries(st.sampled_from(KEYS), talks, min_size=1)
edits = st.one_of(
    st.tuples(st.just("title"), st.sampled_from(TITLES)),
    st.tuples(st.just("status"), st.sampled_from(["confirmed", "cancelled"])),
)
steps = st.one_of(
    st.tuples(st.just("import"), files),
    st.tuples(st.just("edit"), st.sampled_from(KEYS), edits),
    st.tuples(st.just("undo"), st.integers(0, 3)),
)


class Model:
    """What every session should be, in plain dictionaries: its values, and what its source said last."""

    def __init__(self) -> None:
        self.ours: dict[str, dict[str, Any]] = {}
        self.base: dict[str, dict[str, Any]] = {}
        self.gone: set[str] = set()
        self.batches: list[dict[str, Any]] = []  # of each: the values it changed, the keys it made, the bases before

    def take(self, file: dict[str, dict[str, Any]]) -> None:
        batch: dict[str, Any] = {"values": [], "new": [], "bases": deepcopy(self.base), "gone": set(self.gone)}
        for key, said in file.items():
            theirs = {**said, "status": "confirmed"}
            if key not in self.ours:
                self.ours[key] = {**theirs, "is_published": True}
                batch["new"].append(key)
            for name, value in {**theirs, **({"is_published": True} if key in self.gone else {})}.items():
                base = self.base.get(key, {}).get(name, self.ours[key][name])
                if self.ours[key][name] == base != value:
                    self.give(batch, key, name, value)
            self.base[key] = {**self.base.get(key, {}), **theirs}
            self.gone.discard(key)
        for key in self.base.keys() - file.keys() - self.gone:
            self.gone.add(key)
            if self.ours[key]["status"] != "cancelled" and self.ours[key]["is_published"]:
                self.give(batch, key, "status", "cancelled")
                self.base[key]["status"] = "cancelled"
        self.batches += [batch] if batch["values"] or batch["new"] else []

    def put_back(self, batch: dict[str, Any]) -> None:
        undo: dict[str, Any] = {"values": [], "new": [], "bases": {}, "gone": set()}
        for key, name, old, new in [*batch["values"], *((key, "is_published", False, True) for key in batch["new"])]:
            if self.ours[key][name] == new:
                self.give(undo, key, name, old)
        for key in {key for key, *_ in batch["values"] if key in batch["bases"]}:
            self.base[key] = deepcopy(batch["bases"][key])
            self.gone = self.gone - {key} | ({key} & batch["gone"])
        self.gone |= set(batch["new"])
        self.batches += [undo] if undo["values"] else []

    def give(self, batch: dict[str, Any], key: str, name: str, value: Any) -> None:
        batch["values"].append((key, name, self.ours[key][name], value))
        self.ours[key][name] = value


def run(plan: Plan) -> None:
    publish(plan, by=None, fingerprint=propose(plan).fingerprint)


def take(source: Source, file: dict[str, dict[str, Any]]) -> None:
    records = tuple(
        SessionRecord(
            external_id=key,
            title=said["title"],
            start=NINE + timedelta(hours=said["hour"]),
            end=NINE + timedelta(hours=said["hour"] + 1),
            room=said["room"],
        )
        for key, said in file.items()
    )
    run(plan_for(ProgrammeRecord(format="a file", sessions=records), source, by=None))


def seen() -> dict[str, dict[str, Any]]:
    return {
        origin.external_id: {
            "title": origin.session.title,
            "hour": (origin.session.start - NINE) // timedelta(hours=1),
            "room": origin.session.room.name if origin.session.room else "",
            "status": origin.session.status,
            "is_published": origin.session.is_published,
        }
        for origin in Origin.objects.select_related("session__room")
    }


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@example([("import", {"a": ONE}), ("edit", "a", ("title", "Two")), ("import", {"a": ONE | {"title": "Three"}}), UNDO])
@example(
    [("import", {"a": ONE, "b": ONE}), ("import", {"b": ONE}), UNDO, ("import", {"b": ONE}), ("import", {"a": ONE})]
)
@given(st.lists(steps, min_size=4, max_size=9))
def test_merges_equal_the_model_no_star_is_lost_and_versions_grow(alice: User, history: list[Any]) -> None:
    with transaction.atomic():
        source = Source.objects.create(event=add_event("spring", "UTC", "2026-03-01", "2026-03-02"), name="a file")
        model, versions = Model(), dict[int, tuple[int, datetime]]()
        for step, *with_ in history:
            do(step, with_, model, source)
            assert seen() == model.ours
            for session in Session.objects.all():
                Star.objects.get_or_create(user=alice, session=session)
                version = (session.sequence, session.updated)
                assert version >= versions.get(session.pk, version)
                assert session.updated >= versions.get(session.pk, version)[1]
                versions[session.pk] = version
            assert Star.objects.count() == len(versions) == len(model.ours)
        transaction.set_rollback(True)


def do(step: str, with_: list[Any], model: Model, source: Source) -> None:
    if step == "import":
        take(source, with_[0])
        model.take(with_[0])
    elif step == "edit" and with_[0] in model.ours:
        key, (name, value) = with_
        session = Origin.objects.get(external_id=key).session
        with recording([session.pk], by=None):
            Session.objects.filter(pk=session.pk).update(**{name: value})
        model.ours[key][name] = value
    elif step == "undo" and with_[0] < len(model.batches):
        number = len(model.batches) - 1 - with_[0]
        run(undoing(Batch.objects.order_by("pk")[number], by=None))
        model.put_back(model.batches[number])
