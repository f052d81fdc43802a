"""What an agent says instead of what a policy forbids, in the policy's own words as far as they are certain."""

from __future__ import annotations

import re
from collections.abc import Iterator

from judging.core.voice import agent_voice

_FORBIDS = re.compile(
    r"^\W*(?:(?:the |an? )?(?:agents?|assistants?|you|we)\s+)?(?:(?:must|should|may|can|shall|do|does)\s+)?"
    r"(?:never|not|don['’]t|cannot|can['’]t|mustn['’]t|shouldn['’]t)\s+(?P<act>[a-z][a-z'’-]*)\b(?P<rest>[^\n]*)$",
    re.I,
)
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+")
_FORBIDS_AGAIN = re.compile(r"\b(?:never|not|cannot|\w+n['’]t)\b", re.I)
# With these the opposite of a rule is not the rule without its "never".
_TURNS_MEANING = re.compile(r"\b(?:unless|until|till|except|only|but|you|your|yourself|we|our)\b", re.I)
# Words that follow "never" and are no verb.
_NO_VERBS = frozenset("ever under in at on to by for with within again so too any a an the all just also even".split())
_LONGEST_RULE = 40  # words
_SAY_INSTEAD = re.compile(
    r"^(?:instead|rather)?,?\s*(?:always\s+)?(?:say|explain|state|answer|reply|"
    r"(?:tell|inform)\s+(?:the\s+)?(?:customers?|callers?|users?|them))(?:\s+instead)?"
    r"(?:\s+that\s+(?P<reported>[^\"“”:]+)|\s*[:,]?\s*[\"“](?P<quoted>[^\"“”]+)[\"”]|:\s*(?P<told>[^\"“”]+))\s*$",
    re.I,
)
_THEIR = re.compile(r"\b(?:the |a |an )?(?:customer|caller|user)['’]s\b|\btheir\b", re.I)
# Words whose meaning changes with the speaker, conditions, and places left open to be filled.
_OPEN = re.compile(
    r"\b(?:you|your|they|them|he|she|him|her|if|unless|when|until|only|should|must|depending)\b|[{}<>\[\]]|\.\.\.|…",
    re.I,
)
_OPEN_SLOT = re.compile(r"[{}<>\[\]]")
_ABOUT_PEOPLE = re.compile(r"\b(?:customers?|callers?|users?|agents?|them|they|their)\b", re.I)
_TELLING = frozenset(
    "tell give offer send promise show quote read share provide mention disclose reveal say discuss".split()
)
_TO_PEOPLE = re.compile(
    r"(?P<before>^|\b(?:to|with)\s+)(?:the |a |an |any |our )?(?:customers?|callers?|users?|them)(?!['’\w])", re.I
)
# Other people's, and a whole statement: "tell the customer that it was done" denied would say that it was.
_OF_OTHERS = re.compile(r"\b(?:another|others?|any|every|different)\s+(?:customer|caller|user)|\bthat\b", re.I)
_ASKING = frozenset("ask request inquire enquire".split())
_LONGEST_ACT = 10  # words
_PROMISES = "Sorry, I can't promise that."
_SPEAKS = "Sorry, please disregard what I just said."


def lines_instead(policy_text: str, *, is_promise: bool) -> Iterator[str]:
    """Yield what may be said instead, the fullest first."""
    refusal, instead = _refusal(policy_text), _said_instead(policy_text)
    if refusal and instead:
        yield f"{refusal} {instead}"
    yield from filter(None, (instead, refusal))
    yield _PROMISES if is_promise else _SPEAKS


def forbidden_act(text: str) -> tuple[str, str]:
    """Return what a policy forbids as verb and rest ("promise", "a refund"); two empty texts when it is not certain."""
    first, *others = sentences_of(text) or [""]
    found = _FORBIDS.match(first.rstrip(".!;"))
    if found is None or any(_FORBIDS_AGAIN.search(other) for other in others):
        return "", ""
    verb, rest = found["act"].lower(), found["rest"].strip()
    is_plain = verb not in _NO_VERBS and not verb.endswith("ly") and len(rest.split()) <= _LONGEST_RULE
    is_open = _TURNS_MEANING.search(rest) or _FORBIDS_AGAIN.search(rest) or "?" in rest or ":" in rest
    return (verb, rest) if is_plain and not is_open else ("", "")


def sentences_of(text: str) -> list[str]:
    """The sentences of a policy."""
    return [sentence for sentence in _SENTENCE_END.split(" ".join(text.split())) if sentence]


def _said_instead(text: str) -> str:
    """ "Say that a specialist will review the request." -> "A specialist will review the request." """
    for sentence in sentences_of(text):
        found = _SAY_INSTEAD.match(sentence.rstrip(".!"))
        if found is None:
            continue
        line = (found["quoted"] or found["reported"] or found["told"]).strip().rstrip(".!")
        if found["quoted"] is None:
            if _OPEN.search(_THEIR.sub("", line)):
                continue
            line = _THEIR.sub("your", line)
        if not _OPEN_SLOT.search(line):
            return agent_voice(f"{line[:1].upper()}{line[1:]}{'' if line.endswith('?') else '.'}")
    return ""


def _refusal(text: str) -> str:
    """ "Never promise a refund." -> "Sorry, I can't promise a refund." """
    verb, rest = forbidden_act(text)
    if verb in _ASKING:
        return "Sorry, there is no need to answer that."
    if not verb or verb in ("be", "have") or not rest or len(rest.split()) > _LONGEST_ACT:
        return ""
    if verb in _TELLING and not _OF_OTHERS.search(rest):
        rest = _THEIR.sub("your", _TO_PEOPLE.sub(r"\g<before>you", rest))
    return "" if _ABOUT_PEOPLE.search(rest) else agent_voice(f"Sorry, I can't {verb} {rest}.")
