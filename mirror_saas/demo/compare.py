"""Compare what a demo call led to with what it must lead to. Each sentence returned is one thing that is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mirror_saas.demo.catalogue import DemoCall
from mirror_saas.demo.seen import Seen

TOKEN_TOOLS: Final = frozenset({"place_order", "book_flight", "charge_card", "cancel_subscription"})


def missing_live(call: DemoCall, seen: Seen) -> list[str]:
    """What the two ends of the call lack."""
    trouble = list(_trouble(seen))
    # Without a whole call the rest would only say the same in many ways.
    found = trouble or [*_call_went_through(call, seen), *_turns(call, seen), *_tools(call, seen)]
    return [f"{call.scenario.id}: {sentence}" for sentence in found]


def _trouble(seen: Seen) -> Iterator[str]:
    if seen.timeline is None:
        yield "the call did not end"
    for entry in seen.entries("application_failed") + seen.entries("stream_lost"):
        yield f"the stream failed: {entry.get('reason')}"
    for entry in seen.entries("connect_failed"):
        yield f"the stream could not be opened: {entry.get('reason')}"


def _call_went_through(call: DemoCall, seen: Seen) -> Iterator[str]:
    if not seen.entries("hung_up"):
        yield "the caller did not hang up by themselves"
    expected = [line.id for line in call.scenario.caller_path()]
    if seen.caller_lines != expected:
        yield f"the agent heard the caller's lines {seen.caller_lines}, not {expected}"
    yield from (f"Mirror answered with an error: {error}" for error in seen.errors)


def _turns(call: DemoCall, seen: Seen) -> Iterator[str]:
    for turn_id in call.scenario.required_turns():
        if turn_id not in seen.said:
            yield f"turn {turn_id} was never said"
        elif call.expected.turns.get(turn_id) == "intervene":
            yield from _stopped(turn_id, seen)
    for turn_id in seen.said:
        yield from _judged(turn_id, call.expected.turns.get(turn_id, "pass"), seen)


def _judged(turn_id: str, word: str, seen: Seen) -> Iterator[str]:
    verdict = seen.verdicts.get(turn_id)
    if verdict is None:
        yield f"turn {turn_id} got no verdict"
    elif word in ("pass", "intervene") and verdict.get("decision") != word:
        yield f"turn {turn_id} was judged {verdict.get('decision')} ({verdict.get('reason')}), not {word}"
    if word == "pass" and turn_id in seen.interventions:
        yield f"turn {turn_id} is good and was stopped"


def _stopped(turn_id: str, seen: Seen) -> Iterator[str]:
    """A stopped turn: the queue was cleared, the buffer line and the correction were played out to the caller."""
    intervention = seen.interventions.get(turn_id)
    if intervention is None:
        yield f"turn {turn_id} was not stopped"
        return
    if not seen.entries("cleared"):
        yield f"turn {turn_id}: the carrier's queue was not cleared"
    steps = [step for step in intervention.get("steps", []) if step.get("do") == "speak"]
    for step in steps:
        if step.get("checkpoint") not in seen.played_checkpoints():
            yield f"turn {turn_id}: the caller did not hear the {step.get('part')}"
    if [step.get("part") for step in steps] != ["buffer", "correction"]:
        yield f"turn {turn_id}: the intervention does not speak a buffer line and a correction"


def _tools(call: DemoCall, seen: Seen) -> Iterator[str]:
    for tool in call.scenario.tools():
        word, decision = call.expected.tools[tool.id], seen.decisions.get(tool.id, {}).get("decision")
        if word == "allow":
            yield from _allowed(tool.id, tool.name, decision, seen)
        elif decision not in ("confirm", "block"):
            yield f"{tool.name} ({tool.id}) was decided {decision}, not held"
        elif tool.id in seen.ran:
            yield f"{tool.name} ({tool.id}) was held and ran all the same"
        else:
            yield from _held_because(tool.id, call, seen)


def _held_because(tool_id: str, call: DemoCall, seen: Seen) -> Iterator[str]:
    why, decision = call.expected.because.get(tool_id), seen.decisions[tool_id]
    values = (decision.get("evidence") or {}).get("values", [])
    found = [(str(each.get("value")).lower(), each.get("status")) for each in values]
    if why and (why.value.lower(), why.status) not in found:
        yield f"{tool_id} was held ({decision.get('reason')}), but not because {why.value} is {why.status}"


def _allowed(tool_id: str, name: str, decision: Any, seen: Seen) -> Iterator[str]:
    if decision != "allow":
        yield f"{name} ({tool_id}) was decided {decision}, not allow"
    elif tool_id not in seen.ran:
        yield f"{name} ({tool_id}) was allowed and did not run"
    elif name in TOKEN_TOOLS and not seen.ran[tool_id]:
        yield f"{name} ({tool_id}) was allowed without a commit token"


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the product kept of one call. ``decisions`` are those of final verdicts by turn id."""

    verdicts: Mapping[str, str]
    decisions: Mapping[str, str]  # by tool call id
    interventions: frozenset[str]  # turn ids
    has_report: bool
    problem_id: str | None
    fix_branch: str | None


def missing_after(calls: Iterable[tuple[DemoCall, Seen]], recorded: Mapping[str, Recorded]) -> list[str]:
    """What the product's records, reports, problems and fixes lack. ``recorded`` is by call id."""
    found: list[str] = []
    problems: dict[str, set[str]] = defaultdict(set)
    for call, seen in calls:
        kept = recorded.get(seen.call_id)
        if kept is None:
            found.append(f"{call.scenario.id}: the call was not recorded")
            continue
        found += [f"{call.scenario.id}: {sentence}" for sentence in _after(call, seen, kept)]
        if call.expected.problem and kept.problem_id:
            problems[call.expected.problem].add(kept.problem_id)
    return found + [f"{name}: one cause became {len(ids)} problems" for name, ids in problems.items() if len(ids) > 1]


def _after(call: DemoCall, seen: Seen, kept: Recorded) -> Iterator[str]:
    live = {turn_id: str(verdict.get("decision")) for turn_id, verdict in seen.verdicts.items()}
    if wrong := sorted(turn_id for turn_id in live if kept.verdicts.get(turn_id) != live[turn_id]):
        yield f"the recorded verdicts differ from those sent, for {', '.join(wrong)}"
    held = {tool_id: str(decision.get("decision")) for tool_id, decision in seen.decisions.items()}
    if dict(kept.decisions) != held:
        yield f"the recorded tool decisions {dict(kept.decisions)} are not those sent, {held}"
    if kept.interventions != seen.interventions.keys():
        yield f"recorded interventions {sorted(kept.interventions)} are not those sent, {sorted(seen.interventions)}"
    if kept.has_report != call.expected.has_report:
        yield "a clean call got a report" if kept.has_report else "there is no report"
    if call.expected.problem and kept.has_report:
        yield from _fixed(kept)


def _fixed(kept: Recorded) -> Iterator[str]:
    if kept.problem_id is None:
        yield "the report belongs to no problem"
    elif kept.fix_branch is None:
        yield "the problem has no fix branch"
