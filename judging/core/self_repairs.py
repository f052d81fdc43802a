"""What a speaker took back in the same breath, and what stands in its place.

Which of the values before an interruption was taken back shows in how the two sides line up: old and new stand next to
the interruption, after the same word ("from ... no, from ..."), or before the same word ("... hall, I mean ... hall").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from judging.core.arguments import Argument
from judging.core.interruptions import (
    DETERMINERS,
    LEADS,
    NO_NAMES,
    OPENERS,
    Repair,
    Strength,
    may_interrupt,
    repairs_of,
)
from judging.core.ledger import Entry, remembered
from judging.core.mentions import Kind, Mention
from judging.core.numbers import NUMBER_WORDS
from judging.core.text import Token, stem

# A new value that goes on with one of these opens a clause of its own: "Rome, actually Paris is too far".
_VERBS = frozenset("is was are were has have had does did will would can can't could should isn't doesn't".split())
_TAILS = frozenset("please instead thanks thank then now though actually sorry ok okay".split())
_NEAR = 2  # words between a value and the interruption that still count as next to it
_RETRACED = 3  # words of a value without a name


@dataclass(frozen=True, slots=True)
class Swap:
    """One value and what came in its place.

    ``gone`` are the stems of the old value that the speaker did not use again, ``fresh`` those that only the new one
    has. ``is_aligned``: the two stand in like places. Without it, that the one replaced the other shows only in a
    text that says again what the speaker said, with the first and without the second.
    """

    entry: Entry
    old: tuple[Token, ...]
    new: tuple[Token, ...]
    gone: tuple[str, ...]
    fresh: tuple[str, ...]
    strength: Strength
    is_aligned: bool

    @property
    def said(self) -> tuple[str, str]:
        """The old and the new value in the speaker's words."""
        text = self.entry.text
        return text[self.old[0].start : self.old[-1].end], text[self.new[0].start : self.new[-1].end]


def swaps_of(entry: Entry) -> tuple[Swap, ...]:
    """What each self-correction of a turn replaced by what, the surest first.

    Remembered, because every later turn of the call asks again.
    """
    return _swaps(entry) if may_interrupt(entry) else ()


@remembered
def _swaps(entry: Entry) -> tuple[Swap, ...]:
    found = [swap for repair in repairs_of(entry) for swap in (*_name_swaps(repair), *_word_swaps(repair))]
    return tuple(sorted((_last(swap, found) for swap in found), key=lambda swap: not swap.is_aligned))


def _last(swap: Swap, swaps: Sequence[Swap]) -> Swap:
    """The swap with what stands in the end, where its new value was replaced in turn."""
    later = next((one for one in swaps if one.old == swap.new and one.new[0].start > swap.new[0].start), None)
    return swap if later is None else replace(swap, new=later.new, fresh=later.fresh)


def is_put_in_place(entry: Entry, at: int, arguments: Iterable[Argument]) -> bool:
    """Whether a word came in the place of another that the call no longer has: "the Rhine, no, the Danube" rules
    out no Danube."""
    token = entry.tokens[at]
    return any(
        token in swap.new and not any(f" {word} " in argument.line for argument in arguments for word in swap.gone)
        for swap in swaps_of(entry)
    )


def is_taken_back(entry: Entry, at: int) -> bool:
    """Whether a word may be of what the speaker took back in the same breath."""
    return any(entry.tokens[at] in swap.old for swap in swaps_of(entry))


def _name_swaps(repair: Repair) -> Iterator[Swap]:
    before, after = _names(repair.entry, repair.before), _names(repair.entry, repair.after)
    seen = set()
    for kind, new in after:
        if kind in seen or not _without(new, repair.before):
            continue
        seen.add(kind)
        rivals = [old for its, old in before if its == kind]
        for old in reversed(rivals):
            is_aligned = _is_aligned(repair, old, new, is_only=len(rivals) == 1)
            if is_aligned or _may_be_loose(repair, old, new):
                yield from _swap(repair, old, new, is_aligned=is_aligned)


def _swap(repair: Repair, old: tuple[Token, ...], new: tuple[Token, ...], *, is_aligned: bool) -> Iterator[Swap]:
    gone, fresh = _without(old, repair.after), _without(new, repair.before)
    if gone and fresh:
        yield Swap(repair.entry, old, new, gone, fresh, repair.strength, is_aligned)


def _without(tokens: Sequence[Token], others: Sequence[Token]) -> tuple[str, ...]:
    """The stems of some tokens that none of the others has, in order."""
    known = {stem(token.low) for token in others}
    return tuple(word for token in tokens if (word := stem(token.low)) not in known)


def _names(entry: Entry, tokens: Sequence[Token]) -> list[tuple[str, tuple[Token, ...]]]:
    """The names, numbers and dates of one side, each with what it is: only like is put in the place of like."""
    found: list[tuple[str, list[Token]]] = []
    for at, token in enumerate(tokens):
        kind = _kind(entry, token)
        if not kind:
            continue
        is_next = bool(at) and bool(found) and found[-1][1][-1] is tokens[at - 1]
        if is_next and found[-1][0] == kind and "," not in entry.text[tokens[at - 1].end : token.start]:
            found[-1][1].append(token)
        else:
            found.append((kind, [token]))
    return [(kind, tuple(name)) for kind, name in found]


