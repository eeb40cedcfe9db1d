"""Plans: what would change if sessions became what is wanted, merged with what editors did meanwhile.

Nothing is saved here. A proposal is computed from a Plan's `wanted` and from the rows as they are, each time.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from agenda.editing.bookings import Clash, Need, clashes
from agenda.editing.names import Names, folded
from agenda.editing.wanted import ABOUT_SPEAKERS, VALUES, Values, Wanted, values_of
from agenda.models import Event, Origin, Plan, Session, Speaker

CANCELLED = Session.Status.CANCELLED
# Above both, sessions that a file has no more are probably a sign of the wrong file: none is cancelled unless chosen.
MANY_GONE, LARGE_PART_GONE = 5, 0.1


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A value as it is and as it is wanted; it is saved only if `is_taken`.

    In a conflict, editors changed the value here, and the file changed it too: the present one stays unless chosen.
    """

    name: str
    old: Any
    new: Any
    is_conflict: bool = False
    is_taken: bool = True


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """What becomes of a session. `kind` is changed, new, gone or back; a new one has no `session` yet.

    One that is not ticked stays as it is, except where a conflict was decided; a new one is then unpublished.
    """

    kind: str
    key: str
    session: Session | None
    changes: tuple[ValueChange, ...]
    wanted: Wanted = field(default_factory=dict)
    is_ticked: bool = True

    @property
    def choice(self) -> str:
        """The key of the choice whether it is ticked."""
        return f"{self.kind}:{self.key}"

    @property
    def taken(self) -> Values:
        return {change.name: change.new for change in self.changes if change.is_taken}

    @property
    def title(self) -> str:
        title: str = self.taken.get("title") or (self.session.title if self.session else "")
        return title


