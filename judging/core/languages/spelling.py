"""How words of another language become those that the checks look for."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from judging.core.text import Token


def without_accents(word: str) -> str:
    """ "jamón" -> "jamon"; letters of other scripts keep their marks."""
    if word.isascii():
        return word
    parts = unicodedata.normalize("NFD", word)
    return unicodedata.normalize("NFC", "".join(char for char in parts if not 0x0300 <= ord(char) < 0x0370))


def folder(gloss: Mapping[str, str], bare: Callable[[str], str]) -> Callable[[str], str]:
    """Return the function that gives a word its English counterpart, or its bare form where it has none."""

    @lru_cache(maxsize=16384)
    def fold(low: str) -> str:
        known = gloss.get(low)
        return bare(low) if known is None else known

    return fold


def gloss_of(table: str) -> dict[str, str]:
    """Read "english: word word; english: word" into a table from word to English."""
    found = {}
    for line in table.split(";"):
        english, _, words = line.partition(":")
        found.update(dict.fromkeys(words.split(), english.strip()))
    return found


def folded(tokens: Sequence[Token], fold: Callable[[str], str]) -> tuple[Token, ...]:
    return tuple(Token(token.raw, fold(token.low), token.start, token.end) for token in tokens)


def either(words: Iterable[str]) -> str:
    """A pattern for any of some words or phrases, the longest first."""
    return "|".join(sorted(words, key=len, reverse=True))
