"""The tables of the figures' page, and what they decide: the threshold, and what the model may do by kind of rule."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

from bench.tier1.diagram import Tenth
from bench.tier1.evaluate import (
    HEAD,
    Scored,
    at_threshold,
    auc,
    share,
    table,
    threshold_for,
)
from bench.tier1.examples import share_of
from bench.tier1.policies import SETS, PolicyScore
from judging.core import Kind

WANTED_PRECISION = 0.95
LEAST_THRESHOLD = 0.85
ENOUGH = 50  # broken rules of a kind that a precision is believed from

Uses = dict[str, dict[str, object]]


def logit(value: float) -> float:
    value = min(1 - 1e-6, max(1e-6, value))
    return math.log(value / (1 - value))


def pairs_of(rows: Sequence[Scored]) -> list[tuple[float, bool]]:
    return [(one.logit, one.ask.is_entailed) for one in rows]


def is_made(one: Scored) -> bool:
    return one.example.source == "acts"


def chooses(one: Scored) -> bool:
    """Whether a turn is of the half that the threshold is chosen on."""
    return share_of(one.example.premise) < 0.5


def act_threshold(acts: Sequence[Scored], temperature: float) -> float:
    """The score from which made acts that were never trained on, the hardest we have, are right often enough.

    Chosen on one half of them; the other half shows what it is worth.
    """
    held = [one for one in acts if is_made(one) and one.example.split == "held" and chooses(one)]
    return max(LEAST_THRESHOLD, share(threshold_for(pairs_of(held), WANTED_PRECISION), temperature))


def uses(policies: Sequence[PolicyScore], threshold: float) -> Uses:
    """Per kind of rule: whether the model may decide, and from which score on."""
    found: Uses = {}
    for kind in Kind:
        values = [(one.value, one.is_broken) for one in policies if one.kind is kind]
        chosen = max(threshold, min(1.0, threshold_for(values, WANTED_PRECISION)))
        precision, recall = at_threshold(values, chosen)
        is_shown = sum(broken for _, broken in values) >= ENOUGH and precision >= WANTED_PRECISION
        found[kind.value] = {
            "is_observed": not is_shown,
            "threshold": round(chosen if is_shown else threshold, 4),
            "temperature": 1.0,
            "precision": None if math.isnan(precision) else round(precision, 4),
            "recall": None if math.isnan(recall) else round(recall, 4),
            "turns": len(values),
            "broken": sum(broken for _, broken in values),
        }
    return found


def uses_table(chosen: Uses) -> str:
    head = "| kind | may decide | from | precision | recall | rules asked | broken |\n| --- | --- | --- | --- | --- | --- | --- |"
    return "\n".join([
        "\n### What the model may do, by kind of rule", head,
        *(f"| {kind} | {'asks tier 2 only' if use['is_observed'] else 'yes'} | {use['threshold']} | {use['precision']} "
          f"| {use['recall']} | {use['turns']} | {use['broken']} |" for kind, use in chosen.items()),
    ])  # fmt: skip


def policy_table(title: str, groups: dict[str, list[PolicyScore]], threshold: float) -> str:
    lines = [f"\n### {title}", HEAD]
    for name, found in sorted(groups.items()):
        values = [(one.value, one.is_broken) for one in found]
        precision, recall = at_threshold(values, threshold)
        broken = sum(is_broken for _, is_broken in values)
        lines.append(f"| {name} | {len(values)} | {broken} | {auc(values):.3f} | {precision:.3f} | {recall:.3f} |")
    return "\n".join(lines)


def policy_tables(policies: Sequence[PolicyScore], threshold: float) -> str:
    sgd = [one for one in policies if one.source == SETS[0]]
    told = [one for one in sgd if one.policy_kind not in ("readback", "stale_readback")]
    return "\n".join((
        policy_table("Policies as compiled, by set", by(policies, "source"), threshold),
        policy_table("Policies as compiled, by kind", by(policies, "kind"), threshold),
        policy_table("policy_sgd by kind of policy", by(sgd, "policy_kind"), threshold),
        policy_table("policy_sgd by policy text", by(told, "text"), threshold),
        policy_table("policy_sgd by domain (Homes, Media and Travel were never trained on)", by(sgd, "domain"), threshold),
    ))  # fmt: skip


def by(rows: Sequence[PolicyScore], name: str) -> dict[str, list[PolicyScore]]:
    found: dict[str, list[PolicyScore]] = defaultdict(list)
    for one in rows:
        found[str(getattr(one, name))].append(one)
    return found


def hold_outs(acts: Sequence[Scored], at: float) -> str:
    """The three ways in which something is new: a wording, an act, a service."""
    known = [one for one in acts if one.example.split != "held"]
    held = [one for one in acts if one.example.split == "held"]
    acts_held, services = [one for one in held if is_made(one)], [one for one in held if not is_made(one)]
    new = {
        "a new wording of a known act": known,
        "an act that was never trained on": acts_held,
        "a service that was never trained on": services,
    }
    sources = {
        "made turns, new wording": [one for one in known if is_made(one)],
        "made turns, new act, the half that the threshold was chosen on": [one for one in acts_held if chooses(one)],
        "made turns, new act, the other half": [one for one in acts_held if not chooses(one)],
        "service dialogues, new wording": [one for one in known if not is_made(one)],
        "service dialogues, new service": services,
        "all": list(acts),
    }
    return table("Acts by what is new", new, at) + "\n" + table("The same by source", sources, at)


def calibration_table(found: Sequence[Tenth], error: float, before: float) -> str:
    """What share of the answers of each tenth is right."""
    lines = [
        "\n### Calibration (acts in new wordings)",
        "![reliability diagram](tier1-calibration.svg)\n",
        "| score | asked | mean score | true |",
        "| --- | --- | --- | --- |",
    ]
    for one in found:
        cell = min(9, int(one.said * 10))
        lines.append(f"| {cell / 10:.1f} to {(cell + 1) / 10:.1f} | {one.count} | {one.said:.2f} | {one.true:.2f} |")
    return "\n".join([*lines, f"\nCalibration error {error:.3f} ({before:.3f} before the temperature)."])
