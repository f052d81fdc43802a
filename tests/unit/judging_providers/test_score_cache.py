from __future__ import annotations

from judging.score_cache import ScoreCache

RULES = ("It is rude.", "It lies.")


def test_what_was_scored_is_known_to_the_one_who_asked():
    cache = ScoreCache()
    cache.keep("acme", "agent: hi", {"It is rude.": 0.9})
    assert cache.known("acme", "agent: hi", RULES) == {"It is rude.": 0.9}
    assert cache.known("globex", "agent: hi", RULES) == {}
    assert cache.known("acme", "agent: ho", RULES) == {}


def test_where_premise_ends_and_hypothesis_begins_matters():
    cache = ScoreCache()
    cache.keep("acme", "agent: hi It", {"is rude.": 0.9})
    assert cache.known("acme", "agent: hi", (" Itis rude.", "Itis rude.", " It is rude.")) == {}


def test_it_forgets_what_was_used_longest_ago():
    cache = ScoreCache(most=2)
    cache.keep("acme", "p", {"a": 0.1, "b": 0.2})
    cache.known("acme", "p", ("a",))
    cache.keep("acme", "p", {"c": 0.3})
    assert cache.known("acme", "p", ("a", "b", "c")) == {"a": 0.1, "c": 0.3}
