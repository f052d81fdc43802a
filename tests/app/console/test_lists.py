"""Filters, search and pages of the lists."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils.timezone import now

from calls.pages import PAGE_SIZE
from tenants.scope import tenant_context
from tests.app.console.conftest import SignIn
from tests.app.console.seed import Seeded, call_make, decision_make, verdict_make
from tests.cast import Cast

ENDED = "CA7f0c1d2e8a4b11ee"


def _found(sign_in: SignIn, query: str) -> list[str]:
    answer = sign_in("owner").get(f"/app/calls/?{query}")
    assert answer.status_code == 200
    return re.findall(r'<a class="row-link mono"[^>]*>([^<]+)</a>', answer.content.decode())


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=live", ["conv-32", "conv-31"]),
        ("status=ended", [ENDED, f"{ENDED}-earlier-4", f"{ENDED}-earlier-9"]),
        ("decision=intervene", [ENDED]),
        ("decision=held", [ENDED]),
        ("decision=undecided", [ENDED]),
        ("decision=clean", ["conv-32", "conv-31", f"{ENDED}-earlier-4", f"{ENDED}-earlier-9"]),
        ("status=live&decision=intervene", []),
        ("agent=orders&q=conv", ["conv-32", "conv-31"]),
        ("agent=nobody", []),
        ("q=%25", []),
        ("q=1D2E8A4B11EE-EARLIER", [f"{ENDED}-earlier-4", f"{ENDED}-earlier-9"]),
    ],
)
def test_a_filter_keeps_what_it_names(query: str, found: list[str], seeded: Seeded, sign_in: SignIn):
    assert _found(sign_in, query) == found


def test_a_call_is_found_by_mirrors_own_id(seeded: Seeded, sign_in: SignIn):
    assert _found(sign_in, f"q={seeded.live.id}") == ["conv-31"]


def test_a_turn_that_was_caught_in_the_cool_down_counts_as_caught(seeded: Seeded, sign_in: SignIn, cast: Cast):
    with tenant_context(cast.tenant.id):
        verdict_make(call_make(cast.agent, "cooled"), 0, "intervene", suppressed="cooldown")
        decision_make(call_make(cast.agent, "asked"), 0, "k", "confirm")
        decision_make(call_make(cast.agent, "let-through"), 0, "k", "allow")
    assert _found(sign_in, "decision=intervene&q=cooled") == ["cooled"]
    assert _found(sign_in, "decision=held&q=asked") == ["asked"]
    assert _found(sign_in, "decision=held&q=let-through") == []


def test_pages_walk_through_every_call_once(sign_in: SignIn, cast: Cast):
    at = now()
    with tenant_context(cast.tenant.id):
        for number in range(PAGE_SIZE + 7):
            # Pairs share a moment, so that the page's edge falls between equals.
            call_make(cast.agent, f"c{number:03}", started_at=at - timedelta(seconds=number // 2))
    owner, seen, query = sign_in("owner"), [], "status=live"
    while query:
        text = owner.get(f"/app/calls/?{query}").content.decode()
        seen += re.findall(r'<a class="row-link mono"[^>]*>([^<]+)</a>', text)
        following = re.search(r'href="\?([^"]+)" rel="next"', text)
        query = following[1].replace("&amp;", "&") if following else ""
    assert sorted(seen) == [f"c{number:03}" for number in range(PAGE_SIZE + 7)]


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "%00",
        "MjAyNi0wMS0wMVQwMDowMDowMHx4",
        "MjAyNi0wMS0wMVQwMDowMDowMHwwMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDA",
    ],
)
def test_a_damaged_page_link_says_so(cursor: str, seeded: Seeded, sign_in: SignIn):
    answer = sign_in("owner").get(f"/app/calls/?cursor={cursor}")
    assert answer.status_code == 400
    assert b"page link is damaged" in answer.content


@pytest.mark.parametrize(
    ("page", "query", "is_listed"),
    [
        ("problems", "", True),
        ("problems", "?status=regressed", True),
        ("problems", "?status=fixed", False),
        ("problems", "?status=all", True),
        ("reports", "?status=pending", True),
        ("reports", "?status=dismissed", False),
        ("fixes", "?status=proposed", True),
        ("fixes", "?status=merged", False),
    ],
)
def test_a_status_keeps_what_has_it(page: str, query: str, is_listed: bool, seeded: Seeded, sign_in: SignIn):
    text = sign_in("owner").get(f"/app/{page}/{query}").content.decode()
    assert ("row-link" in text) is is_listed
    assert ('class="empty"' in text) is not is_listed
