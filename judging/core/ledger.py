"""The value ledger of one call: who said what, what a yes accepted, what was taken back, what tools returned.

Turns are entered one by one as they happen and never read again; every look-up walks the entries, newest first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import wraps
from typing import TypeVar

from judging.core.arguments import Argument, Shape
from judging.core.languages import ENGLISH, UNHEARD, Heard, Language, heard_after, language_of
from judging.core.languages.spelling import folded
from judging.core.lazy import lazy
from judging.core.ledger_index import Found, LedgerIndex
from judging.core.mentions import Kind, Mention
from judging.core.records import Group, Row, groups_of, rows_of
from judging.core.text import Token, line_of, tokenize
from judging.core.types import Role, Status, Turn

_LARGE = 100.0  # smaller numbers are counts as often as amounts
_READ_CHARS = 16_384  # a longer tool result must not hold up the call; the rest of it is not read


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
    language: Language = ENGLISH
    heard: Heard = UNHEARD

    @lazy
    def line(self) -> str:
        return line_of(self.tokens)

    @lazy
    def lows(self) -> frozenset[str]:
        """The words of the turn as its tokens have them."""
        return frozenset([token.low for token in self.tokens])

    @lazy
    def rows(self) -> tuple[Row, ...]:
        """A tool's result as rows of named values, none where it has no such form."""
        return rows_of(self.text)

    @lazy
    def fields(self) -> Mapping[Shape, tuple[Argument, ...]]:
        """The values of all rows by what they are."""
        found: dict[Shape, list[Argument]] = {}
        for row in self.rows:
            for value in row:
                found.setdefault(value.shape, []).append(value)
        return {shape: tuple(values) for shape, values in found.items()}

    @lazy
    def groups(self) -> Mapping[Shape, tuple[Group, ...]]:
        """Numbers and yes-or-no values of all rows by their names."""
        return {shape: groups_of(self.fields.get(shape, ())) for shape in (Shape.NUMBER, Shape.FLAG)}

    @lazy
    def tokens_in_digits(self) -> tuple[Token, ...]:
        """The tokens with each number as one token in digits."""
        spoken = {mention.start: mention for mention in self.mentions if mention.kind is Kind.NUMBER}
        taken = {at for mention in spoken.values() for at in range(mention.start + 1, mention.end)}
        return tuple(
            token._replace(low=f"{spoken[at].number:g}") if at in spoken else token
            for at, token in enumerate(self.tokens)
            if at not in taken
        )

    @lazy
    def numbers(self) -> frozenset[float]:
        """Every number and amount of the turn, weak ones too."""
        return frozenset(mention.number for mention in self.mentions if mention.kind in (Kind.NUMBER, Kind.MONEY))

    @lazy
    def amounts(self) -> frozenset[float]:
        """What may be an amount of money: said so, named so by a tool, or a number without a thing that it counts."""
        if self.role is Role.TOOL and self.rows:
            return frozenset(value.number for value in self.fields.get(Shape.NUMBER, ()) if _may_be_money(value))
        return frozenset(
            mention.number
            for mention in self.mentions
            if mention.kind is Kind.MONEY
            or (mention.kind is Kind.NUMBER and (mention.number >= _LARGE or not (mention.is_weak or mention.units)))
        )

    @lazy
    def is_no(self) -> bool:
        return self.role is Role.CUSTOMER and self.language.answers.no.opens(self.text)

    @lazy
    def is_correction(self) -> bool:
        return self.role is Role.CUSTOMER and self.language.answers.correction.is_in(self.text)

    @lazy
    def is_yes(self) -> bool:
        """Whether the customer agrees, without changing anything."""
        is_plain = self.role is Role.CUSTOMER and not self.is_no and not self.is_correction
        return is_plain and self.language.answers.yes.opens(self.text)

    @lazy
    def asks_to_confirm(self) -> bool:
        return self.role is Role.AGENT and self.language.answers.asks_to_confirm.is_in(self.text)

    @lazy
    def may_exclude(self) -> bool:
        return self.role is Role.CUSTOMER and not self.language.exclusion.words.isdisjoint(self.lows)

    def raw(self, mention: Mention) -> str:
        """The words of a mention as they were said."""
        return self.text[self.tokens[mention.start].start : self.tokens[mention.end - 1].end]


T = TypeVar("T")


