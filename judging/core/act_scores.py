"""From act scores to "is this rule broken?": what to ask of which turn, and the logic over the answers.

An act is asked only where its answer can matter: not of a turn that cannot hold it (a tool that is not called, words
of the customer from before the agent's last turn), and what would excuse a rule only once the rest of it seems to
hold. "Earlier in the call" is asked of the earlier turns nearest to the act. The value of a clause is that of its
least sure part: min over ``when`` and over one minus each of ``unless``.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import TypeAlias

from judging.core.arguments import name_words
from judging.core.checks.read_back import is_confirmed
from judging.core.compiled import ANY_TOOL, CHANGING_TOOL, Act, Clause, Fact, Kind, Known, Part, Span, Tool
from judging.core.compiling import compiled_of
from judging.core.premise import premise_of
from judging.core.rules import compact_name
from judging.core.text import STOP_WORDS, content_stems
from judging.core.types import Answer, Ask, JudgeSettings, Policy, Role
from judging.core.view import TurnView

MAX_EARLIER = 4  # earlier turns asked about one act
_LOOKED_THROUGH = 24  # agent turns back
_JUDGED = -1  # stands for the judged turn among positions of the history
# Tools that only look something up, by the first word of their names.
_LOOK_UPS = frozenset(
    """get find search list look lookup check fetch read query show calculate compute verify view retrieve describe
    count compare validate estimate think""".split()
)


class Word(StrEnum):
    """What a clause's value counts."""

    BROKEN = "broken"  # sure enough to decide alone
    UNCERTAIN = "uncertain"  # tier 2 is asked, where there is one
    KEPT = "kept"


Asks: TypeAlias = Generator[Ask, Answer, str]


@dataclass(frozen=True, slots=True)
class ClauseScore:
    """How surely a clause is broken, 0..1."""

    policy_index: int
    clause: Clause
    value: float

    @property
    def kind(self) -> Kind:
        return self.clause.kind

    @property
    def reason(self) -> str:
        """What the classifier heard, and what it did not."""
        heard = [part.text for part in self.clause.when if isinstance(part, Act)]
        missed = [part.text for part in self.clause.unless if isinstance(part, Act)]
        said = f"the classifier hears: {' '.join(heard)}" if heard else "the classifier finds this rule broken"
        return f"{said} It does not hear: {' '.join(missed)}" if missed else said

    def word(self, policy: Policy, settings: JudgeSettings) -> Word:
        if may_stop(self.clause, policy, settings) and self.value >= stop_threshold(self.kind, settings):
            return Word.BROKEN
        return Word.UNCERTAIN if self.value > settings.tier1_low else Word.KEPT


def may_stop(clause: Clause, policy: Policy, settings: JudgeSettings) -> bool:
    """Whether the classifier may decide a clause alone: acts can show it, the precision measured for its kind allows
    it, and so does whoever gave the policy its form."""
    return clause.is_plain and compiled_of(policy).may_stop and not settings.tier1_use(clause.kind).is_observed


def stop_threshold(kind: Kind, settings: JudgeSettings) -> float:
    """From which value on it is sure."""
    threshold = settings.tier1_use(kind).threshold
    return settings.tier1_high if threshold is None else threshold


