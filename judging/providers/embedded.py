"""Tier 1 without a server: the classifier that ships with Mirror, on one thread of its own.

One session per process, one computing thread, no spinning: a turn costs one reading of its premise and the tokens of
its hypotheses. ``docs/tier1-model-card.md`` says what the model was made of and how far it can be trusted.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from judging.core import Kind, Tier1Use
from judging.providers.errors import Failure, ProviderFailed

MODEL_FOLDER = Path(__file__).resolve().parent.parent / "tier1_model"
MODEL_FILES = ("model.onnx", "tokenizer.json")
PREMISE_TOKENS = 224  # the longest exchange that core.premise renders, and to spare
HYPOTHESIS_TOKENS = 48
# Rules computed at once: memory grows with them, and a rule's share of the cost hardly falls any further.
BATCH = 32


class ModelInvalid(Exception):
    """The model's files are missing, or not those that the manifest names."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the judge needs of ``manifest.json``; the rest of it is for people."""

    sha256: Mapping[str, str]
    temperature: float
    uses: Mapping[Kind, Tier1Use]
    precisions: Mapping[Kind, float]

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest beside the model. Raises: ModelInvalid."""
        try:
            found = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            uses = {Kind(kind): _use(use) for kind, use in found["uses"].items()}
            measured = {Kind(kind): use.get("precision") for kind, use in found["uses"].items()}
            precisions = {kind: float(value) for kind, value in measured.items() if value is not None}
            return cls(dict(found["sha256"]), float(found["temperature"]), uses, precisions)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelInvalid(f"the classifier's manifest in {folder.name} cannot be read: {error}") from error


def _use(found: Mapping[str, Any]) -> Tier1Use:
    return Tier1Use(bool(found["is_observed"]), float(found["threshold"]), float(found["temperature"]))


@lru_cache(maxsize=1)
def embedded_uses() -> Mapping[Kind, Tier1Use]:
    """What the shipped model's word counts for each kind of rule, by its measured precision.

    Of a kind that was not measured, and where the manifest cannot be read, it may only ask tier 2.
    """
    observed = {kind: Tier1Use(is_observed=True) for kind in Kind}
    try:
        return {**observed, **Manifest.read(MODEL_FOLDER).uses}
    except ModelInvalid:  # the system check tells it
        return observed


@lru_cache(maxsize=1)
def embedded_precisions() -> Mapping[Kind, float]:
    """How often the shipped model was right where it was sure, for each kind of rule that was measured."""
    try:
        return Manifest.read(MODEL_FOLDER).precisions
    except ModelInvalid:  # the system check tells it
        return {}


def check_files(folder: Path = MODEL_FOLDER) -> Manifest:
    """Compare the model's files with their checksums. Raises: ModelInvalid, which says what to do."""
    manifest = Manifest.read(folder)
    for name in MODEL_FILES:
        try:
            found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        except OSError as error:
            raise ModelInvalid(f"the classifier's file {name} is missing; install Mirror again") from error
        if found != manifest.sha256.get(name):
            raise ModelInvalid(f"the classifier's file {name} is damaged (its checksum differs); install Mirror again")
    return manifest


class Model:
    """The session with its tokenizer. Not for two threads at once."""

    def __init__(self, folder: Path, temperature: float) -> None:
        self.temperature = temperature
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), _options(), providers=["CPUExecutionProvider"]
        )
        self._tokens = lru_cache(maxsize=2_048)(self._hypothesis_tokens)

    @classmethod
    def load(cls, folder: Path = MODEL_FOLDER) -> Model:
        """Check, load and try the model. Raises: ModelInvalid."""
        model = cls(folder, check_files(folder).temperature)
        model.scores("Customer: Hello.", ["The customer greets the agent."])
        return model

    def scores(self, premise: str, hypotheses: Sequence[str]) -> list[float]:
        """How sure it is of each hypothesis, 0..1, in order."""
        return [1.0 / (1.0 + math.exp(-logit / self.temperature)) for logit in self.logits(premise, hypotheses)]

    def logits(self, premise: str, hypotheses: Sequence[str]) -> list[float]:
        """The bare answers, before calibration."""
        first, *tokens, last = self._tokenizer.encode(premise).ids
        asked = np.array([first, *tokens[-(PREMISE_TOKENS - 2) :], last], dtype=np.int64)
        found: list[float] = []
        for at in range(0, len(hypotheses), BATCH):
            found += self._run(asked, [self._tokens(text) for text in hypotheses[at : at + BATCH]])
        return found

    def _run(self, premise: np.ndarray[Any, Any], rows: Sequence[tuple[int, ...]]) -> list[float]:
        width = max(len(row) for row in rows)
        hypotheses = np.zeros((len(rows), width), dtype=np.int64)
        for at, row in enumerate(rows):
            hypotheses[at, : len(row)] = row
        mask = (hypotheses != 0).astype(np.int64)
        (logits,) = self._session.run(None, {"premise": premise, "hypotheses": hypotheses, "mask": mask})
        return [max(-30.0, min(30.0, float(logit))) for logit in logits]

    def _hypothesis_tokens(self, text: str) -> tuple[int, ...]:
        first, *tokens, last = self._tokenizer.encode(text).ids
        return (first, *tokens[: HYPOTHESIS_TOKENS - 2], last)


def _options() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Turns differ in length: memory planned for one of them would be kept for all.
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    return options


class EmbeddedTier1:
    """The ``Tier1`` of this process: loaded once, asked from any event loop, computed on its own thread."""

    def __init__(self, folder: Path = MODEL_FOLDER) -> None:
        self._folder = folder
        self._reset()
        # A forked process has neither the thread nor the session's memory pools in order.
        os.register_at_fork(after_in_child=self._reset)

    def _reset(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="tier1")
        self._model: Model | None = None  # touched by the computing thread only

    def load(self) -> None:
        """Load the model now rather than at the first turn; blocks. Raises: ModelInvalid."""
        self._thread.submit(self._loaded).result()

    async def score(self, premise: str, hypotheses: Sequence[str], deadline_s: float) -> tuple[float, ...]:
        """Return one score 0..1 per hypothesis, in order. Raises: ProviderFailed, by ``deadline_s``."""
        until_s = time.monotonic() + deadline_s
        asked = asyncio.get_running_loop().run_in_executor(self._thread, self._scores, premise, hypotheses, until_s)
        try:
            return await asyncio.wait_for(asked, max(0.0, deadline_s))
        except TimeoutError as error:
            raise ProviderFailed(Failure.TIMEOUT, "the embedded classifier is busy") from error
        except ModelInvalid as error:
            raise ProviderFailed(Failure.UNAVAILABLE, str(error)) from error

    def _scores(self, premise: str, hypotheses: Sequence[str], until_s: float) -> tuple[float, ...]:
        if time.monotonic() >= until_s:  # its turn has gone by while it waited: leave the thread to others
            raise TimeoutError
        return tuple(self._loaded().scores(premise, hypotheses))

    def _loaded(self) -> Model:
        if self._model is None:
            self._model = Model.load(self._folder)
        return self._model


embedded_tier1 = EmbeddedTier1()
