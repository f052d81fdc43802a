"""What to judge with, as the commands take it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

from judging.batch.files import FileUnusable
from judging.core import Answer, Ask, CaseInvalid, JudgeSettings, Policy, policy_from_record, unavailable
from judging.providers.embedded import Model

Answerer = Callable[[Ask], Answer]


def no_models() -> Answerer:
    """Answer every question with: no model is there."""
    return unavailable


def models_for(tiers: frozenset[int]) -> Callable[[], Answerer]:
    """Return what makes the answerer for these tiers: tier 1 is the embedded classifier, tier 2 is not here."""
    return embedded_model if 1 in tiers else no_models


def embedded_model() -> Answerer:
    """Answer tier 1 with the embedded classifier, loaded now. Raises: ModelInvalid."""
    model = Model.load()

    def answer(ask: Ask) -> Answer:
        return Answer(scores=tuple(model.scores(ask.premise, ask.hypotheses))) if ask.tier == 1 else unavailable(ask)

    return answer


@dataclass(frozen=True, slots=True)
class Options:
    """What to judge with. ``policies`` replace those of the records; None keeps them.

    ``by`` groups the counts: ``check``, ``kind`` (of the label), or any field of the records, such as ``subtype`` or
    ``domain``; "" does not. ``models`` makes what answers tiers 1 and 2; each worker process calls it once, so it must
    be a function of a module.
    """

    settings: JudgeSettings
    policies: tuple[Policy, ...] | None = None
    thresholds: tuple[float, ...] = ()
    by: str = ""
    models: Callable[[], Answerer] = no_models


def load_policies(source: Path) -> tuple[Policy, ...]:
    """Read policies: YAML or JSON (a list, or an object with ``policies``), or plain text with one rule a line.

    Raises:
        FileUnusable: the file cannot be read or has another form.
    """
    try:
        text = source.read_text(encoding="utf-8-sig")
        if source.suffix not in (".json", ".yaml", ".yml"):
            return tuple(
                Policy(line.strip()) for line in text.splitlines() if line.strip() and not line.startswith("#")
            )
        found = json.loads(text) if source.suffix == ".json" else yaml.safe_load(text)
        entries = found.get("policies") if isinstance(found, dict) else found
        if not isinstance(entries, list):
            raise FileUnusable(f"{source}: expected a list of policies")
        return tuple(policy_from_record(entry, f"policies[{at}]") for at, entry in enumerate(entries))
    except OSError as error:
        raise FileUnusable(f"{source}: {error.strerror}") from error
    except (ValueError, RecursionError, yaml.YAMLError, CaseInvalid) as error:
        reason = " ".join(str(error).split())  # YAML's messages have several lines
        raise FileUnusable(f"{source}: {reason}") from error


def parse_thresholds(text: str) -> tuple[float, ...]:
    """Read "0.5,0.6". Raises ValueError for anything that is no list of numbers from 0 to 1."""
    values = tuple(float(part) for part in text.split(",") if part.strip())
    if any(not 0 <= value <= 1 for value in values):
        raise ValueError("thresholds are from 0 to 1")
    return values


def parse_threshold(text: str) -> float:
    """Read "0.7". Raises ValueError for anything but one number from 0 to 1."""
    values = parse_thresholds(text)
    if len(values) != 1:
        raise ValueError("a threshold is one number from 0 to 1")
    return values[0]


def parse_tiers(text: str) -> frozenset[int]:
    """Read "0,1". Raises ValueError for an unknown tier."""
    tiers = frozenset(int(part) for part in text.split(",") if part.strip())
    if not tiers or not tiers <= {0, 1, 2}:
        raise ValueError("tiers are 0, 1 and 2")
    return tiers
