"""A name in a tool call that the customer just put right: "Boston, correct?", "No sorry, I meant Austin."

Certain only where one name of the call was in the agent's question and one other name is in the customer's answer.
"""

from __future__ import annotations

from collections.abc import Iterator

from judging.core.arguments import Argument, Shape
from judging.core.grounding import is_used
from judging.core.ledger import Entry
from judging.core.text import stem
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView
from judging.core.wording import subject

_LONGEST_NAME = 4


def find(view: TurnView) -> Iterator[Finding]:
    entries = view.ledger.entries
    if len(entries) < 2 or entries[-1].role is not Role.CUSTOMER or entries[-2].role is not Role.AGENT:
        return
    asked, said = entries[-2], entries[-1]
    name = _name(said) if said.is_no or said.is_correction else ""
    if not name:
        return
    words = [stem(word.lower()) for word in name.split()]
    for index, arguments in enumerate(view.calls):
        asked_for = [argument for argument in arguments if _was_asked(argument, asked, said)]
        if len(asked_for) == 1 and not is_used(words, arguments):
            yield _finding(asked_for[0], name, asked, index)


def _finding(argument: Argument, name: str, asked: Entry, index: int) -> Finding:
    return Finding(
        check="stale_argument",
        score=0.9,
        reason=f"{subject(argument)} {argument.value!r}, but the customer meant {name!r}",
        evidence=(Evidence(argument.value, Status.SUPERSEDED, asked.turn_index, argument.path, name),),
        tool_call_index=index,
        correction=f"Just to confirm: {name}, not {argument.value}?",
    )


def _name(said: Entry) -> str:
    """The one capitalised name after "I meant", "" where there is none or more than one."""
    found = list(said.language.meant.finditer(said.text))
    if len(found) != 1:
        return ""
    typed = {at for mention in said.mentions if not mention.is_weak for at in range(mention.start, mention.end)}
    start = next((at for at, token in enumerate(said.tokens) if token.start >= found[0].end()), None)
    end = start
    while end is not None and start is not None and end < len(said.tokens) and end - start < _LONGEST_NAME:
        is_apart = end > start and said.text[said.tokens[end - 1].end : said.tokens[end].start] != " "
        if not said.tokens[end].is_capitalised or end in typed or is_apart:
            break
        end += 1
    if start is None or end is None or end == start:
        return ""
    return said.text[said.tokens[start].start : said.tokens[end - 1].end]


def _was_asked(argument: Argument, asked: Entry, said: Entry) -> bool:
    """Whether the value is a name that the agent had in its question and the customer does not repeat."""
    if argument.shape is not Shape.TEXT or argument.is_label or not argument.value[:1].isupper():
        return False
    typed = {stem(asked.tokens[at].low) for one in asked.mentions for at in range(one.start, one.end)}
    is_name = typed.isdisjoint(argument.line.split())  # not a day, a time or a number
    return is_name and argument.line in asked.line and argument.line not in said.line