def remembered(read: Callable[[Entry], T]) -> Callable[[Entry], T]:
    """Let a function read each entry once: what it returned stays with the entry and goes with the call."""
    key = f"{read.__module__}.{read.__qualname__}"

    @wraps(read)
    def known_or_read(entry: Entry) -> T:
        known = vars(entry)  # also of a frozen value: the place where a lazy property keeps its own
        if key not in known:
            known[key] = read(entry)
        found: T = known[key]
        return found

    return known_or_read


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
    """Append-only. ``today`` resolves relative dates; None leaves them open. ``heard`` is the language so far;
    ``is_english``: nobody has spoken another.

    ``has_results``: whether a tool's result or a given fact is among the entries.
    """

    today: date | None = None
    heard: Heard = UNHEARD
    is_english: bool = True
    entries: list[Entry] = field(default_factory=list)
    _accepted: dict[int, int] = field(default_factory=dict)
    has_results: bool = False
    _alnum: dict[int, str] = field(default_factory=dict)
    index: LedgerIndex = field(init=False)

    def __post_init__(self) -> None:
        self.index = LedgerIndex(self.entries)

    def add_fact(self, text: str) -> None:
        """Enter a text that the agent may rely on and nobody said."""
        self._append(self.read(Turn(-1, Role.TOOL, text)))

    def add(self, turn: Turn, entry: Entry | None = None) -> Entry:
        """Enter a turn; ``entry`` where the caller has read it already."""
        if entry is None or entry.position != len(self.entries):
            entry = self.read(turn)
        self._append(entry)
        return entry

    def read(self, turn: Turn) -> Entry:
        """Read a turn as the next one without entering it."""
        return read_entry(turn, self.today, len(self.entries), self.heard)

    def _append(self, entry: Entry) -> None:
        previous = self.last(Role.AGENT) if entry.role is Role.CUSTOMER and entry.is_yes else None
        if previous is not None:
            self._accepted.setdefault(previous.position, entry.position)
        self.entries.append(entry)
        self.heard = entry.heard
        self.has_results = self.has_results or entry.role is Role.TOOL
        self.is_english = self.is_english and entry.language is ENGLISH
        self.index.add_words(entry)

    @property
    def words(self) -> Mapping[str, Sequence[int]]:
        """The stems of all that was said, each with the positions of the entries that said it."""
        return self.index.words

    def last(self, role: Role) -> Entry | None:
        for entry in reversed(self.entries):
            if entry.role is role:
                return entry
        return None

    def is_accepted(self, entry: Entry, until: int | None = None) -> bool:
        """Whether the customer answered this agent turn with a yes, among the first ``until`` entries."""
        by = self._accepted.get(entry.position)
        return by is not None and (until is None or by < until)

    def found(self, kind: Kind) -> Iterator[Found]:
        """Yield mentions of a kind, newest first."""
        return reversed(self.index.found(kind))

    @property
    def may_exclude(self) -> bool:
        """Whether any turn of the customer may rule something out."""
        return bool(self.index.having(_may_exclude))

    def saying(self, phrase: str) -> Iterator[Entry]:
        """Yield the entries whose line has another line in it, newest first."""
        for position in reversed(self.index.saying(phrase)):
            if phrase in self.entries[position].line:
                yield self.entries[position]

    def alnum(self, entry: Entry) -> str:
        """The entry's letters and digits without gaps, spoken digits as digits: finds an id however it was read out."""
        known = self._alnum.get(entry.position)
        if known is None:
            tokens = entry.tokens if entry.language.is_english else entry.tokens_in_digits
            known = self._alnum[entry.position] = compact(tokens)
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


def _may_exclude(entry: Entry) -> bool:
    return entry.may_exclude


_DIGIT_WORDS = {"zero": "0", "oh": "0", "o": "0"} | {
    word: str(value) for value, word in enumerate("one two three four five six seven eight nine".split(), 1)
}


def compact(tokens: Sequence[Token]) -> str:
    return "".join(
        _DIGIT_WORDS.get(token.low, token.low) if token.low not in ("dash", "hyphen") else "" for token in tokens
    )


def _may_be_money(field: Argument) -> bool:
    return field.is_money or field.number >= _LARGE or field.number % 1 != 0


def read_entry(turn: Turn, today: date | None, position: int, heard: Heard = UNHEARD) -> Entry:
    """Read one turn. Pure: the same turn after the same words gives the same entry.

    A customer's turn is read in the language it is heard in; an agent's in that of the call before it, however much of
    it has come; a tool's result as it is.
    """
    tokens = tokenize(turn.text[:_READ_CHARS])
    language = ENGLISH
    if turn.role in (Role.CUSTOMER, Role.AGENT):
        code = heard.code
        heard = heard_after(heard, turn.text, [token.low for token in tokens])
        language = language_of(heard.code if turn.role is Role.CUSTOMER else code)
    turn_index = turn.index if turn.index >= 0 else None
    if language.split is not None:
        tokens = language.split(tokens)
    mentions = language.read_mentions(tokens, today)
    seen = tuple(tokens) if language.fold is None else folded(tokens, language.fold)
    return Entry(turn_index, turn.role, turn.text, seen, mentions, position, turn.tool_name, language, heard)
