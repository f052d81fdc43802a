"""The judge with and without the classifier over whole sets, and the classifier alone on statements of fact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.judge.cases import records
from bench.tier1.evaluate import Scorer, auc
from bench.tier1.sources import premise_cut
from judging.batch.options import Answerer, embedded_model
from judging.core import Case, Conversation, Decision, JudgeSettings, case_from_record, judge, run, unavailable
from judging.core.scoring import Score, score
from judging.providers.embedded import embedded_uses

JUDGED = ("policy_sgd", "policy_sopbench", "policy_tau", "claims_sgd", "faith_dialogue")
FACTS = ("claims_sgd", "faith_dialogue")


@dataclass(frozen=True)
class Judged:
    """One set judged with tier 0 and with tiers 0 and 1; ``by_kind`` the latter's errors per kind of policy."""

    name: str
    tier_0: Score
    tiers_0_1: Score
    by_kind: dict[str, Score]


def judged(folder: Path, name: str, split: str = "dev") -> Judged:
    """Judge a set twice, with what the manifest lets the classifier do."""
    plain, asked = (
        JudgeSettings(tiers=frozenset({0})),
        JudgeSettings(tiers=frozenset({0, 1}), tier1_uses=embedded_uses()),
    )
    answer, first, second = embedded_model(), Score(), Score()
    by_kind: dict[str, Score] = {}
    for record in records(folder / f"{name}.jsonl.gz", split):
        case, is_broken = case_from_record(record), bool(record["label"]["violation"])
        first += score([(is_found(case, plain, unavailable), is_broken)])
        one = score([(is_found(case, asked, answer), is_broken)])
        second += one
        kind = str(record.get("policy_id") or record.get("subtype") or record["label"]["kind"])
        by_kind[kind] = by_kind.get(kind, Score()) + one
    return Judged(name, first, second, by_kind)


def is_found(case: Case, settings: JudgeSettings, answer: Answerer) -> bool:
    conversation = Conversation.from_turns(case.history, now=case.now, facts=case.facts)
    return run(judge(conversation, case.turn, case.policies, settings), answer).decision is Decision.INTERVENE


def judged_tables(folder: Path) -> str:
    found = [judged(folder, name) for name in JUDGED if (folder / f"{name}.jsonl.gz").is_file()]
    head = "| set | cases | tiers | precision | recall | F1 | false alarms on clean turns |\n| --- | --- | --- | --- | --- | --- | --- |"
    lines = ["\n### The judge with and without the classifier (dev)", head]
    for one in found:
        lines += [judged_row(one.name, "0", one.tier_0), judged_row(one.name, "0,1", one.tiers_0_1)]
    lines += ["\n### Tiers 0,1 on policy_sgd by kind of policy", head]
    lines += [judged_row(kind, "0,1", of) for kind, of in sorted(found[0].by_kind.items())] if found else []
    return "\n".join(lines)


def judged_row(name: str, tiers: str, found: Score) -> str:
    return (
        f"| {name} | {found.total} | {tiers} | {found.precision} | {found.recall} | {found.f1:.3f} "
        f"| {found.false_positive_rate} |"
    )


def facts_scores(folder: Path, name: str, ask: Scorer, split: str = "dev") -> Iterator[tuple[float, bool]]:
    """How little each turn of a set follows from its evidence, and whether it is labelled as broken."""
    for record in records(folder / f"{name}.jsonl.gz", split):
        evidence = "\n".join(record.get("evidence") or ())
        if evidence and record["agent_text"]:
            (value,) = ask(premise_cut(evidence), [record["agent_text"]])
            yield -value, bool(record["label"]["violation"])


def facts_table(folder: Path, ask: Scorer) -> str:
    """Statements against their source: not what the model is for, and not asked of it by the judge."""
    lines = ["\n### Statements of fact against their source (the judge leaves these to tier 0)",
             "| set | turns | not borne out | AUC |", "| --- | --- | --- | --- |"]  # fmt: skip
    for name in FACTS:
        rows = list(facts_scores(folder, name, ask))
        lines.append(f"| {name} | {len(rows)} | {sum(is_broken for _, is_broken in rows)} | {auc(rows):.3f} |")
    return "\n".join(lines)
