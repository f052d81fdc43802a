"""Who sees which page, and what every page keeps to."""

from __future__ import annotations

import re

import pytest

from tenants.access import actor_mirror
from tenants.scope import tenant_context
from tenants.services import agent_create, membership_create
from tests.app.console.conftest import SignIn
from tests.app.console.seed import Seeded, call_make, seed, turn_make, verdict_make
from tests.cast import Cast

LISTS = (
    "/app/",
    "/app/live/",
    "/app/live/rows/",
    "/app/calls/",
    "/app/problems/",
    "/app/reports/",
    "/app/fixes/",
    "/app/policies/",
    "/app/setup/",
)
DETAILS = (
    "/app/calls/{ended.id}/",
    "/app/calls/{live.id}/",
    "/app/calls/{ended.id}/rows/",
    "/app/reports/{report.id}/",
    "/app/problems/{problem.id}/",
    "/app/fixes/{fix.id}/",
    "/app/policies/orders/revisions/1/",
    "/app/policies/orders/revisions/1/rules/no-refund-promise/",
)
PAGES = LISTS + DETAILS
INLINE = re.compile(
    r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:|https?://(?!agent\.example|testserver)"
)


def _url(page: str, seeded: Seeded) -> str:
    return page.format(**{name: getattr(seeded, name) for name in ("ended", "live", "report", "problem", "fix")})


@pytest.mark.parametrize("who", ["owner", "admin", "member", "viewer"])
@pytest.mark.parametrize("page", PAGES)
def test_a_member_sees_the_page(page: str, who: str, seeded: Seeded, sign_in: SignIn):
    assert sign_in(who).get(_url(page, seeded)).status_code == 200


@pytest.mark.parametrize("page", DETAILS)
def test_another_tenants_row_is_as_absent_as_one_that_never_was(page: str, seeded: Seeded, sign_in: SignIn):
    outsider = sign_in("outsider")
    theirs = outsider.get(_url(page, seeded))
    never = outsider.get(re.sub(r"\{\w+\.id\}", "00000000-0000-4000-8000-000000000000", page))
    assert (theirs.status_code, never.status_code) == (404, 404)
    assert _body(theirs) == _body(never)


