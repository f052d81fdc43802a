"""What the classifier learns from: premises with the questions asked of them, and how splits are kept apart."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Ask:
    """One hypothesis. ``is_contradicted`` is None where the source does not tell neutral from contradicted.

    ``wording`` is ``train`` or ``dev``: a dev wording is never trained on, whatever the premise.
    """

    text: str
    is_entailed: bool
    is_contradicted: bool | None = None
    kind: str = ""
    wording: str = "train"


@dataclass(frozen=True, slots=True)
class Example:
    """One premise. ``group`` (a dialogue, a passage) never crosses a split; ``split`` is ``train``, ``dev``, or
    ``held`` for a domain or act that is only measured."""

    premise: str
    asks: tuple[Ask, ...]
    source: str
    domain: str
    group: str
    split: str
    tags: tuple[str, ...] = field(default=())


def share_of(text: str) -> float:
    """Return a number 0..1 that depends on the text alone, for splits that stay as the data grows."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / 2**48


def sentence(text: str) -> str:
    """With a capital and a full stop."""
    text = " ".join(text.split())
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")


def digest(examples: Iterable[Example]) -> str:
    """Return a hash of all examples, in order."""
    found = hashlib.sha256()
    for example in examples:
        found.update(repr(example).encode())
    return found.hexdigest()
