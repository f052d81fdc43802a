"""A name that the customer asked for in the latest words and the tool call has nowhere.

The latest words are the customer's last turn, unless it only confirms, what a customer changed at a read-back and the
agent took up, and a read-back that the customer said yes to. Where one argument was last said before them it is stale;
where none was, or which of several it is cannot be told, the name was left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from judging.core.arguments import Argument, Shape
from judging.core.checks.replaced import fit, is_missing, stale_arguments
from judging.core.exchanges import Change, is_offer
from judging.core.grounding import Place, is_mentioned
from judging.core.last_words import calls_of_last_words, is_first_tool, was_given_before
from judging.core.mentions import Kind
from judging.core.names import PLAIN_WORDS, Name, names_in, words_in
from judging.core.self_repairs import is_taken_back
from judging.core.types import Evidence, Finding, Role, Status
from judging.core.view import TurnView
from judging.core.wording import subject

_MOST_NAMES = 24  # no spoken turn asks for more
_REQUEST = re.compile(
    r"\b(?:find|search|look\w*|show|check|try|get|give|play|book|reserve|order|buy|how about|what about|other|another|"
    r"else|instead|rather|prefer\w*|like|love|want|need|change|switch)\b",
    re.I,
)
_EXCHANGE = 3  # turns from a read-back to the next one, with what a tool returned in between
_SAME_FRAME = 2  # the word before or after a value, or its name
_WORD_FIT = 2  # a word without a capital must at least stand in the value's frame


def find(view: TurnView) -> Iterator[Finding]:
    if not view.is_english:
        return  # other languages write other words with capitals
    oldest = _oldest(view)
    names = (*_asked_last(view), *_changed(view, oldest), *_confirmed(view, oldest))[:_MOST_NAMES]
    for index in calls_of_last_words(view):
        found = (_judged(view, index, name) for name in names if not was_given_before(view, name.text))
        finding = next((finding for finding in found if finding is not None), None)
        if finding is not None:
            yield finding


def _asked_last(view: TurnView) -> tuple[Name, ...]:
    """The names of the customer's last turn that it does not take back; none where it only agrees to a read-back."""
    said = view.ledger.last(Role.CUSTOMER)
    if said is None:
        return ()
    before = reversed(view.ledger.entries[: said.position])
    asked = next((entry for entry in before if entry.role is Role.AGENT), None)
    if said.is_yes and asked is not None and asked.asks_to_confirm:
        return ()
    return tuple(name for name in names_in(said) if not is_taken_back(said, name.start))


def _oldest(view: TurnView) -> int:
    """The position of the argument of words that was said longest ago; what is older stands against none."""
    texts = (argument for arguments in view.calls for argument in arguments if argument.shape is Shape.TEXT)
    return min((place.entry.position for argument in texts if (place := view.newest_place(argument))), default=-1)


def _changed(view: TurnView, oldest: int) -> Iterator[Name]:
    """What the customer changed at a read-back and the agent repeated, back to the last change of a name."""
    for change in view.changes:
        if not 0 <= oldest < change.repeated.position:
            return
        yield from _taken_up(change)
        is_typed = any(not mention.is_weak for mention in change.said.mentions) and not names_in(change.said)
        if not is_typed:
            return  # what was changed before may have been changed again here


def _confirmed(view: TurnView, oldest: int) -> tuple[Name, ...]:
    """The names of the last read-back, where the customer said yes to it; one with a price tells more than it asks."""
    said, asked = view.ledger.last(Role.CUSTOMER), view.ledger.last(Role.AGENT)
    if said is None or asked is None or not 0 <= oldest < asked.position < said.position:
        return ()
    if not (said.is_yes and asked.asks_to_confirm) or is_offer(asked) or _REQUEST.search(said.text):
        return ()
    return () if any(mention.kind is Kind.MONEY for mention in asked.mentions) else names_in(asked)


def _taken_up(change: Change) -> Iterator[Name]:
    """The names and words that are new in both the customer's change and the agent's next words."""
    before, said, repeated = change
    shared = set(said.line.split()).intersection(repeated.line.split())
    both = shared.difference(before.line.split(), PLAIN_WORDS)
    if not any(word.isalpha() for word in both):
        return
    for name in (*names_in(said), *names_in(repeated), *words_in(repeated, both)):
        if shared.issuperset(name.words) and not both.isdisjoint(name.words):
            yield name


