"""Signing in and out of the console, and choosing the tenant to look at."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from tenants.forms import SignInForm
from tenants.middleware import CHOSEN_TENANT

logger = logging.getLogger(__name__)


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    following = next_path(request)
    if request.method == "GET" and request.user.is_authenticated:
        return redirect(following)
    form = SignInForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        login(request, form.user)
        logger.info("signed in", extra={"action": "sign_in", "user_id": str(form.user.id)})
        return redirect(following)
    told = {"form": form, "next": following}
    return render(request, "tenants/sign_in.html", told, status=400 if request.method == "POST" else 200)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@require_POST
def tenant_choose(request: Any) -> HttpResponse:
    """Look at another of one's tenants from now on. Any other value changes nothing."""
    wanted = request.POST.get("tenant", "")
    if wanted in {str(membership.tenant_id) for membership in request.memberships}:
        request.session[CHOSEN_TENANT] = wanted
    return HttpResponseRedirect(settings.LOGIN_REDIRECT_URL)


def next_path(request: HttpRequest) -> str:
    """Return where to go after signing in: a page of ours that was asked for, else the overview."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    hosts = {request.get_host()}
    is_ours = url_has_allowed_host_and_scheme(asked, allowed_hosts=hosts, require_https=request.is_secure())
    return asked if is_ours else settings.LOGIN_REDIRECT_URL
