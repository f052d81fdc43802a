"""The classifier that ships with Mirror: its answers, its files, its thread."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from judging.core import Kind
from judging.providers import embedded
from judging.providers.embedded import (
    MODEL_FOLDER,
    EmbeddedTier1,
    Model,
    ModelInvalid,
    check_files,
    embedded_uses,
)
from judging.providers.errors import Failure, ProviderFailed

GOLDEN = json.loads((Path(__file__).parent / "golden_pairs.json").read_text())


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.load()


class CountingModel:
    """Scores a hypothesis by its length, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def scores(self, premise: str, hypotheses: Sequence[str]) -> list[float]:
        self.asked.append(list(hypotheses))
        return [len(text) / 100 for text in hypotheses]


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> CountingModel:
    found = CountingModel()
    monkeypatch.setattr(embedded.Model, "load", lambda *_, **__: found)
    return found


@pytest.mark.parametrize("pair", GOLDEN, ids=lambda pair: pair["hypothesis"])
def test_golden_pairs_come_out_as_when_the_model_was_made(model: Model, pair: dict[str, object]):
    (score,) = model.scores(str(pair["premise"]), [str(pair["hypothesis"])])
    assert (score > 0.5) is pair["is_true"]


def test_a_score_hardly_depends_on_the_rules_beside_it(model: Model):
    premise = "Customer: Can I have my money back?\nAgent: Of course, I have refunded your order."
    asked = ["The agent apologizes.", "The agent confirms a refund."]
    alone = [score for text in asked for score in model.scores(premise, [text])]
    together = model.scores(premise, [*asked, "The agent " + "x " * 30])
    # Rounding to whole numbers is scaled by the largest number of the whole batch.
    assert together[:2] == pytest.approx(alone, abs=0.05)


def test_more_rules_than_one_batch_are_answered_in_order(model: Model):
    texts = [f"The agent names the number {number}." for number in range(embedded.BATCH + 3)]
    found = model.scores("Agent: It is seven.", texts)
    assert len(found) == len(texts)


def test_a_premise_longer_than_the_model_keeps_its_end(model: Model):
    (score,) = model.scores("Agent: " + "and so on " * 2_000 + "Goodbye and take care!", ["The agent says goodbye."])
    assert 0.0 <= score <= 1.0


def test_the_shipped_files_are_those_of_the_manifest():
    assert check_files().temperature > 0


def test_a_kind_that_was_not_shown_to_be_precise_only_asks():
    observed = {kind for kind, use in embedded_uses().items() if use.is_observed}
    assert observed == {Kind.REQUIRED_ACT, Kind.REQUIRED_BEFORE, Kind.CONDITION, Kind.UNREADABLE}
    assert all((use.threshold or 0) >= 0.85 for kind, use in embedded_uses().items() if kind not in observed)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(MODEL_FOLDER, tmp_path / "model"))


def test_a_damaged_file_is_named(copied: Path):
    (copied / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelInvalid, match=r"tokenizer\.json is damaged"):
        Model.load(copied)


def test_a_missing_file_is_named(copied: Path):
    (copied / "model.onnx").unlink()
    with pytest.raises(ModelInvalid, match=r"model\.onnx is missing"):
        check_files(copied)


def test_a_manifest_that_cannot_be_read_is_said(copied: Path):
    (copied / "manifest.json").write_text("[")
    with pytest.raises(ModelInvalid, match="manifest"):
        check_files(copied)


async def test_scores_come_in_the_order_asked(counting: CountingModel):
    assert await EmbeddedTier1().score("Agent: Hi.", ["The agent greets.", "Yes."], 5.0) == (0.17, 0.04)
    assert counting.asked == [["The agent greets.", "Yes."]]


async def test_a_question_whose_time_is_up_is_a_timeout(counting: CountingModel):
    with pytest.raises(ProviderFailed) as failed:
        await EmbeddedTier1().score("Agent: Hi.", ["One."], 0.0)
    assert failed.value.failure is Failure.TIMEOUT


async def test_a_model_that_cannot_be_loaded_is_unavailable(tmp_path: Path):
    with pytest.raises(ProviderFailed) as failed:
        await EmbeddedTier1(tmp_path).score("Agent: Hi.", ["One."], 5.0)
    assert failed.value.failure is Failure.UNAVAILABLE


async def test_the_event_loop_goes_on_while_the_model_computes(model: Model, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(embedded.Model, "load", lambda *_, **__: model)
    asked = asyncio.ensure_future(EmbeddedTier1().score("Agent: Hi.", [f"It is {n}." for n in range(64)], 30.0))
    turns = 0
    while not asked.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 10
