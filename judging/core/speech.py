"""What an agent's sentence does: gives a price, an address, a number; asks for a date; says that something is done.

Each detector returns the words it rests on, "" when there are none. They know forms of speech, no trade or product.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from judging.core.calendar import parse_iso
from judging.core.ledger import Entry
from judging.core.mentions import Kind

Detector: TypeAlias = Callable[[Entry], str]

_PHONE = re.compile(
    r"(?<![\w$€£.,-])(?:\+?\d{1,3}[\s.-]?)?(?:\(\d{2,4}\)[\s.-]?)?\d{2,4}(?:[\s.-]\d{2,4}){1,4}(?![\w%])|\b\d{9,12}\b"
)
_EMAIL = re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.-]+\b|\b\w+ at \w+ dot (?:com|org|net)\b", re.I)
_STREET = re.compile(
    r"\b(?:\d+[A-Za-z]?(?:[-/]\d+)?|[A-Z]?\d+)\s+(?!(?:am|pm|in|at|on|for|tickets?|people|persons?)\b)"
    r"(?:(?:\w{1,3}\.|[\w'’&]+)\s+){0,5}?"
    r"(?:street|st|avenue|ave|road|rd|boulevard|blvd|drive|dr|lane|ln|court|ct|square|sq|(?<!takes )place|pl|parkway|"
    r"pkwy|highway|hwy|"
    r"way|terrace|row|alley|plaza|broadway|rue|route|circle|mall|expressway|wharf)\b",
    re.I,
)
_HOUSE = re.compile(
    r"(?:\b(?:at|on|is|to|for|address|located)|^|[.:]) (?P<number>\d{1,5}) "
    r"(?!(?:am|pm|minutes?|hours?|days?|miles?|stars?|percent)\b)(?:[\w'’]+ ){1,4}?"
    r"(?:street|st|avenue|ave|road|rd|boulevard|blvd|drive|lane|ln|parkway|pkwy|highway|hwy|way|terrace|alley|plaza)\b",
    re.I,
)
_STREET_WORD = re.compile(
    r"\b(?:address(?:es)? (?:is|was|are)|located (?:at|on) \d|(?:it'?s|it is|they'?re) (?:at|on) \d+)", re.I
)
_RATING = re.compile(
    r"\b(?:rat(?:ing|ings|ed)|reviews?|reviewed|scor(?:e|es|ed) (?:of|is)|(?:out of (?:10|100|5|five|ten))|"
    r"(?:\d|one|two|three|four|five)[ -]stars?)\b",
    re.I,
)
_COUNT = re.compile(
    r"\b(?i:(?:found|find|(?:i|we) (?:do )?(?:have|see|got)|(?:i|we)'ve got|there (?:are|were)|discovered|"
    r"located|returned|came up with)\s+"
    r"(?:you\s+|about\s+|over\s+|only\s+|just\s+|up\s+|like\s+|a total of\s+|around\s+)*"
    r"(?:\d{1,4}|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|one)\s+"
    r"(?!(?:am|pm|percent|degrees?|stars?|dollars?|stops?|for)\b))(?=[a-z])\w+|"
    r"(?i:\b(?:are|were) (?:\d{1,4}|two|three|four|five|six|seven|eight|nine|ten)\s+(?:\w+\s+){0,2}?"
    r"(?:options?|results?|matches|choices|others?|available|that)\b|^\W*\d{1,3} (?:\w+ )?(?:options?|"
    r"results?|matches|choices)\b|"
    r"\b(?:found|are|see|have)(?: you| about)? \d{1,3}[.,!]|"
    r"\b(?:there|here)(?:'s| is| are)(?: currently| only| about| just)* \d{1,3} (?!(?:am|pm|percent|stops?|stars?)\b)"
    r"(?:\w+ ){0,4}?(?:that|which|you|i think|available|match\w*|called|named|showing|in|at)\b|"
    r"\b(?:one|some|any|1) of (?:the |those )?\d{1,3}\b|\bamong the \d{1,3}\b|"
    r"\b(?:search|list)\w*(?: has)? (?:revealed|yielded|shows?|returned|turned up) \d{1,3}\b|"
    r"\b(?:pulled up|come up with|short ?listed|turned up|possess) \d{1,3}\b|"
    r"^\W*\d{1,3} (?:\w+ ){1,2}(?:are|is|match\w*|fit|meet|that|might|you)\b)"
)
_ASKS_DAY = re.compile(
    r"\b(?:what|which)\s+(?:\w+\s+){0,2}?(?:days?|dates?)\b|\bwhen\s+(?:\w+\s+){0,2}?(?:do|would|will|are|"
    r"should|did|is|you|were|can)\b|"
    r"\b(?:for|on|from|until|till|starting|and|,)\s+when\b|\bwhen\?|\b(?:the|your|a|departure|return|start|"
    r"end)\s+dates?\b[^.!?]*\?|"
    r"\bhow about the date\b|\bany (?:particular |specific )?(?:day|date)\b|\bwhen would you\b|"
    r"\b(?:preferred|pick ?up|drop ?off|return|travel|visit|check[ -]?(?:in|out)|start|end|appointment)(?: \w+)?"
    r" dates?\b[^.!]*(?:\?|\bplease\b)|^\W*(?:and |also |but )?(?:on )?wh?ich day\b|"
    r"\bdates? (?:in mind|works|you want|please)\b|\bdates?\s*\?",
    re.I,
)
_ASKS_PLACE = re.compile(
    r"\b(?:what|which)\s+(?:\w+\s+){0,2}?(?:city|cities|area|location|place|town|region|destination|part)\b|"
    r"\bwhere(?:abouts)?\s+(?:\w+\s+){0,2}?(?:do|would|will|are|should|to|from|is|you|can|shall|at|in)\b|"
    r"\bwhere\?|\bfrom where\b|"
    r"\b(?:any|a) (?:particular |specific |preferred )?(?:city|area|location|place)\b[^.!?]*\?|"
    r"\b(?:your|the) (?:destination|origin|location|city|departure city)\b[^.!?]*\?",
    re.I,
)
_DONE = re.compile(
    r"\b(?:i(?:'ve| have)(?: just| now| already| successfully)*\s+(?:\w+ly\s+)?"
    r"(?:booked|reserved|placed|ordered|cancel+ed|refunded|charged|paid|sent|scheduled|purchased|bought|"
    r"transferred|processed|"
    r"confirmed your|completed|submitted|updated|changed|added|removed|issued|made (?:the|your|a)|set up|"
    r"registered|rented)|"
    r"(?:is|are|was|were|has been|have been|been|it'?s|that'?s|'s)\s+(?:now |all |just |already |"
    r"successfully |also )*"
    r"(?:booked|reserved|placed|ordered|cancel+ed|refunded|charged|paid|sent|scheduled|purchased|"
    r"transferred|processed|"
    r"confirmed|complete|completed|submitted|successful|all set|done|made|set up|added|issued|bought|rented|"
    r"registered)|"
    r"(?:booking|reservation|order|payment|purchase|appointment|transfer|refund|request|transaction|ticket|tickets)"
    r"(?: \w+){0,3} (?:was|were|is|are|has been|have been|went|'s)\s+(?:\w+ly\s+)?"
    r"(?:successful|confirmed|complete|completed|booked|made|placed|through|done|processed|reserved|"
    r"scheduled|purchased)|"
    r"successfully\s+(?:\w+ed|made)|you(?:'re| are) all set|playing now|now playing|(?:has|have) (?:started|begun)|"
    r"(?:is|are|has been|have been)(?: now| already)? updated|"
    r"i(?:'ve| have)?(?: just| now| already| successfully| have)*\s+(?:booked|reserved|confirmed|placed|ordered|"
    r"scheduled|purchased|bought|cancel+ed|refunded|paid|sent|made|rented|added|put|started)\s+(?:it|that|this|them|the|your|you|"
    r"a|an)|i was able to (?:book|reserve|confirm|get|make|place|schedule|buy|purchase|cancel)|"
    r"(?:booking|reservation|order|payment|purchase|appointment|transfer|refund|request|transaction|tickets?|confirmation)"
    r"(?: all)? (?:confirmed|complete|completed|booked|made|placed|purchased|reserved|scheduled)"
    r"(?=\s*(?:[.!,]|$|for\b))|(?:was|is) a success)\b",
    re.I,
)
_NOT_DONE = re.compile(
    r"\b(?:not|n't|unable|couldn'?t|cannot|can'?t|fail\w*|unfortunately|sorry|if|once|when|after|shall|"
    r"should|would|will|want)\b|\?",
    re.I,
)
_SENTENCES = re.compile(r"[^.!?\n]+[.!?]*(?:\d[^.!?\n]*[.!?]*)*")
_TRADES = (
    r"(?:book|booking|reserve|reserving|reservations?|buy|buying|purchase|purchasing|order|ordering|rent|renting|rental|"
    r"schedule|scheduling|appointments?|tickets?|play|add|set up|sign up)\b"
)
# Words between asking whether something is wanted and what it is.
_BETWEEN = (
    r"(?:(?:like|want|wish|care|prefer|need|interested|in|me|us|to|for|go|ahead|and|also|help|you|make|making|place|placing|"
    r"get|getting|a|an|the|that|it|your|some|this|these|those|those|now|proceed|with|continue)\s+){0,7}?"
)
_OFFERS = re.compile(
    rf"\b(?:would|do|did|should|shall|may|can|could|will)\s+(?:you|i|we)\s+{_BETWEEN}{_TRADES}|"
    rf"\bare you (?:ready|interested|looking)\s+{_BETWEEN}{_TRADES}|"
    rf"(?:^|[.!?,]\s*)(?:so\s+)?(?:want|wanna|you want|you would like|would you like)\s+{_BETWEEN}{_TRADES}"
    r"(?![^.!?]*(?:\d|\bcorrect|\bright\b))[^.!]*\?|"
    rf"\bi (?:can|could)\s+{_BETWEEN}{_TRADES}[^.!?]*\bif you (?:wish|like|want)\b|"
    rf"\bif you (?:wish|like|want),?\s+(?:i|we) (?:can|could|will)\s+{_BETWEEN}{_TRADES}",
    re.I,
)
_TRADE_WORDS = re.compile(rf"\b{_TRADES}", re.I)


_WH_BEFORE = re.compile(r"\b(?:what|where|when|which|how|who|confirm)\b", re.I)


def _first(pattern: re.Pattern[str]) -> Detector:
    def find(entry: Entry) -> str:
        found = pattern.search(entry.text)
        return found.group().strip() if found else ""

    return find


def money(entry: Entry) -> str:
    return next((entry.raw(mention) for mention in entry.mentions if mention.kind is Kind.MONEY), "")


def phone(entry: Entry) -> str:
    for found in _PHONE.finditer(entry.text):
        is_date = parse_iso(found.group().strip()) is not None
        if sum(char.isdecimal() for char in found.group()) >= 7 and not is_date:
            return found.group().strip()
    return ""


def address(entry: Entry) -> str:
    found = _STREET.search(entry.text) or _STREET_WORD.search(entry.text)
    return found.group().strip() if found else ""


def house_number(entry: Entry) -> float:
    """The number that a street address begins with, 0 for none."""
    found = _HOUSE.search(f" {entry.text}")
    return float(found["number"]) if found else 0.0


def done(entry: Entry) -> str:
    """A sentence that says something was carried out; not one that asks, hopes or says it failed."""
    for sentence in _SENTENCES.findall(entry.text):
        found = _DONE.search(sentence)
        if found and not _NOT_DONE.search(sentence):
            return str(found.group()).strip()
    return ""


def _asks(pattern: re.Pattern[str]) -> Detector:
    def find(entry: Entry) -> str:
        for sentence in _SENTENCES.findall(entry.text):
            found = pattern.search(sentence)
            if found and ("?" in sentence or _TELL_ME.search(sentence)):
                return str(found.group()).strip()
        return ""

    return find


_TELL_ME = re.compile(r"\b(?:tell me|let me know|give me|specify|provide|need to know|i need)\b|\bplease\W*$", re.I)

email = _first(_EMAIL)
rating = _first(_RATING)
count = _first(_COUNT)


def offer(entry: Entry) -> str:
    """A sentence that offers to book, buy or order; not one that asks where or when."""
    for sentence in _SENTENCES.findall(entry.text):
        found = _OFFERS.search(sentence)
        if found and not _WH_BEFORE.search(sentence[: found.start()]):
            return str(found.group()).strip()
    return ""


def is_trade_asked_for(text: str) -> bool:
    """Whether a customer speaks of booking, buying and the like themselves."""
    return _TRADE_WORDS.search(text) is not None


asks_day = _asks(_ASKS_DAY)
asks_place = _asks(_ASKS_PLACE)
