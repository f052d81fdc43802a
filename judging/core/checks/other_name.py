"""A name in a tool call of which only the common part was said: "Cedar Dental" where people spoke of a "dental office".

The first word of the name, which tells it apart, was said in no form; the others were said as plain words or as a part
of other names.
"""

from __future__ import annotations

from collections.abc import Iterator

from judging.core.arguments import Argument, Shape
from judging.core.grounding import is_akin
from judging.core.ledger import Entry
from judging.core.text import Token, stem
from judging.core.types import Evidence, Finding, Status
from judging.core.view import TurnView
from judging.core.wording import subject

_ABBREVIATION = 3  # letters of the longest one that may stand for the whole name: "DC"
# After these a name follows, in lower case too: "to vegas"; "and", "or": the other half of a list.
_BEFORE_NAMES = frozenset("to from in at of for near around through via into and or".split())


def find(view: TurnView) -> Iterator[Finding]:
    if not view.is_english:
        return
    for index, arguments in enumerate(view.calls):
        for argument in arguments:
            said = _common_part(view, argument)
            if said:
                yield Finding(
                    check="ungrounded_argument",
                    score=0.9,
                    reason=f"{subject(argument)} {argument.value!r}, of which only {said!r} was said",
                    evidence=(Evidence(argument.value, Status.NEVER_SAID, None, argument.path),),
                    tool_call_index=index,
                )


def _common_part(view: TurnView, argument: Argument) -> str:
    """The words of a value that were said, where they name nothing by themselves; "" elsewhere."""
    if argument.shape is not Shape.TEXT or argument.is_excluded or argument.is_label or len(argument.content) < 2:
        return ""
    if view.newest_place(argument) is not None or not argument.content[0].isalpha():
        return ""
    known = view.ledger.words
    words = [word for word in argument.content if word in known or any(is_akin(word, said) for said in known)]
    if not words or argument.content[0] in words:
        return ""
    own = frozenset(argument.line.split())
    is_plain = all(_names_nothing(entry, words, own) for entry in view.ledger.entries)
    return " ".join(words) if is_plain else ""


def _names_nothing(entry: Entry, words: list[str], own: frozenset[str]) -> bool:
    if not any(word[:2] in entry.line for word in words):
        return True
    is_lower = entry.text.islower()
    for at, token in enumerate(entry.tokens):
        if not any(is_akin(word, stem(token.low)) for word in words):
            continue
        if token.is_capitalised:
            is_plain = _is_of_another(entry, at, own) and not _is_abbreviation(token)
        else:
            is_plain = not is_lower and not (at and entry.tokens[at - 1].low in _BEFORE_NAMES)
        if not is_plain:
            return False
    return True


def _is_abbreviation(token: Token) -> bool:
    return token.raw.isupper() and len(token.low) <= _ABBREVIATION


def _is_of_another(entry: Entry, at: int, own: frozenset[str]) -> bool:
    """Whether a word belongs to another name, which has a word that the value has not."""
    return any(
        0 <= beside < len(entry.tokens)
        and entry.tokens[beside].is_capitalised
        and stem(entry.tokens[beside].low) not in own
        and not _gap(entry, min(at, beside)).strip(" '-&")
        for beside in (at - 1, at + 1)
    )


def _gap(entry: Entry, at: int) -> str:
    return entry.text[entry.tokens[at].end : entry.tokens[at + 1].start]
