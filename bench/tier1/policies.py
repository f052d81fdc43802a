"""Score whole policies as compiled: every clause's value on labelled turns, per kind of clause and of policy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.tier1.evaluate import Scorer, share
from bench.tier1.sources import read
from judging.core import Answer, Ask, Case, Conversation, JudgeSettings, Kind, case_from_record
from judging.core.act_scores import ActBoard, ClauseScore
from judging.core.drivers import run
from judging.core.view import TurnView

SETS = ("policy_sgd", "policy_sopbench", "policy_tau")


@dataclass(frozen=True)
class PolicyScore:
    """One policy on one turn. ``kind`` is that of its strongest clause, None where nothing of it can be asked."""

    source: str
    policy_kind: str
    domain: str
    text: str
    kind: Kind | None
    value: float
    is_broken: bool


def policy_scores(
    folder: Path, name: str, score: Scorer, *, temperature: float, split: str = "dev"
) -> Iterator[PolicyScore]:
    """Every policy of every turn of a set's split, scored without tier 0."""
    for record in read(folder / f"{name}.jsonl.gz"):
        if record["split"] != split:
            continue
        case = case_from_record(record)
        broken = set(record.get("broken_policies") or ())
        best = strongest(case, score, temperature)
        for index, policy in enumerate(case.policies):
            found = best.get(index)
            yield PolicyScore(
                name,
                str(record.get("policy_id") or record.get("subtype") or ""),
                str(record.get("domain")),
                policy.text,
                found.kind if found else None,
                found.value if found else 0.0,
                index in broken,
            )


def strongest(case: Case, score: Scorer, temperature: float) -> dict[int, ClauseScore]:
    """The surest broken clause of each policy that can be asked about."""
    conversation = Conversation.from_turns(case.history, now=case.now, facts=case.facts)
    view = TurnView(conversation, case.turn, case.policies, JudgeSettings())
    board = ActBoard(view, range(len(case.policies)))

    def answer(ask: Ask) -> Answer:
        return Answer(scores=tuple(share(logit, temperature) for logit in score(ask.premise, ask.hypotheses)))

    run(board.ask(), answer)
    found: dict[int, ClauseScore] = {}
    for one in board.scores():
        if one.policy_index not in found or one.value > found[one.policy_index].value:
            found[one.policy_index] = one
    return found
