"""Personal data masked in what leaves the call page: reports, webhooks, pull requests.

Masked are phone numbers, mail addresses, payment cards, IBANs, long numbers (also spoken digit by digit) and names that
were given as such. One ``Redactor`` serves one call, so the same number is the same ``[phone-1]`` in every text of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

import phonenumbers
from stdnum import iban, luhn

from judging.core.types import Json, Role, Turn

KINDS = ("phone", "email", "card", "iban", "number", "name")

_LABEL = re.compile(r"\[(?:" + "|".join(KINDS) + r")-\d+\]")
_MAIL = re.compile(r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}")
_SPOKEN_MAIL = re.compile(
    r"\b\w+(?:\s+(?:dot|underscore|dash|hyphen)\s+\w+){0,6}\s+at\s+\w+(?:\s+dot\s+(?!at\b)\w+){1,6}\b", re.IGNORECASE
)
_IBAN = re.compile(r"\b[A-Za-z]{2}\d{2}(?:[ \-]?[A-Za-z0-9]{1,4}){3,8}\b")
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?)?\b|\b\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b")
_AMOUNT = re.compile(r"(?<![\d.\-])\d+\.\d{2}(?![\d.\-])")
_DIGIT_RUN = re.compile(r"(?<![\w\[])\+?\(?\d(?:[ \-.()]{0,2}\d){6,}(?!\w)")
_PHONE_SHAPE = re.compile(r"(?:\+?1[\-. ]?)?(?:\(?\d{3}\)?[\-. ]?)?\d{3}[\-. ]\d{4}")

_DIGIT_WORDS = {
    word: str(digit)
    for digit, words in enumerate(
        ("zero oh nought", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    )
    for word in words.split()
}
_TIMES = {"double": 2, "triple": 3}
_SPOKEN_TOKEN = r"(?:(?:double|triple)\s+)?(?:" + "|".join(_DIGIT_WORDS) + r"|\d+)"
_SPOKEN_RUN = re.compile(rf"\b{_SPOKEN_TOKEN}(?:[\s,.\-]+{_SPOKEN_TOKEN})+\b", re.IGNORECASE)
_SHORTEST_SPOKEN = 7  # fewer digits in a row are quantities, times and sizes

_NAME_WORD = r"[^\W\d_](?:[^\W\d_]|['’\-](?=[^\W\d_]))*"
_NAME_GIVEN = re.compile(
    rf"\b(?:name(?:'s|’s| is| was)|name on (?:it|the \w+) is|under the name(?: of)?|i(?:'m| am) called)\s+"
    rf"((?:{_NAME_WORD}[ ]?){{1,4}})",
    re.IGNORECASE,
)
_NAME_SPEAKING = re.compile(rf"\bthis is\s+((?:{_NAME_WORD}[ ]){{1,3}})(?:speaking|calling|here)\b", re.IGNORECASE)
_NAME_ASKED = re.compile(r"\byour (?:full |first |last )?name\b[^.!]*\?|\bwho am i speaking\b", re.IGNORECASE)
_NAME_ANSWER = re.compile(
    rf"\s*(?:(?:yes|sure|yeah|uh|um|it's|it is|i'm|i am)[, ]+)*((?:{_NAME_WORD}[ ]?){{1,3}})[.!]?\s*$", re.IGNORECASE
)
# What may follow "my name is ..." and is no name.
_NO_NAME_WORDS = """
a about actually after again all also am an and any are as at back be because but by call calling can cannot card
correct could did different do does email for from get go going good got have hello hey hi how i i'd i'll i'm i've
iban if in is it it's its just like me mine my name need never no not number of ok okay on one or order ours phone
please put right same so sorry speaking spelled sure that that's the then there they this to too two uh um under want
was we we're well what what's when where which who why will with would wrong yeah yes you your
"""
_NOT_NAMES = frozenset(_NO_NAME_WORDS.split())
_PERSON_KEYS = re.compile(
    r"(?:^|_)(?:customer|caller|passenger|guest|contact|recipient|cardholder|holder|account_holder|full|first|last|sur)"
    r"_?(?:name)?$|^cardholder_name$",
    re.IGNORECASE,
)
_PARTED_NAME = ("first_name", "last_name")
_CONTACT_KEYS = re.compile(r"phone|mobile|e_?mail", re.IGNORECASE)


class Redactor:
    """Masks the texts of one call. ``learn`` first: then a name is masked also where it stood before it was given."""

    def __init__(self, *, numbers: Iterable[str] = ()) -> None:
        """``numbers`` are the two ends of the call: masked wherever they appear, and they say which country it is."""
        self._labels: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}
        self._names: dict[str, str] = {}
        self._name_pattern: re.Pattern[str] | None = None
        self._region = "US"
        for number in numbers:
            self._region = _region(number) or self._region

    def learn(self, turns: Iterable[Turn]) -> None:
        """Remember every name a caller gave as a name, in words or as a tool argument that holds a person's name."""
        is_asked = False
        for turn in turns:
            if turn.role is Role.CUSTOMER:
                for name in _names_given(turn.text, is_asked=is_asked):
                    self._remember(name)
            elif turn.role is Role.AGENT:
                is_asked = bool(_NAME_ASKED.search(turn.text))
            for call in turn.tool_calls:
                for name in _names_in(call.arguments):
                    self._remember(name)

    def mask(self, text: str) -> str:
        """Return the text with personal data replaced by labels. Masking twice equals masking once."""
        for step in (self._mask_mail, self._mask_iban, self._mask_digits, self._mask_spoken, self._mask_names):
            text = _outside(_LABEL, text, step)
        return text

    def mask_json(self, value: Json) -> Json:
        """Return the JSON value with every string in it masked (keys stay)."""
        if isinstance(value, str):
            return self.mask(value)
        if isinstance(value, Mapping):
            return {key: self.mask_json(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.mask_json(item) for item in value]
        if isinstance(value, int) and not isinstance(value, bool) and len(str(abs(value))) >= _SHORTEST_SPOKEN:
            return self.mask(str(value))
        return value

    def _label(self, kind: str, canonical: str) -> str:
        key = (kind, canonical)
        if key not in self._labels:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._labels[key] = f"[{kind}-{self._counts[kind]}]"
        return self._labels[key]

    def _mask_mail(self, text: str) -> str:
        text = _MAIL.sub(lambda m: self._label("email", m[0].lower()), text)
        return _SPOKEN_MAIL.sub(lambda m: self._label("email", _spoken_mail(m[0])), text)

    def _mask_iban(self, text: str) -> str:
        return _IBAN.sub(self._iban_or_same, text)

    def _iban_or_same(self, match: re.Match[str]) -> str:
        # The pattern may have run into the next words: the longest valid beginning is the account.
        for end in range(len(match[0]), 14, -1):
            begin = match[0][:end]
            if iban.is_valid(begin) and not match[0][end : end + 1].isalnum():
                return self._label("iban", iban.compact(begin)) + match[0][end:]
        return match[0]

    def _mask_digits(self, text: str) -> str:
        def dates_out(part: str) -> str:
            return _outside(_AMOUNT, part, lambda rest: _DIGIT_RUN.sub(self._digits_or_same, rest))

        return _outside(_DATE, text, dates_out)

    def _digits_or_same(self, match: re.Match[str]) -> str:
        text = match[0]
        digits = re.sub(r"\D", "", text)
        is_phone_shaped = text.startswith("+") or _PHONE_SHAPE.fullmatch(text) is not None
        if is_phone_shaped or digits == text or len(digits) >= 13 or self._phone(text):
            return self._number_label(digits, text, is_phone=is_phone_shaped)
        return text

    def _number_label(self, digits: str, text: str, *, is_phone: bool) -> str:
        if 13 <= len(digits) <= 19 and luhn.is_valid(digits) and not text.startswith("+"):
            return self._label("card", digits)
        phone = self._phone(text)
        if phone or is_phone:
            return self._label("phone", phone or digits)
        return self._label("number", digits)

    def _phone(self, text: str) -> str:
        """Return the number as E.164, "" when the text is no valid phone number here or abroad."""
        try:
            number = phonenumbers.parse(text, self._region)
        except phonenumbers.NumberParseException:
            return ""
        if not phonenumbers.is_valid_number(number):
            return ""
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def _mask_spoken(self, text: str) -> str:
        return _SPOKEN_RUN.sub(self._spoken_or_same, text)

    def _spoken_or_same(self, match: re.Match[str]) -> str:
        words = match[0].lower()
        digits = _spoken_digits(words)
        if len(digits) < _SHORTEST_SPOKEN or not any(word in words for word in _DIGIT_WORDS):
            return match[0]
        return self._number_label(digits, digits, is_phone=False)

    def _mask_names(self, text: str) -> str:
        if self._name_pattern is None:
            return text
        # Case-insensitive matching knows a few letters that lower() does not bring together: masked all the same.
        return self._name_pattern.sub(
            lambda m: self._names.get(" ".join(re.split(r"[\s_]+", m[0].lower())), "[name-0]"), text
        )

    def _remember(self, name: str) -> None:
        words = name.lower().split()
        if not words:
            return
        known = next((self._names[word] for word in words if word in self._names), None)
        label = known or self._label("name", " ".join(words))
        for part in (" ".join(words), *words):
            if len(part) > 1 and part not in _NOT_NAMES:
                self._names.setdefault(part, label)
        longest_first = sorted(self._names, key=len, reverse=True)
        parts = "|".join(re.escape(part).replace(r"\ ", r"[\s_]+") for part in longest_first)
        self._name_pattern = re.compile(rf"(?<![^\W_])(?:{parts})(?![^\W_])", re.IGNORECASE) if parts else None


def _outside(kept: re.Pattern[str], text: str, change: Callable[[str], str]) -> str:
    """Apply ``change`` to what lies between the matches of ``kept``, which stay as they are."""
    parts: list[str] = []
    at = 0
    for match in kept.finditer(text):
        parts += [change(text[at : match.start()]), match[0]]
        at = match.end()
    return "".join([*parts, change(text[at:])])


def _region(number: str) -> str:
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number, None)) or ""
    except phonenumbers.NumberParseException:
        return ""


