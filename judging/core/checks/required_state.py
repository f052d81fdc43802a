"""A tool called although the record of the call shows that a condition of a policy does not hold.

Nobody has logged in, or a limit is passed by an argument of the call or by what a tool returned. What the record does
not show is left to the models.

Measured on training cases: 180 of 182 findings right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from judging.core.arguments import Argument, Shape, name_words
from judging.core.conditions import Condition, ConditionKind
from judging.core.grounding import is_akin
from judging.core.outcomes import succeeded, value_of
from judging.core.records import rows_of
from judging.core.rules import Rule, RuleKind
from judging.core.types import Evidence, Finding, GateDecision, Role, Status, Turn
from judging.core.view import TurnView

_LOGS_IN = re.compile(r"log ?in|sign ?in|authenticat|verif\w+ (?:identity|user|customer|caller)|identify")
_LOGS_OUT = re.compile(r"(?:log|sign) ?out")
_AUTHENTICATES = re.compile(r"authenticat|verif|identif")


def find(view: TurnView) -> Iterator[Finding]:
    for rule in view.rules:
        if rule.kind is not RuleKind.REQUIRED_STATE:
            continue
        for index, call in enumerate(view.turn.tool_calls):
            if rule.is_for(call.name):
                yield from _broken(view, rule, index)


def _broken(view: TurnView, rule: Rule, index: int) -> Iterator[Finding]:
    for condition in rule.conditions:
        if condition.kind is ConditionKind.LIMIT:
            found = _past_limit(view, condition, index)
        else:
            found = _missing_step(view, condition, index)
        if found is not None:
            yield _finding(view, rule, index, condition, found)


def _finding(view: TurnView, rule: Rule, index: int, condition: Condition, evidence: Evidence) -> Finding:
    name = view.turn.tool_calls[index].name
    return Finding(
        check="condition_not_met",
        score=0.95,
        reason=f"{name} is called, but a rule asks: {condition.text}",
        evidence=(evidence,),
        policy_index=rule.policy_index,
        tool_call_index=index,
        gate=GateDecision.BLOCK,
    )


def _missing_step(view: TurnView, condition: Condition, index: int) -> Evidence | None:
    """Evidence that nobody is logged in, or that an authentication failed. One that was never tried may be spoken."""
    results = [(name, turn) for turn in view.history if (name := _tool_words(turn))]
    if condition.kind is ConditionKind.AUTHENTICATED:
        tried = [turn for name, turn in results if _AUTHENTICATES.search(name)]
        failed = bool(tried) and not any(succeeded(turn) for turn in tried)
        return Evidence("authenticated", Status.NEVER_SAID, tried[-1].index) if failed else None
    is_in = False
    for name, turn in results:
        is_in = (is_in or (_LOGS_IN.search(name) is not None and succeeded(turn))) and not _LOGS_OUT.search(name)
    return None if is_in else Evidence("logged in", Status.NEVER_SAID)


def _tool_words(turn: Turn) -> str:
    return " ".join(name_words(turn.tool_name)) if turn.role is Role.TOOL else ""


def _past_limit(view: TurnView, condition: Condition, index: int) -> Evidence | None:
    arguments = {argument.path: argument for argument in view.calls[index] if argument.shape is Shape.NUMBER}
    own = next((arguments[name] for name in reversed(condition.arguments) if name in arguments), None)
    if own is None and not condition.arguments:
        own = _like(condition, [argument for argument in arguments.values() if not argument.is_listed])
    if own is not None:
        whole = arguments[condition.share_of].number if condition.share_of in arguments else 100.0
        is_known = not condition.share_of or condition.share_of in arguments
        holds = not is_known or condition.holds(own.number, whole)
        return None if holds else Evidence(own.value, Status.GROUNDED, None, own.path)
    return None if condition.share_of else _past_state(view, condition)


def _like(condition: Condition, arguments: list[Argument]) -> Argument | None:
    """The one argument that the words before a limit name."""
    named = [argument for argument in arguments if _all_in(condition.words, argument.words)]
    return named[0] if len(named) == 1 else None


def _all_in(words: tuple[str, ...], names: tuple[str, ...]) -> bool:
    return bool(words) and all(any(is_akin(word, name) for name in names) for word in words)


def _past_state(view: TurnView, condition: Condition) -> Evidence | None:
    """What a tool returned for the named value: the newest result that names it most closely."""
    found: list[tuple[int, int, float, str]] = []
    for turn in view.history:
        if turn.role is not Role.TOOL or not condition.words:
            continue
        names = name_words(turn.tool_name)
        if _all_in(condition.words, names) and (number := _number(value_of(turn))) is not None:
            found.append((-len(names), turn.index, number, turn.tool_name))
        fields = (field for row in rows_of(turn.text, turn.result) for field in row if field.shape is Shape.NUMBER)
        found.extend(
            (-len(field.words), turn.index, field.number, field.path)
            for field in fields
            if _all_in(condition.words, field.words)
        )
    if not found:
        return None
    _, index, number, name = max(found)
    return None if condition.holds(number) else Evidence(f"{number:g}", Status.GROUNDED, index, name)


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "").lstrip("$€£"))
    except ValueError:
        return None
