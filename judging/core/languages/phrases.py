"""What an agent says in a language: the sentences of corrections, and values as they are spoken."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Phrases:
    """Sentences with places for values: ``{new}`` and ``{old}`` as heard, ``{value}`` as spoken, ``{parts}`` a list.

    ``ask`` has a question for each kind of thing that may be missing, under the word that names it in a tool's
    arguments ("date", "phone"); ``again`` is the question for all others. ``day``, ``clock`` (minutes from midnight)
    and ``amount`` (a number and the English name of its currency) speak a value.
    """

    instead: str
    without: str
    confirm: str
    with_it: str
    without_it: str
    read_back: str
    amount_is: str
    amount_check: str
    again: str
    safe: str
    buffer: str
    disregard: str
    no_promise: str
    not_done: str
    not_done_alone: str
    have_here: str
    let_me_check: str
    before_that: str
    ask: Mapping[str, str]
    count: Callable[[int, str], str]
    day: Callable[[date], str]
    clock: Callable[[int], str]
    amount: Callable[[float, str], str]
    conjunction: str
    alternative: str

    def listed(self, values: Sequence[str], *, is_choice: bool = False) -> str:
        """ "Ham, Käse und Oliven"."""
        word = self.alternative if is_choice else self.conjunction
        return f" {word} ".join([", ".join(values[:-1]), values[-1]]) if len(values) > 1 else "".join(values)


def digits(number: float, decimal: str) -> str:
    """12 -> "12", 12.5 -> "12,50"."""
    return str(int(number)) if number == int(number) else f"{number:.2f}".replace(".", decimal)
