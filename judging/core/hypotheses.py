"""Policies as hypotheses for a classifier.

A classifier says how strongly a text follows from the turn, so the text must state the violation: the bare rule "Never
promise a refund" would follow best from a turn that keeps it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from judging.core.types import Policy

_FORBIDS = re.compile(
    r"^\W*(?:(?:the |an? )?(?:agents?|assistants?|you|we)\s+)?(?:(?:must|should|may|can|shall|do|does)\s+)?"
    r"(?:never|not|don['’]t|cannot|can['’]t|mustn['’]t|shouldn['’]t)\s+(?P<act>[a-z][a-z'’-]*)\b(?P<rest>[^\n]*)$",
    re.I,
)
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+")
_FORBIDS_AGAIN = re.compile(r"\b(?:never|not|cannot|\w+n['’]t)\b", re.I)
# With these the opposite of a rule is not the rule without its "never".
_TURNS_MEANING = re.compile(r"\b(?:unless|until|till|except|only|but|you|your|yourself|we|our)\b", re.I)
_JOINED = re.compile(r",|\b(?:or|and|nor)\b", re.I)
# Words that follow "never" and are no verb.
_NO_VERBS = frozenset("ever under in at on to by for with within again so too any a an the all just also even".split())
_IRREGULAR = {"be": "is", "have": "has", "do": "does", "go": "goes"}
_LONGEST = 40  # words


@lru_cache(maxsize=2048)
def violation_hypothesis(policy: Policy) -> str:
    """Return the sentence that is true of a turn which breaks the policy."""
    return _act_done(policy.text) or f"The agent breaks this rule: {' '.join(policy.text.split())}"


def forbidden_act(text: str) -> tuple[str, str]:
    """Return what a policy forbids as verb and rest ("promise", "a refund"); two empty texts when it is not certain."""
    first, *others = sentences_of(text) or [""]
    found = _FORBIDS.match(first.rstrip(".!;"))
    if found is None or any(_FORBIDS_AGAIN.search(other) for other in others):
        return "", ""
    verb, rest = found["act"].lower(), found["rest"].strip()
    is_plain = verb not in _NO_VERBS and not verb.endswith("ly") and len(rest.split()) <= _LONGEST
    is_open = _TURNS_MEANING.search(rest) or _FORBIDS_AGAIN.search(rest) or "?" in rest or ":" in rest
    return (verb, rest) if is_plain and not is_open else ("", "")


def sentences_of(text: str) -> list[str]:
    """The sentences of a policy."""
    return [sentence for sentence in _SENTENCE_END.split(" ".join(text.split())) if sentence]


def _act_done(text: str) -> str:
    verb, rest = forbidden_act(text)
    if not verb:
        return ""
    # A second verb ("read out or confirm") cannot be told from a second noun: with "does" both stay as they are.
    is_joined = _JOINED.search(rest) is not None and verb not in ("be", "do")
    spoken = f"does {verb}" if is_joined else _third_person(verb)
    return f"The agent {spoken} {rest}".rstrip() + "."


def _third_person(verb: str) -> str:
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb.endswith(("s", "x", "z", "ch", "sh", "o")):
        return f"{verb}es"
    return f"{verb[:-1]}ies" if verb.endswith("y") and verb[-2:-1] not in "aeiou" else f"{verb}s"
