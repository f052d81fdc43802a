"""A yes or no that the agent gives for a field whose value in the tool result is the other one.

"Yes, dogs are fine" where the result has ``dogs_allowed: false``: said outright, or as the answer to a question.
Measured with ``claim_field``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from judging.core.arguments import Argument, Shape
from judging.core.checks.claim import is_laid_out
from judging.core.grounding import is_akin
from judging.core.records import Group
from judging.core.text import STOP_WORDS, phrase_line
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView
from judging.core.wording import spoken_name

# Words of a field's name that do not say what it is about.
_FRAME = frozenset(
    (
        "has have is are was can may allow allowed include included offer offered provide provided available "
        "availability support supported welcome permitted accept accepted good suitable service services friendly flag "
        "status for with get got does do enabled on in of to the a"
    ).split()
)
_DECIDING = frozenset({"free"})  # "entry" says nothing of free entry
_CLAUSES = re.compile(r"[.!?;\n]+|,|\b(?:but|and|though|although|however|while)\b", re.I)
_NEGATION = re.compile(
    r"\b(?:no|not|none|never|without|neither|nor|lacks?|cannot)\b|n['’]t\b|\bnon[- ]?(?=[a-z])|"
    r"\bun(?=[a-z]{3,}(?:ed|able)\b)",
    re.I,
)
# "No, it isn't": the first word answers, the rest says it again. What is only regretted is not clear.
_LEAD = re.compile(
    r"\b(?:unfortunately|sorry|sadly|regrettably)\b|"
    r"^\W*(?:yes|no)\b(?=\s*$|\s*,|\s+(?:it|they|there|the|this|that|we|i|you|sorry)\b)",
    re.I,
)
_OPEN = re.compile(
    r"\?|\b(?:if|whether|would|should|could|may|might|you (?:want|need|like|prefer|asked|said)|looking for|search\w*|"
    r"let me|check\w*|see|find|prefer\w*|please|but|only|except|unless|some|most|depends?|extra|fee|charge|also|"
    r"confirm)\b",
    re.I,
)
_UNSURE = re.compile(
    r"\b(?:(?:don['’]t|do not|can['’]t|cannot) (?:know|say|tell|see)|not sure|unsure|no information)\b", re.I
)
_YES = re.compile(r"\W*(?:oh |well |sure |actually )?(?:yes|yeah|yep|yup|of course|indeed|absolutely)\b", re.I)
_NO = re.compile(r"\W*(?:oh |well |sorry |actually |i'm sorry )?,?\s*(?:no|nope|unfortunately(?: not| no)?)\b", re.I)
# Two capitalised words in a row: a name may hold a word of the topic.
_NAMES = re.compile(r"\b[A-Z][a-z]+(?: (?:& )?[A-Z][a-z]+)+\b")


def find(view: TurnView) -> Iterator[Finding]:
    if view.ledger.heard.code != "en" or is_laid_out(view.turn.text):
        return
    flags = _flags(view.result_groups(Shape.FLAG))
    for topic, (field, values) in flags.items():
        if len(values) != 1:
            continue  # several results differ: any answer may be right
        said, words = _said(view, topic, flags.keys())
        if said is not None and said not in values:
            yield _finding(field, words, said=said)


def _finding(field: Argument, words: str, *, said: bool) -> Finding:
    return Finding(
        check="contradicted_claim",
        score=0.95,
        reason=f"the agent says {words!r}, but the tool result has {spoken_name(field.path)}: {field.value}",
        evidence=(Evidence("yes" if said else "no", Status.NEVER_SAID, None, field.path, field.value.lower()),),
    )


def _flags(groups: Iterable[Group]) -> dict[frozenset[str], tuple[Argument, set[bool]]]:
    """Each topic with its first field and all the values that the results have."""
    found: dict[frozenset[str], tuple[Argument, set[bool]]] = {}
    for group in groups:
        topic = frozenset(group.field.words) - _FRAME
        if topic:
            found.setdefault(topic, (group.field, set()))[1].update(group.truths)
    return found


def _said(view: TurnView, topic: frozenset[str], topics: Collection[frozenset[str]]) -> tuple[bool | None, str]:
    """What the turn says of a topic, None for nothing certain, with the words that say it."""
    if _UNSURE.search(view.turn.text):
        return None, ""
    text = _NAMES.sub("it", view.turn.text)
    clauses = [clause for clause in _CLAUSES.split(text) if clause.strip()]
    about = [clause for clause in clauses if _is_about(clause, topic)]
    if about:
        words = about[0].strip()
        is_clear = len(about) == 1 and not _OPEN.search(words) and not _is_asked(text, words)
        return (_polarity(words), words) if is_clear else (None, "")
    return _answer(view, topic, topics)


def _polarity(words: str) -> bool | None:
    rest = _LEAD.sub(" ", words)
    count = len(_NEGATION.findall(rest))
    if count == 0:
        return True if rest == words or _YES.match(words) else None
    return False if count == 1 else None


def _is_asked(text: str, words: str) -> bool:
    return text[text.find(words) + len(words) :].lstrip().startswith("?")


def _answer(view: TurnView, topic: frozenset[str], topics: Collection[frozenset[str]]) -> tuple[bool | None, str]:
    """A bare yes or no to a question that asks about the topic and about no other yes or no."""
    asked = view.conversation.last(Role.CUSTOMER)
    if asked is None or not _is_about(asked.text, topic) or _NEGATION.search(asked.text):
        return None, ""
    others = [other for other in topics if other != topic and _is_about(asked.text, other)]
    if others or not _asks(asked.text):
        return None, ""
    if _YES.match(view.turn.text):
        return True, "yes"
    return (False, "no") if _NO.match(view.turn.text) else (None, "")


_ASKS = re.compile(
    r"\?|^\W*(?:do|does|is|are|can|could|will|would|have|has)\b|\b(?:do|does|is|are|can) (?:it|they|i|the)\b", re.I
)


def _asks(text: str) -> bool:
    return _ASKS.search(text) is not None


def _is_about(text: str, topic: frozenset[str]) -> bool:
    said = [word for word in phrase_line(text).split() if word not in STOP_WORDS]
    return all(any(_is_same(word, other) for other in said) for word in topic & _DECIDING or topic)


def _is_same(word: str, said: str) -> bool:
    bare = said.removeprefix("un") if said.startswith("un") and len(said) > 5 else said
    return bool(bare) and bool(word) and is_akin(word, bare)
