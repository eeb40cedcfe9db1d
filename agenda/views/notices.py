"""Mail about changes that a calendar was not updated with in time: choosing it and stopping it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.models import CalendarKey, User
from accounts.requests import SignedInRequest
from agenda.notices.choices import CHOICES, NEVER, choices_for, refusing_address
from agenda.notices.mail import user_of
from agenda.programme.way_back import way_back
from agenda.stars.starred import starred_ids


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def notices(request: SignedInRequest) -> HttpResponse:
    """Shows the form. A POST saves `minutes` ("never" for no mail) and goes back to `next`.

    It also tries an address again that a mail server has refused mail to for good.
    """
    user = request.user
    problem = ""
    if request.method == "POST":
        chosen = request.POST.get("minutes", "")
        minutes = next((minutes for minutes in CHOICES if str(minutes) == chosen), None)
        if minutes is not None or chosen == NEVER:
            User.objects.filter(pk=user.pk).update(notice_minutes=minutes, refused_address="")
            messages.success(request, f"Saved. {_promise(user, minutes)}")
            return redirect(way_back(request, reverse("agenda:notices")))
        problem = "Choose when to be told: one of the times below."
    context = {
        "nav": "agenda",
        "notice_problem": problem,
        "notice_choices": choices_for(user),
        "notice_refusal": refusing_address(user),
        "star_count": len(starred_ids(request)),
    }
    return render(request, "agenda/notices.html", context, status=422 if problem else 200)


def _promise(user: User, minutes: int | None) -> str:
    """The mail that the user gets from now on, and on what it depends."""
    if minutes is None:
        return "You get no mail about changed talks."
    when = f"you get mail {CHOICES[minutes]} before a changed talk matters"
    if CalendarKey.objects.filter(user=user).active().exists():
        return f"If one of your calendars has not been updated by then, {when}."
    return f"Once you have added a calendar, {when}, if it has not been updated by then. Without one, no mail comes."


@csrf_exempt  # mail programs send this form without opening a page of ours; the token says whose it is
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def stop(request: HttpRequest) -> HttpResponse:
    """Ends the mails for good with one POST, signed in or not (RFC 8058 section 3.2). It may be repeated.

    A GET only asks, because virus scanners follow every link of a mail. A token that is not ours is a 404.
    """
    user = user_of(request.GET.get("token", ""))
    if user is None:
        raise Http404
    if request.method == "POST":
        User.objects.filter(pk=user.pk).update(notice_minutes=None)
    return render(request, "agenda/notices_stop.html", {"nav": "agenda", "stopped": request.method == "POST"})
