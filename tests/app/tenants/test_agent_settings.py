"""Settings of an agent: defaults, what is refused, and that all mistakes are told at once."""

from __future__ import annotations

from typing import Any

import pytest

from tenants.agent_settings import AgentSettings
from tenants.errors import InvalidInput

PROMPT = "{customer_text} {primary_response} {tool_calls_json} {history_summary}"


def check_refused(message: str, **given: Any) -> None:
    (field,) = given
    with pytest.raises(InvalidInput) as caught:
        AgentSettings.from_json(given)
    assert [message in wrong for wrong in caught.value.errors[field]] == [True], caught.value.errors


def check_kept(**given: Any) -> None:
    assert {name: AgentSettings.from_json(given).as_json()[name] for name in given} == given


def test_a_new_agents_settings_are_those_of_the_documentation():
    assert AgentSettings.from_json({}).as_json() == {
        "judging_prompt": "",
        "scorer": "mirror_judge",
        "intervention_threshold": 0.7,
        "tier1_low": 0.20,
        "tier1_high": 0.85,
        "cooldown_s": 10.0,
        "semantic_review_timeout_s": 4.0,
        "tiered_scoring_enabled": True,
        "force_score_on_tool_call": True,
        "streaming_mode": False,
        "tool_gate_enabled": True,
        "irreversible_tools": [
            "place_order",
            "book_flight",
            "book_flights",
            "charge_card",
            "process_payment",
            "cancel_subscription",
            "send_email",
            "send_sms",
            "transfer_funds",
        ],
        "tool_fail_mode": "confirm",
        "tool_fail_modes": {},
        "release": "optimistic",
        "hold_budget_ms": 250,
        "speaker": "auto",
        "language": "",
        "buffer_text": "Sorry, let me make sure I got that right...",
        "stream_format": "mulaw_8k",
        "stream_timeout_s": 14_400,
        "stream_extra_headers": {},
        "plivo_account": "",
        "signed_streams_required": False,
        "standing_tokens_allowed": False,
        "fallback_text": ("We are sorry, we cannot continue this call right now. Please call again in a few minutes."),
        "fallback_target": "",
        "note_turns": 3,
        "realtime_transcription_model": "",
        "record_transcripts": True,
        "retention_days": 30,
        "voice_provider": "",
        "voice_name": "",
        "voice_model": "",
        "voice_base_url": "",
    }


def test_json_form_goes_both_ways():
    settings = AgentSettings.from_json({"tool_fail_modes": {"place_order": "block"}, "irreversible_tools": ["ship"]})
    assert AgentSettings.from_json(settings.as_json()) == settings


def test_what_lies_within_bounds_is_kept():
    check_kept(intervention_threshold=0.0)
    check_kept(cooldown_s=0.0)
    check_kept(release="hold")
    check_kept(language="pt-BR")
    check_kept(language="")
    check_kept(irreversible_tools=[])
    check_kept(judging_prompt=PROMPT)
    check_kept(judging_prompt=PROMPT + ' Answer as {"score": 0.5}.')


def test_what_lies_outside_is_refused_with_what_it_must_be():
    check_refused("must be a number from 0 to 1", intervention_threshold=1.5)
    check_refused("must be a number from 0 to 1", intervention_threshold="0.5")
    check_refused("must be a number from 0 to 1", intervention_threshold=float("nan"))
    check_refused("must be a number from 0 to 1", intervention_threshold=True)
    check_refused("must be a whole number from 0 to 5000", hold_budget_ms=1.5)
    check_refused("must be a whole number from 0 to 5000", hold_budget_ms=True)
    check_refused("must be true or false", streaming_mode=1)
    check_refused("must be one of optimistic, hold", release="sometimes")
    check_refused("must be text of 1 to 300 characters", buffer_text="  ")
    check_refused("must be a list", irreversible_tools="place_order")
    check_refused("must be tool names", irreversible_tools=["place order"])
    check_refused("must be one of confirm, allow, block", tool_fail_modes={"place_order": "maybe"})
    check_refused("must map", tool_fail_modes=["place_order"])
    check_refused("is no setting", colour="blue")


def test_what_a_carrier_could_not_use_is_refused():
    check_kept(fallback_target="")
    check_kept(fallback_target="+14155550100")
    check_kept(fallback_target="sip:desk@pbx.example:5060")
    check_kept(fallback_target="https://x.example/a?b=1")
    check_kept(stream_extra_headers={"a": "1", "b2": "C3"})
    check_kept(fallback_text="")
    for target in (
        "4155550100",
        "http://x.example/",
        "https://",
        "https://u:p@x.example/",
        "javascript:x",
        "+1",
        "a b",
    ):
        check_refused("must be empty, a number", fallback_target=target)
    check_refused("letters and digits", stream_extra_headers={"a-b": "1"})
    check_refused("letters and digits", stream_extra_headers={"a": 1})
    check_refused("512 characters", stream_extra_headers={f"n{number}": "x" * 100 for number in range(6)})
    check_refused("must map", stream_extra_headers=["a"])
    check_refused("must be one of mulaw_8k", stream_format="mp3")


def test_a_judging_prompt_needs_exactly_the_known_slots():
    check_refused("unknown slot {caller}", judging_prompt=PROMPT + "{caller}")
    check_refused("lacks {history_summary}", judging_prompt=PROMPT.replace("{history_summary}", ""))


def test_the_band_of_tier_1_must_not_be_turned_over():
    check_refused("must not lie above tier1_high", tier1_low=0.9)


def test_all_mistakes_are_told_at_once():
    with pytest.raises(InvalidInput) as caught:
        AgentSettings.from_json({"cooldown_s": -1, "scorer": "dice", "colour": "blue"})
    assert caught.value.errors.keys() == {"cooldown_s", "scorer", "colour"}


def test_a_language_that_the_judge_does_not_know_is_refused():
    check_refused("must be a tag of one of en, de, es, fr, hi, pt", language="it")
    check_refused("must be a language tag", language="German")
