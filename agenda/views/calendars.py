"""My calendars: their keys are added, renamed, given options, renewed, revoked and opened again here."""

from __future__ import annotations

import secrets
import time
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import limits
from accounts.models import MOST_CALENDARS, CalendarKey, TooManyCalendars, User
from accounts.reauthentication import ask_who_is_there, just_logged_in
from accounts.requests import SignedInRequest
from agenda.calendars import qr, truth
from agenda.calendars.choices_form import ChoicesForm, in_words, programmes_for
from agenda.calendars.options import Options, options_of
from agenda.calendars.personal import personal_name
from agenda.calendars.places import Place, davx5_link, is_phone, place_here, place_of, place_with, webcal_of
from agenda.calendars.programs import after_revoking, program_of
from agenda.calendars.sync_box import sync_box
from agenda.formats.mobileconfig import CONTENT_TYPE, caldav_profile
from agenda.notices.choices import choices_for, refusing_address
from agenda.programme import zones
from agenda.stars.starred import starred_ids

REMINDER = 10  # minutes before a talk, as a place's page offers it
A_DAY = 24 * 60 * 60  # seconds
TOO_MANY = f"You have {MOST_CALENDARS} calendars, and no more are possible. Revoke one that you no longer use first."
LONGEST_NAME = 60  # characters of a calendar's name, as CalendarKey.name holds them


@require_safe
@login_required
@never_cache
def calendars(request: SignedInRequest) -> HttpResponse:
    return _page(request, request.user)


@require_safe
@login_required
@never_cache
def calendar(request: SignedInRequest, key_id: UUID) -> HttpResponse:
    """Shows one calendar: its name, what it has, what it shows, and how to end it."""
    return _own_page(request, key_or_404(request, key_id, CalendarKey.objects.active()))


@require_safe
@never_cache
def here(request: HttpRequest) -> HttpResponse:
    """Redirects to the page of the place for the device that asks."""
    return redirect("agenda:calendar-place", place_here(request.headers.get("User-Agent", "")).slug)


@require_safe
@login_required
@never_cache
def place(request: HttpRequest, place_slug: str) -> HttpResponse:
    """Shows how an agenda gets to this place, and the button that makes its address. Makes no key."""
    to = place_with(place_slug)
    if to is None:
        raise Http404
    if to.kind == CalendarKey.Kind.CALDAV:
        ask_who_is_there(request)
    context = {"nav": "agenda", "place": to, "once": _new_once(), "reminder": REMINDER}
    return render(request, "agenda/calendar_place.html", context | {"star_count": len(starred_ids(request))})


@require_POST
@never_cache
def add(request: HttpRequest) -> HttpResponse:
    """Makes a key named after its place. Its address, or its sign-in details, are shown only this once."""
    if not isinstance(request.user, User):
        return redirect_to_login(reverse("agenda:calendars"))
    to = place_with(request.POST.get("place", ""))
    if to is None:
        return _page(request, request.user, problem="Choose where your agenda should go: one of the places below.")
    if to.kind == CalendarKey.Kind.CALDAV and not just_logged_in(request):
        return redirect("agenda:calendar-place", to.slug)  # which asks
    limits.count(request, "new calendar")
    options = Options(alarm=REMINDER if "remind" in request.POST else 0)
    try:
        made, text = _issued(request.user, to, once := _once(request), options)
        if made.revoked:  # an old form was sent again: its address stays closed
            made, text = _issued(request.user, to, once := _new_once(), options)
    except TooManyCalendars:
        return _page(request, request.user, problem=TOO_MANY)
    return _shown_once(request, to, made, text, once)


@require_POST
@login_required
def rename(request: SignedInRequest, key_id: UUID) -> HttpResponse:
    key = key_or_404(request, key_id, CalendarKey.objects.active())
    name = " ".join(request.POST.get("name", "").replace("\0", "").split())
    if not name or len(name) > LONGEST_NAME:
        problem = f"A calendar's name has 1 to {LONGEST_NAME} characters; yours has {len(name)}."
        return _own_page(request, key, problem)
    CalendarKey.objects.filter(pk=key.pk).update(name=name)
    messages.success(request, f"Renamed to “{name}”.")
    return redirect("agenda:calendar", key.pk)


