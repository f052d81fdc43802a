"""Values and tool calls in words that an agent can say.

A call of a known form comes out as a phrase ("one small pizza with olives"); whatever does not fit is named plainly
("delivery address 12 Long Hill Road").
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby

from judging.core.arguments import CURRENCIES, Argument, Shape
from judging.core.numbers import UNITS, read_number
from judging.core.text import stem, tokenize

_WORDS = {value: word for word, value in UNITS.items() if value <= 12}
_COUNTS = frozenset("quantity qty count number".split())
_THINGS = frozenset("item product dish article thing kind".split())
_LOOKS = frozenset("size color colour flavor flavour style".split())
_DAYS = frozenset("day date".split())
_PLACES = {"origin": "from", "from": "from", "destination": "to", "to": "to"}
_SIGNS = {"$": "dollars", "€": "euros", "£": "pounds"}
_PLAIN = re.compile(r"[A-Za-z][A-Za-z'’-]*(?: [A-Za-z][A-Za-z'’-]*){0,2}")
_ADJECTIVE = re.compile(r"[a-z][a-z-]+(?: [a-z-]+)?")
_MONTHS = "January February March April May June July August September October November December".split()
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)\b")
_MOST_COUNTED = 99


def spoken_name(path: str) -> str:
    """``items.0.deliveryDate`` -> "delivery date"."""
    named = [part for part in path.split(".") if not part.isdecimal()]
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", named[-1] if named else path).replace("_", " ").lower()


def plain_name(path: str) -> str:
    """The spoken name without a currency: ``fare_usd`` -> "fare"."""
    words = spoken_name(path).split()
    return " ".join(word for word in words if stem(word) not in CURRENCIES) or "amount"


def subject(argument: Argument) -> str:
    """How a reason begins: "quantity is", "the toppings include"."""
    name = plain_name(argument.path)
    if not argument.is_element:
        return f"{name} is"
    return f"the {name} include" if name.endswith("s") else f"the {name} list includes"


def count_word(number: float) -> str:
    """12 -> "twelve", 13 -> "13"."""
    return _WORDS.get(int(number), "") or str(int(number)) if number == int(number) else f"{number:g}"


def plural(noun: str, number: float) -> str:
    if number == 1 or noun.lower().endswith("s"):
        return noun
    if noun.endswith(("x", "z", "ch", "sh")):
        return f"{noun}es"
    return f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else f"{noun}s"


def money(number: float, currency: str) -> str:
    """ "289 dollars", "1 dollar", "12.50 euros"; only the number where the currency is not known."""
    digits = str(int(number)) if number == int(number) else f"{number:.2f}"
    return f"{digits} {currency[:-1] if number == 1 else currency}" if currency else digits


def currency_of(words: Iterable[str], text: str = "") -> str:
    """The currency that stems of words or a sign in a text name, "" for none."""
    named = (CURRENCIES[word] for word in words if word in CURRENCIES)
    return next(named, "") or next((name for sign, name in _SIGNS.items() if sign in text), "")


def spoken_value(argument: Argument) -> str:
    if argument.shape is Shape.DATE and argument.day is not None:
        return f"{_MONTHS[argument.day.month - 1]} {_ordinal(argument.day.day)}"
    if argument.shape is Shape.TIME:
        hour, minute = divmod(argument.minutes, 60)
        return f"{(hour - 1) % 12 + 1}{f':{minute:02}' if minute else ''} {'am' if hour < 12 else 'pm'}"
    if argument.shape is Shape.NUMBER and argument.is_money:
        return money(argument.number, currency_of(argument.words, argument.value))
    return argument.value.replace("_", " ")


def _ordinal(day: int) -> str:
    ending = "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def number_in(text: str) -> float | None:
    """The number that a said value begins with, None for none."""
    tokens = tokenize(text)
    read = read_number(tokens, 0) if tokens else None
    return read[0] if read else None


def counted(argument: Argument, number: float, arguments: Sequence[Argument]) -> str:
    """A count with what it counts, as far as the call says it: "one pizza", "four tickets", "four"."""
    noun = counted_noun(argument, number, arguments)
    return f"{count_word(number)} {noun}".strip()


def counted_noun(argument: Argument, number: float, arguments: Sequence[Argument]) -> str:
    """What a number counts: "pizza" of item and quantity, "tickets", "rooms" of ``number_of_rooms``; else ""."""
    own = spoken_name(argument.path).removeprefix("number of ")
    if set(argument.words) <= _COUNTS:
        thing = thing_of([other for other in arguments if _parent(other) == _parent(argument)])
        return plural(thing.value, number) if thing is not None else ""
    if " " in own or stem(own) == own:
        return ""
    return stem(own) if number == 1 else own


def said(raw: str) -> str:
    """A value as it was heard, within a sentence: "Two" -> "two", "11th" -> "the 11th"."""
    if _ORDINAL.match(raw):
        return f"the {raw}"
    first = raw.split(" ")[0]
    return f"{first.lower()}{raw[len(first) :]}" if first.lower() in UNITS else raw


def thing_of(group: Iterable[Argument]) -> Argument | None:
    """The one thing that a part of a call is about."""
    things = [argument for argument in group if _is_thing(argument)]
    return things[0] if len(things) == 1 and _PLAIN.fullmatch(things[0].value) else None


def _is_thing(argument: Argument) -> bool:
    is_named = argument.words == ("name",) and any(part.isdecimal() for part in argument.path.split("."))
    return argument.shape is Shape.TEXT and not argument.is_element and (set(argument.words) <= _THINGS or is_named)


def call_parts(
    arguments: Sequence[Argument], heard: Mapping[str, str] | None = None, left_out: Collection[str] = ()
) -> list[str]:
    """The parts of a call in order, to be joined by commas.

    ``heard`` has the values to say in place of those at some paths; what is at the paths ``left_out`` is not said.
    """
    spoken = [
        argument if not heard or argument.path not in heard else _with_value(argument, heard[argument.path])
        for argument in arguments
        if argument.shape not in (Shape.EMPTY, Shape.FLAG) and argument.path not in left_out
    ]
    parts: list[str] = []
    for _, group in groupby(spoken, key=_parent):
        parts.extend(_group_parts(list(group)))
    return parts


def _parent(argument: Argument) -> str:
    """The path of what an argument is a part of: "" for ``toppings.0``, ``items.0`` for ``items.0.toppings.1``."""
    parts = argument.path.split(".")
    while len(parts) > 1 and parts[-1].isdecimal():
        parts.pop()
    return ".".join(parts[:-1])


def _with_value(argument: Argument, value: str) -> Argument:
    number = number_in(value) if argument.shape is Shape.NUMBER else None
    if number is not None:
        return argument._replace(value=value, number=number)
    return argument._replace(value=value, shape=Shape.TEXT)


def _group_parts(group: list[Argument]) -> list[str]:
    thing = thing_of(group)
    if thing is None:
        return _joined([_named(argument) for argument in _merged(group)])
    count = next((argument for argument in group if _is_count(argument)), None)
    looks = [argument for argument in group if _is_look(argument)]
    extras = [argument for argument in group if argument.is_element and not argument.is_excluded]
    number = count.number if count is not None else 1.0
    words = [count_word(number)] if count is not None else []
    phrase = " ".join([*words, *(look.value for look in looks), plural(thing.value, number)])
    if extras:
        phrase += f" with {and_list([spoken_value(extra) for extra in extras])}"
    rest = [other for other in group if other not in (thing, count, *looks, *extras)]
    return [phrase, *_joined([_named(argument) for argument in _merged(rest)])]


def _is_count(argument: Argument) -> bool:
    number = argument.number
    is_whole = argument.shape is Shape.NUMBER and number == int(number) and 0 < number <= _MOST_COUNTED
    return is_whole and bool(argument.words) and set(argument.words) <= _COUNTS


def _is_look(argument: Argument) -> bool:
    is_text = argument.shape is Shape.TEXT and not argument.is_element and not argument.is_excluded
    return is_text and set(argument.words) <= _LOOKS and _ADJECTIVE.fullmatch(argument.value) is not None


def _merged(group: list[Argument]) -> list[Argument]:
    """The group with each list as one argument, its values joined."""
    found: list[Argument] = []
    for _, same in groupby(group, key=lambda argument: (argument.name, argument.is_element or argument.path)):
        first, *others = same
        values = [spoken_value(argument) for argument in (first, *others)]
        joined = and_list(values, "or" if first.is_excluded else "and")
        found.append(first._replace(value=joined, shape=Shape.TEXT) if others else first)
    return found


def _named(argument: Argument) -> tuple[str, bool]:
    """One argument in words, and whether it goes on from the one before without a comma ("from ... to ...")."""
    name, value = spoken_name(argument.path), spoken_value(argument)
    if argument.is_excluded:
        return f"no {value}", False
    if set(argument.words) <= _THINGS and argument.shape is Shape.TEXT:
        return value, False  # "items burger" is no English
    if name in _PLACES:
        return f"{_PLACES[name]} {value}", True
    if name in _DAYS and (argument.shape is Shape.DATE or value[:1].isupper()):
        return f"on {value}", True
    if name == "time" and argument.shape is Shape.TIME:
        return f"at {value}", True
    if argument.shape is Shape.NUMBER and argument.is_money:
        own = plain_name(argument.path)
        return (value if own in ("amount", "total") else f"{own} {value}"), False
    noun = counted_noun(argument, argument.number, ()) if argument.shape is Shape.NUMBER else ""
    if noun:
        return f"{count_word(argument.number)} {noun}", False
    return f"{name} {value}", False


def _joined(named: list[tuple[str, bool]]) -> list[str]:
    parts: list[str] = []
    goes_on = False
    for words, is_tail in named:
        if is_tail and goes_on:
            parts[-1] += f" {words}"
        else:
            parts.append(words)
        goes_on = is_tail
    return parts


def and_list(values: Sequence[str], word: str = "and") -> str:
    return f" {word} ".join([", ".join(values[:-1]), values[-1]]) if len(values) > 1 else "".join(values)
