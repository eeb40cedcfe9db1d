"""Publishes a plan: all of its changes in one transaction, as one batch."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from agenda.editing.changes import one_at_a_time, recording, touch
from agenda.editing.names import Names, folded
from agenda.editing.naming import slug_for
from agenda.editing.plan import Proposal, SessionPlan, ValueChange, propose
from agenda.editing.wanted import Values
from agenda.models import Appearance, Batch, Material, Origin, Plan, Session, SessionRevision, Speaker

# Values after whose change a note is worth reading; after a change of text alone it would only startle.
NOTED = frozenset({"when", "room", "status", "is_published"})
PLAIN = frozenset({"title", "subtitle", "byline", "abstract", "language", "status", "note"})
FLAGS = frozenset({"slides_included", "is_published"})


class PlanMovedOn(Exception):
    """The rows changed after the proposal was shown: it has to be looked at again."""


class PlanIsOver(Exception):
    """The plan was discarded, or another one took its place."""


@transaction.atomic
def publish(
    plan: Plan, *, by: User | None, fingerprint: str, choices: Mapping[str, str] | None = None, note: str = ""
) -> Batch | None:
    """Does what the plan proposes, with these choices beside the plan's own; None if there is nothing to do.

    Raises PlanMovedOn if the proposal is no longer that of `fingerprint`, and PlanIsOver if the plan was discarded. A
    second call for a plan that is published returns its batch.
    """
    one_at_a_time()
    plan = Plan.objects.select_for_update(of=("self",)).select_related("event", "source", "undoes").get(pk=plan.pk)
    if plan.state == Plan.Status.PUBLISHED:
        return Batch.objects.filter(plan=plan).first()
    if plan.state != Plan.Status.WAITING:
        raise PlanIsOver
    proposal = propose(plan)
    if proposal.fingerprint != fingerprint:
        raise PlanMovedOn
    chosen = {**plan.choices, **(choices or {})}
    is_other = chosen != plan.choices
    plan.choices, plan.note, plan.state = chosen, note, Plan.Status.PUBLISHED
    plan.save(update_fields=["choices", "note", "state"])
    return _Publishing(plan, propose(plan) if is_other else proposal, by).batch()


class _Publishing:
    """A plan that is being published, inside its transaction."""

    def __init__(self, plan: Plan, proposal: Proposal, by: User | None) -> None:
        self.plan, self.event, self.proposal, self.by = plan, plan.event, proposal, by
        self.names = Names(plan.event, plan.wanted)
        origins = plan.source.origins.all() if plan.source else Origin.objects.none()
        self.origins = {origin.session_id: origin for origin in origins}
        self.saved: list[tuple[Session, SessionPlan, tuple[ValueChange, ...]]] = []
        self.new: dict[str, Session] = {}  # by key

    def batch(self) -> Batch | None:
        """Saves everything, the origins last. Without any change there is no batch, and no version step."""
        renames = [offer for offer in self.proposal.renamed_rooms if offer.is_taken]
        taken = [(each, self._taken(each)) for each in self.proposal.sessions]
        taken = [(each, changes) for each, changes in taken if changes]
        speakers = self._save_speakers()
        for rename in renames:
            touch(self.names.rename_room(rename.row, rename.new))
        batch = None
        if taken or speakers or renames:
            before = {"speakers": speakers, "renames": [[each.row, each.old, each.new] for each in renames]}
            revisions = self._save_sessions(taken)
            batch = self._made(revisions, before | {"sessions": self._before(), "new": self._new()})
        self._keep_origins()
        return batch

    def _made(self, revisions: list[SessionRevision], before: dict[str, Any]) -> Batch:
        batch = Batch.objects.create(
            event=self.event,
            plan=self.plan,
            at=max((revision.at for revision in revisions), default=timezone.now()),
            by=self.by,
            note=self.plan.note,
            inverse_of=self.plan.undoes,
            counts=self.proposal.counts,
            before=before,
        )
        SessionRevision.objects.filter(pk__in=[revision.pk for revision in revisions]).update(batch=batch)
        return batch

    def _taken(self, planned: SessionPlan) -> tuple[ValueChange, ...]:
        """The changes that are saved, with the note to attendees if one of them is worth it."""
        taken = tuple(change for change in planned.changes if change.is_taken)
        session, note = planned.session, self.plan.note
        if self.plan.kind == Plan.Kind.EDIT and any(change.name == "note" and change.new for change in taken):
            return taken  # an editor wrote one for this session
        if session and note and note != session.note and any(change.name in NOTED for change in taken):
            return (*(change for change in taken if change.name != "note"), ValueChange("note", session.note, note))
        return taken

    def _save_speakers(self) -> list[dict[str, Any]]:
        """Saves what is said about speakers. Returns what undoes it."""
        saved = []
        for each in self.proposal.speakers:
            values = {change.name: [change.old, change.new] for change in each.changes if change.is_taken}
            if values:
                Speaker.objects.filter(pk=each.speaker.pk).update(**{name: new for name, (_, new) in values.items()})
                touch(each.speaker)
                saved.append({"speaker": each.speaker.pk, "name": each.speaker.name, "values": values})
        return saved

    def _save_sessions(self, taken: list[tuple[SessionPlan, tuple[ValueChange, ...]]]) -> list[SessionRevision]:
        values = [{change.name: change.new for change in changes} for _, changes in taken]
        self.names.make_missing(values, self.plan.wanted)
        slugs = set(self.event.sessions.values_list("slug", flat=True))
        present = [each.session.pk for each, _ in taken if each.session]
        with recording(present, by=self.by, note=self.plan.note) as edit:
            for (planned, changes), new in zip(taken, values, strict=True):
                session = planned.session or self._unsaved(planned, slugs)
                fields = self._give(session, new)
                if planned.session:
                    edit.change(session, fields)
                else:
                    edit.add(session)
                    self.new[planned.key] = session
                self.saved.append((session, planned, changes))
            self._save_parts(values)
        return edit.revisions

    def _unsaved(self, planned: SessionPlan, slugs: set[str]) -> Session:
        wanted = planned.wanted
        slug = wanted.get("slug", "")
        slug = slug_for(slug or planned.title, slugs, 120)
        slugs.add(slug)
        session = Session(event=self.event, slug=slug, language="")
        if guid := wanted.get("guid"):
            session.guid = UUID(guid)
        return session

    def _give(self, session: Session, new: Values) -> list[str]:
        """Gives the values to the session, all but those that have rows of their own. Returns the fields it changed."""
        fields = [name for name in new if name in PLAIN | FLAGS]
        for name in fields:
            setattr(session, name, new[name])
        if "when" in new:
            session.start, session.end = map(datetime.fromisoformat, new["when"]) if new["when"] else (None, None)
            fields += ["start", "end"]
        if "room" in new:
            session.room = self.names.rooms.get(folded(new["room"]))
            fields.append("room")
        if "track" in new:
            session.track = self.names.tracks.get(folded(new["track"]))
            fields.append("track")
        if "replaced_by" in new:
            session.replaced_by = self.proposal.present.get(new["replaced_by"])
            fields.append("replaced_by")
        return fields

    def _save_parts(self, values: list[Values]) -> None:
        """Saves the lists of speakers and materials in place of the present ones; files that were uploaded stay."""
        rows = [(session, new) for (session, _, _), new in zip(self.saved, values, strict=True)]
        listing = [(session, new["speakers"]) for session, new in rows if "speakers" in new]
        Appearance.objects.filter(session__in=[session.pk for session, _ in listing]).delete()
        Appearance.objects.bulk_create(
            Appearance(session=session, speaker=speaker, position=position)
            for session, names in listing
            for position, speaker in enumerate(dict.fromkeys(self.names.speakers[folded(name)] for name in names))
        )
        with_materials = [(session, new["materials"]) for session, new in rows if "materials" in new]
        Material.objects.filter(session__in=[session.pk for session, _ in with_materials], file="").delete()
        Material.objects.bulk_create(
            [
                Material(session=session, kind=kind, title=title, url=url)
                for session, materials in with_materials
                for kind, title, url in materials
            ],
            ignore_conflicts=True,  # with an uploaded file of the same kind and title
        )

    def _before(self) -> list[dict[str, Any]]:
        """What undoes the changes of sessions that were there already."""
        return [
            {
                "session": session.pk,
                "values": {change.name: [change.old, change.new] for change in changes},
                "origin": self._origin(session.pk),
            }
            for session, planned, changes in self.saved
            if planned.session
        ]

    def _origin(self, session: int) -> list[Any] | None:
        origin = self.origins.get(session)
        return [origin.external_id, origin.as_imported, origin.is_gone] if origin else None

    def _new(self) -> list[int]:
        return [session.pk for session in self.new.values()]

    def _keep_origins(self) -> None:
        """Notes what the source says now, or what it said before the batch that is undone."""
        if self.plan.kind == Plan.Kind.IMPORT and self.plan.source:
            self._note_origins()
        elif self.plan.undoes and (source := self.plan.undoes.plan.source):
            before = self.plan.undoes.before
            for row in before["sessions"]:
                if row["origin"]:
                    external_id, as_imported, is_gone = row["origin"]
                    values = {"external_id": external_id, "as_imported": as_imported, "is_gone": is_gone}
                    Origin.objects.filter(source=source, session=row["session"]).update(**values)
            Origin.objects.filter(source=source, session__in=before["new"]).update(is_gone=True)

    def _note_origins(self) -> None:
        source, made, changed = self.plan.source, [], []
        by_key = {key: session.pk for key, session in self.proposal.matched.items()}
        by_key |= {key: session.pk for key, session in self.new.items()}
        held = {origin.external_id: origin for origin in self.origins.values()}
        for wanted in self.plan.wanted["sessions"]:
            if not (pk := by_key.get(wanted["key"])):
                continue
            said = {"status": Session.Status.CONFIRMED.value, **wanted["wanted"]}
            origin = self.origins.get(pk) or Origin(source=source, session_id=pk)
            new = {"external_id": wanted["key"], "as_imported": {**origin.as_imported, **said}, "is_gone": False}
            if origin._state.adding:
                made.append(origin)
            elif any(getattr(origin, name) != value for name, value in new.items()):
                changed.append(origin)
            for name, value in new.items():
                setattr(origin, name, value)
        changed += self._gone_origins({origin.session_id for origin in (*made, *changed)} | set(by_key.values()))
        for external_id, origin in held.items():  # two may change keys with each other: each is freed first
            if origin.external_id != external_id:
                Origin.objects.filter(pk=origin.pk).update(external_id=f"moving:{origin.pk}")
        Origin.objects.bulk_update(changed, ["external_id", "as_imported", "is_gone"], batch_size=500)
        Origin.objects.bulk_create(made)
        self._note_speakers()

    def _gone_origins(self, present: set[int]) -> list[Origin]:
        """Origins of sessions that the file has no more, marked so; what was done about it is their new base."""
        done = {planned.session.pk: planned.taken for planned in self.proposal.of_kind("gone") if planned.session}
        gone = [origin for pk, origin in self.origins.items() if pk not in present and not origin.is_gone]
        for origin in gone:
            origin.is_gone = True
            origin.as_imported = {**origin.as_imported, **done.get(origin.session_id, {})}
        return gone

    def _note_speakers(self) -> None:
        source = self.plan.source
        said = {each["name"]: each["about"] for each in self.plan.wanted.get("speakers", ())}
        if source and source.speakers != said:
            source.speakers = {**source.speakers, **said}
            source.save(update_fields=["speakers"])
