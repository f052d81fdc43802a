"""The demo's files: scenarios, recordings, prompts."""

import ast
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
import yaml

from calls.simulate.agent import call_id_for
from calls.simulate.scenario import CallerLine, ScenarioInvalid, read_scenario
from calls.simulate.voice import AudioLibrary, Voice
from mirror_saas.demo.catalogue import AUDIO, REPOSITORY, SCENARIOS, demo_agents, demo_calls, read_expected

CALLS = demo_calls()
BUFFER = "Sorry, let me make sure I got that right..."


def test_every_scenario_file_is_played():
    assert len(CALLS) == len(list(SCENARIOS.iterdir())) == 12


def test_three_domains_with_good_and_bad_calls():
    kinds = Counter((call.scenario.agent, call.expected.has_report) for call in CALLS)
    assert set(kinds) == {(agent.slug, bad) for agent in demo_agents() for bad in (True, False)}
    assert sum(kinds[kind] for kind in kinds if kind[1]) == 8


def test_two_bad_calls_share_one_cause():
    shared = Counter((call.scenario.agent, call.expected.problem) for call in CALLS if call.expected.problem)
    assert shared["luigis-pizza", "food-taken-back"] == 2


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.scenario.id)
def test_every_line_is_recorded(call):
    library = AudioLibrary(AUDIO)
    for step in call.scenario.steps():
        voice: Voice = "caller" if isinstance(step, CallerLine) else "agent"
        told = f"{step.id}: run python -m mirror_saas.demo.render_audio"
        assert not step.text or library.recorded(step.text, voice), told


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.scenario.id)
def test_a_bad_call_names_what_must_be_caught(call):
    caught = "held" in call.expected.tools.values() or "intervene" in call.expected.turns.values()
    assert caught is call.expected.has_report


def test_call_ids_tell_scenarios_apart():
    assert len({call_id_for(call.scenario.id, "0" * 24)[:8] for call in CALLS}) == len(CALLS)


def test_the_buffer_line_is_recorded_and_a_correction_is_joined_from_words():
    library = AudioLibrary(AUDIO)
    assert library.say(BUFFER, "agent").source == "recorded"
    assert library.say("Just to confirm: no pepperoni?", "agent").source == "joined"


def test_the_recordings_stay_small_and_none_is_left_over():
    size = sum(path.stat().st_size for path in AUDIO.iterdir())
    lines = {(type(step), step.text) for call in CALLS for step in call.scenario.steps() if step.text}
    assert size < 3_000_000
    extra = len(AudioLibrary(AUDIO).extra_lines())
    assert len(list(AUDIO.glob("*.ulaw"))) == len(lines) + extra + 1  # and the single words


def test_prompts_lie_where_the_agents_say():
    found = {}
    readers: dict[str, Callable[[str], object]] = {"whole": str, "python": ast.parse, "yaml": yaml.safe_load}
    for agent in demo_agents():
        text = (REPOSITORY / agent.prompt_path).read_text(encoding="utf-8")
        kind, _, key = agent.embedding.partition(":")
        found[agent.slug] = readers[kind](text)
        assert not key or key.rpartition(".")[2] in text
    assert found.keys() == {call.scenario.agent for call in CALLS}


SMALL = CALLS[0].scenario


@pytest.mark.parametrize(
    "expected",
    [
        {"tools": {"t1": "held"}},
        {"tools": {"t1": "held", "t2": "allow"}, "because": {"t2": {"value": "ham", "status": "superseded"}}},
        {"tools": {"t1": "held", "t2": "maybe"}},
        {"tools": {"t1": "held", "t2": "allow", "t9": "allow"}},
        {"tools": {"t1": "held", "t2": "allow"}, "turns": {"c1": "pass"}},
        {"tools": {"t1": "held", "t2": "allow"}, "turns": {"a1": "fail"}},
    ],
)
def test_refuses_expectations_of_what_is_not_there(expected):
    with pytest.raises(ScenarioInvalid):
        read_expected(expected, SMALL)


@pytest.mark.parametrize(
    "change",
    [
        {"script": [{"id": "a1", "agent": "Hi."}, {"id": "a1", "caller": "Hi."}]},
        {"script": [{"id": "a1"}]},
        {"script": [{"agent": "Hi."}]},
        {"title": None, "script": None},
    ],
)
def test_refuses_a_script_that_cannot_be_played(change):
    document = {"id": "x", "agent": "a", "title": "t", "from": "1", "to": "2", "script": [], **change}
    with pytest.raises(ScenarioInvalid):
        read_scenario(document, where="x.yaml")


def test_the_caller_follows_the_held_branch():
    assert [line.id for line in SMALL.caller_path()] == ["c1", "c2", "c3"]
    assert SMALL.required_turns() == ("a1", "a2", "a3", "a5", "a6")
    assert replace(SMALL, script=SMALL.script[:2]).required_turns() == ("a1",)
