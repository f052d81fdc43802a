"""The value ledger of one call: who said what, what a yes accepted, what was taken back, what tools returned.

Turns are entered one by one as they happen and never read again; every look-up walks the entries, newest first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from judging.core.mentions import Kind, Mention, find_mentions
from judging.core.text import Token, line_of, tokenize
from judging.core.types import Role, Status, Turn

_YES = re.compile(
    r"\s*(?:(?:oh|ah|ok|okay|well|um|uh|hmm|great|good|alright|perfect|yeah|yes|and)[\s,.!]+)*"
    r"(?:yes|yeah|yep|yup|yea|sure|correct|right|exactly|absolutely|definitely|certainly|indeed|ok|okay|"
    r"perfect|great|"
    r"fine|alright|all right|please do|go ahead|sounds? (?:good|great|perfect|fine|right|nice|like)|"
    r"that(?:'s| is| would be|"
    r" sounds| works| looks| seems|'ll)|looks? (?:good|great|right)|works (?:for|great|well|fine)|it (?:is|"
    r"does|sounds)|"
    r"i (?:do|would|confirm|agree)|do it|confirmed?|nice|cool|awesome|wonderful|excellent|good|you got it|yess)\b",
    re.I,
)
_NO = re.compile(
    r"\s*(?:(?:oh|ah|um|uh|hmm|well|sorry|ok|okay)[\s,.!]+)*"
    r"(?:no|nope|nah|not (?:quite|really|exactly|that|this)|wrong|actually|wait|hold on|hmm no|incorrect|negative)\b",
    re.I,
)
_CORRECTION = re.compile(
    r"\b(?:actually|instead|rather|scratch that|i mean(?:t)?|make (?:it|that)|change (?:it|that|the|my)|"
    r"let'?s (?:make|do)|"
    r"on second thought|changed? (?:my mind|of plans?)|forget (?:that|it|the)|i(?:'d| would) (?:rather|"
    r"prefer)|correction|wait|not (?:the|that|a))\b",
    re.I,
)
_ASKS_TO_CONFIRM = re.compile(
    r"\b(?:confirm(?:ation|ing)?|verify|everything (?:right|correct)|got (?:it|that|everything|"
    r"this) (?:right|correct)|is (?:that|this|it|everything|all)(?: all)? (?:right|correct|ok|okay|good|"
    r"fine)|correct\s*\?|right\s*\?|"
    r"(?:does|do) (?:that|this|it|these|everything) (?:sound|look|work)|did i get|just to (?:check|"
    r"be (?:clear|sure))|"
    r"to be clear|shall i|should i (?:go|proceed|book|place|make|order)|(?:are|is) (?:these|those|the) details|"
    r"you(?:'d| would) like|so (?:that(?:'s| is)|you)|you want|okay\s*\?|verify|double.check)(?:\b|(?<=\?))",
    re.I,
)
_READ_CHARS = 16_384  # a longer tool result must not hold up the call; the rest of it is not read

# Words without which nothing is ruled out; the exclusion check looks closer.
EXCLUDERS = frozenset(
    "no without hold avoid skip exclude excluding minus leave lose free instead rather nothing not dont don't didn't "
    "wouldn't remove drop forget scrap scratch cancel delete take keep never hate dislike can't cant allergic".split()
)


@dataclass(frozen=True, eq=False)
class Entry:
    """What one turn said. ``position`` counts entries; facts known before the call stand first.

    What is not always needed is worked out when it is asked for, once.
    """

    turn_index: int | None
    role: Role
    text: str
    tokens: tuple[Token, ...]
    mentions: tuple[Mention, ...]
    position: int
    tool_name: str = ""

    @cached_property
    def line(self) -> str:
        return line_of(self.tokens)

    @cached_property
    def numbers(self) -> frozenset[float]:
        """Every number and amount of the turn, weak ones too."""
        return frozenset(mention.number for mention in self.mentions if mention.kind in (Kind.NUMBER, Kind.MONEY))

    @cached_property
    def is_no(self) -> bool:
        return self.role is Role.CUSTOMER and _NO.match(self.text) is not None

    @cached_property
    def is_correction(self) -> bool:
        return self.role is Role.CUSTOMER and _CORRECTION.search(self.text) is not None

    @cached_property
    def is_yes(self) -> bool:
        """Whether the customer agrees, without changing anything."""
        is_plain = self.role is Role.CUSTOMER and not self.is_no and not self.is_correction
        return is_plain and _YES.match(self.text) is not None

    @cached_property
    def asks_to_confirm(self) -> bool:
        return self.role is Role.AGENT and _ASKS_TO_CONFIRM.search(self.text) is not None

    @cached_property
    def may_exclude(self) -> bool:
        return self.role is Role.CUSTOMER and not EXCLUDERS.isdisjoint([token.low for token in self.tokens])

    def raw(self, mention: Mention) -> str:
        """The words of a mention as they were said."""
        return self.text[self.tokens[mention.start].start : self.tokens[mention.end - 1].end]


@dataclass(frozen=True, slots=True)
class Found:
    """A mention with the entry it stands in."""

    entry: Entry
    mention: Mention

    @property
    def raw(self) -> str:
        return self.entry.raw(self.mention)


@dataclass(frozen=True, slots=True)
class LedgerValue:
    """One value of the call as prompts and screens list it."""

    value: str
    kind: Kind
    source_turn: int | None
    role: Role
    status: Status


@dataclass(slots=True)
class Ledger:
    """Append-only. ``today`` resolves relative dates; None leaves them open.

    ``words`` are the stems of all that was said, each with the last entry that said it.
    """

    today: date | None = None
    entries: list[Entry] = field(default_factory=list)
    _accepted: dict[int, int] = field(default_factory=dict)
    words: dict[str, int] = field(default_factory=dict)
    _alnum: dict[int, str] = field(default_factory=dict)

    def add_fact(self, text: str) -> None:
        """Enter a text that the agent may rely on and nobody said."""
        self._append(read_entry(Turn(-1, Role.TOOL, text), self.today, len(self.entries)))

    def add(self, turn: Turn, entry: Entry | None = None) -> Entry:
        """Enter a turn; ``entry`` where the caller has read it already."""
        if entry is None or entry.position != len(self.entries):
            entry = read_entry(turn, self.today, len(self.entries))
        self._append(entry)
        return entry

    def _append(self, entry: Entry) -> None:
        previous = self.last(Role.AGENT) if entry.role is Role.CUSTOMER and entry.is_yes else None
        if previous is not None:
            self._accepted.setdefault(previous.position, entry.position)
        self.entries.append(entry)
        self.words.update(dict.fromkeys(entry.line.split(), entry.position))

    def last(self, role: Role) -> Entry | None:
        return next((entry for entry in reversed(self.entries) if entry.role is role), None)

    def is_accepted(self, entry: Entry, until: int | None = None) -> bool:
        """Whether the customer answered this agent turn with a yes, among the first ``until`` entries."""
        by = self._accepted.get(entry.position)
        return by is not None and (until is None or by < until)

    def found(self, kind: Kind) -> Iterator[Found]:
        """Yield mentions of a kind, newest first."""
        for entry in reversed(self.entries):
            for mention in reversed(entry.mentions):
                if mention.kind is kind:
                    yield Found(entry, mention)

    def alnum(self, entry: Entry) -> str:
        """The entry's letters and digits without gaps, spoken digits as digits: finds an id however it was read out."""
        known = self._alnum.get(entry.position)
        if known is None:
            known = self._alnum[entry.position] = compact(entry.tokens)
        return known

    def values(self, until: int | None = None) -> Sequence[LedgerValue]:
        """Every typed value in the order said, with how it stands: replaced when its speaker later corrected it.

        ``until``: as it stood after so many entries.
        """
        return [
            LedgerValue(
                entry.raw(mention),
                mention.kind,
                entry.turn_index,
                entry.role,
                self.status(Found(entry, mention), until),
            )
            for entry in self.entries[:until]
            for mention in entry.mentions
            if not mention.is_weak
        ]

    def status(self, found: Found, until: int | None = None) -> Status:
        """How a said value stands now, or stood after ``until`` entries."""
        entry, mention = found.entry, found.mention
        for later in self.entries[entry.position + 1 : until]:
            same = [other for other in later.mentions if other.kind is mention.kind and not other.is_weak]
            if later.role is not Role.CUSTOMER or not same or any(other.same_value(mention) for other in same):
                continue
            if (later.is_correction or later.is_no) and len(same) == 1:
                return Status.SUPERSEDED
        if entry.role is Role.AGENT and not self.is_accepted(entry, until):
            return Status.UNCONFIRMED
        return Status.GROUNDED


_DIGIT_WORDS = {"zero": "0", "oh": "0", "o": "0"} | {
    word: str(value) for value, word in enumerate("one two three four five six seven eight nine".split(), 1)
}


def compact(tokens: Sequence[Token]) -> str:
    return "".join(
        _DIGIT_WORDS.get(token.low, token.low) if token.low not in ("dash", "hyphen") else "" for token in tokens
    )


def read_entry(turn: Turn, today: date | None, position: int) -> Entry:
    """Read one turn. Pure: the same turn gives the same entry."""
    tokens = tuple(tokenize(turn.text[:_READ_CHARS]))
    turn_index = turn.index if turn.index >= 0 else None
    mentions = find_mentions(tokens, today)
    return Entry(turn_index, turn.role, turn.text, tokens, mentions, position, turn.tool_name)