def _judged(view: TurnView, index: int, name: Name) -> Finding | None:
    stale = stale_arguments(view, index, name)
    if not (stale or _is_whole_wish(view, index, name)) or not is_missing(view, index, name):
        return None
    fits = sorted(((fit(view, argument, name), at) for at, argument in enumerate(stale)), reverse=True)
    if not _is_certain(view, index, name, fits[0][0] if fits else 0, stale[fits[0][1]] if fits else None):
        return None
    if not fits or (len(fits) > 1 and fits[0][0] == fits[1][0]):
        return _left_out(
            name, index, is_first=is_first_tool(view)
        )  # nothing in its place, or which of them it stands against cannot be told
    return _stale(view, name, stale[fits[0][1]], index)


def _is_certain(view: TurnView, index: int, name: Name, best: int, against: Argument | None) -> bool:
    if not name.is_capitalised:
        return best >= _WORD_FIT and (_is_new(view, name) or _was_read_back(view, index, name))
    if not name.is_long and _has_words_of_its_own(view, index, None if best < _SAME_FRAME else against):
        return False
    if name.entry.role is Role.AGENT:
        return name.is_long or best >= _WORD_FIT
    return best > 0 or _is_request(view, name)


def _is_request(view: TurnView, name: Name) -> bool:
    """Whether a turn asks for something; an answer to a question may be meant for another tool."""
    entry = name.entry
    before = view.ledger.entries[entry.position - 1] if entry.position else None
    is_answer = before is not None and before.role is Role.AGENT and before.text.rstrip().endswith("?")
    return not is_answer or entry.is_correction or entry.is_no or _REQUEST.search(entry.text) is not None


def _is_whole_wish(view: TurnView, index: int, name: Name) -> bool:
    """Whether a name that stands against no argument is a wish by itself: asked for last, and no part of an address."""
    if not name.is_long or view.ledger.last(Role.CUSTOMER) is not name.entry:
        return False
    is_numbered = name.start > 0 and name.entry.tokens[name.start - 1].raw[0].isdecimal()
    is_free = any(argument.shape is Shape.SENTENCE for argument in view.calls[index])
    return not (is_numbered or is_free) and _is_request(view, name) and _is_new(view, name)


def _was_read_back(view: TurnView, index: int, name: Name) -> bool:
    """Whether what a repeated change stands against was in the agent's turn right before the change."""
    before = range(name.entry.position - _EXCHANGE, name.entry.position - 1)
    stale = stale_arguments(view, index, name)
    return any(view.places(one)[0].entry.position in before for one in stale)


def _is_new(view: TurnView, name: Name) -> bool:
    """Whether nobody had said all of a name before the exchange that it stands in."""
    start = name.entry.position - (name.entry.role is Role.AGENT)
    return not any(all(f" {word} " in entry.line for word in name.words) for entry in view.ledger.entries[:start])


def _has_words_of_its_own(view: TurnView, index: int, against: Argument | None) -> bool:
    """Whether the call has a word that the customer never said: then a name may be what the customer calls it.

    ``against``: the argument in whose frame the name stands, where there is one.
    """
    for argument in view.calls[index]:
        if argument.shape is not Shape.TEXT or (argument is against and not _is_option(view.places(argument)[0])):
            continue
        if argument.is_label and not any(place.entry.role is Role.CUSTOMER for place in view.places(argument)):
            return True
        if not is_mentioned(view.ledger, argument):
            return True
    return False


def _is_option(place: Place) -> bool:
    """Whether a value stands in a list to choose from: "a window or an aisle seat"."""
    near = place.entry.tokens[max(0, place.start - 2) : place.end + 2]
    return any(token.low == "or" for token in near)


def _stale(view: TurnView, name: Name, argument: Argument, index: int) -> Finding:
    value, old = argument.value, view.places(argument)[0].entry.turn_index
    return Finding(
        check="stale_argument",
        score=0.9,
        reason=f"{subject(argument)} {value!r}, but the latest words have {name.text!r}, which the call has nowhere",
        evidence=(Evidence(value, Status.SUPERSEDED, old, argument.path, name.text),),
        tool_call_index=index,
        correction=f"Just to confirm: {name.text}, not {value}?",
    )


def _left_out(name: Name, index: int, *, is_first: bool) -> Finding:
    return Finding(
        check="left_out",
        score=0.85,
        reason=f"the customer asked for {name.text!r}, which the call has nowhere",
        is_sure=is_first,
        evidence=(Evidence(name.text, Status.GROUNDED, name.entry.turn_index),),
        tool_call_index=index,
        correction=f"Just to confirm: {name.text}?",
    )
