from dataclasses import replace

import pytest

from judging.core.types import Evidence, Status
from reports.builder import EvidenceItem, build
from reports.facts import FindingFact, InterventionFact
from tests.unit.reports.calls import (
    PROMISE,
    STALE,
    STALE_FINDING,
    clean_call,
    gate_only,
    held_call,
    promise_call,
    shadow_call,
)


def built(call):
    report = build(call)
    assert report is not None
    return report


def test_a_call_in_which_nothing_failed_has_no_report():
    assert build(clean_call()) is None


@pytest.mark.parametrize("check", ["undecided", "repeat", ""])
def test_a_call_held_without_a_finding_is_no_failure(check):
    assert build(gate_only(check=check)) is None


@pytest.mark.parametrize("decision", ["confirm", "block"])
def test_a_call_held_for_a_finding_is_a_failure(decision):
    assert built(gate_only(check="stale_argument", decision=decision)).pattern == "Old value kept after a change"


def test_an_allowed_call_is_no_failure():
    assert build(gate_only(check="stale_argument", decision="allow")) is None


def test_a_held_order_names_the_words_the_argument_the_harm_and_what_was_heard():
    report = built(held_call())
    assert report.summary == (
        'In turn 3 the agent wanted to call place_order with items.0.quantity = "two", but that was changed or taken '
        'back in turn 2; what stands is "three". The tool call was held until the caller confirms. The caller heard '
        '2 words of it and was corrected. Had it run, place_order would have gone out with "two" instead of "three", '
        "and that cannot be undone."
    )
    assert report.root_cause == (
        'The agent kept an earlier value after the caller changed it (turn 2: "Actually, make it three."). '
        "Finding: items.0.quantity keeps 'two', which the customer took back for 'three'."
    )
    assert (report.severity, report.severity_reason) == ("high", "high: it concerns a tool call")


def test_evidence_points_at_the_turns_and_is_masked():
    report = built(held_call())
    assert report.evidence == (
        EvidenceItem(3, "Placing your order, [name-1].", "what the agent was doing"),
        EvidenceItem(2, "Actually, make it three.", 'items.0.quantity = "two": superseded, replaced by "three"'),
    )


def test_verdict_gate_and_intervention_on_one_cause_are_one_failure():
    assert built(held_call()).others == ()


def test_the_worst_failure_is_the_subject_and_the_others_are_listed():
    call = held_call()
    call = replace(call, verdicts=(*call.verdicts, replace(promise_call().verdicts[0], n=9, turn_index=0)))
    report = built(call)
    assert report.severity == "critical"
    assert [(other.pattern, other.severity) for other in report.others] == [("Old value kept after a change", "high")]
    assert report.summary.endswith("1 more finding in this call.")


def test_a_shadow_hit_is_marked_and_says_that_nothing_was_stopped():
    report = built(shadow_call())
    assert report.is_shadow
    assert "nothing was stopped" in report.summary
    assert report.confidence < built(promise_call()).confidence


def test_a_shadow_score_that_would_not_have_intervened_is_no_failure():
    assert build(shadow_call(score=0.69)) is None


def test_an_enforced_failure_comes_before_a_shadow_hit_that_is_more_severe():
    call = replace(held_call(), verdicts=(*held_call().verdicts, *shadow_call().verdicts))
    report = built(call)
    assert not report.is_shadow
    assert [other.is_shadow for other in report.others] == [True]


def test_what_the_cool_down_left_unstopped_is_one_step_more_severe():
    stopped, unstopped = promise_call(), promise_call(suppressed="cooldown")
    mild = {"p-refund": replace(stopped.policies["p-refund"], severity="medium")}
    assert built(replace(stopped, policies=mild)).severity == "medium"
    assert built(replace(unstopped, policies=mild)).severity == "high"


def test_an_intervention_without_its_verdict_still_has_a_report():
    stop = InterventionFact(3, 3, verdict_n=77, state="completed")
    report = built(replace(clean_call(), interventions=(stop,)))
    assert report.pattern == "Stopped turn without a recorded finding"


def test_a_prefix_and_the_whole_turn_with_one_finding_are_one_failure():
    call = held_call()
    prefix = replace(call.verdicts[0], n=7, is_final=False)
    assert built(replace(call, verdicts=(prefix, *call.verdicts))).others == ()


def test_the_gate_s_failure_takes_the_policy_from_the_verdict_on_its_turn():
    call = held_call()
    found = replace(PROMISE, check="stale_argument", tool_call_index=0)
    verdict = replace(call.verdicts[0], finding=found, findings=(found,))
    report = built(replace(call, verdicts=(verdict,), interventions=()))
    assert (report.cause.policy_key, report.severity, report.others) == ("p-refund", "critical", ())


def test_the_proposed_rule_holds_no_word_of_the_caller():
    assert "margherita" not in built(held_call()).proposed_fix
    assert "`items.quantity` of `place_order`" in built(held_call()).proposed_fix


@pytest.mark.parametrize(
    ("check", "status", "words"),
    [
        ("exclusion_put_in", Status.SUPERSEDED, 'stated "olives", which the caller had ruled out in turn 2.'),
        ("done_claim", Status.NEVER_SAID, 'stated "olives", but no tool that does this was called.'),
        (
            "unsupported_claim",
            Status.NEVER_SAID,
            "but nobody in the call said that and no tool returned it; what was said",
        ),
        ("taken_back", Status.SUPERSEDED, 'but that was changed or taken back in turn 2; what stands is "ham".'),
        ("missing_read_back", Status.UNCONFIRMED, "which was never read back and confirmed."),
    ],
)
def test_speech_is_told_by_the_value_that_was_wrong(check, status, words):
    finding = FindingFact(check, 0.9, "why", (Evidence("olives", status, 2, "", "ham"),))
    call = held_call()
    verdict = replace(call.verdicts[0], finding=finding, findings=())
    report = built(replace(call, verdicts=(verdict,), tool_decisions=()))
    assert words in report.summary
    assert (report.severity, report.root_cause.endswith("Finding: why.")) == ("medium", True)


def test_a_value_that_is_personal_is_masked_in_every_text():
    evidence = Evidence("415-555-2671", Status.NEVER_SAID, argument="phone")
    finding = replace(STALE_FINDING, evidence=(evidence,), reason="phone is 415-555-2671")
    call = held_call()
    report = built(replace(call, verdicts=(replace(call.verdicts[0], finding=finding),), tool_decisions=()))
    assert "2671" not in repr(report)


def test_the_same_records_in_another_order_give_the_same_report():
    other = Evidence("large", Status.UNCONFIRMED, argument="items.0.size")
    call = held_call()
    one, two = (
        built(replace(call, verdicts=(replace(call.verdicts[0], finding=replace(STALE_FINDING, evidence=evidence)),)))
        for evidence in ((STALE, other), (other, STALE))
    )
    assert (one.fingerprint, one.summary) == (two.fingerprint, two.summary)