@pytest.mark.parametrize("page", LISTS)
def test_an_outsiders_lists_hold_nothing_of_the_tenant(page: str, seeded: Seeded, sign_in: SignIn):
    answer = sign_in("outsider").get(page)
    assert answer.status_code == 200
    for secret in ("CA7f0c1d2e8a4b11ee", "margherita", "conv-31", "stale", "Read orders back", "ws://agent.example"):
        assert secret not in answer.content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_is_sent_to_the_sign_in_page_and_back(page: str, seeded: Seeded, sign_in: SignIn):
    url = _url(page, seeded)
    answer = sign_in("").get(url)
    assert (answer.status_code, answer["Location"]) == (302, f"/sign-in/?next={url}")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_holds_nothing_inline_and_nothing_from_elsewhere(page: str, seeded: Seeded, sign_in: SignIn):
    answer = sign_in("owner").get(_url(page, seeded))
    policy = answer["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "script-src 'self'" in policy
    assert INLINE.search(answer.content.decode()) is None


def test_the_inline_pattern_finds_what_it_looks_for():
    found = ("<script>x</script>", '<b style="x">', '<b onclick="x">', '<img src="https://evil.example/x">')
    assert all(INLINE.search(text) for text in found)
    assert INLINE.search('<script src="/static/x.js" defer></script>') is None


def test_a_member_of_two_tenants_looks_at_one_of_them(seeded: Seeded, sign_in: SignIn, cast: Cast):
    membership_create(actor=actor_mirror(cast.tenant.id), user=cast.outsider, role="viewer")
    olga = sign_in("outsider")
    assert f'value="{cast.other_tenant.id}"' in olga.get("/app/").content.decode()
    for tenant, is_shown in ((cast.other_tenant, False), (cast.tenant, True)):
        olga.post("/app/tenant/", {"tenant": str(tenant.id)})
        assert ("conv-31" in olga.get("/app/calls/").content.decode()) is is_shown
        assert (olga.get(f"/app/calls/{seeded.live.id}/").status_code == 200) is is_shown


def test_a_signed_in_person_without_a_tenant_is_told_so(seeded: Seeded, sign_in: SignIn, cast: Cast):
    with tenant_context(cast.tenant.id):
        type(cast.agent)._meta.apps.get_model("tenants", "Membership").objects.filter(user=cast.viewer).delete()
    answer = sign_in("viewer").get("/app/")
    assert answer.status_code == 403
    assert b"belong to no active tenant" in answer.content


@pytest.mark.parametrize(
    "page", ["/app/", "/app/live/", "/app/calls/", "/app/problems/", "/app/reports/", "/app/fixes/"]
)
def test_an_empty_list_says_how_it_fills(page: str, sign_in: SignIn):
    answer = sign_in("outsider").get(page)
    assert 'class="empty"' in answer.content.decode()


HOSTILE = '<img src=x onerror="alert(1)"><script>alert(2)</script>'


def test_what_callers_and_agents_say_is_text_and_never_markup(seeded: Seeded, sign_in: SignIn, cast: Cast):
    with tenant_context(cast.tenant.id):
        call = call_make(cast.agent, HOSTILE, metadata={"x": HOSTILE}, end_reason=HOSTILE[:60])
        turn_make(call, 0, "customer", HOSTILE)
        turn_make(
            call, 1, "agent", HOSTILE, tool_calls=[{"id": HOSTILE, "name": HOSTILE, "arguments": {HOSTILE: HOSTILE}}]
        )
        turn_make(call, 2, "tool", HOSTILE, tool_name=HOSTILE, result={HOSTILE: HOSTILE})
        evidence = {"values": [{"value": HOSTILE, "status": HOSTILE, "source_turn": 0, "replaced_by": HOSTILE}]}
        verdict_make(call, 1, "intervene", reason=HOSTILE, policy_text=HOSTILE, evidence=evidence, check_name="x")
        problem, report, fix = seeded.problem, seeded.report, seeded.fix
        problem.title = report.summary = report.root_cause = fix.title = HOSTILE
        report.evidence = [{"turn_index": 0, "quote": HOSTILE, "note": HOSTILE}]
        fix.body, fix.diff = HOSTILE, f"@@ -1 +1 @@\n-{HOSTILE}\n+{HOSTILE}\n"
        fix.url = "javascript:alert(1)"
        for row in (problem, report, fix):
            row.save()
    owner = sign_in("owner")
    pages = [*LISTS, f"/app/calls/{call.id}/", *(_url(page, seeded) for page in DETAILS)]
    for page in pages:
        text = owner.get(page).content.decode()
        assert "<img" not in text, page
        assert "<script>" not in text, page
        assert 'href="javascript:' not in text, page


@pytest.mark.parametrize(
    ("page", "count"),
    [
        ("/app/live/", 7),
        ("/app/calls/", 8),
        ("/app/problems/", 8),
        ("/app/reports/", 7),
        ("/app/fixes/", 7),
        ("/app/policies/", 11),
    ],
)
def test_a_list_asks_as_often_for_many_rows_as_for_few(
    page: str, count: int, seeded: Seeded, sign_in: SignIn, cast: Cast, django_assert_num_queries
):
    for slug in ("bookings", "support"):
        seed(agent_create(actor=actor_mirror(cast.tenant.id), slug=slug, name=slug), mark=slug)
    owner = sign_in("owner")
    with django_assert_num_queries(count):
        owner.get(page)


def _body(answer) -> str:
    """The page without the path it was asked under, and without its token."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    return re.sub(r'name="next" value="[^"]*"', "", text)


def test_each_rule_says_what_the_classifier_is_asked_and_may_do(seeded: Seeded, sign_in: SignIn, settings):
    settings.MIRROR_EMBEDDED_TIER1 = True
    page = sign_in("owner").get("/app/policies/").content.decode()
    assert "<q>The agent promises a refund.</q>" in page
    assert "The classifier may stop a turn by itself." in page
    settings.MIRROR_EMBEDDED_TIER1 = False
    page = sign_in("owner").get("/app/policies/").content.decode()
    assert "No classifier is set up: the language model is asked." in page
    assert "may stop a turn by itself" not in page
