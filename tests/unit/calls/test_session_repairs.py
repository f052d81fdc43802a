"""Cases that a session once got wrong."""

from __future__ import annotations

import json
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from calls import snapshot
from calls.events import (
    AgentDeltaReceived,
    AgentTurnCompleted,
    AgentTurnFinished,
    AskModel,
    CorrectionMade,
    PlaybackReported,
    PlaybackState,
    PoliciesActivated,
    Record,
    SendCorrection,
    SendToolDecision,
    SendVerdict,
    ToolGateRequested,
)
from judging.core import Answer, Policy
from tests.unit.calls.cast import BAD, GOOD, KIND, MODELS, PIZZA, REFUND, VIOLATION, Line, of, one, session_make


def test_a_verdict_names_the_policy_it_was_asked_about_although_others_are_active_by_now():
    line = Line(judge=MODELS, policies=(REFUND, KIND))
    line.agent("You are hopeless.")
    line(PoliciesActivated(2, (Policy("Speak slowly.", id="slow"),)))
    line.answers(Answer(scores=(0.0, 0.5)))
    said = one(line.answers(Answer(text=VIOLATION)), SendVerdict)
    assert said.policy == KIND
    assert [row.fields["policy_key"] for row in of(line.effects, Record) if row.table == "verdict"] == ["kind"]


def test_a_verdict_that_comes_after_all_policies_were_dropped_breaks_nothing():
    line = Line(judge=MODELS, policies=(REFUND, KIND))
    line.agent("You are hopeless.")
    line(PoliciesActivated(2, ()))
    line.answers(Answer(scores=(0.0, 0.99)))
    assert one(line.effects, SendVerdict).policy == KIND


def test_a_turn_that_takes_a_decided_gates_name_gets_no_second_decision():
    line = Line()
    first = one(line(ToolGateRequested("x1", (PIZZA,))), SendToolDecision)
    line.customer("A pizza, please.")
    line.agent("So that is one pizza, right?")
    line.customer("Yes.")
    again = of(line(AgentTurnCompleted("x1", "Placing it.", (PIZZA,))), SendToolDecision)
    assert again in ([], [first])


def test_a_played_report_before_the_correction_exists_does_not_end_the_intervention_without_one():
    line = Line(has_generator=True)
    line.agent(BAD)
    line(PlaybackReported(PlaybackState.FINISHED, 900, intervention_id="i1"))
    line(CorrectionMade("i1", "Let me check."))
    rows = [row for row in of(line.effects, Record) if row.table == "turn"]
    assert "" not in [row.fields["text"] for row in rows]
    assert one(line.effects, SendCorrection).text == "Let me check."


def test_a_clients_turn_may_have_the_name_of_an_intervention():
    line = Line()
    line.agent(BAD)
    line(PlaybackReported(PlaybackState.FINISHED, 900, intervention_id="i1"))
    assert one(line.agent(GOOD, turn_id="i1"), SendVerdict).turn_id == "i1"


def test_a_review_that_is_started_again_after_a_restore_does_not_see_its_own_turn_as_history():
    line = Line(judge=MODELS)
    asked = one(line.agent("You are hopeless.", turn_id="a1"), AskModel)
    again = session_make(judge=MODELS)
    effects = snapshot.restore(again, json.loads(snapshot.dumps(line.session)), now_ms=0)
    assert one(effects, AskModel).ask == asked.ask


# Three sentences, the second of which is stopped.
SPOKEN = f"{GOOD} {BAD} Is there anything else?"


def judged_prefixes(cuts: list[int]) -> list[tuple[str, bool, str]]:
    """What was judged and how, when the text comes in these pieces."""
    line = Line(is_streaming=True)
    edges = [0, *sorted({cut % len(SPOKEN) for cut in cuts} - {0}), len(SPOKEN)]
    for start, end in pairwise(edges):
        line(AgentDeltaReceived("a1", SPOKEN[start:end]))
    line(AgentTurnFinished("a1"))
    rows = [row.fields for row in of(line.effects, Record) if row.table == "verdict"]
    return [(row["decision"], row["is_final"], row["suppressed"]) for row in rows]


@given(st.lists(st.integers(1, len(SPOKEN) - 1), max_size=8))
@example([])
def test_what_is_judged_of_streamed_text_does_not_depend_on_how_it_is_cut(cuts):
    assert judged_prefixes(cuts) == judged_prefixes(list(range(1, len(SPOKEN))))
