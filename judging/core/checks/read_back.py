"""A tool called before its details were read back and answered with a yes, where a policy asks for that."""

from __future__ import annotations

from collections.abc import Iterator

from judging.core.arguments import Argument, Shape
from judging.core.grounding import matches
from judging.core.ledger import Entry
from judging.core.rules import RuleKind
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView

_TYPED = (Shape.DATE, Shape.TIME, Shape.NUMBER)


def find(view: TurnView) -> Iterator[Finding]:
    for rule in view.rules:
        if rule.kind is not RuleKind.READ_BACK:
            continue
        for index, call in enumerate(view.turn.tool_calls):
            if rule.is_for(call.name) and not is_confirmed(view, index):
                yield Finding(
                    check="missing_read_back",
                    score=0.9,
                    reason=f"{call.name} is called before its details were read back and confirmed",
                    evidence=tuple(
                        Evidence(argument.value, Status.UNCONFIRMED, None, argument.path)
                        for argument in view.calls[index]
                    ),
                    policy_index=rule.policy_index,
                    tool_call_index=index,
                )


def is_confirmed(view: TurnView, index: int) -> bool:
    """Whether the agent's last words read the call back and the customer's answer was a yes without a change."""
    answer, offer = _last_exchange(view)
    if answer is None or offer is None or answer.is_no or not _is_read_back(view, offer, view.calls[index]):
        return False
    return answer.is_yes or not _brings_new(answer, offer, view.calls[index])


def _is_read_back(view: TurnView, offer: Entry, arguments: tuple[Argument, ...]) -> bool:
    """Whether a turn reads the call back; after a full read-back, naming what changed is enough."""
    if _reads_back(offer, arguments):
        return True
    if offer.language.is_english and not any(_names(offer, argument) for argument in arguments):
        return False
    earlier = view.ledger.entries[: offer.position]
    return any(_reads_back(entry, arguments) for entry in earlier if entry.role is Role.AGENT)


def _reads_back(offer: Entry, arguments: tuple[Argument, ...]) -> bool:
    """Whether a turn asks about the call, or names most of it. Naming one value in passing reads nothing back."""
    if not offer.language.is_english:
        # A name in the call may be the translation of what was said: of typed values it is certain.
        arguments = tuple(argument for argument in arguments if argument.shape in _TYPED)
        if not arguments:
            return offer.asks_to_confirm
    named = sum(_names(offer, argument) for argument in arguments)
    counted = sum(argument.shape not in (Shape.EMPTY, Shape.FLAG) for argument in arguments)
    return named > 0 and (offer.asks_to_confirm or named * 2 >= counted)


def _brings_new(answer: Entry, offer: Entry, arguments: tuple[Argument, ...]) -> bool:
    """Whether the answer has a value of the call that was not read back."""
    if any(not mention.is_weak for mention in answer.mentions):
        return True
    said, heard = set(answer.line.split()), set(offer.line.split())
    return any(word in said - heard for argument in arguments for word in (*argument.content, *_flag_words(argument)))


def _flag_words(argument: Argument) -> tuple[str, ...]:
    return argument.words if argument.shape is Shape.FLAG else ()


def _last_exchange(view: TurnView) -> tuple[Entry | None, Entry | None]:
    entries = view.ledger.entries
    for at in range(len(entries) - 1, 0, -1):
        if entries[at].role is Role.CUSTOMER:
            offer = next((entry for entry in reversed(entries[:at]) if entry.role in (Role.AGENT, Role.CUSTOMER)), None)
            return entries[at], offer if offer is not None and offer.role is Role.AGENT else None
    return None, None


def _names(offer: Entry, argument: Argument) -> bool:
    if argument.shape in _TYPED:
        return any(matches(argument, mention) for mention in offer.mentions)
    return any(f" {word} " in offer.line for word in argument.content)
