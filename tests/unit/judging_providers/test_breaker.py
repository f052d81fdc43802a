from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from judging.providers.breaker import FAILURES_TO_OPEN, FIRST_REST_S, LONGEST_REST_S, Breaker, Breakers


def broken(now_s: float = 0.0) -> Breaker:
    breaker = Breaker()
    for _ in range(FAILURES_TO_OPEN):
        assert breaker.allows(now_s)
        breaker.record(is_success=False, now_s=now_s)
    return breaker


def test_it_stays_closed_below_the_limit_and_a_success_starts_the_count_again():
    breaker = Breaker()
    for _ in range(3):
        for _ in range(FAILURES_TO_OPEN - 1):
            breaker.record(is_success=False, now_s=0.0)
        breaker.record(is_success=True, now_s=0.0)
    assert breaker.allows(0.0)


def test_it_opens_after_failures_in_a_row():
    assert not broken().allows(FIRST_REST_S - 0.1)


def test_it_lets_one_trial_through_after_the_rest():
    breaker = broken()
    assert [breaker.allows(FIRST_REST_S), breaker.allows(FIRST_REST_S)] == [True, False]


def test_a_trial_that_succeeds_closes_it():
    breaker = broken()
    assert breaker.allows(FIRST_REST_S)
    breaker.record(is_success=True, now_s=FIRST_REST_S)
    assert breaker == Breaker()


def test_a_trial_that_fails_opens_it_for_twice_as_long():
    breaker = broken()
    assert breaker.allows(FIRST_REST_S)
    breaker.record(is_success=False, now_s=FIRST_REST_S)
    assert not breaker.allows(FIRST_REST_S + 2 * FIRST_REST_S - 0.1)
    assert breaker.allows(FIRST_REST_S + 2 * FIRST_REST_S)


def test_late_failures_of_earlier_questions_do_not_lengthen_the_rest():
    breaker = broken()
    for _ in range(10):
        breaker.record(is_success=False, now_s=1.0)
    assert breaker.allows(FIRST_REST_S)


def test_a_trial_that_never_tells_its_outcome_is_followed_by_another():
    breaker = broken()
    assert breaker.allows(FIRST_REST_S)
    assert breaker.allows(2 * FIRST_REST_S)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 30)), max_size=200))
def test_whatever_happens_it_lets_somebody_through_within_the_longest_rest(steps):
    breaker, now_s = Breaker(), 0.0
    for is_success, pause_s in steps:
        now_s += pause_s
        if breaker.allows(now_s):
            breaker.record(is_success=is_success, now_s=now_s)
    assert breaker.allows(now_s + LONGEST_REST_S)


def test_keys_are_apart():
    breakers = Breakers()
    for _ in range(FAILURES_TO_OPEN):
        breakers.record(("a", "llm"), is_success=False, now_s=0.0)
    assert not breakers.allows(("a", "llm"), 0.0)
    assert breakers.allows(("b", "llm"), 0.0)


def test_a_provider_that_asks_for_rest_gets_it_and_one_trial_after():
    breakers = Breakers()
    breakers.rest("p", 7.0, 100.0)
    assert [breakers.allows("p", now_s) for now_s in (100.1, 106.9, 107.1, 107.2)] == [False, False, True, False]
    breakers.record("p", is_success=True, now_s=107.3)
    assert breakers.allows("p", 107.4)


def test_nobody_is_left_alone_for_too_long():
    breakers = Breakers()
    breakers.rest("p", 86_400.0, 0.0)
    assert breakers.allows("p", LONGEST_REST_S + 1)
