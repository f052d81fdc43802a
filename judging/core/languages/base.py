"""What the judge must know of a language, as one frozen value.

The checks are written once: where they look for words by themselves they see the words of another language as their
English counterparts (``gloss``), and where word order matters they ask the language for its own patterns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from judging.core.mentions import Mention
from judging.core.text import Token

Pattern: TypeAlias = re.Pattern[str]
ReadMentions: TypeAlias = Callable[[Sequence[Token], date | None], tuple[Mention, ...]]
Respell: TypeAlias = Callable[[list[Token]], list[Token]]

NOTHING = re.compile(r"(?!)")  # matches no text


@dataclass(frozen=True, slots=True)
class Answers:
    """How an answer begins that agrees or disagrees, what takes a statement back, what asks to confirm."""

    yes: Pattern
    no: Pattern
    correction: Pattern
    asks_to_confirm: Pattern


@dataclass(frozen=True, slots=True)
class Exclusion:
    """How a thing is ruled out.

    ``words``: a text without any of them rules out nothing (tokens as the ledger has them). ``before`` patterns end
    right before the thing, the first of them also in a read-back; ``around`` are pairs of what ends before it and what
    begins after it.
    """

    words: frozenset[str]
    before: tuple[Pattern, ...]
    around: tuple[tuple[Pattern, Pattern], ...] = ()


@dataclass(frozen=True, slots=True)
class Repairs:
    """How speakers put themselves right in the middle of a turn.

    ``marker`` stands between what is dropped and what is meant; its group ``strong`` marks those that are certain
    between any two words, ``pause`` those that only fill the gap ("uh"), ``weak`` the rest; without a group ``weak``
    all others are such. ``own_sentence``: markers that also reach back over a sentence's end. ``words``: a text
    without any of them has no marker. ``none``: what looks like a marker and corrects nothing ("and make it ...").
    """

    marker: Pattern
    own_sentence: Pattern
    words: frozenset[str]
    none: Pattern = NOTHING


@dataclass(frozen=True, slots=True)
class Language:
    """One language. ``code`` is its ISO 639-1 code.

    ``respell`` turns the tokens of a text into those that the checks see; None leaves them. ``meant`` stands before
    the name that a customer puts right. ``gloss`` are function words and small numbers with their English counterparts.
    """

    code: str
    answers: Answers
    exclusion: Exclusion
    repairs: Repairs
    meant: Pattern
    read_mentions: ReadMentions
    respell: Respell | None = None
    fold: Callable[[str], str] | None = None
    gloss: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_english(self) -> bool:
        return self.code == "en"
