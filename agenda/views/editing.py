"""The front page of an event for its editors: what is wrong, what waits, where the programme comes from."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.limits import limited
from accounts.models import User
from accounts.requests import SignedInRequest
from agenda.editing.inviting import invite, who_may_edit
from agenda.editing.overview import ask_again, leave, mend, overview
from agenda.editing.refreshing import can_follow, claim, refresh
from agenda.editing.states import give_state, list_cancelled
from agenda.models import Event, EventEditor, Source
from agenda.models.session import is_editor
from agenda.notices.invitations import send_invitation
from agenda.notices.reach import reached
from agenda.programme.access import event_to_edit_or_404, own_row_or_gone
from agenda.stars.my_events import switch
from agenda.stars.starred import starred_ids

PATIENCE = 10.0  # seconds that a page waits for another server; what is slower waits for refresh_programmes
# What each state means, and the button that leads to it.
MEANINGS = {
    Event.State.HIDDEN: ("Only its editors see it", "Hide it"),
    Event.State.ANNOUNCED: ("Everybody can see its name, days and place, but no talk", "Announce it"),
    Event.State.PUBLISHED: ("Everybody can read the programme, star talks and sync them", "Publish it"),
    Event.State.ARCHIVED: ("It is over. Everybody can still read it; it is never shown first", "Archive it"),
}

LISTING = {
    "listed": "The programme lists cancelled talks, struck through.",
    "left-out": "The programme leaves cancelled talks out.",
}


class StateRow(NamedTuple):
    value: str
    name: str
    meaning: str
    button: str
    is_present: bool


@require_safe
@never_cache
def edit(request: HttpRequest, event_slug: str) -> HttpResponse:
    return _front_page(request, event_to_edit_or_404(request, event_slug))


def _front_page(request: HttpRequest, event: Event, *, typed: str = "", problem: str = "") -> HttpResponse:
    """All of the page; with the e-mail address that was typed and what is wrong with it, if there is something."""
    starred = starred_ids(request)
    states = [StateRow(state, state.name.title(), *words, state == event.state) for state, words in MEANINGS.items()]
    last = event.batches.select_related("plan").defer("plan__wanted", "before").first()
    context: dict[str, Any] = {
        **{"event": event, "typed": typed, "problem": problem},
        "overview": overview(event),
        "states": states,
        "listing": LISTING["listed" if event.lists_cancelled else "left-out"],
        "has_ended": event.has_ended(timezone.now()),
        "batch": last,
        "reached": reached(last, timezone.now()) if last else None,
        "editors": who_may_edit(event),
        "policies": Source.Policy.choices,
        "moment": timezone.now(),
        "star_count": len(starred),
        "switch": switch(request, event, starred),
    }
    with timezone.override(event.zone):
        return render(request, "agenda/edit/overview.html", context, status=422 if problem else 200)


@require_POST
def state(request: SignedInRequest, event_slug: str) -> HttpResponse:
    """Gives the event the state in `state`, if it still has the one in `was` that the page showed."""
    event = event_to_edit_or_404(request, event_slug)
    wanted = request.POST.get("state", "")
    if wanted not in Event.State.values:
        messages.error(request, "Choose one of the four states.")
    elif event.state == wanted:
        pass  # sent twice
    elif event.state != request.POST.get("was"):
        messages.warning(request, "Another editor changed the state meanwhile. This is how it is now: choose again.")
    else:
        give_state(event, wanted, by=request.user)
        messages.success(request, f"Done. {MEANINGS[Event.State(wanted)][0]}.")
    return _to_page(event, "states")


@require_POST
def listing(request: SignedInRequest, event_slug: str) -> HttpResponse:
    """Lists cancelled talks if `cancelled` is "listed", or leaves them out if it is "left-out"."""
    event = event_to_edit_or_404(request, event_slug)
    wanted = request.POST.get("cancelled", "")
    if wanted in LISTING:
        list_cancelled(event, lists=wanted == "listed", by=request.user)
        messages.success(request, f"Done. {LISTING[wanted]}")
    else:
        messages.error(request, "Choose whether cancelled talks are listed.")
    return _to_page(event, "cancelled")


@require_POST
@limited("invitation")
def editor_invite(request: HttpRequest, event_slug: str) -> HttpResponse:
    """Invites the person with the address in `email` to edit the event, with one mail however often it is sent."""
    event = event_to_edit_or_404(request, event_slug)
    typed = request.POST.get("email", "")
    try:
        invited = invite(event, typed, by=cast(User, request.user))
    except ValidationError as problem:
        return _front_page(request, event, typed=typed, problem=" ".join(problem.messages))
    if invited is None:
        messages.info(request, "They were invited before. No second mail was sent.")
    elif send_invitation(invited):
        messages.success(request, f"A mail is on its way to {invited.email}.")
    else:
        text = (
            f"The mail to {invited.email} could not be sent. Tell them: they edit once they log in with that address."
        )
        messages.warning(request, text)
    return _to_page(event, "editors")


@require_POST
def editor_withdraw(request: SignedInRequest, event_slug: str, editor_id: int) -> HttpResponse:
    event = event_to_edit_or_404(request, event_slug)
    if invited := own_row_or_gone(EventEditor.objects.all(), event, editor_id):
        invited.delete()
        messages.success(request, f"{invited.email} may not edit this event any more.")
    request.user.__dict__.pop("_edited_events", None)
    return _to_page(event, "editors") if is_editor(request.user, event) else redirect("agenda:events")


@require_POST
def findings_leave(request: SignedInRequest, event_slug: str) -> HttpResponse:
    """Leaves the findings of these keys as they are. The page offers to be asked about them again."""
    event = event_to_edit_or_404(request, event_slug)
    count = leave(event, _keys(request), by=request.user)
    if not count:
        messages.info(request, "That was mended meanwhile.")
    return _to_page(event, "problems")


@require_POST
def findings_ask(request: HttpRequest, event_slug: str) -> HttpResponse:
    event = event_to_edit_or_404(request, event_slug)
    ask_again(event, _keys(request))
    return _to_page(event, "problems")


@require_POST
def finding_mend(request: SignedInRequest, event_slug: str) -> HttpResponse:
    """Makes a plan that mends the finding, and goes to its review."""
    event = event_to_edit_or_404(request, event_slug)
    plan = mend(event, request.POST.get("key", ""), by=request.user)
    if plan is None:
        messages.info(request, "That was mended meanwhile.")
        return _to_page(event, "problems")
    return redirect("agenda:plan", event.slug, plan.pk)


@require_POST
def source_policy(request: HttpRequest, event_slug: str, source_id: int) -> HttpResponse:
    source = _source_or_404(request, event_slug, source_id)
    if request.POST.get("policy") in Source.Policy.values:
        source.policy = request.POST["policy"]
        source.save(update_fields=["policy"])
        messages.success(request, f"Saved. {source.get_policy_display()}.")
    else:
        messages.error(request, "Choose what is done with a changed programme: one of the two.")
    return _to_page(source.event, f"source-{source.pk}")


@require_POST
def source_fetch(request: HttpRequest, event_slug: str, source_id: int) -> HttpResponse:
    """Fetches the source, for which the page waits PATIENCE; leads to the plan that this makes, if it makes one."""
    source = _source_or_404(request, event_slug, source_id)
    if not claim(source, timezone.now()):
        messages.info(request, "It is being fetched at this moment. Load the page again to see what came.")
        return _to_page(source.event, f"source-{source.pk}")
    plan = refresh(source, patience=PATIENCE)
    if source.failures:
        messages.error(request, source.said)
    else:
        messages.success(request, source.said)
    return redirect("agenda:plan", event_slug, plan.pk) if plan else _to_page(source.event, f"source-{source.pk}")


@require_POST
def source_stop(request: HttpRequest, event_slug: str, source_id: int) -> HttpResponse:
    """Follows the address no more. What came from it stays, and so does what tells it from a later file."""
    source = _source_or_404(request, event_slug, source_id)
    Source.objects.filter(pk=source.pk).update(address="")
    return _to_page(source.event, f"source-{source.pk}")


@require_POST
def source_follow(request: HttpRequest, event_slug: str, source_id: int) -> HttpResponse:
    source = _source_or_404(request, event_slug, source_id)
    if can_follow(source):
        Source.objects.filter(pk=source.pk).update(address=source.name)
    elif not source.address:
        raise Http404  # the name of a file leads nowhere
    return _to_page(source.event, f"source-{source.pk}")


def _keys(request: HttpRequest) -> set[str]:
    return set(request.POST.getlist("key"))


def _source_or_404(request: HttpRequest, event_slug: str, source_id: int) -> Source:
    event = event_to_edit_or_404(request, event_slug)
    return get_object_or_404(Source.objects.select_related("event"), pk=source_id, event=event)


def _to_page(event: Event, part: str) -> HttpResponse:
    response = redirect("agenda:edit", event.slug)
    response["Location"] += f"#{part}"
    return response