@require_POST
@login_required
@transaction.atomic
def choose(request: SignedInRequest, key_id: UUID) -> HttpResponse:
    """Saves all of a calendar's options at once: alarm, cancelled talks, times, events and tracks."""
    # Locked, as a fetch may write what the calendar was served at the same moment.
    key = key_or_404(request, key_id, CalendarKey.objects.active().select_for_update())
    user = request.user
    keys = CalendarKey.objects.filter(user=user).active()  # all, as on the page: it offers each what any has chosen
    form = ChoicesForm(key, programmes_for(user, keys, timezone.now()), request.POST)
    if not form.is_valid():
        return _own_page(request, key, f"Nothing was changed for “{key.name}”. {form.first_error}", refused=form)
    form.save()
    messages.success(request, f"Saved for “{key.name}”. It shows there when the calendar is next updated.")
    return redirect("agenda:calendar", key.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def renew(request: SignedInRequest, key_id: UUID) -> HttpResponse:
    """Shows what a new address breaks. A POST closes the old address at once and shows the new one.

    The same form sent twice shows the same new address.
    """
    old = key_or_404(request, key_id)
    if old.kind == CalendarKey.Kind.CALDAV:
        ask_who_is_there(request)
    if request.method != "POST":
        context = {
            "nav": "agenda",
            "key": old,
            "once": _new_once(),
            "after_revoking": after_revoking(old),
        }
        return render(request, "agenda/calendar_renew.html", context | {"star_count": len(starred_ids(request))})
    limits.count(request, "new calendar")
    renewed = CalendarKey.objects.renew(old, once=(once := _once(request)))
    if renewed is None:
        messages.warning(request, f"“{old.name}” was revoked before. Add the calendar once more if you miss it.")
        return redirect("agenda:calendars")
    return _shown_once(request, place_of(old, program_of(old.last_client).place), *renewed, once, replaces=old)


@require_POST
@login_required
def revoke(request: SignedInRequest, key_id: UUID) -> HttpResponse:
    """Closes the address at once, and offers to open it again; closing it twice changes nothing."""
    key = key_or_404(request, key_id)
    if CalendarKey.objects.filter(pk=key.pk, revoked=None).update(revoked=timezone.now()):
        after = after_revoking(key) or "It had not been updated yet."
        messages.success(request, f"“{key.name}” gets nothing any more. {after}")
        return redirect(f"{reverse('agenda:calendars')}?revoked={key.pk}")
    return redirect("agenda:calendars")


@require_POST
@login_required
def reopen(request: SignedInRequest, key_id: UUID) -> HttpResponse:
    """Opens the address of a calendar that was revoked less than a minute ago."""
    key = key_or_404(request, key_id)
    try:
        is_open = CalendarKey.objects.reopen(key, timezone.now())
    except TooManyCalendars:
        return _page(request, request.user, problem=TOO_MANY)
    if is_open:
        messages.success(request, f"“{key.name}” is back: its old {_secret_of(key)} works again.")
    elif key.revoked:
        messages.warning(request, f"It is too late to undo. Add “{key.name}” once more if you miss it.")
    return redirect("agenda:calendars")


@require_POST
@login_required
def tidy(request: SignedInRequest) -> HttpResponse:
    """Revokes the calendars that were never added anywhere."""
    now = timezone.now()
    keys = CalendarKey.objects.active().filter(user=request.user)
    unused = [key.pk for key in keys if key.was_never_added(now)]
    # Only what is still unused: a calendar may be fetched for the first time at this moment.
    count = keys.filter(pk__in=unused, last_used_at=None).update(revoked=now)
    if count:
        messages.success(request, f"{count} calendar{'s were' if count > 1 else ' was'} removed.")
    return redirect("agenda:calendars")


def key_or_404(request: SignedInRequest, key_id: UUID, among: QuerySet[CalendarKey] | None = None) -> CalendarKey:
    """The person's own calendar, revoked or not unless `among` says so; 404 for another person's."""
    keys = CalendarKey.objects.all() if among is None else among
    return get_object_or_404(keys, pk=key_id, user=request.user)


def _new_once() -> str:
    """A random text for a form, with the time at which it was made."""
    return f"{int(time.time())}-{secrets.token_urlsafe(16)}"


def _once(request: HttpRequest) -> str:
    """The form's own random text, which tells that the same form was sent twice; a new one if the form is a day old.

    The key that such an old form made may be revoked and forgotten by now. Sent again, it must not open that key.
    """
    text = request.POST.get("once", "")[:80]
    made = text.partition("-")[0]
    is_old = made.isascii() and made.isdecimal() and int(made) < time.time() - A_DAY
    return _new_once() if is_old or not text else text


def _secret_of(key: CalendarKey) -> str:
    return "password" if key.kind == CalendarKey.Kind.CALDAV else "address"


def _issued(user: User, to: Place, once: str, options: Options) -> tuple[CalendarKey, str]:
    return CalendarKey.objects.issue(
        user, name=to.name, once=f"{to.slug}:{once}", kind=to.kind, options=options.stored()
    )


def _shown_once(
    request: HttpRequest, to: Place, key: CalendarKey, text: str, once: str, replaces: CalendarKey | None = None
) -> HttpResponse:
    """The page with the key's secret and the steps for its place; with "profile" in the form, a profile file."""
    if key.is_new and key.kind == CalendarKey.Kind.CALDAV:  # which can take stars away
        get_adapter().send_notification_mail("account/email/caldav_added", key.user, {"name": key.name})
    context = {
        "once": once,
        "nav": "agenda",
        "place": to,
        "key": key,
        "replaces": replaces,
        "after_revoking": after_revoking(replaces) if replaces else "",
        "star_count": len(starred_ids(request)),
        "is_phone": is_phone(request.headers.get("User-Agent", "")),
    }
    if key.kind == CalendarKey.Kind.FEED:
        response = render(request, "agenda/calendar_added.html", context | _feed_context(to, text))
    elif "profile" in request.POST:
        server = settings.SITE_URL + reverse("agenda:caldav")
        profile = caldav_profile(
            key=key.pk, name=personal_name(), server=server, user_name=key.user_name, password=text
        )
        response = HttpResponse(profile, content_type=CONTENT_TYPE)
        response["Content-Disposition"] = 'attachment; filename="calendar.mobileconfig"'
    else:
        context |= {"here": place_here(request.headers.get("User-Agent", ""))}
        response = render(request, "agenda/calendar_caldav.html", context | _caldav_context(key, text))
    # The page holds the secret, so no link that leaves it may send its address along.
    response["Referrer-Policy"] = "no-referrer"
    return response


def _feed_context(to: Place, text: str) -> dict[str, Any]:
    address = settings.SITE_URL + reverse("agenda:feed", args=[text])
    return {
        "address": address,
        "links": to.links_to(address, personal_name()),
        "qr": qr.svg(webcal_of(address)),
    }


def _caldav_context(key: CalendarKey, text: str) -> dict[str, Any]:
    """The three values that any device signs in with, and two QR codes so that no phone has to type them."""
    server = settings.SITE_URL + reverse("agenda:caldav")
    davx5 = davx5_link(server, key.user_name, text)
    here = settings.SITE_URL + reverse("agenda:calendars")
    return {
        "fields": [
            ("address", "Server address", server),
            ("username", "User name", key.user_name),
            ("password", "Password", text),
        ],
        "calendar": f"{server}calendars/{key.user_id}/agenda/",  # for programs that cannot look it up, such as calcurse
        "calendar_name": personal_name(),
        "davx5": davx5,
        "davx5_qr": qr.svg(davx5, "QR code that opens DAVx5 with all of this filled in"),
        "here_qr": qr.svg(here, "QR code of the page “My calendars”"),
    }


def _own_page(
    request: SignedInRequest, key: CalendarKey, problem: str = "", refused: ChoicesForm | None = None
) -> HttpResponse:
    """The calendar's own page; `refused` holds the values of its form if they were just refused."""
    truths = truth.of(request.user, zones.own_zone(request))
    programmes = programmes_for(request.user, [each.key for each in truths], timezone.now())
    context = {
        "nav": "agenda",
        "key": key,
        "truth": next(each for each in truths if each.key == key),
        "form": refused or ChoicesForm(key, programmes),
        "shows": in_words(options_of(key.options), programmes),
        "problem": problem,
        "star_count": len(starred_ids(request)),
    }
    return render(request, "agenda/calendar.html", context, status=422 if problem else 200)


def _just_revoked(request: HttpRequest, user: User, now: datetime) -> CalendarKey | None:
    """The calendar that this person has revoked just now, as long as that can be undone."""
    try:
        pk = UUID(request.GET.get("revoked", ""))
    except ValueError:
        return None
    return CalendarKey.objects.filter(user=user, pk=pk).undoable(now).first()


def _page(request: HttpRequest, user: User, problem: str = "") -> HttpResponse:
    now = timezone.now()
    context = sync_box(user, zones.own_zone(request), request.headers.get("User-Agent", ""))
    context |= {
        "just_revoked": _just_revoked(request, user, now),
        "never_added": [each.key for each in context["truths"] if each.key.was_never_added(now)],
        "notice_choices": choices_for(user),
        "notice_refusal": refusing_address(user),
        "nav": "agenda",
        "problem": problem,
        "star_count": len(starred_ids(request)),
        "once": _new_once(),
        "reminder": REMINDER,
    }
    return render(request, "agenda/calendars.html", context, status=422 if problem else 200)
