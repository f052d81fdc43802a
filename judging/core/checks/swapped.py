"""Two like arguments of a tool call with each other's values: ``origin`` has where the customer goes.

Each place where a value was said votes by the words before it ("from", "leaving", "to") or by the question that it
answers. The two values must both have been given the other way round, and never the way of the call.
"""

from __future__ import annotations

from collections.abc import Iterator

from judging.core.arguments import Argument, Shape
from judging.core.grounding import KIND_OF, is_akin, matches
from judging.core.ledger import Entry
from judging.core.text import Token, sentence_at, stem
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView
from judging.core.wording import spoken_value, subject

_REACH = 6  # tokens before a value in which a word may say which end it is
_PART = 4  # letters of a part that stands for a name
_SHAPES = frozenset({Shape.TEXT, Shape.DATE, Shape.TIME})

# Of an argument's name. The words of a journey's half outweigh those of its ends ("inbound departure time").
_HALVES = {"outbound": 1, "onward": 1, "inbound": -1, "return": -1}
_ENDS = {
    **dict.fromkeys("from origin departure departing leaving pickup pick start begin sender source old".split(), 1),
    **dict.fromkeys("to destination arrival arriving dropoff drop end recipient receiver target new".split(), -1),
}
# Of a place, before its name; "to" before a verb is none, but no name follows that.
_PLACE_CUES = {
    **dict.fromkeys("from leaving leave departing depart departure origin starting start outta".split(), 1),
    **dict.fromkeys("to towards toward into destination arriving arrive arrival heading visiting visit".split(), -1),
}
_MOMENT_CUES = {
    **dict.fromkeys(
        "from leaving leave departing departs depart departure outbound onward starting start pick".split(), 1
    ),
    **dict.fromkeys("return returning returns back until till through end ending inbound drop".split(), -1),
}
_WAY_BACK = frozenset("back return returning returns".split())
_HEADS_FOR = frozenset("leave leaving depart departing head heading headed bound".split())


def find(view: TurnView) -> Iterator[Finding]:
    for index, arguments in enumerate(view.calls):
        for start, end in _pairs(arguments):
            if _is_in_order(start, end) or _may_be_way_back(view, start, arguments):
                continue
            votes = _votes(view, start, end)
            if votes:
                yield _finding(start, end, votes, index)


def _pairs(arguments: tuple[Argument, ...]) -> Iterator[tuple[Argument, Argument]]:
    """The arguments of a call that name the two ends of one thing."""
    for shape in _SHAPES:
        like = [(end_of(one), one) for one in arguments if one.shape is shape and not one.is_listed]
        starts, ends = ([one for way, one in like if way == wanted] for wanted in (1, -1))
        if len(starts) == 1 and len(ends) == 1 and starts[0].value != ends[0].value:
            yield starts[0], ends[0]


def _is_in_order(start: Argument, end: Argument) -> bool:
    """Whether the days of a call follow each other, as they never do once they are swapped."""
    return start.day is not None and end.day is not None and start.day < end.day


def _may_be_way_back(view: TurnView, start: Argument, arguments: tuple[Argument, ...]) -> bool:
    """Whether the call may be for the second half of a journey there and back: then both ways were said."""
    if start.shape is not Shape.TEXT or any(not _HALVES.keys().isdisjoint(one.words) for one in arguments):
        return False
    people = (entry for entry in view.ledger.entries if entry.role is not Role.TOOL)
    return any(any(f" {word} " in entry.line for word in _WAY_BACK) for entry in people)


def end_of(argument: Argument) -> int:
    """1 for an argument that names a start, -1 for an end, 0 for neither."""
    for table in (_HALVES, _ENDS):
        ways = {table[word] for word in argument.words if word in table}
        if ways:
            return ways.pop() if len(ways) == 1 else 0
    return 0


