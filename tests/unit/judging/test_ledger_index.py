"""What the index of a call finds is what a walk through all its entries finds."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from judging.core import Conversation, Role, ToolCall, Turn
from judging.core.arguments import Argument, arguments_of
from judging.core.checks import done_claim
from judging.core.checks.never_said_number import _is_mentioned
from judging.core.grounding import (
    Place,
    _alias_at,
    _is_share_of,
    aliases_of,
    is_akin,
    is_mentioned,
    matches,
    text_places,
)
from judging.core.ledger import Ledger
from judging.core.mentions import Kind

WORDS = st.sampled_from(
    "New York NYC nyc Saint Louis a two three 3 18 2018 1,200 $40 40% march 5th 5 pm pizza pizzas Pizza large no not "
    "my wife likes but i want it's that's right ? . , yes 12.50 Hill hills sl 's ??? Straße 7:30".split()
)
TEXTS = st.lists(WORDS, max_size=9).map(" ".join)
TURNS = st.lists(st.tuples(st.sampled_from([Role.CUSTOMER, Role.AGENT, Role.TOOL]), TEXTS), max_size=8)
VALUES = TEXTS | st.sampled_from([2, 3.0, 18, 2018, 40, 1200, 0, 5, 12.5]) | st.text(max_size=4)


def _call(turns: list[tuple[Role, str]]) -> Conversation:
    return Conversation.from_turns(Turn(at, role, text) for at, (role, text) in enumerate(turns))


def _walked_places(ledger: Ledger, argument: Argument) -> list[Place]:
    found, phrase, aliases = [], argument.line, aliases_of(argument.value)
    for entry in reversed(ledger.entries):
        at = entry.line.rfind(phrase)
        if at >= 0:
            start = entry.line.count(" ", 0, at + 1) - 1
            found.append(Place(entry, start, start + phrase.count(" ") - 1))
        elif aliases and (start := _alias_at(entry, aliases)) >= 0:
            found.append(Place(entry, start, start + 1))
    return found


@settings(max_examples=300)
@given(turns=TURNS, value=VALUES)
def test_places_words_and_numbers_are_those_of_a_walk(turns: list[tuple[Role, str]], value: str | float) -> None:
    conversation = Conversation()
    (argument,) = arguments_of(ToolCall("order", {"item": value}))
    for turn in _call(turns).turns:  # asked again after each turn: what was read before is kept
        conversation.add(turn)
        ledger = conversation.ledger
        lines = [entry.line for entry in ledger.entries]
        assert list(text_places(ledger, argument)) == _walked_places(ledger, argument)
        assert [e.line for e in ledger.saying(argument.line)] == [one for one in lines[::-1] if argument.line in one]
        assert set(ledger.words) == {word for line in lines for word in line.split()}
        if any(is_akin(word, said) for word in argument.content for said in ledger.words):
            assert is_mentioned(ledger, argument)
        mentions = [(entry, mention) for entry in ledger.entries for mention in entry.mentions]
        for kind in Kind:
            assert [*ledger.found(kind)] == [one for one in mentions[::-1] if one[1].kind is kind]
        numbers = {mention.number for _, mention in mentions if mention.kind in (Kind.NUMBER, Kind.MONEY)}
        assert ledger.index.numbers == numbers


@settings(max_examples=300)
@given(turns=TURNS, number=st.sampled_from([0, 1, 2, 3, 5, 18, 19, 40, 1200, 2003, 2018, 12.5]))
def test_a_number_is_mentioned_where_some_mention_matches_it(turns: list[tuple[Role, str]], number: float) -> None:
    ledger = _call(turns).ledger
    (argument,) = arguments_of(ToolCall("order", {"quantity": number}))
    found = any(matches(argument, mention) for entry in ledger.entries for mention in entry.mentions)
    assert _is_mentioned(ledger.index, argument.number) is found


AMOUNTS = st.integers(1, 40_000).map(lambda cents: cents / 100) | st.sampled_from([0.0, 10.0, 99.99, 100.0, 250.0])


@given(values=st.sets(AMOUNTS, max_size=12), number=AMOUNTS, share=st.data())
def test_shares_near_enough_are_all_tried(values: set[float], number: float, share: st.DataObject) -> None:
    wanted = [number]
    if values:  # one that is a share, too
        known = st.sampled_from(sorted(values))
        wanted.append(round(share.draw(known) * share.draw(known) / 100, 2))
    for one in wanted:
        all_tried = any(round(v * s / 100, 2) == one for v in values for s in values if 0 < s < 100)
        assert _is_share_of(values, one) is all_tried


@given(
    text=st.lists(
        st.sampled_from("I've I have your order has been was Booked PAID ſent canceLLed e-mailed it now".split())
    )
)
def test_no_claim_is_passed_over(text: list[str]) -> None:
    said = " ".join(text)
    if done_claim._CLAIM.search(said):
        assert done_claim._may_claim(said)


def test_a_fact_is_asked_of_each_entry_once() -> None:
    asked = []

    def is_long(entry: object) -> bool:
        asked.append(entry)
        return len(asked) != 2

    conversation = Conversation()
    for at in range(4):
        conversation.add(Turn(at, Role.CUSTOMER, "two"))
        conversation.ledger.index.having(is_long)
    entries = conversation.ledger.entries
    assert asked == entries
    assert conversation.ledger.index.having(is_long) == [entries[0], *entries[2:]]
