"""Examples as token arrays, and batches of like sizes drawn from a mixture of sources."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from bench.tier1.examples import Ask, Example

PREMISE_TOKENS = 112
HYPOTHESIS_TOKENS = 44
ASKS = 12
BATCH_TOKENS = 4_096


@dataclass(frozen=True)
class Batch:
    premise: Tensor
    premise_mask: Tensor
    hypotheses: Tensor
    hypotheses_mask: Tensor
    entailed: Tensor  # [B, K]: 1, 0, or -1 where there is no question
    contradicted: Tensor


class Encoder:
    """Texts to token ids. A premise keeps its end, a hypothesis its beginning."""

    def __init__(self, path: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(path))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._hypotheses: dict[str, list[int]] = {}

    def premise(self, text: str) -> list[int]:
        first, *tokens, last = self._tokenizer.encode(text).ids
        return [first, *tokens[-(PREMISE_TOKENS - 2) :], last]

    def hypothesis(self, text: str) -> list[int]:
        if text not in self._hypotheses:
            first, *tokens, last = self._tokenizer.encode(text).ids
            self._hypotheses[text] = [first, *tokens[: HYPOTHESIS_TOKENS - 2], last]
        return self._hypotheses[text]


Encoded = tuple[list[int], list[tuple[list[int], Ask]]]
Size = tuple[int, int, int]


def encode(example: Example, asks: Sequence[Ask], encoder: Encoder) -> Encoded:
    return encoder.premise(example.premise), [(encoder.hypothesis(ask.text), ask) for ask in asks]


def collate(items: Sequence[Encoded], size: Size) -> Batch:
    """Pad to a size that holds every item."""
    longest, asks, width = size
    premise = torch.zeros(len(items), longest, dtype=torch.long)
    hypotheses = torch.zeros(len(items), asks, width, dtype=torch.long)
    labels = torch.full((2, len(items), asks), -1.0)
    for at, (ids, found) in enumerate(items):
        premise[at, : len(ids)] = torch.tensor(ids)
        for which, (tokens, ask) in enumerate(found):
            hypotheses[at, which, : len(tokens)] = torch.tensor(tokens)
            labels[0, at, which] = float(ask.is_entailed)
            if ask.is_contradicted is not None:
                labels[1, at, which] = float(ask.is_contradicted)
    return Batch(premise, (premise != 0).long(), hypotheses, (hypotheses != 0).long(), labels[0], labels[1])


def chosen(asks: Sequence[Ask], rng: random.Random) -> list[Ask]:
    """At most ``ASKS`` questions, true ones first taken up to half."""
    if len(asks) <= ASKS:
        return list(asks)
    true = [ask for ask in asks if ask.is_entailed]
    false = [ask for ask in asks if not ask.is_entailed]
    true = rng.sample(true, min(len(true), ASKS // 2))
    return true + rng.sample(false, min(len(false), ASKS - len(true)))


# Sizes that batches are padded to. Few of them: a matrix library prepares itself for every new size.
SIZES = ((32, 48, 64, 88, PREMISE_TOKENS), (1, 2, 4, 8, ASKS), (12, 16, 24, HYPOTHESIS_TOKENS))


def size_of(item: Encoded) -> Size:
    """The smallest padded size (premise tokens, questions, tokens of a question) that holds an item."""
    premise, asks = item
    needs = (len(premise), len(asks), max(len(ids) for ids, _ in asks))
    found = [next(size for size in sizes if size >= need) for sizes, need in zip(SIZES, needs, strict=True)]
    return found[0], found[1], found[2]


def batches(examples: Sequence[Example], mixture: Mapping[str, float], encoder: Encoder, seed: int) -> Iterator[Batch]:
    """Endless batches. ``mixture`` is each source's share of the examples drawn; a used up source starts over."""
    rng = random.Random(seed)
    by_source: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        by_source[example.source].append(example)
    streams = {source: _endless(by_source[source], rng) for source in mixture if by_source[source]}
    names, shares = list(streams), [mixture[name] for name in streams]
    waiting: dict[Size, list[Encoded]] = defaultdict(list)
    while True:
        example = next(streams[rng.choices(names, shares)[0]])
        item = encode(example, chosen(example.asks, rng), encoder)
        size = size_of(item)
        waiting[size].append(item)
        if len(waiting[size]) >= batch_length(size):
            yield collate(waiting.pop(size), size)


def batch_length(size: Size) -> int:
    premise, asks, tokens = size
    return max(1, BATCH_TOKENS // (premise + asks * tokens))


def _endless(examples: list[Example], rng: random.Random) -> Iterator[Example]:
    while True:
        yield from rng.sample(examples, len(examples))
