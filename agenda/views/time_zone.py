"""The choice of the time zone that pages show times in."""

from __future__ import annotations

from zoneinfo import available_timezones

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts import limits
from agenda.programme import zones
from agenda.programme.way_back import way_back


@require_http_methods(["GET", "HEAD", "POST"])
def time_zone(request: HttpRequest) -> HttpResponse:
    """Lists the zones. A POST saves `time_zone` ("event" for each event's own) and goes back to `next`.

    The button "use mine" posts the browser's own zone. Without JavaScript it posts none and gets the list.
    """
    back = way_back(request, reverse("agenda:home"))
    name = request.POST.get("time_zone", "")
    problem = ""
    if request.method == "POST" and name:
        limits.count_new_visitor(request)
        try:
            zones.choose(request, "" if name == "event" else name)
        except ValueError:
            problem = f"“{name[:80]}” is not a time zone we know. Choose one from the list."
        else:
            return redirect(back)
    context = {
        "names": sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")),
        "chosen": zones.own_zone(request),
        "next": back,
        "problem": problem,
    }
    return render(request, "agenda/time_zone.html", context, status=422 if problem else 200)