def _votes(view: TurnView, start: Argument, end: Argument) -> list[Entry]:
    """The turns that give the values the other way round; none when a turn gives one as the call has it."""
    own, its = _ways(view, start, end), _ways(view, end, start)
    if any(way == 1 for _, way in own) or any(way == -1 for _, way in its):
        return []
    if not (own and its) and not _is_sure(own or its, start):
        return []
    return [entry for entry, _ in (*own, *its)]


def _is_sure(ways: list[tuple[Entry, int]], argument: Argument) -> bool:
    """Whether one value alone tells: the customer named a place."""
    return argument.shape is Shape.TEXT and any(entry.role is Role.CUSTOMER for entry, _ in ways)


def _ways(view: TurnView, argument: Argument, other: Argument) -> list[tuple[Entry, int]]:
    """Where the value was given as a start (1) or as an end (-1)."""
    if argument.shape is Shape.TEXT:
        places = _places(view, argument, other)
        return [(entry, way) for entry, at in places if (way := _way(view, entry, at, _PLACE_CUES))]
    found = [one for one in view.ledger.found(KIND_OF[argument.shape]) if matches(argument, one.mention)]
    ways = ((one.entry, _way(view, one.entry, one.mention.start, _MOMENT_CUES)) for one in found)
    return [(entry, way) for entry, way in ways if way]


def _places(view: TurnView, argument: Argument, other: Argument) -> Iterator[tuple[Entry, int]]:
    """Where a name was said, also where only a part of it was: "Vegas"."""
    whole = {place.entry.position: place.start for place in view.places(argument)}
    parts = [word for word in argument.content if len(word) >= _PART and word not in other.content]
    for entry in view.ledger.entries:
        if entry.position in whole:
            yield entry, whole[entry.position]
        elif entry.role is not Role.TOOL:
            at = next((at for at, token in enumerate(entry.tokens) if _is_part(token, parts)), None)
            if at is not None:
                yield entry, at


def _is_part(token: Token, parts: list[str]) -> bool:
    return token.is_capitalised and any(is_akin(stem(token.low), word) for word in parts)


def _way(view: TurnView, entry: Entry, at: int, cues: dict[str, int]) -> int:
    if entry.role is Role.TOOL or at >= len(entry.tokens):
        return 0
    first = sentence_at(entry.text, entry.tokens[at].start)[0]
    for back in range(at - 1, max(-1, at - 1 - _REACH), -1):
        token = entry.tokens[back]
        if token.start < first:
            break
        if token.low == "for" and back and entry.tokens[back - 1].low in _HEADS_FOR:
            return cues.get("to", 0)
        if token.low in cues:
            is_back = cues is _PLACE_CUES and any(one.low in _WAY_BACK for one in entry.tokens[:at])
            return 0 if is_back else cues[token.low]
        if token.is_capitalised and back and token.start != first:
            break  # another name stands between: what comes before speaks of that
    return _asked(view, entry, at, cues)


def _asked(view: TurnView, entry: Entry, at: int, cues: dict[str, int]) -> int:
    """Which end the agent's one question asked for, where the value opens the answer."""
    if entry.role is not Role.CUSTOMER or at > _REACH or not entry.position:
        return 0
    before = view.ledger.entries[entry.position - 1]
    if before.role is not Role.AGENT or before.text.count("?") != 1:
        return 0
    ways = {cues[token.low] for token in before.tokens if token.low in cues}
    return ways.pop() if len(ways) == 1 else 0


def _finding(start: Argument, end: Argument, votes: list[Entry], index: int) -> Finding:
    turn, old, new = votes[-1].turn_index, spoken_value(start), spoken_value(end)
    return Finding(
        check="swapped_arguments",
        score=0.95,
        reason=f"{subject(start)} {old!r} and {subject(end)} {new!r}, but it was said the other way round",
        evidence=(
            Evidence(start.value, Status.SUPERSEDED, turn, start.path, end.value),
            Evidence(end.value, Status.SUPERSEDED, turn, end.path, start.value),
        ),
        tool_call_index=index,
        correction=f"Just to confirm: from {new} to {old}?",
    )
