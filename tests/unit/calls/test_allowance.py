"""An allowance bounds what comes in any stretch of time, and gives back what waiting earns."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from calls.allowance import Allowance


def test_a_burst_is_let_through_and_then_the_rate():
    words = Allowance(per_s=10, burst=3)
    for _ in range(3):
        words.take(now_ms=1_000)
        assert not words.is_overdrawn(now_ms=1_000)
    words.take(now_ms=1_000)
    assert words.is_overdrawn(now_ms=1_050)
    assert not words.is_overdrawn(now_ms=1_100)


@given(st.lists(st.floats(0, 10_000), min_size=1, max_size=200))
def test_who_waits_while_overdrawn_never_gets_more_than_rate_and_burst(pauses):
    words, now_ms, taken = Allowance(per_s=20, burst=5), 0.0, 0
    for pause_ms in pauses:
        now_ms += pause_ms
        if not words.is_overdrawn(now_ms=now_ms):
            words.take(now_ms=now_ms)
            taken += 1
    assert taken <= 5 + 1 + 20 * now_ms / 1000.0 + 1e-6


def test_a_clock_that_goes_back_earns_nothing():
    words = Allowance(per_s=1_000, burst=1)
    words.take(now_ms=5_000)
    words.take(now_ms=5_000)
    assert words.is_overdrawn(now_ms=0)
    assert words.is_overdrawn(now_ms=5_000)
