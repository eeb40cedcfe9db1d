"""Puts a published batch back: a plan like any other, which wants what was before.

`Batch.before` is {"sessions": [{"session": pk, "values": {name: [old, new]}, "origin": [external_id, as_imported,
is_gone] or null}], "new": [pk], "speakers": [{"speaker": pk, "name": …, "values": …}], "renames": [[room's pk, old
name, new name]]}.
"""

from __future__ import annotations

from typing import Any

from accounts.models import User
from agenda.models import Batch, Plan, Session


def undoing(batch: Batch, *, by: User | None) -> Plan:
    """The waiting plan that puts this batch back; the same one if it was made before and still waits.

    What was changed again since then is a conflict, and stays unless chosen. Sessions that the batch made are
    unpublished.
    """
    waiting = Plan.objects.filter(undoes=batch, state=Plan.Status.WAITING).first()
    title = f"Put back: {batch.plan.title}"[:200]
    return waiting or Plan.objects.create(
        event=batch.event, kind=Plan.Kind.UNDO, title=title, undoes=batch, wanted=_before(batch.before), made_by=by
    )


def _before(before: dict[str, Any]) -> dict[str, Any]:
    sessions = [
        {"key": str(row["session"]), "session": row["session"], **_reversed(row["values"])}
        for row in before["sessions"]
    ]
    shown = {"is_published": [False, True]}
    new = [{"key": str(pk), "session": pk, **_reversed(shown)} for pk in before["new"]]
    speakers = [
        {"name": row["name"], "speaker": row["speaker"], "about": old["wanted"], "base": old["base"]}
        for row in before["speakers"]
        for old in [_reversed(row["values"])]
    ]
    return {
        "sessions": [*_titled(sessions), *_titled(new)],
        "speakers": speakers,
        "renames": [[pk, new, old] for pk, old, new in before["renames"]],
    }


def _reversed(values: dict[str, list[Any]]) -> dict[str, Any]:
    return {
        "wanted": {name: old for name, (old, _) in values.items()},
        "base": {name: new for name, (_, new) in values.items()},
    }


def _titled(sessions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With the title of each, for the day on which the session itself is gone."""
    titles = dict(Session.objects.filter(pk__in=[row["session"] for row in sessions]).values_list("pk", "title"))
    return [row | {"title": titles.get(row["session"], "")} for row in sessions]
