"""Sentence ends in streamed text. The result depends on the text only, never on how it was cut into deltas.

Where it is unsure it waits for the next end: a sentence that is judged late costs a moment, half a sentence may say
what the whole does not.
"""

from __future__ import annotations

import re

_CLOSERS = "\"')\\]”’»*_"
_WIDE_CLOSERS = "」』）】》〉”’\"')"
# What ends a sentence only before a gap, and what ends it anywhere: the danda, and the stops of scripts without spaces.
_END = re.compile(rf"(?P<mark>[.!?…؟۔]++)[{_CLOSERS}]*+(?=\s)|(?P<wide>[。！？｡।॥]++)[{_WIDE_CLOSERS}]*+(?=.)|\n", re.S)
# After these a sentence never ends: titles, and what opens an explanation.
_GO_ON = frozenset(
    "mr mrs ms mx dr prof rev gen sen rep gov capt sgt lt col e.g i.e vs approx cf ca z.b d.h mme mlle sra srta "
    "dra".split()
)
# After these it may end: then the next word is one that opens sentences; else it is a name or goes on.
_MAY_END = frozenset(
    (
        "a.m p.m u.s u.k e.u u.n d.c ph.d etc inc ltd co corp bros jr sr st ave rd blvd apt ste fl dept est jan feb "
        "mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun min max tel ext fig vol "
        "pp al bzw usw str hr fr tel bzgl inkl zzgl ud uds av tfno sres"
    ).split()
)
_OPENERS = frozenset(
    (
        "i i'm i'll i've i'd we we're we'll we've you you're you'll you've your it it's its that that's this the there "
        "there's they they're he she my our their a an and but so or also then now if when once what which who where "
        "why how is are was were do does did can could would will should shall may have has please let let's thank "
        "thanks sorry great sure okay ok yes no not anything everything for in on at to with after before just"
    ).split()
)
_NUMBERED = frozenset({"no", "nos", "nr", "núm"})
_WORD_BEFORE = re.compile(r"[^\W_][\w.]*$")
_NEXT_WORD = re.compile(r"[\s\"'(\[“‘«*_-]*+([^\W_][\w'’]*+)")


class SentenceSplitter:
    """Feed deltas, get finished sentences.

    A sentence is only finished when what follows its end is known, so "3." waits for "3.50" and "p.m." for the next
    word. ``flush`` hands out the rest at the end of the turn.
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
            if found["mark"] is None:
                return found.end()
            goes_on = self._goes_on(found)
            if goes_on is None:
                return None
            if not goes_on:
                return found.end()
        return None

    def _goes_on(self, found: re.Match[str]) -> bool | None:
        """Whether the sentence goes on after the mark; None while what follows is not known."""
        mark, has_closer = found["mark"], found.end() > found.end("mark")
        following = self._following(found.end())
        if following is None or following == "\n":
            return None if following is None else False
        if mark == "." and not has_closer:
            return self._is_inside(found.start(), following)
        # "Wait... what?" and 'the answer "no!" is' are one sentence each.
        return following.islower() and (has_closer or mark.endswith(("…", "..")))

    def _following(self, end: int) -> str | None:
        """The first character after the gap; None while it has not come."""
        return next((char for char in self._text[end:] if not char.isspace() or char == "\n"), None)

    def _is_inside(self, dot: int, following: str) -> bool | None:
        """Whether a single dot belongs to an abbreviation, an initial or a list number."""
        before = _WORD_BEFORE.search(self._text, self._given, dot)
        word = before.group().lower() if before else ""
        if word.isdecimal():
            return self._text[self._given : dot].strip() == word
        if word in _NUMBERED:
            return following.isdecimal()
        if word in _MAY_END or (len(word) == 1 and word.isalpha() and word != "i"):
            opens = self._opens_sentence(dot + 1)
            return None if opens is None else not opens
        return word in _GO_ON

    def _opens_sentence(self, start: int) -> bool | None:
        """Whether the next word is capitalised and one that sentences open with; None while it may grow."""
        found = _NEXT_WORD.match(self._text, start)
        if found is None:
            return False
        if found.end() == len(self._text):
            return None
        return found[1][0].isupper() and found[1].lower().replace("’", "'") in _OPENERS