def _kind(entry: Entry, token: Token) -> str:
    if token.raw[0].isdecimal() or (token.low in NUMBER_WORDS and token.low != "one"):
        return "number"
    is_code = len(token.raw) > 1 and token.raw.isupper()
    if not token.is_capitalised or (token.low in NO_NAMES and not is_code) or token.low in entry.language.repairs.words:
        return ""
    for mention in entry.mentions:
        if mention.kind in (Kind.DATE, Kind.TIME) and _covers(entry, mention, token):
            return "date"
    return "name"


def _covers(entry: Entry, mention: Mention, token: Token) -> bool:
    return entry.tokens[mention.start].start <= token.start < entry.tokens[mention.end - 1].end


def _is_aligned(repair: Repair, old: tuple[Token, ...], new: tuple[Token, ...], *, is_only: bool) -> bool:
    before, after = repair.before, repair.after
    left, right = before.index(old[0]), after.index(new[-1])
    gap_left = [token.low for token in before[left + len(old) :]]
    gap_right = [token.low for token in after[: right + 1 - len(new)]]
    following = after[right + 1].low if right + 1 < len(after) else ""
    if repair.strength is Strength.PAUSE and repair.is_choice:
        return False
    if not gap_left and LEADS.issuperset(gap_right):
        return following not in _VERBS or repair.strength is Strength.STRONG
    if repair.strength is Strength.PAUSE:
        return False
    if len(gap_left) <= _NEAR and LEADS.issuperset(gap_right) and following not in _VERBS:
        return True
    if _is_same(_cue(before, left), _cue(after, right + 1 - len(new))):
        return True
    head = before[left + len(old)].low if left + len(old) < len(before) else ""
    is_fragment = is_only and LEADS.issuperset([token.low for token in after if token not in new])
    return _is_same(head, following) or is_fragment


def _is_same(left: str, right: str) -> bool:
    return bool(left) and stem(left) == stem(right)


def _cue(tokens: Sequence[Token], at: int) -> str:
    """The word before a value, determiners aside."""
    return next((token.low for token in reversed(tokens[:at]) if token.low not in DETERMINERS), "")


def _may_be_loose(repair: Repair, old: tuple[Token, ...], new: tuple[Token, ...]) -> bool:
    """Whether the new value may replace one that stands elsewhere. After a mere pause only where the sentence starts
    anew or the same word follows both."""
    if repair.strength is not Strength.PAUSE:
        return True
    left, right = repair.before.index(old[-1]) + 1, repair.after.index(new[-1]) + 1
    heads = [side[at].low if at < len(side) else "" for side, at in ((repair.before, left), (repair.after, right))]
    return repair.after[0].low in OPENERS or _is_same(*heads) or left == len(repair.before)


def _word_swaps(repair: Repair) -> Iterator[Swap]:
    """Values without a capital: "from boston, no, from austin", "the blue one, I mean the green one"."""
    if repair.strength is Strength.PAUSE:
        return
    old, new = _retraced(repair)
    if not (old and new) and repair.strength is Strength.STRONG:
        old, new = _nearest(repair.before[::-1]), _whole(repair.entry, repair.after)
    if old and new and not (_kind(repair.entry, old[0]) or _kind(repair.entry, new[0])):
        yield from _swap(repair, old, new, is_aligned=True)


def _retraced(repair: Repair) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
    """The values after the words with which the speaker starts again."""
    lows = [token.low for token in repair.before]
    lead = 0
    while lead < len(repair.after) and repair.after[lead].low in LEADS:
        lead += 1
    cue = repair.after[lead - 1].low if lead else ""
    if cue not in lows:
        return (), ()
    at = len(lows) - lows[::-1].index(cue)
    old, new = _value(repair.before[at:]), _value(repair.after[lead:])
    while old and new and old[-1].low == new[-1].low:
        old, new = old[:-1], new[:-1]
    return old, new


def _value(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """The words of a value that starts here, as long as nothing else starts."""
    found = []
    for token in tokens[:_RETRACED]:
        if token.low in NO_NAMES or token.low in LEADS:
            break
        found.append(token)
    return tuple(found)


def _nearest(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """The nearest word that carries meaning."""
    return tuple(token for token in tokens if token.low not in NO_NAMES and token.low not in LEADS)[:1]


def _whole(entry: Entry, after: Sequence[Token]) -> tuple[Token, ...]:
    """The one word that the speaker goes on with, when nothing belongs to it: "I mean green", not "make it easier"."""
    new = _nearest(after)
    at = after.index(new[0]) + 1 if new else 0
    is_apart = at == len(after) or after[at].low in LEADS or after[at].low in _TAILS or _has_break(entry, after, at)
    return new if new and is_apart and LEADS.issuperset([token.low for token in after[: at - 1]]) else ()


def _has_break(entry: Entry, tokens: Sequence[Token], at: int) -> bool:
    return entry.text[tokens[at - 1].end : tokens[at].start] != " "
