"""In ``hold`` nothing bad is heard; ``python -m bench.hold_trials`` runs ten thousand of these."""

from __future__ import annotations

from collections import Counter

import pytest

from bench._hold_world import trial


@pytest.mark.parametrize("hundreds", range(4))
def test_no_letter_of_a_bad_sentence_is_heard_and_no_good_turn_is_cut(hundreds):
    counts: Counter[str] = Counter()
    for seed in range(hundreds * 100, hundreds * 100 + 100):
        heard = trial(seed)
        assert heard.bad_letters == 0.0, seed
        counts += heard.counts
    assert counts["good turns cut short"] == 0
    assert counts["interventions"] == counts["bad turns"] > 50
    assert counts["good turns"] > 50


def test_the_trial_would_notice_what_is_heard():
    assert sum(trial(seed, is_text_in_time=False).bad_letters for seed in range(50)) > 0
