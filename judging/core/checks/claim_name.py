"""A name that the agent states and no tool result, fact, policy or turn has.

A name is a capitalised word within a sentence, or several in a row. Only where the call has something to check against;
text laid out for reading is left to the models. Only in English: German capitalises every noun.
Measured with ``claim``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from judging.core.checks.claim import is_laid_out, policy_entry, unsupported
from judging.core.grounding import aliases_of, is_akin
from judging.core.ledger import Entry
from judging.core.text import STOP_WORDS, Token, is_near_spelling, stem
from judging.core.types import Finding, Role
from judging.core.view import TurnView

_COMMON = frozenset("i ok okay yes no hi hello sure sorry the dr mr mrs ms am pm fahrenheit celsius".split())
# Words of any business, which agents like to write as names.
_OFFICES = frozenset(
    (
        "customer client guest member support service care sale team department office desk center centre help "
        "manager supervisor representative specialist agent account policy term condition privacy app website "
        "email phone internet wifi question option step part section"
    ).split()
)
_NO_NAMES = _OFFICES | _COMMON | STOP_WORDS | {stem(word) for word in STOP_WORDS}
_DETERMINERS = frozenset("the a an our your my their his her this that these those any no each every".split())
_ENDS = re.compile(r"[.!?:\n]")
_LONG_ABBREVIATION = 4
_LONG_PART = 5
_CODE = 3  # letters
# Examples and what stands in brackets explain; they state nothing.
_EXAMPLE = re.compile(r"\b(?:e\.g\.|for example|for instance|such as)[^.!?]*$|\([^)]*$", re.I)


def find(view: TurnView) -> Iterator[Finding]:
    if view.ledger.heard.code != "en":
        return  # German capitalises every noun
    is_sure = not is_laid_out(view.turn.text)
    for name in _unknown_names(view, view.entry):
        yield unsupported(name, f"{name!r}", is_sure=is_sure)


def _unknown_names(view: TurnView, entry: Entry) -> Iterator[str]:
    """Capitalised words within a sentence that nobody said, and longer names of which no word is known."""
    for start, end in _runs(entry):
        tokens = entry.tokens[start:end]
        name = entry.text[tokens[0].start : tokens[-1].end]
        words = [word for token in tokens if (word := stem(token.low)) not in _NO_NAMES]
        is_explained = end < len(entry.tokens) and "(" in entry.text[tokens[-1].end : entry.tokens[end].start]
        if not words or is_explained or any(alias in view.ledger.words for alias in aliases_of(name) if len(alias) > 2):
            continue
        if _EXAMPLE.search(entry.text[: tokens[0].start]) or _has_code(view, tokens):
            continue
        strange = [
            token.raw for at, token in enumerate(tokens, start) if not _opens(entry, at) and _is_strange(view, token)
        ]
        if len(words) == 1 and start and entry.tokens[start - 1].low in _DETERMINERS:
            continue  # "the Check-in": a thing written as a name
        if strange or (len(words) > 1 and not _is_name_known(view, words)):
            yield name


def _runs(entry: Entry) -> Iterator[tuple[int, int]]:
    """Bounds of capitalised words in a row."""
    tokens, at = entry.tokens, 0
    typed = {i for mention in entry.mentions if not mention.is_weak for i in range(mention.start, mention.end)}
    while at < len(tokens):
        end = at
        while end < len(tokens) and tokens[end].is_capitalised and end not in typed and not _breaks(entry, at, end):
            end += 1
        if end > at:
            yield at, end
        at = max(end, at + 1)


def _opens(entry: Entry, at: int) -> bool:
    """Whether a token is the first of a sentence, where every word is capitalised."""
    return at == 0 or _ENDS.search(entry.text[entry.tokens[at - 1].end : entry.tokens[at].start]) is not None


def _breaks(entry: Entry, start: int, at: int) -> bool:
    return at > start and bool(entry.text[entry.tokens[at - 1].end : entry.tokens[at].start].strip(" '&/-"))


def _is_strange(view: TurnView, token: Token) -> bool:
    """Whether nobody said a word, whatever its spelling; contractions and abbreviations are no names."""
    is_short = token.raw.removesuffix("s").isupper() and len(token.raw) <= _LONG_ABBREVIATION
    word, said = stem(token.low), view.ledger.words
    if is_short or "'" in token.low or word in _NO_NAMES:
        return False
    ruled = policy_entry(view.policies).line
    if word in said or f" {word}" in ruled:
        return False
    return not any(is_near_spelling(word, known) or _is_part(word, known) for known in said)


def _is_part(word: str, known: str) -> bool:
    """Whether one word begins with the other: "Health" and "healthcare"."""
    return min(len(word), len(known)) >= _LONG_PART and (word.startswith(known) or known.startswith(word))


def _has_code(view: TurnView, tokens: Sequence[Token]) -> bool:
    """Whether a result has the short code of a name, its first letters: "BOS" for Boston."""
    code = "".join(token.low for token in tokens)[:_CODE]
    return any(
        token.raw.isupper() and token.low == code
        for known in view.ledger.entries
        if known.role is Role.TOOL and code in view.ledger.words
        for token in known.tokens
    )


def _is_name_known(view: TurnView, words: list[str]) -> bool:
    said = view.ledger.words
    if any(word in said or any(is_akin(word, known) for known in said) for word in words):
        return True
    ruled = policy_entry(view.policies).line
    return any(f" {word} " in ruled for word in words)
