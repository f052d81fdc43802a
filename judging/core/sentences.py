"""Sentence ends in streamed text. The result depends on the text only, never on how it was cut into deltas."""

from __future__ import annotations

import re

_END = re.compile(r"[.!?…]+[\"')\]”’]*(?=\s)|\n")
_ABBREVIATIONS = frozenset(
    (
        "mr mrs ms dr prof st ave rd blvd vs etc no jr sr inc ltd co corp dept est approx e.g i.e a.m p.m "
        "u.s u.k jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun min max tel "
        "ext fig vol"
    ).split()
)
# Abbreviations that end a sentence when a capital follows ("at 5 p.m. We ..."); after the others a name may follow.
_MAY_END = frozenset({"a.m", "p.m", "etc", "inc", "ltd", "co", "corp", "u.s", "u.k"})
_WORD_BEFORE = re.compile(r"[\w.]+$")


class SentenceSplitter:
    """Feed deltas, get finished sentences.

    A sentence is only finished when the character after its end is known, so "3." waits for "3.50" and "p.m." for the
    next word. ``flush`` hands out the rest at the end of the turn.
    """

    def __init__(self) -> None:
        self._text = ""
        self._given = 0

    @property
    def text(self) -> str:
        """Everything fed so far."""
        return self._text

    @property
    def finished(self) -> str:
        """Everything up to the last finished sentence end."""
        return self._text[: self._given]

    def feed(self, delta: str) -> list[str]:
        """Take the next piece of text; return the sentences that it finished, in order."""
        self._text += delta
        sentences = []
        while (end := self._next_end()) is not None:
            sentences.append(self._text[self._given : end].strip())
            self._given = end
        return [sentence for sentence in sentences if sentence]

    def flush(self) -> str:
        """Return what is left after the last sentence end, "" when nothing is."""
        rest = self._text[self._given :].strip()
        self._given = len(self._text)
        return rest

    def _next_end(self) -> int | None:
        for found in _END.finditer(self._text, self._given):
            if found.group() == "\n":
                return found.end()
            following = self._following(found.end())
            if following is None:
                return None
            if not self._is_inside(found.start(), following):
                return found.end()
        return None

    def _following(self, end: int) -> str | None:
        """The first character after the gap; None while it has not come."""
        return next((char for char in self._text[end:] if not char.isspace() or char == "\n"), None)

    def _is_inside(self, dot: int, following: str) -> bool:
        """Whether a dot belongs to an abbreviation, an initial or a list number."""
        if self._text[dot] != "." or following == "\n":
            return False
        before = _WORD_BEFORE.search(self._text[self._given : dot])
        word = before.group().lower() if before else ""
        if word == "no":
            return following.isdecimal()
        if word in _MAY_END:
            return not following.isupper()
        if word in _ABBREVIATIONS:
            return True
        return len(word) == 1 and word.isalpha() and word != "i"
