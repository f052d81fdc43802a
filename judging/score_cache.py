"""Scores that a classifier has already given: the same words are asked about again while a turn streams or is gated.

Kept by who asks and whom: one tenant's score is never another's, nor that of another server, model or label.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from threading import Lock

_MOST = 20_000


class ScoreCache:
    """Bounded; the entry that was used longest ago goes first. Holds digests, no words of a call."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._scores: OrderedDict[tuple[Hashable, bytes], float] = OrderedDict()
        self._lock = Lock()

    def known(self, owner: Hashable, premise: str, hypotheses: Sequence[str]) -> dict[str, float]:
        """Return the scores that are there, by hypothesis."""
        found: dict[str, float] = {}
        with self._lock:
            for hypothesis in hypotheses:
                key = (owner, _digest(premise, hypothesis))
                if key in self._scores:
                    self._scores.move_to_end(key)
                    found[hypothesis] = self._scores[key]
        return found

    def keep(self, owner: Hashable, premise: str, scores: Mapping[str, float]) -> None:
        with self._lock:
            for hypothesis, score in scores.items():
                self._scores[owner, _digest(premise, hypothesis)] = score
            while len(self._scores) > self._most:
                self._scores.popitem(last=False)


def _digest(premise: str, hypothesis: str) -> bytes:
    told = f"{len(premise)}:{premise}{hypothesis}"
    return hashlib.blake2b(told.encode(errors="surrogatepass"), digest_size=16).digest()
