"""A name, place or choice in a tool call that was replaced later: the same frame came again with another name.

"a bus to Long Beach" ... "please search for buses to Oakland": the word before the value comes again before a name
that the call uses nowhere, and the value itself does not come again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from judging.core.arguments import Argument, Shape
from judging.core.checks.replaced import is_missing
from judging.core.grounding import Place
from judging.core.ledger import Entry, remembered
from judging.core.names import PLAIN_WORDS, Name, named
from judging.core.text import STOP_WORDS, stem
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView
from judging.core.wording import subject

_DETERMINERS = frozenset("the a an my your our their his her some any".split())
_NEVER_CUE = frozenset("and or , but i is it so then that".split())
_SPAN = 4
# Cue words that stand for each other: a place may come "in", "near" or "from"; a wish "for", "about" or "like".
_PLACE = frozenset("in near around at from".split())
_PLACE_RIVALS = frozenset(["in", "near", "around", "from"])
_FROM = frozenset({"from"})
_WAYS = frozenset({"to", "from", "at"})
_TOWARDS = frozenset("to destination arrival dropoff where".split())
_AREAS = frozenset("area region neighborhood neighbourhood district city county town side location".split())
_PLACE_CUES = frozenset("in near around from to".split())
_MOVES = frozenset("going go get getting headed heading fly flying travel travelling traveling leaving back".split())
# No names, though they stand where one is expected: "from there", "in advance", "around noon".
_NEVER_NAMES = frozenset(
    "advance general particular cash person total fact case order english line stock town downtown home work school "
    "noon midnight front back hand full part time with without using being".split()
)
_LEAST = 4
_LEAVES = frozenset("leave leaving depart departing departure flying travelling traveling coming".split())
_FACILITIES = frozenset(
    "airport station park center centre terminal theater theatre cinema museum hotel hall stadium club street building "
    "arena stage district".split()
)
_WISH = frozenset("for about like see heard find want check try that attend".split())
# Words before a noun that name no kind of it: "other movies", "a good car".
PLAIN = STOP_WORDS | frozenset(
    (
        "other another more any some different new good nice great best better cheap cheaper same right "
        "such what which these those few many several all no not one two three four five additional else "
        "next last first specific certain few only just available possible interesting fun good popular "
        "favorite there here suitable search find look see show book about like have want need prefer "
        "enjoy alternative alternate similar various"
    ).split()
)

# A turn that begins so asks about what there is; it asks for nothing else.
ASKS_ABOUT = re.compile(r"\s*(?:when|what time|where|who|how (?:much|long|far)|does|is it|are they)\b", re.I)


def find(view: TurnView) -> Iterator[Finding]:
    said = view.ledger.last(Role.CUSTOMER)
    last = said.position if said is not None else -1
    for index, arguments in enumerate(view.calls):
        for argument in arguments:
            # "one_way" is a constant of the tool's: no word of the caller's stands in its place.
            if argument.shape is not Shape.TEXT or "_" in argument.value:
                continue
            place = view.newest_place(argument)
            if place is None or place.entry.position >= last:
                continue
            rival = _rival(view, index, argument, place.entry.position)
            if rival is not None:
                yield _finding(argument, place, rival, index)


def _finding(argument: Argument, place: Place, rival: Name, index: int) -> Finding:
    return Finding(
        check="stale_argument",
        score=0.9,
        reason=f"{subject(argument)} {argument.value!r}, replaced later by {rival.text!r}",
        evidence=(Evidence(argument.value, Status.SUPERSEDED, place.entry.turn_index, argument.path, rival.text),),
        tool_call_index=index,
        correction=f"Just to confirm: {rival.text}, not {argument.value}?",
    )


def _rival(view: TurnView, index: int, argument: Argument, newest: int) -> Name | None:
    is_open = argument.is_label or (argument.value[:1].isupper() and _writes_low(view))
    for entry in reversed(view.ledger.entries[newest + 1 :]):
        if not (is_open or _cued_names(entry)) or not _may_replace(view, entry):
            continue
        for place in view.places(argument):
            for start, end in _rivals_in(view, entry, place, argument):
                name = named(entry, start, end)
                if name is not None and _is_like(name, place, argument) and is_missing(view, index, name):
                    return name
    return None


def _is_like(rival: Name, place: Place, argument: Argument) -> bool:
    """Whether a rival is written like the value: a name for a name, a word for a word, a code for a code."""
    own, name = place.entry.tokens[place.start : place.end], rival.entry.tokens[rival.start : rival.end]
    if not own:
        return False
    is_own_code, is_code = (any(token.raw[0].isdecimal() for token in tokens) for tokens in (own, name))
    if is_own_code is not is_code:
        return False  # "FQ8APE" is no name, and no name stands in its place
    is_own_short, is_short = (len(tokens) == 1 and tokens[0].raw.isupper() for tokens in (own, name))
    if is_own_short and not is_short and len(own[0].raw) == 3 and own[0].raw == argument.value:
        return False  # a code such as an airport's, against a plain name
    return own[0].is_capitalised or not name[0].is_capitalised or place.entry.text.islower()


def _rivals_in(view: TurnView, entry: Entry, place: Place, argument: Argument) -> Iterator[tuple[int, int]]:
    """Names in a later turn that stand where the value stood: after its cue word, or before the noun it went with."""
    cue = _cue(place)
    if not entry.language.is_english:
        # Where nouns have capitals, or adjectives follow them, only a place after "to" or "from" is sure to be a name.
        if cue in _WAYS and (entry.is_correction or entry.is_no):
            yield from _names_after(entry, frozenset({cue}))
        return
    if cue:
        is_facility = any(stem(word) in _FACILITIES for word in argument.content[-1:])
        names = _names_after(entry, frozenset({cue}))
        yield from (name for name in names if is_facility or stem(entry.tokens[name[1] - 1].low) not in _FACILITIES)
        if cue in _PLACE_CUES and not argument.is_label and argument.value[:1].isupper():
            yield from _low_names_after(view, entry, _PLACE_CUES if cue in _PLACE else frozenset({cue}))
    if cue in _PLACE and not argument.is_label:
        is_left = " from " in entry.line and not _LEAVES.isdisjoint(entry.line.split())
        is_way = is_left or not _TOWARDS.isdisjoint(argument.words)
        names = _names_after(entry, _PLACE_RIVALS - {cue, *(_FROM if is_way else ())})
        yield from (name for name in names if stem(entry.tokens[name[1] - 1].low) not in _FACILITIES)
    elif cue in _WISH:
        yield from (name for name in _names_after(entry, _WISH - {cue}) if name[1] - name[0] > 1)
    if argument.is_label:
        yield from _kinds_before(entry, place)


def _kinds_before(entry: Entry, place: Place) -> Iterator[tuple[int, int]]:
    """ "mystery" of "mystery movies" where the value was said in "funny movies"."""
    tokens = place.entry.tokens
    noun = stem(tokens[place.end].low) if place.end < len(tokens) else ""
    if (
        place.entry.role is not Role.CUSTOMER
        or len(noun) < 3
        or noun in PLAIN
        or tokens[place.end].is_capitalised
        or entry.role is not Role.CUSTOMER
        or entry.is_yes
        or ASKS_ABOUT.match(entry.text)
    ):
        return
    typed = {at for mention in entry.mentions if not mention.is_weak for at in range(mention.start, mention.end)}
    for at in range(1, len(entry.tokens)):
        before = entry.tokens[at - 1]
        is_kind = (
            before.low not in PLAIN
            and before.low not in PLAIN_WORDS
            and not before.low.endswith("ing")
            and stem(before.low) not in PLAIN
            and before.raw[0].isalpha()
            and (at < 2 or entry.tokens[at - 2].low != "to")
        )
        if is_kind and stem(entry.tokens[at].low) == noun and at - 1 not in typed:
            yield at - 1, at


def _may_replace(view: TurnView, entry: Entry) -> bool:
    if entry.role is Role.CUSTOMER:
        return True
    return entry.role is Role.AGENT and view.ledger.is_accepted(entry) and entry.asks_to_confirm


def _cue(place: Place) -> str:
    """The word before a value, articles aside."""
    for at in range(place.start - 1, -1, -1):
        low = place.entry.tokens[at].low
        if low not in _DETERMINERS:
            return "" if low in _NEVER_CUE else low
    return ""


def _names_after(entry: Entry, cues: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Where capitalised names stand right after a cue word, as token indexes; a cue within a name is none."""
    return ((start, end) for cue, start, end in _cued_names(entry) if cue in cues)


