"""Overview, policies, setup and the theme."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils.timezone import now

from calls.selectors import CallCounts, call_counts
from tenants.scope import tenant_context
from tests.app.console.conftest import SignIn
from tests.app.console.seed import Seeded, call_make, decision_make, verdict_make
from tests.cast import Cast


def test_it_counts_what_happened_since_a_moment_and_nothing_of_before(cast: Cast):
    at = now()
    with tenant_context(cast.tenant.id):
        old = call_make(cast.agent, "old", started_at=at - timedelta(days=2))
        verdict_make(old, 0, "intervene", latency_ms={"total": 9000})
        call = call_make(cast.agent, "new", started_at=at)
        for index, total in enumerate((1.0, 2.0, 3.0)):
            verdict_make(call, index, "pass" if index else "undecided", latency_ms={"total": total})
        decision_make(call, 0, "a", "block")
        decision_make(call, 1, "b", "confirm")
        decision_make(call, 2, "c", "allow")
        counted = call_counts(at - timedelta(hours=1))
    assert replace(counted, p95_ms=None) == CallCounts(
        calls=1, interventions=0, held=2, blocked=1, verdicts=3, undecided=1, p50_ms=2.0, p95_ms=None
    )
    assert counted.p95_ms == pytest.approx(2.9)


def test_no_calls_count_as_nothing(cast: Cast):
    with tenant_context(cast.tenant.id):
        assert call_counts(now()) == CallCounts(0, 0, 0, 0, 0, 0, None, None)


def test_the_overview_links_what_is_to_be_solved(seeded: Seeded, sign_in: SignIn):
    text = sign_in("owner").get("/app/").content.decode()
    assert f'href="/app/problems/{seeded.problem.id}/"' in text
    assert f'href="/app/calls/{seeded.ended.id}/#turn-4"' in text


def test_the_way_in_leads_to_the_overview(sign_in: SignIn):
    assert sign_in("").get("/")["Location"] == "/app/"


def test_policies_show_the_active_revision(seeded: Seeded, sign_in: SignIn):
    text = sign_in("viewer").get("/app/policies/").content.decode()
    assert "Never promise a refund" in text
    assert "ramp 25 %" in text


@pytest.mark.parametrize(("who", "is_shown"), [("owner", True), ("member", True), ("viewer", False)])
def test_the_answer_url_is_for_those_who_may_start_calls(who: str, is_shown: bool, sign_in: SignIn, cast: Cast):
    text = sign_in(who).get("/app/setup/").content.decode()
    assert (f"http://testserver/plivo/{cast.agent.agent_key}/answer/" in text) is is_shown
    assert (cast.agent.agent_key in text) is is_shown


@pytest.mark.parametrize(("who", "is_shown"), [("owner", True), ("admin", True), ("member", False), ("viewer", False)])
def test_keys_are_shown_by_prefix_and_never_by_secret(who: str, is_shown: bool, sign_in: SignIn, cast: Cast):
    text = sign_in(who).get("/app/setup/").content.decode()
    assert (f"mk_{cast.key.key.prefix}_…" in text) is is_shown
    assert cast.key.token not in text
    assert cast.key.key.secret_hash not in text


def test_setup_uses_the_public_address_where_there_is_one(sign_in: SignIn, settings):
    settings.MIRROR_PUBLIC_URL = "https://mirror.example"
    text = sign_in("owner").get("/app/setup/").content.decode()
    assert "wss://mirror.example/ws/v1/supervise/" in text
    assert "https://mirror.example/plivo/" in text


@pytest.mark.parametrize(("chosen", "mark"), [("dark", 'data-theme="dark"'), ("light", 'data-theme="light"')])
def test_a_chosen_theme_is_in_the_next_pages_first_byte(chosen: str, mark: str, sign_in: SignIn):
    owner = sign_in("owner")
    answer = owner.post("/app/theme/", {"theme": chosen, "next": "/app/calls/?q=x"})
    assert (answer.status_code, answer["Location"]) == (302, "/app/calls/?q=x")
    assert mark in owner.get("/app/").content.decode()[:200]


def test_the_systems_theme_forgets_the_choice(sign_in: SignIn):
    owner = sign_in("owner")
    owner.post("/app/theme/", {"theme": "dark"})
    owner.post("/app/theme/", {"theme": ""})
    assert "data-theme=" not in owner.get("/app/").content.decode()[:200]


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_the_theme_leads_nowhere_else(target: str, sign_in: SignIn):
    assert sign_in("owner").post("/app/theme/", {"theme": "dark", "next": target})["Location"] == "/app/"


def test_a_theme_nobody_knows_is_none(sign_in: SignIn):
    owner = sign_in("owner")
    owner.cookies["mirror_theme"] = '"><script>'
    assert "script>alert" not in owner.get("/app/").content.decode()
    assert "data-theme=" not in owner.get("/app/").content.decode()[:200]
