"""Whether the caller agreed to exactly this tool call: every argument was read back, and a plain yes followed.

Stricter than the check of a read-back policy: this answer lets a call through that nobody could judge, so whatever is
not certain is no confirmation. The conversation must hold what the caller *heard* of each agent turn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from judging.core.arguments import Argument, Shape, arguments_of, name_words
from judging.core.conversation import Conversation
from judging.core.grounding import aliases_of, is_akin, matches
from judging.core.ledger import Entry, compact, read_entry
from judging.core.mentions import Kind, Mention
from judging.core.text import STOP_WORDS, phrase_line, stem, tokenize
from judging.core.types import Role, ToolCall, Turn
from judging.core.wording import thing_of

# A yes with one of these in it is not (yet) a yes; every other word that the agent did not say is refused anyway.
_TAKES_BACK = re.compile(
    r"\b(?:but|wait|actually|however|though|although|except|instead|rather|unless|until|if|hold|hang|stop|almost|"
    r"sorry|maybe|perhaps|never|not|\w+n['’]t)\b",
    re.I,
)
# What may stand around a yes and says nothing of its own; the last lines are courtesies of other languages.
_COURTESY = frozenset(
    stem(word)
    for word in (
        "yes yeah yep yup yea ya sure correct right exactly absolutely definitely certainly indeed ok okay "
        "perfect great fine alright all go ahead sound look work good nice lovely cool awesome wonderful "
        "excellent confirm confirmed agree agreed everything done that that's thats what's is are so very "
        "much well and um uh ah er now then too thank thanks you appreciate happy with like want need i'd "
        "i'll let's let me do it them please kindly sir madam book order place send submit proceed charge pay "
        "cancel transfer got have hear heard of course totally por favor gracias claro perfecto vale danke "
        "bitte gerne genau merci plait vous oui bien sûr d'accord sim obrigado obrigada certo haan ji theek "
        "hai dhanyavaad sí si ja"
    ).split()
)
# A question for something more, or for a choice: its yes says nothing about what was read back before it.
_ASKS_MORE = re.compile(
    r"^\W*(?:(?:and|so|ok|okay|now|then)\W+)*(?:what|which|when|where|who|how|are you|have you|is there)\b|"
    r"\b(?:(?:any|some)thing (?:else|more)|would you (?:also )?(?:like|care|want|prefer)\b(?!\s+(?:me|us) to\b)|"
    r"(?:do|did) you (?:also )?(?:want|need|have|prefer|know)\b(?!\s+(?:me|us) to\b)|(?:can|could|may) i (?:also )?"
    r"(?:get|have|interest|offer|add|ask|take)|(?:can|could) you (?:tell|give|spell|provide|share)|"
    r"(?:how|what) about|or)\b",
    re.I,
)
_MAY_ACT = re.compile(
    r"\b(?:shall|should|may|can|could) (?:i|we)\b|\b(?:would|do) you (?:like|want) (?:me|us) to\b|"
    r"\b(?:go ahead|proceed)\b",
    re.I,
)
# Behind one of these the agent has put itself right: what it said before no longer counts.
_REPAIR = re.compile(r"\b(?:sorry|i mean|i meant|correction|scratch that|no wait|rather)\b[\s,.:;-]*", re.I)
_ASKING = frozenset("shall should may can could would place through proceed confirm details information".split())
_QUESTION = re.compile(r"[^?]*\?+|[^?]+$")
_SENTENCE = re.compile(r"[^.!?]*[.!?]+|[^.!?]+$")
_IDS = frozenset(stem(word) for word in "id ids uuid guid token key sku ref handle".split())
_COUNTS = frozenset("quantity qty count number".split())
_TRUE = frozenset("true yes".split())
_NUMERIC = frozenset({Kind.NUMBER, Kind.MONEY})
# Between a count and what it counts: "two large thin-crust pizzas".
_COUNT_REACH = 5
_MOST_WORDS = 12  # of a free text that count as having been read back


class _Exchange(NamedTuple):
    """What the agent said since the caller's last words, and the caller's answer (None: not answered yet)."""

    said: Entry | None
    answer: Entry | None


def is_confirmed(conversation: Conversation, call: ToolCall) -> bool:
    """Whether the newest words of the call are a read-back of these very arguments and a plain yes to it.

    The arguments may be read back over several exchanges, each answered with a yes, as long as nothing else was said
    in between that could change them. A yes is used up by the next call of the same tool. Where nothing needs to be
    read back, the question must name what the tool does.
    """
    arguments = arguments_of(call)
    entries = _since_last_call(conversation, call.name)
    needed = {one.path for one in arguments if _is_read_back_needed(one, entries)}
    is_by_name = not needed
    for said, answer in _newest_first(entries, conversation.ledger.today):
        if answer is None:
            if said is not None and _asks(said, arguments):
                return False  # asked again, not answered
        elif said is not None and _asks(said, arguments) and _is_plain_yes(answer, said):
            needed -= {one.path for one in arguments if _names(one, arguments, said)}
            if not needed and (not is_by_name or _names_tool(said, call)):
                return True
        elif not _is_harmless(answer):
            return False
    return False


def _since_last_call(conversation: Conversation, tool: str) -> Sequence[Entry]:
    made = max((index for index, call in conversation.made_calls if call.name == tool), default=-1)
    return [entry for entry in conversation.ledger.entries if entry.turn_index is None or entry.turn_index > made]


def _newest_first(entries: Sequence[Entry], today: date | None) -> Iterator[_Exchange]:
    said: list[str] = []
    answer: Entry | None = None
    for entry in reversed(entries):
        if entry.role is Role.CUSTOMER:
            yield _Exchange(_joined(said, today), answer)
            said, answer = [], entry
        elif entry.role is Role.AGENT:
            said.insert(0, entry.text)
    yield _Exchange(_joined(said, today), answer)


def _joined(said: Sequence[str], today: date | None) -> Entry | None:
    """The agent's turns in a row as one: what it asked last, from where it last put itself right."""
    text = _last_asked(_REPAIR.split(" ".join(said))[-1].strip())
    return read_entry(Turn(0, Role.AGENT, text), today, 0) if text else None


