"""One call, live and after."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from calls.views import number_masked
from tenants.scope import tenant_context
from tests.app.console.conftest import SignIn
from tests.app.console.seed import Seeded, call_make, turn_make
from tests.cast import Cast


def _page(sign_in: SignIn, call, who: str = "owner", rest: str = "") -> str:
    answer = sign_in(who).get(f"/app/calls/{call.id}/{rest}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_shows_what_was_found_where_it_was_found(seeded: Seeded, sign_in: SignIn):
    text = _page(sign_in, seeded.ended)
    turn = re.search(r'<li id="turn-4".*?(?=<li id="turn-5")', text, re.DOTALL)
    assert turn is not None
    for part in (
        '<span class="chip chip-bad">intervene</span>',
        '<span class="chip chip-bad">block</span>',
        "<del title=",
        'href="#turn-1"',
        "stale value",
        "buffer heard",
        "You wanted one large margherita",
    ):
        assert part in turn[0], part


def test_it_links_the_report(seeded: Seeded, sign_in: SignIn):
    assert f'href="/app/reports/{seeded.report.id}/"' in _page(sign_in, seeded.ended)


@pytest.mark.parametrize(("who", "is_shown"), [("owner", True), ("admin", True), ("member", True), ("viewer", False)])
def test_the_callers_number_is_for_those_who_work_with_calls(who: str, is_shown: bool, seeded: Seeded, sign_in: SignIn):
    for rest in ("", "rows/"):
        text = _page(sign_in, seeded.ended, who, rest)
        assert ("+14155550142" in text) is is_shown
        assert "42</dd>" in text


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("+14155550142", "+•••••••••42"),
        ("", ""),
        ("911", "•••"),
        ("sip:ann1@x", "sip:ann•@x"),
    ],
)
def test_a_masked_number_keeps_its_shape_only(number: str, masked: str):
    assert number_masked(number) == masked


def test_rows_after_n_hold_what_is_new_and_the_calls_state(seeded: Seeded, sign_in: SignIn, cast: Cast):
    with tenant_context(cast.tenant.id):
        long = call_make(cast.agent, "long")
        for index in range(20):
            turn_make(long, index, "customer", f"Word {index}")
    text = _page(sign_in, long, rest="rows/?after=191")
    assert re.findall(r'<li id="turn-(\d+)"', text) == [str(index) for index in range(12, 20)]
    assert 'data-last-n="191"' in text
    assert 'data-status="live"' in text


@pytest.mark.parametrize("after", ["", "x", "-1", "٣", "1e3"])
def test_rows_after_nonsense_are_all_rows(after: str, seeded: Seeded, sign_in: SignIn):
    text = _page(sign_in, seeded.ended, rest=f"rows/?after={after}")
    assert len(re.findall(r'<li id="turn-\d+"', text)) == 9


def test_only_a_live_call_asks_for_news(seeded: Seeded, sign_in: SignIn):
    assert f'data-live-socket="/ws/console/calls/{seeded.live.id}/"' in _page(sign_in, seeded.live)
    assert "data-live-socket" not in _page(sign_in, seeded.ended)


def test_the_desk_sorts_by_risk(seeded: Seeded, sign_in: SignIn):
    text = sign_in("owner").get("/app/live/rows/").content.decode()
    assert text.index("conv-31") < text.index("conv-32")
    assert "CA7f0c1d2e8a4b11ee" not in text


def test_times_are_in_the_readers_zone_and_utc_in_the_title(seeded: Seeded, sign_in: SignIn, cast: Cast):
    cast.owner.timezone = "Asia/Kathmandu"
    cast.owner.save()
    local = seeded.ended.started_at + timedelta(hours=5, minutes=45)
    text = _page(sign_in, seeded.ended)
    assert f"{local:%H:%M:%S}</time>" in text
    assert f'title="{seeded.ended.started_at:%Y-%m-%d %H:%M:%S} UTC"' in text


def test_a_zone_nobody_knows_is_utc(seeded: Seeded, sign_in: SignIn, cast: Cast):
    cast.owner.timezone = "Mars/../Base"
    cast.owner.save()
    assert f"{seeded.ended.started_at:%H:%M:%S}</time>" in _page(sign_in, seeded.ended)
