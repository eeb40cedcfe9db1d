"""The addresses that tracks, rooms, speakers and sessions had before: they lead to the renamed row."""

from __future__ import annotations

from agenda.models import FormerSlug, Room, Session, Speaker, Track


def keep_former_slug(row: Track | Room | Speaker | Session) -> None:
    """Keeps the slug that the row has in the database, if it is about to be saved with another one.

    From now on, the new slug leads to this row, and no longer to a row that had it before.
    """
    own = type(row)._default_manager.filter(pk=row.pk).values_list("slug", flat=True).first()
    if own == row.slug:
        return
    former = FormerSlug.objects.filter(event=row.event_id, kind=str(row._meta.model_name))
    former.filter(slug=row.slug).delete()
    if own:
        former.update_or_create(event_id=row.event_id, kind=row._meta.model_name, slug=own, defaults={"row": row.pk})