# --- the yes ---------------------------------------------------------------------------------------------------------


def _is_plain_yes(answer: Entry, said: Entry) -> bool:
    """A yes that brings nothing of its own: no change, no question, no value and no word that was not read back."""
    if not answer.is_yes or "?" in answer.text or _TAKES_BACK.search(answer.text):
        return False
    if any(not _is_heard(mention, said.mentions) for mention in answer.mentions if not mention.is_weak):
        return False
    known = set(said.line.split())
    return all(word in known or _says_nothing(word) for word in answer.line.split())


def _says_nothing(word: str) -> bool:
    return word in _COURTESY or word in STOP_WORDS


def _is_heard(mention: Mention, heard: Sequence[Mention]) -> bool:
    return any(other.kind is mention.kind and other.same_value(mention) for other in heard)


def _is_harmless(answer: Entry) -> bool:
    """Whether the caller's words change nothing: small talk between a yes and the call."""
    if answer.is_no or answer.is_correction or "?" in answer.text or _TAKES_BACK.search(answer.text):
        return False
    return all(map(_says_nothing, answer.line.split()))


# --- the question ----------------------------------------------------------------------------------------------------


def _asks(said: Entry, arguments: Sequence[Argument]) -> bool:
    """Whether the agent's last question is about the call; without a question mark it must say that it asks."""
    sentences = [found.group().strip() for found in _SENTENCE.finditer(said.text)]
    asked = next((sentence for sentence in reversed(sentences) if sentence.endswith("?")), "")
    last = asked or next((sentence for sentence in reversed(sentences) if sentence), "")
    line = phrase_line(last)
    named = [one for one in arguments if any(f" {word} " in line for word in one.content)]
    if _ASKS_MORE.search(last):
        # "Would you like one large pizza to 12 Hill Road?" is a read-back; "... a drink with your pizza?" is not.
        return bool(asked) and len(named) == len(arguments) > 1
    return said.asks_to_confirm or _MAY_ACT.search(last) is not None or bool(asked and named)


