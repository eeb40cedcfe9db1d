"""My account: what stands in it, and the ways to change it."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.forms import ProfileForm, time_zones_by_place
from accounts.models import User


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """Email, password, name, time zone, calendars and the way out, on one page."""
    user = cast(User, request.user)
    # A row of its own: a refused form must not change the name that the page greets with.
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=user.pk))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("accounts:overview")
    context = {"form": form, "time_zones": time_zones_by_place(), "nav": "account"}
    return render(request, "accounts/overview.html", context, status=422 if form.errors else 200)
