"""What the judge must know of a language, as one frozen value.

The checks are written once: where they look for words by themselves they see the words of another language as their
English counterparts (``fold``), and where word order matters they ask the language for its own patterns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from judging.core.languages.phrases import Phrases
from judging.core.mentions import Mention
from judging.core.patterns import AnyCase
from judging.core.text import Fold, Token

Pattern: TypeAlias = re.Pattern[str]
ReadMentions: TypeAlias = Callable[[Sequence[Token], date | None], tuple[Mention, ...]]
Split: TypeAlias = Callable[[list[Token]], list[Token]]

NOTHING = re.compile(r"(?!)")  # matches no text


@dataclass(frozen=True, slots=True)
class Answers:
    """How an answer begins that agrees or disagrees, what takes a statement back, what asks to confirm."""

    yes: AnyCase
    no: AnyCase
    correction: AnyCase
    asks_to_confirm: AnyCase


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

    marker: AnyCase
    own_sentence: Pattern
    words: frozenset[str]
    none: Pattern = NOTHING


@dataclass(frozen=True, slots=True)
class Language:
    """One language. ``code`` is its ISO 639-1 code.

    ``split`` parts tokens that are two words ("l'eau"), ``fold`` gives a word its English counterpart or else its bare
    form; None leaves everything. ``meant`` stands before the name that a customer puts right.

    For speech checks: ``leaves_out`` marks a sentence that may speak of leaving a thing out, ``settles`` one that goes
    ahead, ``worked_out`` one whose values may be worked out or are vague; ``done`` are claims that an act is done, by
    the English word for the act, and ``acts`` what tools in this language call it. ``phrases`` None: English, worded by
    the checks.
    """

    code: str
    answers: Answers
    exclusion: Exclusion
    repairs: Repairs
    meant: Pattern
    read_mentions: ReadMentions
    split: Split | None = None
    fold: Fold | None = None
    leaves_out: Pattern = NOTHING
    settles: Pattern = NOTHING
    worked_out: Pattern = NOTHING
    done: Mapping[str, Pattern] = field(default_factory=dict)
    acts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    phrases: Phrases | None = None

    @property
    def is_english(self) -> bool:
        return self.code == "en"
