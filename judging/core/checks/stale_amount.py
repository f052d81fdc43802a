"""An amount of money in a tool call that the customer put right: "40 dollars, right?", "No, thirty." """

from __future__ import annotations

from collections.abc import Iterator

from judging.core.arguments import Argument, Shape
from judging.core.ledger import Entry
from judging.core.ledger_index import Found
from judging.core.mentions import Kind, Mention
from judging.core.text import stem
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView
from judging.core.wording import currency_of, money, plain_name, spoken_value, subject

_REACH = 3  # turns from the old amount to the one that puts it right
_AMOUNTS = frozenset({Kind.MONEY, Kind.NUMBER})


def find(view: TurnView) -> Iterator[Finding]:
    for index, arguments in enumerate(view.calls):
        for argument in arguments:
            if argument.shape is Shape.NUMBER and argument.is_money and not argument.is_listed:
                found = _put_right(view, argument)
                if found is not None and not any(one.number == found.mention.number for one in arguments):
                    yield _finding(argument, found, index)


def _put_right(view: TurnView, argument: Argument) -> Found | None:
    """The amount that the customer named instead, when nobody came back to the old one."""
    entries = view.ledger.entries
    for entry in reversed(entries):
        if argument.number in entry.numbers and not _corrects(entry):
            return None
        new = _one_amount(entry) if _corrects(entry) else None
        if new is not None:
            before = entries[max(0, entry.position - _REACH) : entry.position]
            is_other = new.number != argument.number and any(argument.number in one.numbers for one in before)
            return Found(entry, new) if is_other else None
    return None


def _corrects(entry: Entry) -> bool:
    is_sorry = bool(entry.tokens) and entry.tokens[0].low == "sorry"
    return entry.role is Role.CUSTOMER and (entry.is_no or entry.is_correction or is_sorry)


def _one_amount(entry: Entry) -> Mention | None:
    """The only amount of a turn; a number of things is none."""
    found = [mention for mention in entry.mentions if mention.kind in _AMOUNTS and not mention.is_weak]
    is_amount = len(found) == 1 and (found[0].kind is Kind.MONEY or not found[0].units)
    return found[0] if is_amount else None


def _finding(argument: Argument, new: Found, index: int) -> Finding:
    currency = currency_of(argument.words, argument.value) or _spoken_currency(new)
    amount = money(new.mention.number, currency)
    return Finding(
        check="stale_argument",
        score=0.95,
        reason=f"{subject(argument)} {spoken_value(argument)}, but the customer put it right: {new.raw}",
        evidence=(Evidence(argument.value, Status.SUPERSEDED, new.entry.turn_index, argument.path, amount),),
        tool_call_index=index,
        correction=f"Just to confirm: the {plain_name(argument.path)} is {amount}?",
    )


def _spoken_currency(new: Found) -> str:
    tokens = new.entry.tokens[new.mention.start : new.mention.end]
    return currency_of([stem(token.low) for token in tokens], new.raw)