@dataclass
class ActBoard:
    """The acts of one turn's policies and what is known about them."""

    view: TurnView
    policy_indexes: Sequence[int]
    _scores: dict[tuple[int, str], float] = field(default_factory=dict)

    def ask(self) -> Asks:
        """Ask what is needed, in two rounds; return "" or why there is no answer."""
        for is_last in (False, True):
            needed: dict[int, dict[str, None]] = {}
            for _, clause in self.clauses():
                for position, text in self._needs(clause, is_last=is_last):
                    if (position, text) not in self._scores:
                        needed.setdefault(position, {})[text] = None
            for position in sorted(needed):
                failure = yield from self._put(position, tuple(needed[position]))
                if failure:
                    return failure
        return ""

    def _put(self, position: int, acts: tuple[str, ...]) -> Asks:
        view = self.view if position == _JUDGED else self.view.earlier(position)
        indexes = tuple(self.policy_indexes)
        answer = yield Ask(tier=1, premise=premise_of(view), hypotheses=acts, policy_indexes=indexes)
        if answer.failure or len(answer.scores) != len(acts):
            return answer.failure or "garbage"
        self._scores.update({(position, act): score for act, score in zip(acts, answer.scores, strict=True)})
        return ""

    def clauses(self) -> Iterator[tuple[int, Clause]]:
        for index in self.policy_indexes:
            for clause in compiled_of(self.view.policies[index]).clauses:
                yield index, clause

    def heard(self) -> dict[str, float]:
        """Each act that was asked, with its highest score of all turns it was asked of."""
        found: dict[str, float] = {}
        for (_, act), score in self._scores.items():
            found[act] = max(score, found.get(act, score))
        return found

    def unread(self) -> frozenset[int]:
        """The policies that have a sentence which nothing can be asked about."""
        return frozenset(index for index, clause in self.clauses() if clause.kind is Kind.UNREADABLE)

    def scores(self) -> list[ClauseScore]:
        """Each readable clause with its value, by what is known now."""
        return [
            ClauseScore(index, clause, self._value(clause))
            for index, clause in self.clauses()
            if clause.kind is not Kind.UNREADABLE
        ]

    def _needs(self, clause: Clause, *, is_last: bool) -> Iterator[tuple[int, str]]:
        """What to ask about a clause: first its deed in this turn, then, where that may be, all the rest."""
        if clause.kind is Kind.UNREADABLE or self._held(clause) <= self.view.settings.tier1_low:
            return
        for part in clause.parts if is_last else clause.when:
            if isinstance(part, Act) and (is_last or part.span is Span.TURN):
                yield from ((position, part.text) for position in self._places(part))

    def _value(self, clause: Clause) -> float:
        return min([self._held(clause), *(1.0 - self._score(part, clause, 0.0) for part in clause.unless)])

    def _held(self, clause: Clause) -> float:
        """How far all of ``when`` holds; what is not known yet counts as holding."""
        return min((self._score(part, clause, 1.0) for part in clause.when), default=1.0)

    def _score(self, part: Part, clause: Clause, unknown: float) -> float:
        if isinstance(part, Act):
            return max((self._act(place, part, clause, unknown) for place in self._places(part)), default=0.0)
        if isinstance(part, Tool):
            return float(self._is_called(part))
        return unknown if isinstance(part, Fact) else float(self._knows(part, clause))

    def _act(self, position: int, part: Act, clause: Clause, unknown: float) -> float:
        score = self._scores.get((position, part.text))
        use = self.view.settings.tier1_use(clause.kind)
        return unknown if score is None else tempered(score, use.temperature)

    def _places(self, part: Act) -> list[int]:
        """The turns that an act may be found in."""
        now = [_JUDGED] if part.span is not Span.EARLIER and self._may_hold(part) else []
        return now if part.span is Span.TURN else [*now, *self._earlier(part.text)]

    def _may_hold(self, part: Act) -> bool:
        # A bare tool call is asked about like words: a call is never let through unjudged.
        return self._customer_spoke_last or not part.is_customers

    @cached_property
    def _customer_spoke_last(self) -> bool:
        """Whether the customer's last words have not been answered before this turn."""
        for turn in reversed(self.view.history):
            if turn.role is Role.CUSTOMER:
                return True
            if turn.role is Role.AGENT and turn.text.strip():
                return False
        return False

    def _earlier(self, text: str) -> list[int]:
        """The earlier turns to ask about an act: those that share words with it, then the last ones."""
        words = _act_words(text)
        ranked = sorted(self._agent_turns, key=lambda entry: (-len(words & entry[1]), -entry[0]))
        return [position for position, _ in ranked[:MAX_EARLIER]]

    @cached_property
    def _agent_turns(self) -> list[tuple[int, frozenset[str]]]:
        """The agent's earlier turns by position, each with the words of its exchange."""
        found: list[tuple[int, frozenset[str]]] = []
        heard: frozenset[str] = frozenset()
        history = self.view.history
        for position in range(max(0, len(history) - 3 * _LOOKED_THROUGH), len(history)):
            turn = history[position]
            said = frozenset(content_stems(turn.text[:600]))
            if turn.role is Role.AGENT and turn.text.strip():
                found.append((position, heard | said))
            elif turn.role is Role.CUSTOMER:
                heard = said
        return found[-_LOOKED_THROUGH:]

    def _is_called(self, tool: Tool) -> bool:
        now = [call.name for call in self.view.turn.tool_calls] if tool.span is not Span.EARLIER else []
        return any(is_tool(tool.name, name) for name in now) or (
            tool.span is not Span.TURN and any(is_tool(tool.name, name) for name in self._earlier_tools)
        )

    @cached_property
    def _earlier_tools(self) -> frozenset[str]:
        history = self.view.history
        called = {call.name for turn in history for call in turn.tool_calls}
        return frozenset(called | {turn.tool_name for turn in history if turn.role is Role.TOOL and turn.tool_name})

    def _knows(self, known: Known, clause: Clause) -> bool:
        if known is Known.FIRST_TURN:
            return not any(turn.role is Role.AGENT and turn.text.strip() for turn in self.view.history)
        tools = [part.name for part in clause.when if isinstance(part, Tool)] or [ANY_TOOL]
        calls = self.view.turn.tool_calls
        meant = [at for at, call in enumerate(calls) if any(is_tool(name, call.name) for name in tools)]
        return all(is_confirmed(self.view, at) for at in meant)


def tempered(score: float, temperature: float) -> float:
    """A score with its log-odds divided by the temperature."""
    if temperature == 1.0 or not 0.0 < score < 1.0:
        return score
    return 1.0 / (1.0 + math.exp(-math.log(score / (1.0 - score)) / temperature))


def is_tool(name: str, called: str) -> bool:
    """Whether a call is one that a policy names."""
    if name == ANY_TOOL:
        return True
    if name == CHANGING_TOOL:
        words = name_words(called)
        return not words or words[0] not in _LOOK_UPS
    return compact_name(name) == compact_name(called)


@lru_cache(maxsize=4096)
def _act_words(act: str) -> frozenset[str]:
    return frozenset(content_stems(act)) - STOP_WORDS - {"agent", "customer", "some"}