@dataclass(frozen=True, slots=True)
class SpeakerPlan:
    """What becomes of what is said about a speaker."""

    speaker: Speaker
    changes: tuple[ValueChange, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A guess that an editor may take. `key` is that of the choice; `row` the primary key of what is meant.

    Of what `is_known` by its guid, only the name is asked about.
    """

    key: str
    new: str
    row: int
    old: str
    is_taken: bool
    is_known: bool = False


@dataclass(slots=True)
class Proposal:
    """All that a plan would do now, in the order of the file; `kept` are sessions that were edited here alone."""

    event: Event
    sessions: list[SessionPlan] = field(default_factory=list)
    kept: list[Session] = field(default_factory=list)
    same: int = 0
    speakers: list[SpeakerPlan] = field(default_factory=list)
    same_sessions: list[Offer] = field(default_factory=list)
    renamed_rooms: list[Offer] = field(default_factory=list)
    is_mass_gone: bool = False
    problems: list[tuple[str, str]] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)
    matched: dict[str, Session] = field(default_factory=dict)  # by key: the present sessions of what is wanted
    present: dict[int, Session] = field(default_factory=dict)  # all of the event, by pk

    def of_kind(self, kind: str) -> list[SessionPlan]:
        return [each for each in self.sessions if each.kind == kind]

    @property
    def conflicts(self) -> list[tuple[SessionPlan, ValueChange]]:
        return [(each, change) for each in self.sessions for change in each.changes if change.is_conflict]

    @property
    def counts(self) -> dict[str, int]:
        """How many sessions are changed, new, gone and back, as far as something is taken."""
        return dict(Counter(each.kind for each in self.sessions if each.taken))

    @property
    def is_empty(self) -> bool:
        return not (self.sessions or self.speakers or self.renamed_rooms)

    @property
    def fingerprint(self) -> str:
        """The same text for the same proposal, whatever is chosen of it."""
        rows = [
            [each.kind, each.key, each.session.pk if each.session else None, _told(each.changes)]
            for each in self.sessions
        ]
        about = [[each.speaker.pk, _told(each.changes)] for each in self.speakers]
        offers = [[offer.key, offer.new, offer.row] for offer in (*self.same_sessions, *self.renamed_rooms)]
        return sha256(json.dumps([rows, about, offers]).encode()).hexdigest()[:32]


def _told(changes: Iterable[ValueChange]) -> list[list[Any]]:
    return [[change.name, change.old, change.new, change.is_conflict] for change in changes]


def propose(plan: Plan, among: Collection[int] | None = None) -> Proposal:
    """What the plan would do to the rows as they are now. The number of queries does not grow with the rows.

    `among` are the sessions (pks) that are looked at; None: all of the event.
    """
    return _Proposing(plan, among).proposal()


class _Proposing:
    """The rows that a proposal is made from, fetched once."""

    def __init__(self, plan: Plan, among: Collection[int] | None) -> None:
        self.plan, self.event = plan, plan.event
        self.choices: Mapping[str, str] = plan.choices
        self.wanted: list[Wanted] = plan.wanted["sessions"]
        origins = plan.source.origins.all() if plan.source else ()
        self.origins = {origin.external_id: origin for origin in origins}
        self.origin_of = {origin.session_id: origin for origin in origins}
        self.names = Names(plan.event, plan.wanted, origins)
        self.sessions = self.names.sessions(among, with_revisions=plan.kind == Plan.Kind.IMPORT)
        self.result = Proposal(plan.event, problems=[(where, text) for where, text in plan.wanted.get("problems", [])])

    def proposal(self) -> Proposal:
        result, matched = self.result, self._matched()
        result.matched, result.present = matched, self.sessions
        self._offer_renamed_rooms(matched)
        for wanted in self.wanted:
            session = matched.get(wanted["key"])
            self._add(wanted, session)
        self._add_gone({session.pk for session in matched.values()})
        self._add_speakers()
        result.clashes = clashes(self._needs())
        return result

    def _matched(self) -> dict[str, Session]:
        """The present session of each wanted one, by key: found by its id in the source, its guid, or a taken guess."""
        matched, taken = {}, set()
        by_guid = {str(session.guid): session for session in self.sessions.values()}
        for identify in (self._by_row, lambda wanted: by_guid.get(wanted.get("guid", ""))):
            for wanted in self.wanted:
                session = identify(wanted)
                if session and wanted["key"] not in matched and session.pk not in taken:
                    matched[wanted["key"]] = session
                    taken.add(session.pk)
        self._refuse_guids_of_others(matched)
        for offer in self._same_sessions(matched, taken):
            self.result.same_sessions.append(offer)
            if offer.is_taken:
                matched[offer.key.partition(":")[2]] = self.sessions[offer.row]
        return matched

    def _by_row(self, wanted: Wanted) -> Session | None:
        origin = self.origins.get(wanted["key"])
        return self.sessions.get(wanted.get("session") or (origin.session_id if origin else 0))

    def _refuse_guids_of_others(self, matched: Mapping[str, Session]) -> None:
        """Says which guids belong to another event, and takes them away."""
        unknown = {each["guid"]: each for each in self.wanted if each.get("guid") and each["key"] not in matched}
        others = Session.objects.filter(guid__in=unknown).exclude(event=self.event).select_related("event")
        for session in others:
            wanted = unknown[str(session.guid)]
            del wanted["guid"]
            text = f"“{session.title}” has the guid of a session of {session.event.name}; it gets a new one."
            self.result.problems.append((wanted.get("where", ""), text))

    def _same_sessions(self, matched: Mapping[str, Session], taken: set[int]) -> list[Offer]:
        """Guesses by title and speakers, each of which stands once among what is left on both sides."""
        if self.plan.kind != Plan.Kind.IMPORT:
            return []
        mine: dict[Any, list[Session]] = {}
        for session in self.sessions.values():
            if session.pk not in taken:
                names = [appearance.speaker.name for appearance in session.appearances.all()]
                mine.setdefault(_looks(session.title, names), []).append(session)
        theirs: dict[Any, list[Wanted]] = {}
        for wanted in self.wanted:
            if wanted["key"] not in matched:
                values = self.names.as_known(wanted["wanted"])
                theirs.setdefault(_looks(values["title"], values.get("speakers", [])), []).append(wanted)
        offers = []
        for looks, wanteds in theirs.items():
            if len(wanteds) == 1 and len(mine.get(looks, [])) == 1:
                key, session = f"same:{wanteds[0]['key']}", mine[looks][0]
                offers.append(Offer(key, session.title, session.pk, session.title, bool(self.choices.get(key))))
        return offers

    def _offer_renamed_rooms(self, matched: Mapping[str, Session]) -> None:
        """Guesses that a room was renamed: all its sessions move into one that is not known yet."""
        for row, now, new in self.plan.wanted.get("renames", ()):
            if self.names.knows_room(now) and not self.names.knows_room(new):
                self.result.renamed_rooms.append(Offer(f"rename:{new}", new, row, now, is_taken=True))
        if self.plan.kind != Plan.Kind.IMPORT:
            return
        self._offer_known_rooms()
        new_names: dict[str, set[str]] = {}
        for wanted in self.wanted:
            session, room = matched.get(wanted["key"]), self.names.room(wanted["wanted"].get("room", ""))
            if session and session.room and "room" in wanted["wanted"]:
                new_names.setdefault(session.room.name, set()).add(room)
        unknown = Counter(name for names in new_names.values() for name in names if not self.names.knows_room(name))
        for old, names in new_names.items():
            name = next(iter(names))
            if len(names) == 1 and unknown[name] == 1:
                key = f"rename:{name}"
                row = self.names.rooms[folded(old)].pk
                self.result.renamed_rooms.append(Offer(key, name, row, old, bool(self.choices.get(key))))

    def _offer_known_rooms(self) -> None:
        """The rooms that the file calls otherwise than at the last import. A name that was changed here, too, stays."""
        before = {folded(origin.as_imported.get("room") or "") for origin in self.origins.values()}
        for named in self.plan.wanted.get("rooms", ()):
            room = self.names.renamed_room(named)
            if room and folded(named["name"]) not in before:
                key = f"rename:{named['name']}"
                is_taken = self.choices.get(key, "yes" if folded(room.name) in before else "old") == "yes"
                offer = Offer(key, named["name"], room.pk, room.name, is_taken, is_known=True)
                self.result.renamed_rooms.append(offer)

    def _add(self, wanted: Wanted, session: Session | None) -> None:
        values = self.names.as_known(wanted["wanted"])
        if session is None:
            if "session" in wanted:
                self.result.problems.append(("", f"“{wanted.get('title')}” was deleted meanwhile."))
            else:
                self.result.sessions.append(self._new(wanted, values))
            return
        origin = self.origin_of.get(session.pk)
        is_back = bool(origin and origin.is_gone)
        kind = "back" if is_back else "changed"
        is_ticked = self._is_ticked(kind, wanted["key"])
        base = self.names.as_known(wanted.get("base") or (origin.as_imported if origin else {}))
        changes, was_edited = self._merged(
            wanted["key"], base, values_of(session), self._with_status(values, base, is_back), is_ticked=is_ticked
        )
        if changes:
            self.result.sessions.append(SessionPlan(kind, wanted["key"], session, changes, wanted, is_ticked))
        elif was_edited:
            self.result.kept.append(session)
        else:
            self.result.same += 1

    def _new(self, wanted: Wanted, values: Values) -> SessionPlan:
        added = [ValueChange(name, None, values[name]) for name in VALUES if name in values]
        is_ticked = self._is_ticked("new", wanted["key"])
        hidden = ValueChange("is_published", None, False, is_taken=not is_ticked)
        return SessionPlan("new", wanted["key"], None, (*added, hidden), wanted, is_ticked)

    def _is_ticked(self, kind: str, key: str) -> bool:
        return self.choices.get(f"{kind}:{key}") != "old"

    def _with_status(self, values: Values, base: Values, is_back: bool) -> Values:
        """With the status that files leave out: what they list takes place, and what comes back is shown again."""
        if self.plan.kind != Plan.Kind.IMPORT:
            return values
        shown = {"status": Session.Status.CONFIRMED.value} if "status" in base else {}
        return shown | ({"is_published": True} if is_back else {}) | values

    def _merged(
        self, key: str, base: Values, ours: Values, theirs: Values, *, is_ticked: bool
    ) -> tuple[tuple[ValueChange, ...], bool]:
        """The values that differ and are not ours alone; and whether some are."""
        renamed = {offer.old: offer.new for offer in self.result.renamed_rooms if offer.is_taken and not offer.is_known}
        ours = ours | {"room": renamed.get(ours["room"], ours["room"])}
        changes, was_edited = [], False
        for name in VALUES:
            if name not in theirs or _same(theirs[name], ours[name], name):
                continue
            if name in base and _same(theirs[name], base[name], name):
                was_edited = True
                continue
            is_conflict = name in base and not _same(ours[name], base[name], name)
            is_taken = self.choices.get(f"value:{key}:{name}") == "new" if is_conflict else is_ticked
            changes.append(ValueChange(name, ours[name], theirs[name], is_conflict, is_taken))
        return tuple(changes), was_edited

    def _add_gone(self, matched: set[int]) -> None:
        """Adds the sessions that this source had and has no more: cancelled, or unpublished if nobody saw them."""
        if self.plan.kind != Plan.Kind.IMPORT:
            return
        known = [origin for origin in self.origins.values() if not origin.is_gone]
        gone = [origin for origin in known if origin.session_id not in matched]
        many = len(gone) > max(MANY_GONE, LARGE_PART_GONE * len(known))
        self.result.is_mass_gone = many or bool(gone and self.plan.wanted.get("leaves_out"))
        for origin in gone:
            session = self.sessions.get(origin.session_id)
            if session and (change := self._gone(origin, session)):
                self.result.sessions.append(
                    SessionPlan("gone", origin.external_id, session, (change,), is_ticked=change.is_taken)
                )

    def _gone(self, origin: Origin, session: Session) -> ValueChange | None:
        chosen = self.choices.get(f"gone:{origin.external_id}")
        is_taken = chosen == "new" if self.result.is_mass_gone else chosen != "old"
        if session.is_cancelled or not session.is_published:
            return None
        if session.is_public or session.revisions.all():
            return ValueChange("status", session.status, CANCELLED.value, is_taken=is_taken)
        return ValueChange("is_published", True, False, is_taken=is_taken)

    def _add_speakers(self) -> None:
        before = self.plan.source.speakers if self.plan.source else {}
        for wanted in self.plan.wanted.get("speakers", []):
            speaker = self.names.speaker(wanted)
            if not speaker:
                continue
            base, theirs = wanted.get("base", before.get(wanted["name"], {})), wanted["about"]
            was_renamed = self.names.renamed_since("speaker", wanted["name"]) == speaker.pk
            if "base" not in wanted and wanted["name"] not in before and not was_renamed:  # the name is news
                theirs = {"name": wanted["name"], **theirs}
            changes = tuple(
                ValueChange(name, ours, theirs[name], is_conflict, not is_conflict)
                for name in ("name", *ABOUT_SPEAKERS)
                if (ours := getattr(speaker, name)) != theirs.get(name, ours) and theirs[name] != base.get(name)
                for is_conflict in [name in base and ours != base[name]]
            )
            if changes:
                self.result.speakers.append(SpeakerPlan(speaker, changes))

    def _needs(self) -> list[Need]:
        """What each session will need once the plan is published; changed ones are marked."""
        planned = {each.session.pk: each for each in self.result.sessions if each.session}
        needs = [
            Need.of(values_of(session) | (planned[pk].taken if pk in planned else {}), is_changed=pk in planned)
            for pk, session in self.sessions.items()
        ]
        return needs + [Need.of(each.taken, is_changed=True) for each in self.result.of_kind("new")]


def _looks(title: str, speakers: Iterable[str]) -> tuple[str, frozenset[str]]:
    return folded(title), frozenset(map(folded, speakers))


def _same(one: Any, other: Any, name: str) -> bool:
    """True for equal values; the order of materials is the file's own affair."""
    return bool(sorted(one) == sorted(other) if name == "materials" else one == other)
