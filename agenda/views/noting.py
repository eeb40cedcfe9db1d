"""The page for a note alone: written, reviewed and published in one place."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from agenda.editing.asked import note_in
from agenda.editing.desk import Talk, TimedTalk
from agenda.editing.morning import Words, day_to_open
from agenda.editing.moves import note_alone
from agenda.editing.plan import propose
from agenda.editing.review import SOON
from agenda.models import Event, Plan, Session
from agenda.notices.reach import stars_of
from agenda.programme.access import event_to_edit_or_404
from agenda.views.plans import publish_now


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def note(request: SignedInRequest, event_slug: str, slug: str) -> HttpResponse:
    """Shows the note of a talk and whom it reaches. A POST makes its plan, and publishes that if `do` is publish."""
    event = event_to_edit_or_404(request, event_slug)
    session = get_object_or_404(Session.objects.with_details(), event=event, slug=slug)
    session.event = event
    written, was = note_in(request.POST), note_in({"note": request.POST.get("was", session.note)})
    if request.method != "POST":
        return _page(request, event, session, session.note)
    if written == was:
        return _page(request, event, session, written, problem="Write the note first, or empty it to take it back.")
    plan = note_alone(session, written, was=was, once=_once(request), by=request.user)
    if plan.event_id != event.pk:
        raise Http404
    if plan.state != Plan.Status.WAITING or request.POST.get("do") != "publish":
        return redirect("agenda:plan", event.slug, plan.pk)
    proposal = propose(plan)
    if proposal.conflicts:
        messages.warning(request, "Another editor changed this note meanwhile. Choose which of the two it is.")
        return redirect("agenda:plan", event.slug, plan.pk)
    return publish_now(request, plan, proposal.fingerprint)


def _page(request: SignedInRequest, event: Event, session: Session, written: str, *, problem: str = "") -> HttpResponse:
    now, stars, talk = timezone.now(), stars_of(event.sessions.filter(pk=session.pk)), Talk.of(session, None)
    start = talk.start if isinstance(talk, TimedTalk) else None
    context = {
        **{"event": event, "talk": talk, "written": written, "was": request.POST.get("was", session.note)},
        "day": event.day_of(start) if start else day_to_open(event, now),
        "row": Words(event, stars, now).row(talk),
        "is_soon": bool(start and now <= start < now + SOON),
        "problem": problem,
        "once": request.POST.get("once") or uuid4(),
    }
    with timezone.override(event.zone):
        return render(request, "agenda/edit/note.html", context, status=422 if problem else 200)


def _once(request: SignedInRequest) -> UUID:
    """The number that the page was given, so that it makes one plan however often it is sent."""
    try:
        return UUID(request.POST.get("once", ""))
    except ValueError:
        return uuid4()