@remembered
def _cued_names(entry: Entry) -> tuple[tuple[str, int, int], ...]:
    """The capitalised names of a turn, each with the word before it; a few, of which every later turn asks again."""
    return tuple(_names_with_cues(entry))


def _names_with_cues(entry: Entry) -> Iterator[tuple[str, int, int]]:
    tokens = entry.tokens
    typed = {at for mention in entry.mentions if not mention.is_weak for at in range(mention.start, mention.end)}
    for at, token in enumerate(tokens):
        if token.is_capitalised and at and tokens[at - 1].is_capitalised:
            continue
        start = at + 1
        while start < len(tokens) and tokens[start].low in _DETERMINERS:
            start += 1
        end = start
        while end < min(start + _SPAN, len(tokens)):
            if not tokens[end].is_capitalised or end in typed or tokens[end].low == "i":
                break
            if entry.text[tokens[end - 1].end : tokens[end].start].strip(" '\"-&"):
                break  # a sentence or a clause ended in between
            end += 1
        if end > start and not (start > at + 1 and _goes_on(entry, end)):
            yield token.low, start, end


def _low_names_after(view: TurnView, entry: Entry, cues: frozenset[str]) -> Iterator[tuple[int, int]]:
    """New words where a name is expected, of somebody who writes without capitals: "how about in porto"."""
    tokens = entry.tokens
    if entry.role is not Role.CUSTOMER or not _writes_low(view):
        return
    typed = {at for mention in entry.mentions for at in range(mention.start, mention.end)}
    for at, token in enumerate(tokens[:-1]):
        if token.low not in cues or (token.low == "to" and (not at or tokens[at - 1].low not in _MOVES)):
            continue
        end = at + 1
        while end < min(at + 3, len(tokens)) and end not in typed and _may_name(view, entry, end):
            end += 1
        if end > at + 1 and (end == len(tokens) or end in typed or not _goes_on(entry, end)):
            yield at + 1, end


def _writes_low(view: TurnView) -> bool:
    """Whether the customer's words come without capitals, as from a recogniser that knows none."""
    said = (entry.text[1:] for entry in view.ledger.entries if entry.role is Role.CUSTOMER)
    return all(text == text.lower() for text in said)


def _may_name(view: TurnView, entry: Entry, at: int) -> bool:
    token, gap = entry.tokens[at], entry.text[entry.tokens[at - 1].end : entry.tokens[at].start]
    if gap != " " or len(token.low) < _LEAST or not token.raw.isalpha():
        return False
    word = stem(token.low)
    is_plain = token.low in PLAIN_WORDS or word in PLAIN_WORDS or token.low in _NEVER_NAMES or word.endswith("ing")
    return not is_plain and not any(f" {word} " in before.line for before in view.ledger.entries[: entry.position])


def _goes_on(entry: Entry, end: int) -> bool:
    """Whether a name only describes what follows it: "in the Crime section", but not "in the Soho area"."""
    if end >= len(entry.tokens) or entry.text[entry.tokens[end - 1].end : entry.tokens[end].start] != " ":
        return False
    low = entry.tokens[end].low
    return low not in _AREAS and stem(low) not in PLAIN_WORDS
