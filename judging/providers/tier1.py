"""Tier 1 over HTTP: how sure a classifier is that each hypothesis follows from the premise.

Hugging Face's zero-shot task, Text Embeddings Inference (TEI) and vLLM. What they share: one exchange per turn, scores
in the order of the hypotheses, and a premise cut from the left, because the judged turn stands at its end and servers
cut on the right without a word.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol
from urllib.parse import quote

from judging.core.types import Json
from judging.providers.errors import Failure, ProviderFailed
from judging.providers.http import HttpReply, HttpRequest, send
from tenants.errors import MirrorError

# About 400 tokens of English: with the hypothesis that fits the 512 of the usual NLI models.
MAX_PREMISE_CHARS = 1_600
HUGGINGFACE_URL = "https://router.huggingface.co/hf-inference"
HUGGINGFACE_MODEL = "MoritzLaurer/deberta-v3-large-zeroshot-v2.0"


class Tier1Kind(StrEnum):
    EMBEDDED = "embedded"  # the one that ships with Mirror: providers.embedded, no server
    HUGGINGFACE = "huggingface"
    TEI = "tei"
    VLLM_SCORE = "vllm"  # a cross-encoder with one logit, on /score
    VLLM_CLASSIFY = "vllm_classify"  # an NLI model with several classes, on /classify


@dataclass(frozen=True, slots=True)
class Tier1Config:
    """A classifier server, or the embedded classifier, which needs the kind alone.

    ``entailment_label`` is the model's name of the class that counts (``LABEL_2`` where its configuration has no
    names). ``entailment_index`` is its place among vLLM's ``probs``, which carry no names. ``separator`` joins premise
    and hypothesis for vLLM's ``/classify``, which takes no pairs: the model's own separator token. ``batch_size`` is
    what the server takes at once (TEI's default is 32).
    """

    kind: Tier1Kind
    base_url: str = ""
    model: str = ""
    entailment_label: str = "entailment"
    entailment_index: int = 0
    separator: str = "[SEP]"
    batch_size: int = 32
    is_private_allowed: bool = False
    secret: Callable[[], str] = field(default=str, repr=False, compare=False)


class Tier1(Protocol):
    """What the judge needs of a classifier, over HTTP or embedded."""

    async def score(self, premise: str, hypotheses: Sequence[str], deadline_s: float) -> tuple[float, ...]:
        """Return one score 0..1 per hypothesis, in order. Raises: ProviderFailed, by ``deadline_s``."""
        ...


class HttpTier1:
    """A classifier behind HTTP, in one of the shapes below."""

    def __init__(self, config: Tier1Config) -> None:
        self._config = config
        self._shape = SHAPES[config.kind]

    async def score(self, premise: str, hypotheses: Sequence[str], deadline_s: float) -> tuple[float, ...]:
        until_s = time.monotonic() + deadline_s
        secret = await asyncio.to_thread(self._reveal)
        premise, size = premise[-MAX_PREMISE_CHARS:], max(1, self._config.batch_size)
        batches = [hypotheses[at : at + size] for at in range(0, len(hypotheses), size)]
        # A set of 200 rules is several requests; one after the other they would not make the deadline.
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._batch(premise, batch, secret, until_s)) for batch in batches]
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None  # the first failure ended the others
        return tuple(score for task in tasks for score in task.result())

    async def _batch(self, premise: str, hypotheses: Sequence[str], secret: str, until_s: float) -> list[float]:
        path, body = self._shape.ask(self._config, premise, hypotheses)
        request = HttpRequest(
            url=self._config.base_url.rstrip("/") + path,
            body=body,
            headers={"Authorization": f"Bearer {secret}"} if secret else {},
            is_private_allowed=self._config.is_private_allowed,
        )
        reply = await send(request, deadline_s=until_s - time.monotonic())
        if len(hypotheses) > 1 and _is_too_many(reply):
            half = len(hypotheses) // 2
            first = await self._batch(premise, hypotheses[:half], secret, until_s)
            return first + await self._batch(premise, hypotheses[half:], secret, until_s)
        return _scores(self._shape, self._config, reply.require_success(), hypotheses)

    def _reveal(self) -> str:
        try:
            return self._config.secret()
        except MirrorError as error:
            raise ProviderFailed(Failure.UNAVAILABLE, f"the key: {error.code}") from error


@dataclass(frozen=True, slots=True)
class Shape:
    """``ask`` gives path and body, ``read`` the scores of a reply; ``read`` may raise what reading bad JSON raises."""

    ask: Callable[[Tier1Config, str, Sequence[str]], tuple[str, Json]]
    read: Callable[[Tier1Config, Json, Sequence[str]], list[Json]]


def _scores(shape: Shape, config: Tier1Config, reply: HttpReply, hypotheses: Sequence[str]) -> list[float]:
    try:
        scores = shape.read(config, reply.json(), hypotheses)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise ProviderFailed(Failure.GARBAGE, "the reply does not have the agreed form") from error
    if len(scores) != len(hypotheses) or not all(_is_share(score) for score in scores):
        raise ProviderFailed(Failure.GARBAGE, "the reply does not have one score per rule")
    return [float(score) for score in scores]


def _is_too_many(reply: HttpReply) -> bool:
    """Whether the server takes fewer at once than it was sent: by its own word, or by the status for that."""
    return reply.status == 413 or (reply.status == 422 and b"batch size" in reply.body[:2_000].lower())


def _is_share(score: Json) -> bool:
    is_number = isinstance(score, (int, float)) and not isinstance(score, bool)
    return is_number and math.isfinite(score) and 0.0 <= score <= 1.0


def _ask_huggingface(config: Tier1Config, premise: str, hypotheses: Sequence[str]) -> tuple[str, Json]:
    # multi_label: each label by itself; without it the scores would share 1 among them.
    parameters = {"candidate_labels": list(hypotheses), "multi_label": True, "hypothesis_template": "{}"}
    return f"/models/{quote(config.model)}", {"inputs": premise, "parameters": parameters}


def _read_huggingface(config: Tier1Config, found: Json, hypotheses: Sequence[str]) -> list[Json]:
    """Both shapes in use: ``[{"label", "score"}]``, and ``{"labels", "scores"}``; sorted by score, not as asked."""
    if isinstance(found, dict):
        by_label = dict(zip(found["labels"], found["scores"], strict=True))
    else:
        by_label = {entry["label"]: entry["score"] for entry in found}
    return [by_label[hypothesis] for hypothesis in hypotheses]


def _ask_tei(config: Tier1Config, premise: str, hypotheses: Sequence[str]) -> tuple[str, Json]:
    # A flat list of two texts would be one pair; a batch is a list of lists, also a batch of one.
    pairs = [[premise, hypothesis] for hypothesis in hypotheses]
    return "/predict", {"inputs": pairs, "truncate": True, "truncation_direction": "left", "raw_scores": False}


def _read_tei(config: Tier1Config, found: Json, hypotheses: Sequence[str]) -> list[Json]:
    wanted = config.entailment_label.lower()
    by_label = [{entry["label"].lower(): entry["score"] for entry in entries} for entries in found]
    return [labels[wanted] for labels in by_label]


def _ask_vllm_score(config: Tier1Config, premise: str, hypotheses: Sequence[str]) -> tuple[str, Json]:
    return "/score", {"model": config.model, "text_1": premise, "text_2": list(hypotheses)}


def _read_vllm_score(config: Tier1Config, found: Json, hypotheses: Sequence[str]) -> list[Json]:
    return [entry["score"] for entry in _in_order(found["data"])]


def _ask_vllm_classify(config: Tier1Config, premise: str, hypotheses: Sequence[str]) -> tuple[str, Json]:
    texts = [f"{premise}{config.separator}{hypothesis}" for hypothesis in hypotheses]
    return "/classify", {"model": config.model, "input": texts}


def _read_vllm_classify(config: Tier1Config, found: Json, hypotheses: Sequence[str]) -> list[Json]:
    entries = _in_order(found["data"])
    for entry in entries:
        probs = entry["probs"]
        is_named = str(entry.get("label", "")).lower() == config.entailment_label.lower()
        if is_named and probs.index(max(probs)) != config.entailment_index:
            raise ValueError("entailment_index is that of another class")
    return [entry["probs"][config.entailment_index] for entry in entries]


def _in_order(entries: Sequence[Json]) -> list[Json]:
    found = sorted(entries, key=lambda entry: entry["index"])
    if [entry["index"] for entry in found] != list(range(len(found))):
        raise ValueError("the indexes do not count from 0")
    return found


SHAPES = {
    Tier1Kind.HUGGINGFACE: Shape(_ask_huggingface, _read_huggingface),
    Tier1Kind.TEI: Shape(_ask_tei, _read_tei),
    Tier1Kind.VLLM_SCORE: Shape(_ask_vllm_score, _read_vllm_score),
    Tier1Kind.VLLM_CLASSIFY: Shape(_ask_vllm_classify, _read_vllm_classify),
}
