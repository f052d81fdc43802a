"""One rough spelling for words in Devanagari and in Latin letters, to tell whether they are the same word.

Speech recognisers write a Hindi word in either script, and in Latin letters as they please ("pyaz", "pyaaz"). What is
left here are the consonants and the clear vowels; a short "a", which Devanagari does not write, is dropped.
"""

from __future__ import annotations

import re
from functools import lru_cache

_CONSONANTS = dict(
    zip(
        "कखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसह",
        "k k g g n c c j j n t t d d n t t d d n p f b b m y r l v s s s h".split(),
        strict=True,
    )
)
_VOWELS = {"इ": "i", "ई": "i", "उ": "u", "ऊ": "u", "ए": "e", "ऐ": "i", "ओ": "o", "औ": "o", "ऋ": "ri", "ऑ": "o",
           "ि": "i", "ी": "i", "ु": "u", "ू": "u", "े": "e", "ै": "i", "ो": "o", "ौ": "o", "ृ": "ri", "ॉ": "o",
           "ं": "n", "ँ": "n", "अ": "", "आ": "", "ा": "", "्": "", "़": "", "ः": ""}  # fmt: skip
_DOTTED = dict(zip(map(chr, range(0x0958, 0x0960)), "k k g j d d f y".split(), strict=True))  # letters with a dot
_LETTERS = str.maketrans({**_CONSONANTS, **_VOWELS, **_DOTTED})
_LATIN = tuple(
    tuple(pair.split(":"))
    for pair in (
        "ee:i oo:u ck:k mb:nb mp:np ai:i au:o ph:f chh:c ch:c sh:s kh:k gh:g th:t dh:d bh:b jh:j w:v z:j q:k x:ks a:"
    ).split()
)
_DOUBLED = re.compile(r"(.)\1+")


@lru_cache(maxsize=16384)
def in_latin(word: str) -> str:
    """Return the word's rough spelling; the word itself where nothing would be left."""
    if word.isascii():
        rough = word
        for old, new in _LATIN:
            rough = rough.replace(old, new)
    else:
        rough = word.translate(_LETTERS)
    rough = _DOUBLED.sub(r"\1", rough)
    if len(rough) > 3 and rough[-1] in "on" and not word.isascii():
        rough = rough.removesuffix("on")  # the plural's ending
    return rough or word
