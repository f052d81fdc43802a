"""The console page of an agent's streams: addresses, XML, settings, long-lived tokens and carrier accounts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from calls.carrier_accounts import (
    CarrierAccounts,
    carrier_account_delete,
    carrier_account_set,
    carrier_accounts_load,
)
from calls.carrier_acts import account_test
from calls.carrier_views import stream_xml
from calls.pages import ConsoleRequest, console_page
from calls.public_urls import public_url, stream_url
from calls.stream_forms import StreamSettingsForm
from calls.stream_tokens import standing_tokens, stream_token_revoke
from tenants.access import access_agent
from tenants.agent_settings import AgentSettings
from tenants.errors import Conflict, InvalidInput, MirrorError, NotFound, Unavailable
from tenants.models import Agent
from tenants.services import agent_key_replace, agent_update


@require_http_methods(["GET", "HEAD", "POST"])
@console_page("agents:read")
def stream_page(request: ConsoleRequest, slug: str) -> HttpResponse:
    agent = access_agent(request.actor, slug)
    accounts = carrier_accounts_load()
    settings = AgentSettings.from_json(agent.settings)
    names = [one.name for one in accounts.stored]
    initial = StreamSettingsForm.initial_of(agent.upstream_url, settings)
    if request.method != "POST":
        return _page(request, agent, accounts, StreamSettingsForm(accounts=names, initial=initial))
    request.actor.require("agents:write")
    form = StreamSettingsForm(request.POST, accounts=names, initial=initial)
    if form.is_valid() and _is_saved(request, slug, form):
        messages.success(request, "The stream settings are saved. Calls from now on follow them.")
        return _back(slug)
    return _page(request, agent, accounts, form, status=400)


def _is_saved(request: ConsoleRequest, slug: str, form: StreamSettingsForm) -> bool:
    changes = {"upstream_url": form.cleaned_data["upstream_url"], "settings": form.settings}
    try:
        agent_update(actor=request.actor, slug=slug, changes=changes)
    except InvalidInput as refused:
        for name, wrong in refused.errors.items():
            form.add_error(name if name in form.fields else None, wrong)
        return False
    return True


def _page(
    request: ConsoleRequest, agent: Agent, accounts: CarrierAccounts, form: StreamSettingsForm, status: int = 200
) -> HttpResponse:
    actor, public = request.actor, public_url(request)
    base = f"{public}/plivo/{agent.agent_key}/"
    settings = AgentSettings.from_json(agent.settings)
    context: dict[str, Any] = {
        "agent": agent,
        "form": form,
        "accounts": accounts,
        # The answer URL lets its holder start calls of this agent.
        "can_connect": actor.is_allowed("calls:write"),
        "can_write": actor.is_allowed("agents:write"),
        "can_keep_accounts": actor.is_allowed("settings:write"),
        "answer_url": f"{base}answer/",
        "status_url": f"{base}status/",
        "after_url": f"{base}after/",
        "xml": stream_xml(base, stream_url(public, "TOKEN"), settings),
        "tokens": list(standing_tokens(agent.id)),
        "is_reachable": public.startswith("https://"),
    }
    return render(request, "calls/stream_page.html", context, status=status)


def _back(slug: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("console-streams", args=[slug]))


def _acted(scope: str, request: HttpRequest, slug: str, act: Callable[[ConsoleRequest], str]) -> HttpResponse:
    """Run one button of the page; what came of it is told on the page."""

    @console_page(scope)
    def run(request: ConsoleRequest) -> HttpResponse:
        access_agent(request.actor, slug)
        try:
            messages.success(request, act(request))
        except (Conflict, InvalidInput, NotFound, Unavailable) as refused:
            messages.error(request, _told(refused))
        return _back(slug)

    return run(request)


def _told(refused: MirrorError) -> str:
    if isinstance(refused, InvalidInput) and refused.errors:
        fields = (f"{name.replace('_', ' ')} {', '.join(wrong)}" for name, wrong in refused.errors.items())
        return f"Not saved: {'; '.join(fields)}."
    return str(refused) or refused.title


@require_POST
def key_replace(request: HttpRequest, slug: str) -> HttpResponse:
    def act(request: ConsoleRequest) -> str:
        agent_key_replace(actor=request.actor, slug=slug)
        return "The key is replaced. Set the new addresses at the carrier: the old ones stopped working."

    return _acted("agents:write", request, slug, act)


@sensitive_post_parameters("auth_token")
@require_POST
def account_save(request: HttpRequest, slug: str) -> HttpResponse:
    def act(request: ConsoleRequest) -> str:
        name = request.POST.get("name", "").strip()
        carrier_account_set(
            actor=request.actor,
            name=name,
            auth_id=request.POST.get("auth_id", "").strip(),
            auth_token=request.POST.get("auth_token", "").strip(),
        )
        return f"The account {name} is stored. From now on unsigned requests are refused."

    return _acted("settings:write", request, slug, act)


@require_POST
def account_check(request: HttpRequest, slug: str) -> HttpResponse:
    def act(request: ConsoleRequest) -> str:
        name = request.POST.get("name", "")
        account = carrier_accounts_load().named(name)
        if account is None:
            raise NotFound("There is no such carrier account.")
        return f"Plivo takes the account {name} ({account_test(account)})."

    return _acted("settings:write", request, slug, act)


@require_POST
def account_remove(request: HttpRequest, slug: str) -> HttpResponse:
    def act(request: ConsoleRequest) -> str:
        name = request.POST.get("name", "")
        carrier_account_delete(actor=request.actor, name=name)
        return f"The account {name} is removed."

    return _acted("settings:write", request, slug, act)


@require_POST
def token_revoke(request: HttpRequest, slug: str, token_id: UUID) -> HttpResponse:
    def act(request: ConsoleRequest) -> str:
        stream_token_revoke(actor=request.actor, slug=slug, token_id=token_id)
        return "The token opens no more streams."

    return _acted("calls:write", request, slug, act)
