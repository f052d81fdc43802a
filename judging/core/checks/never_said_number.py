"""A number or an amount of money in a tool call that nobody said, where it is no usual default."""

from __future__ import annotations

from collections.abc import Iterator

from judging.core.arguments import CURRENCIES, MONEY_WORDS, Argument, Shape
from judging.core.grounding import is_derived
from judging.core.ledger import Entry
from judging.core.ledger_index import LedgerIndex
from judging.core.mentions import Kind, Mention
from judging.core.text import stem
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView
from judging.core.wording import currency_of, money, plain_name, spoken_value, subject, thing_of

_LARGE = 20  # small numbers are counts and are said as they are; large ones may be worked out
_CODE_DIGITS = 3
_TOTALS = frozenset({"amount", "total", "sum", "charge", "payment"})
_DEFAULTS = frozenset({0.0, 1.0})


def find(view: TurnView) -> Iterator[Finding]:
    for index, arguments in enumerate(view.calls):
        for argument in arguments:
            if argument.shape is Shape.NUMBER and argument.number not in _DEFAULTS and not is_said(view, argument):
                yield _finding(view, argument, index)


def is_said(view: TurnView, argument: Argument) -> bool:
    index = view.ledger.index
    if argument.value.lower() in index.words or _is_mentioned(index, argument.number):
        return True
    if any(entry.role is Role.TOOL and argument.value in entry.text for entry in view.ledger.entries):
        return True
    if argument.number >= _LARGE and is_derived(view.ledger, argument.number):
        return True
    # A number of a customer or an order, read out digit by digit.
    is_code = len(argument.value) >= _CODE_DIGITS and argument.value.isdecimal() and not argument.is_money
    return is_code and any(argument.value in view.ledger.alnum(entry) for entry in view.ledger.entries)


def _is_mentioned(index: LedgerIndex, number: float) -> bool:
    """Whether any mention matches a number: as it is, as a short year ("'18"), or as the year or day of a date."""
    is_year = 1900 <= number < 2100
    return number in index.numbers or number in index.numbers_in_dates or (is_year and number % 100 in index.numbers)


def _finding(view: TurnView, argument: Argument, index: int) -> Finding:
    standing = standing_amount(view, argument) if argument.is_money else _standing_count(view, argument, index)
    value, source = standing or ("", None)
    evidence = [Evidence(argument.value, Status.NEVER_SAID, None, argument.path, value)]
    if value:
        evidence.append(Evidence(value, Status.GROUNDED, source))
    said = spoken_value(argument) if argument.is_money else argument.value
    return Finding(
        check="wrong_amount" if argument.is_money else "wrong_quantity",
        score=0.95,
        reason=f"{subject(argument)} {said}, which nobody said" + (f"; {value} stands" if value else ""),
        evidence=tuple(evidence),
        tool_call_index=index,
        correction=_ask_amount(argument, value) if argument.is_money else "",
    )


def _ask_amount(argument: Argument, value: str) -> str:
    name = plain_name(argument.path)
    name = "total" if name in _TOTALS else name
    return f"Just to confirm: the {name} is {value}?" if value else "Sorry, let me check the amount before I go on."


def _standing_count(view: TurnView, argument: Argument, index: int) -> tuple[str, int | None] | None:
    """The newest number said of the same thing."""
    thing = thing_of(view.calls[index])
    words = {*argument.words, *(thing.content if thing is not None else ())}
    for found in view.ledger.found(Kind.NUMBER):
        if not found.mention.is_weak and not found.mention.units.isdisjoint(words):
            return found.raw, found.entry.turn_index
    return None


def standing_amount(view: TurnView, argument: Argument) -> tuple[str, int | None] | None:
    """The one amount that was agreed on, else the one that the tools returned, with its turn; None for none or more."""
    for is_agreed in (True, False):
        found = [
            (mention.number, _spoken_amount(argument, entry, mention), entry.turn_index)
            for entry in view.ledger.entries
            if (_is_agreed(view, entry) if is_agreed else entry.role is Role.TOOL)
            for mention in entry.mentions
            if _is_amount(entry, mention)
        ]
        if found:
            is_one = len({number for number, _, _ in found}) == 1
            return found[-1][1:] if is_one else None
    return None


def _is_agreed(view: TurnView, entry: Entry) -> bool:
    return entry.role is Role.CUSTOMER or (entry.role is Role.AGENT and view.ledger.is_accepted(entry))


def _is_amount(entry: Entry, mention: Mention) -> bool:
    if mention.kind is Kind.MONEY:
        return True
    is_result = entry.role is Role.TOOL and mention.kind is Kind.NUMBER
    return is_result and not {*MONEY_WORDS, *CURRENCIES}.isdisjoint(_field_words(entry, mention))


def _field_words(entry: Entry, mention: Mention) -> list[str]:
    """The words right before a number in a result: its field's name."""
    return [stem(token.low) for token in entry.tokens[max(0, mention.start - 2) : mention.start]]


def _spoken_amount(argument: Argument, entry: Entry, mention: Mention) -> str:
    own = [stem(token.low) for token in entry.tokens[mention.start : mention.end]]
    currency = currency_of([*own, *_field_words(entry, mention)], entry.raw(mention)) or currency_of(argument.words)
    return money(mention.number, currency)
