"""The premise of tier 1: the last exchange, in the form the embedded classifier was taught."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from judging.core.conversation import Conversation
from judging.core.premise import exchange, premise_of
from judging.core.types import JudgeSettings, Role, ToolCall, Turn
from judging.core.view import TurnView


def said(*lines: tuple[Role, str]) -> list[Turn]:
    return [Turn(index, role, text) for index, (role, text) in enumerate(lines)]


def premise(history: list[Turn], turn: Turn) -> str:
    return premise_of(TurnView(Conversation.from_turns(history), turn, (), JudgeSettings()))


def test_the_last_exchange_stands_in_three_lines():
    history = said((Role.AGENT, "Which day?"), (Role.CUSTOMER, "Friday,  please."))
    turn = Turn(
        2, Role.AGENT, "Booked for Friday.", tool_calls=(ToolCall("book_table", {"day": "Friday", "people": 2}),)
    )
    assert premise(history, turn) == (
        "Customer: Friday, please.\nAgent: Booked for Friday.\nTool: book_table(day=Friday, people=2)"
    )


def test_all_that_the_customer_said_since_the_agent_spoke_belongs_to_it():
    history = said(
        (Role.CUSTOMER, "Hello."),
        (Role.AGENT, "Hi!"),
        (Role.CUSTOMER, "A taxi."),
        (Role.TOOL, "{}"),
        (Role.CUSTOMER, "Now."),
    )
    assert premise(history, Turn(5, Role.AGENT, "Sure.")) == "Customer: A taxi. Now.\nAgent: Sure."


def test_a_line_that_is_empty_is_left_out():
    assert exchange("", Turn(0, Role.AGENT, "Good morning.")) == "Agent: Good morning."


def test_a_bare_tool_call_has_no_agent_line():
    turn = Turn(1, Role.AGENT, "", tool_calls=(ToolCall("refund", {"items": ["a", "b"]}),))
    assert exchange("Do it.", turn) == "Customer: Do it.\nTool: refund(items=a b)"


def test_a_long_turn_keeps_its_beginning_and_its_end():
    found = exchange("", Turn(0, Role.AGENT, "First I refuse. " + "And so on. " * 200 + "Last I promise."))
    assert found.startswith("Agent: First I refuse.")
    assert found.endswith("Last I promise.")


def test_of_a_long_customer_the_end_counts():
    found = exchange("blah " * 400 + "cancel it", Turn(0, Role.AGENT, "Okay."))
    assert "cancel it" in found
    assert len(found) < 300


@given(st.text(max_size=3_000), st.text(max_size=3_000), st.dictionaries(st.text(max_size=80), st.text(max_size=900)))
def test_whatever_is_said_the_premise_stays_short(customer: str, agent: str, arguments: dict[str, str]):
    found = exchange(customer, Turn(0, Role.AGENT, agent, tool_calls=(ToolCall("tool", arguments),)))
    assert len(found) <= 1_300
    assert found.endswith(")")
