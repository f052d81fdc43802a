"""The premise of tier 1: the last exchange, cut to what a classifier needs to see what was done in it.

The same three lines for every provider, and for the training of the embedded one. What was judged stands last, because
servers cut on the left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import takewhile

from judging.core.types import Json, Role, Turn
from judging.core.view import TurnView

# About 60 to 100 tokens for a usual turn; a long-winded one is cut where acts are rarest.
_CUSTOMER_CHARS = 260  # the end of the customer's words: what they settled on
_AGENT_CHARS = 700
_VALUE_CHARS = 60
_TOOL_CHARS = 260


def premise_of(view: TurnView) -> str:
    """Return the judged turn with the customer's words that it answers, as one premise."""
    asked = list(takewhile(lambda turn: turn.role is not Role.AGENT, reversed(view.history)))
    customer = " ".join(turn.text for turn in reversed(asked) if turn.role is Role.CUSTOMER)
    return exchange(customer, view.turn)


def exchange(customer: str, turn: Turn) -> str:
    """Render one exchange: ``Customer: ...``, ``Agent: ...``, ``Tool: name(key=value, ...)``, empty lines left out."""
    said = [("Customer", _end_of(customer, _CUSTOMER_CHARS)), ("Agent", _ends_of(turn.text, _AGENT_CHARS))]
    called = [("Tool", tool_line(call.name, call.arguments)) for call in turn.tool_calls]
    return "\n".join(f"{who}: {words}" for who, words in [*said, *called] if words)


def tool_line(name: str, arguments: Mapping[str, Json]) -> str:
    """Return ``name(key=value, ...)``, long values cut."""
    listed = ", ".join(f"{key}={_value(value)}" for key, value in arguments.items())
    return f"{name}({listed[:_TOOL_CHARS]})"


def _value(value: Json) -> str:
    parts: Iterable[Json] = value if isinstance(value, (list, tuple)) else (value,)
    return " ".join(" ".join(str(part) for part in parts).split())[:_VALUE_CHARS]


def _end_of(text: str, length: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= length else text[-length:].partition(" ")[2]


def _ends_of(text: str, length: int) -> str:
    """The beginning and the end of a long text: what is answered stands first, what is asked or promised last."""
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    return f"{text[: length // 2].rpartition(' ')[0]} … {_end_of(text, length // 2)}"
