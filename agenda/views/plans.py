"""The Review page of a plan, that of a note alone, and the receipt of a batch with the button that puts it back."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import SignedInRequest
from agenda.editing.aftermath import findings_after
from agenda.editing.apply import PlanIsOver, PlanMovedOn, publish
from agenda.editing.asked import note_in
from agenda.editing.batches import undoing
from agenda.editing.decisions import decide, discard
from agenda.editing.desk import Talk, TimedTalk
from agenda.editing.incoming import asks, forget_file, has_file
from agenda.editing.morning import Words, day_to_open
from agenda.editing.moves import note_alone
from agenda.editing.plan import propose
from agenda.editing.refreshing import counts_in_words
from agenda.editing.review import SOON, review
from agenda.models import Batch, Event, Plan, Session
from agenda.notices.reach import reach, reached, stars_of
from agenda.programme.access import event_to_edit_or_404

MOVED_ON = "The programme was edited meanwhile. This is what the plan does now; your choices were kept."
OTHER_PLAN = "With your choices the plan is another one. Look at it once more, then publish it."
DISCARDED = "The plan is discarded. Nothing was changed."
OVER = "This plan is over: it was discarded, or a newer file took its place. Nothing was changed."
NOTHING = "Nothing to do: the programme is as the file says. No calendar is told anything."


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def plan(request: SignedInRequest, event_slug: str, plan_id: UUID) -> HttpResponse:
    """Shows what the plan would do now. A POST keeps the choices and the note; `do` is save, publish or discard."""
    event = event_to_edit_or_404(request, event_slug)
    found = get_object_or_404(Plan.objects.select_related("source", "undoes__plan", "made_by"), pk=plan_id, event=event)
    found.event = event
    if found.state != Plan.Status.WAITING:
        return _over(request, found)
    if asks(found):
        return redirect("agenda:import-reading", event.slug, found.pk)
    if request.method == "POST":
        return _decided(request, found)
    proposal, now = propose(found), timezone.now()
    reaching = reach(proposal, now)
    context = {
        "event": event,
        "plan": found,
        "has_file": has_file(found),
        "reach": reaching,
        "after": findings_after(proposal),
        "review": review(found, proposal, stars=reaching.stars, clashing=reaching.by_choice, now=now),
    }
    with timezone.override(event.zone):
        return render(request, "agenda/edit/review.html", context)


def _decided(request: SignedInRequest, found: Plan) -> HttpResponse:
    shown = request.POST.get("fingerprint", "")
    if request.POST.get("do") == "discard":
        return _discarded(request, found, shown)
    proposal = propose(found)
    is_another = decide(found, proposal, request.POST.dict())
    if request.POST.get("do") != "publish":
        messages.success(request, "Your choices are saved. Nothing is published yet.")
        return redirect("agenda:plan", found.event.slug, found.pk)
    if is_another and proposal.fingerprint == shown:
        messages.warning(request, OTHER_PLAN)
        return redirect("agenda:plan", found.event.slug, found.pk)
    return _published(request, found, shown)


def _discarded(request: HttpRequest, found: Plan, fingerprint: str) -> HttpResponse:
    try:
        discard(found, fingerprint=fingerprint)
    except PlanMovedOn:
        messages.warning(request, MOVED_ON)
        return redirect("agenda:plan", found.event.slug, found.pk)
    forget_file(found)
    is_empty = not found.event.sessions.exists()
    messages.success(request, DISCARDED + (" The event is still there, without a session." if is_empty else ""))
    return redirect("agenda:edit", found.event.slug)


def _published(request: SignedInRequest, found: Plan, fingerprint: str) -> HttpResponse:
    """Publishes the plan, if it proposes what was shown with this fingerprint, and leads to its receipt."""
    try:
        batch = publish(found, by=request.user, fingerprint=fingerprint, note=found.note)
    except PlanMovedOn:
        messages.warning(request, MOVED_ON)
        return redirect("agenda:plan", found.event.slug, found.pk)
    except PlanIsOver:
        return _over(request, found)
    forget_file(found)
    if batch is None:
        messages.success(request, NOTHING)
        return redirect("agenda:edit", found.event.slug)
    return redirect("agenda:batch", found.event.slug, batch.pk)


def _over(request: HttpRequest, found: Plan) -> HttpResponse:
    """Leads to the receipt of a plan that was published, else to the front page with a sentence."""
    if batch := Batch.objects.filter(plan=found).first():
        return redirect("agenda:batch", found.event.slug, batch.pk)
    messages.info(request, NOTHING if Plan.objects.get(pk=found.pk).state == Plan.Status.PUBLISHED else OVER)
    return redirect("agenda:edit", found.event.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def note(request: SignedInRequest, event_slug: str, slug: str) -> HttpResponse:
    """Shows the note of a talk and whom it reaches. A POST makes its plan, and publishes that if `do` is publish."""
    event = event_to_edit_or_404(request, event_slug)
    session = get_object_or_404(Session.objects.with_details(), event=event, slug=slug)
    session.event = event
    written, was = note_in(request.POST), note_in({"note": request.POST.get("was", session.note)})
    if request.method != "POST":
        return _note_page(request, event, session, session.note)
    if written == was:
        return _note_page(
            request, event, session, written, problem="Write the note first, or empty it to take it back."
        )
    plan = note_alone(session, written, was=was, once=_once(request), by=request.user)
    if plan.event_id != event.pk:
        raise Http404
    if plan.state != Plan.Status.WAITING or request.POST.get("do") != "publish":
        return redirect("agenda:plan", event.slug, plan.pk)
    proposal = propose(plan)
    if proposal.conflicts:
        messages.warning(request, "Another editor changed this note meanwhile. Choose which of the two it is.")
        return redirect("agenda:plan", event.slug, plan.pk)
    return _published(request, plan, proposal.fingerprint)


def _note_page(
    request: SignedInRequest, event: Event, session: Session, written: str, *, problem: str = ""
) -> HttpResponse:
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


@require_safe
@never_cache
def batch(request: HttpRequest, event_slug: str, batch_id: int) -> HttpResponse:
    """Shows the receipt: what was published, and how far it has come by now."""
    event = event_to_edit_or_404(request, event_slug)
    found = _batch_or_404(event, batch_id)
    context = {
        "event": event,
        "batch": found,
        "in_words": counts_in_words(found.counts) or "Texts about people, or names of rooms",
        "undone_by": found.inverses.filter(inverses=None).first(),
        "reached": reached(found, timezone.now()),
    }
    with timezone.override(event.zone):
        return render(request, "agenda/edit/batch.html", context)


@require_POST
def put_back(request: SignedInRequest, event_slug: str, batch_id: int) -> HttpResponse:
    """Makes the plan that puts the batch back, and goes to its review."""
    event = event_to_edit_or_404(request, event_slug)
    made = undoing(_batch_or_404(event, batch_id), by=request.user)
    return redirect("agenda:plan", event.slug, made.pk)


def _batch_or_404(event: Event, batch_id: int) -> Batch:
    found = get_object_or_404(
        Batch.objects.select_related("plan", "by", "inverse_of__plan").defer("plan__wanted"), pk=batch_id, event=event
    )
    found.event = event
    return found