def _last_asked(text: str) -> str:
    """What the last question is about: all since the question before it, or since that one where it asks no more
    than whether that is right ("... Is that right? Shall I go ahead?")."""
    parts = [found.group() for found in _QUESTION.finditer(text)]
    if len(parts) < 2:
        return text
    if not parts[-1].rstrip().endswith("?"):
        parts[-2:] = ["".join(parts[-2:])]  # what follows the last question belongs to it
    while len(parts) > 1 and _is_bare(parts[-1]):
        parts[-2:] = ["".join(parts[-2:])]
    return parts[-1].strip()


def _is_bare(question: str) -> bool:
    words = phrase_line(question).split()
    return bool(words) and all(_says_nothing(word) or word in _ASKING for word in words)


# --- the values ------------------------------------------------------------------------------------------------------


def _is_read_back_needed(argument: Argument, entries: Sequence[Entry]) -> bool:
    """A label sorts, an empty or false value says nothing, and an id that a tool gave means nothing to a caller."""
    if argument.shape is Shape.EMPTY or (argument.is_label and argument.shape is Shape.TEXT):
        return False
    if argument.shape is Shape.FLAG:
        return argument.value.lower() in _TRUE
    return _IDS.isdisjoint(argument.words) or not _is_from_tool(argument, entries)


def _is_from_tool(argument: Argument, entries: Sequence[Entry]) -> bool:
    wanted = argument.value.lower()
    return any(entry.role is Role.TOOL and wanted in entry.text.lower() for entry in entries)


def _names_tool(said: Entry, call: ToolCall) -> bool:
    return any(is_akin(word, own) for word in said.line.split() for own in name_words(call.name) if len(own) > 2)


def _names(argument: Argument, arguments: Sequence[Argument], said: Entry) -> bool:
    match argument.shape:
        case Shape.FLAG:
            return any(f" {word} " in said.line for word in argument.words)
        case Shape.DATE | Shape.TIME:
            return any(matches(argument, mention) for mention in said.mentions)
        case Shape.NUMBER:
            return _names_number(argument, arguments, said)
        case Shape.SENTENCE:
            stems = argument.content
            return 2 * sum(f" {word} " in said.line for word in stems) >= min(len(stems), _MOST_WORDS)
    return _names_text(argument, said)


def _names_text(argument: Argument, said: Entry) -> bool:
    if all(f" {word} " in said.line for word in argument.content):
        return True
    aliases = aliases_of(argument.value)
    if any(token.low in aliases and (len(token.low) > 2 or token.raw.isupper()) for token in said.tokens):
        return True
    wanted = compact(tokenize(argument.value))
    return any(char.isdigit() for char in wanted) and len(wanted) > 2 and wanted in compact(said.tokens)


def _names_number(argument: Argument, arguments: Sequence[Argument], said: Entry) -> bool:
    thing = _counted_thing(argument, arguments)
    if thing is None:
        return any(matches(argument, mention) for mention in said.mentions)
    last = {stem(token.low): index for index, token in enumerate(said.tokens)}
    at = [last[word] for word in thing.content if word in last]
    return bool(at) and _count_before(said, min(at)) == argument.number


def _count_before(said: Entry, index: int) -> float:
    """The nearest number shortly before a word is what counts it; without one it is one."""
    near = [m for m in said.mentions if m.kind in _NUMERIC and index - _COUNT_REACH < m.end <= index]
    return near[-1].number if near else 1.0


def _counted_thing(argument: Argument, arguments: Sequence[Argument]) -> Argument | None:
    """What a quantity counts, where the call has both side by side."""
    if not argument.words or not set(argument.words) <= _COUNTS:
        return None
    parent = argument.path.rpartition(".")[0]
    return thing_of([other for other in arguments if other.path.rpartition(".")[0] == parent])