def _spoken_mail(text: str) -> str:
    text = re.sub(r"\s+dot\s+", ".", text.lower())
    text = re.sub(r"\s+at\s+", "@", text)
    return re.sub(r"\s+(?:dash|hyphen)\s+", "-", re.sub(r"\s+underscore\s+", "_", text))


def _spoken_digits(words: str) -> str:
    digits, times = "", 1
    for word in re.findall(r"[a-z]+|\d+", words):
        if word in _TIMES:
            times = _TIMES[word]
            continue
        digits += _DIGIT_WORDS.get(word, word) * times
        times = 1
    return digits


def _names_given(text: str, *, is_asked: bool) -> list[str]:
    found = [match[1] for pattern in (_NAME_GIVEN, _NAME_SPEAKING) for match in pattern.finditer(text)]
    if is_asked and not found:
        answer = _NAME_ANSWER.match(text)
        found = [answer[1]] if answer else []
    return [name for name in map(_name_only, found) if name]


def _name_only(words: str) -> str:
    """Cut what follows a name: the first word no name has, or the first lower-case word after a capitalised one."""
    kept: list[str] = []
    for word in words.split():
        if word.lower() in _NOT_NAMES or (kept and kept[0][0].isupper() and not word[0].isupper()):
            break
        kept.append(word)
    is_cased = bool(kept) and kept[0][0].isupper()
    return " ".join(kept if is_cased else kept[:2])


def _names_in(arguments: Json) -> list[str]:
    if isinstance(arguments, (list, tuple)):
        return [name for item in arguments for name in _names_in(item)]
    if not isinstance(arguments, Mapping):
        return []
    # Written apart, first and last name are still one person's.
    parts = [arguments.get(key) for key in _PARTED_NAME]
    found: list[str] = []
    if all(isinstance(part, str) and part.strip() for part in parts):
        found.append(" ".join(str(part) for part in parts))
    is_person = any(_CONTACT_KEYS.search(key) for key in arguments)
    for key, value in arguments.items():
        if isinstance(value, str) and (_PERSON_KEYS.search(key) or (is_person and key.lower() == "name")):
            found.append(_name_only(value))
        else:
            found += _names_in(value)
    return found
