"""Patterns of which a check only asks whether a text has them, upper and lower case aside.

``re`` compares letter by letter when it is to take no notice of case. A text of ASCII characters alone can be put into
lower case and searched as it stands instead, with the same outcome at a third of the cost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# What says nothing of case though it is written with capitals or a backslash: classes, names of groups.
_HARMLESS = re.compile(r"\\[^xuUN0-7]|\(\?P[<=]\w+[>)]")
# What may tell a capital from its small letter: capitals, ranges around them, letters that ``re`` takes for one of
# ASCII (the long s, the sign for kelvin, i with and without its dot), flags of a part.
_MINDS_CASE = re.compile(r"[A-Z\\ſ\u212aıİ]|[!-@]-[\[-~]|\(\?[a-zA-Z-]+[:)]")


class AnyCase:
    """A pattern that takes no notice of case."""

    __slots__ = ("_exact", "_lower")

    def __init__(self, pattern: str) -> None:
        self._exact = re.compile(pattern, re.I)
        minds_case = _MINDS_CASE.search(_HARMLESS.sub("!", pattern))
        self._lower = None if minds_case else re.compile(pattern)

    @property
    def pattern(self) -> str:
        return self._exact.pattern

    def is_in(self, text: str) -> bool:
        """Whether the pattern is found anywhere in a text."""
        if self._lower is not None and text.isascii():
            return self._lower.search(text.lower()) is not None
        return self._exact.search(text) is not None

    def opens(self, text: str) -> bool:
        """Whether a text begins with the pattern."""
        if self._lower is not None and text.isascii():
            return self._lower.match(text.lower()) is not None
        return self._exact.match(text) is not None

    def places_in(self, text: str) -> Iterator[re.Match[str]]:
        """Yield where the pattern is found. What a match has as its words may be in lower case: its places are not."""
        if self._lower is not None and text.isascii():
            return self._lower.finditer(text.lower())
        return self._exact.finditer(text)
