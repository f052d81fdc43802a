"""The bridge of one call: who hears what, and when."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from collections.abc import AsyncIterator

import pytest

from calls.audio_gate import LEAD_MS
from calls.bridge import MAX_AHEAD_MS, Bridge
from calls.events import Amend
from calls.runtime import CallRuntime
from tenants.agent_settings import AgentSettings
from tests.unit.calls.bridged import (
    BUFFER,
    LOUD,
    QUIET,
    Agent,
    Phone,
    SpokenVoice,
    bridge_dialect,
    bridge_make,
    play,
    until,
)
from tests.unit.calls.cast import BAD, GOOD
from tests.unit.calls.test_runtime import Desk, runtime_make


class Call:
    """All parties of one call; closed at the end of the test."""

    def __init__(self, voice: SpokenVoice | None = None, *, loses_marks: bool = False, **settings: object) -> None:
        self.desk = Desk()
        chosen = AgentSettings(buffer_text=BUFFER, **settings)  # type: ignore[arg-type]
        self.runtime: CallRuntime = runtime_make(self.desk, chosen, is_speaking=voice is not None)
        self.agent = Agent()
        self.bridge: Bridge = bridge_make(self.runtime, self.agent, voice)
        self.phone = Phone(self.bridge, loses_marks=loses_marks)

    async def close(self) -> None:
        self.runtime.close()
        await self.phone.hang_up()
        await self.bridge.close()


@pytest.fixture
async def calls() -> AsyncIterator[list[Call]]:
    made: list[Call] = []
    yield made
    for call in made:
        await call.close()


def call_make(calls: list[Call], voice: SpokenVoice | None = None, **settings: object) -> Call:
    call = Call(voice, **settings)  # type: ignore[arg-type]
    calls.append(call)
    return call


def spoken(calls: list[Call], buffer_ms: float | None = 100, correction_ms: float | None = 200, **settings) -> Call:
    voice = SpokenVoice(buffer=buffer_ms, correction=correction_ms)
    return call_make(calls, voice, speaker="mirror", **settings)


async def stopped(call: Call) -> None:
    call.agent.mirror("agent.turn", 1, turn_id="a1", text=BAD)
    await until(lambda: call.runtime.session.interventions.count == 1)


# --- what each side sees ---


async def test_our_own_marks_are_seen_by_the_carrier_alone(calls):
    call = call_make(calls)
    call.agent.say(*(play() for _ in range(40)), json.dumps({"event": "checkpoint", "name": "mine"}))
    await until(lambda: "playedStream" in call.agent.events())
    assert call.agent.events() == ["playedStream"]
    assert json.loads(call.agent.got[0])["name"] == "mine"
    assert call.phone.events.count("checkpoint") >= 3


async def test_the_answer_to_our_own_clear_is_kept_from_the_agent_and_its_own_is_not(calls):
    call = call_make(calls)
    await stopped(call)
    await until(lambda: "clearAudio" in call.phone.events)
    call.agent.say(json.dumps({"event": "clearAudio", "streamId": "s-1"}))
    await until(lambda: "clearedAudio" in call.agent.events())
    assert call.agent.events().count("clearedAudio") == 1
    assert call.phone.events.count("clearAudio") == 2


async def test_of_a_stopped_turn_nothing_is_played_whatever_the_agent_still_sends(calls):
    call = call_make(calls)
    call.agent.mirror("agent.turn", 1, turn_id="a1", text=GOOD)
    call.agent.say(play(1))
    await until(lambda: len(call.phone.audio) == 1)
    call.agent.mirror("agent.turn", 2, turn_id="a2", text=BAD)
    call.agent.say(play(2), json.dumps({"event": "checkpoint", "name": "late"}))
    call.agent.say(json.dumps({"event": "clearAudio"}), play(2))
    call.agent.mirror("agent.delta", 3, turn_id="a2", delta="and more")
    call.agent.say(play(2), play(2, ms=3_000))
    call.agent.mirror("agent.turn", 4, turn_id="a3", text=GOOD)
    call.agent.say(play(3))
    await until(lambda: call.phone.audio[-1][1][0] == 3)
    assert [audio[0] for _, audio in call.phone.audio] == [1, 3]
    assert not any(body.get("name") == "late" for _, body in call.phone.got)


async def test_what_a_broken_stream_had_queued_was_not_heard(calls):
    call = call_make(calls)
    call.agent.mirror("agent.turn", 1, turn_id="a1", text=GOOD)
    call.agent.say(play(1, ms=5_000))
    await until(lambda: len(call.phone.audio) == 1)
    call.bridge.carrier_joined(bridge_dialect())
    amended = [e.fields for i in call.desk.items for e in i.entries if isinstance(e, Amend)]
    (heard,) = [fields["heard_text"] for fields in amended if "heard_text" in fields]
    assert GOOD.startswith(heard)
    assert heard != GOOD


# --- hold ---


async def test_held_audio_is_neither_a_burst_nor_a_gap_at_the_carrier(calls):
    call = call_make(calls, release="hold", hold_budget_ms=250)
    call.agent.mirror("agent.turn", 1, turn_id="a1", text=GOOD)
    call.agent.say(*(play() for _ in range(75)))  # a second and a half at once
    await until(lambda: len(call.phone.audio) == 75)
    times = [at for at, _ in call.phone.audio]
    queued_until = times[0]
    for at in times:
        assert at <= queued_until + 0.001  # the carrier never ran dry
        queued_until += 0.02
        assert queued_until - at <= LEAD_MS / 1000 + 0.06
    assert call.runtime.now_ms() < 10_000


# --- Mirror's own voice ---


async def test_mirror_speaks_buffer_and_correction_in_frames_and_hands_back(calls):
    call = spoken(calls)
    await stopped(call)
    await until(lambda: call.runtime.session.intervention is None)
    codes = [audio[0] for _, audio in call.phone.audio]
    assert codes == [0x70] * 5 + [0x71] * 10
    assert {len(audio) for _, audio in call.phone.audio} == {160}
    assert "mirror" in call.agent.events()
    assert call.agent.mirrored("intervention")[0]["steps"] == [{"do": "clear_audio"}]
    assert "playedStream" not in call.agent.events()


async def test_our_voice_is_no_further_ahead_than_a_fifth_of_a_second(calls):
    call = spoken(calls, correction_ms=800)
    await stopped(call)
    await until(lambda: call.runtime.session.intervention is None)
    correction = [at for at, audio in call.phone.audio if audio[0] == 0x71]
    for number, at in enumerate(correction):
        assert (number + 1) * 0.02 - (at - correction[0]) <= 0.2 + 0.05


async def test_with_all_marks_lost_the_words_follow_in_time(calls):
    call = spoken(calls, buffer_ms=200, correction_ms=300, loses_marks=True)
    await stopped(call)
    await until(lambda: call.runtime.session.intervention is None)
    ended = asyncio.get_running_loop().time()
    first = {code: min(at for at, audio in call.phone.audio if audio[0] == code) for code in (0x70, 0x71)}
    assert first[0x71] - first[0x70] <= 0.2 + 0.3 + 0.1  # the buffer line, its slack, and a busy machine's tenth
    assert ended - first[0x71] <= 0.3 + 0.5 + 0.1


async def test_a_caller_who_speaks_over_the_correction_stops_it_within_a_frame(calls):
    call = spoken(calls, correction_ms=3_000)
    await stopped(call)
    await until(lambda: sum(audio[0] == 0x71 for _, audio in call.phone.audio) > 10)
    call.phone.caller(LOUD, 8)
    assert call.runtime.session.intervention is None  # at once, not a frame later
    await until(lambda: call.phone.events.count("clearAudio") == 2)
    place = len(call.phone.got) - call.phone.events[::-1].index("clearAudio")
    call.agent.mirror("agent.turn", 2, turn_id="a2", text=GOOD)
    call.agent.say(play(7))
    await until(lambda: call.phone.audio[-1][1][0] == 7)
    assert [body["event"] for _, body in call.phone.got[place:] if body["event"] == "playAudio"] == ["playAudio"]


async def test_a_quiet_caller_stops_nothing(calls):
    call = spoken(calls)
    await stopped(call)
    await until(lambda: any(audio[0] == 0x71 for _, audio in call.phone.audio))
    call.phone.caller(QUIET, 100)
    assert call.runtime.session.intervention is not None


async def test_while_mirror_speaks_the_agent_clears_nothing_and_its_new_turn_comes_after(calls):
    call = spoken(calls)
    await stopped(call)
    call.agent.say(json.dumps({"event": "clearAudio", "streamId": "s-1"}))
    call.agent.mirror("agent.turn", 2, turn_id="a2", text=GOOD)
    call.agent.say(play(7), play(7))
    await until(lambda: len(call.phone.audio) == 17)
    assert [audio[0] for _, audio in call.phone.audio] == [0x70] * 5 + [0x71] * 10 + [7, 7]
    assert call.phone.events.count("clearAudio") == 1
    assert call.agent.events().count("clearedAudio") == 1


async def test_what_mirrors_voice_cannot_say_the_agent_says(calls):
    call = spoken(calls, buffer_ms=None)
    await stopped(call)
    await until(lambda: len(call.agent.mirrored("intervention")) == 2)
    again = call.agent.mirrored("intervention")[1]
    assert [step.get("part") for step in again["steps"]] == [None, "buffer", "correction"]
    call.agent.mirror("playback", 2, intervention_id="i1", state="started")
    call.agent.say(play(9))
    await until(lambda: bool(call.phone.audio))
    assert [audio[0] for _, audio in call.phone.audio] == [9]


async def test_an_agent_that_claims_to_speak_what_mirror_speaks_is_not_let_through(calls):
    call = spoken(calls)
    await stopped(call)
    call.agent.mirror("playback", 2, intervention_id="i1", state="started")
    call.agent.say(play(9), json.dumps({"event": "checkpoint", "name": "mirror-i1-correction"}))
    await until(lambda: call.runtime.session.intervention is None)
    assert 9 not in [audio[0] for _, audio in call.phone.audio]


async def test_the_buffer_line_is_made_ahead(calls):
    voice = SpokenVoice(buffer=100, correction=100)
    call_make(calls, voice, speaker="mirror")
    await until(lambda: voice.prepared == [BUFFER])


# --- too much, too slow ---


async def test_an_agent_that_floods_is_read_no_faster_than_the_carrier_plays(calls):
    call = call_make(calls)
    call.agent.endless = play(5, ms=200)
    await until(lambda: call.agent.taken_count * 200 > MAX_AHEAD_MS)
    before = call.agent.taken_count
    assert before * 200 <= MAX_AHEAD_MS + 20_000
    await asyncio.sleep(0.3)
    assert call.agent.taken_count - before <= 10


async def test_a_carrier_that_reads_nothing_costs_no_memory(calls):
    call = call_make(calls)
    call.phone.is_reading.clear()
    call.agent.endless = json.dumps({"event": "unknown", "padding": "x" * 10_000})
    tracemalloc.start()
    try:
        await until(lambda: call.agent.taken_count > 1_500)
        assert tracemalloc.get_traced_memory()[0] < 40 * 1024 * 1024
    finally:
        tracemalloc.stop()


async def test_an_agent_that_reads_nothing_loses_old_audio_and_nothing_else(calls):
    call = call_make(calls)
    call.agent.is_reading.clear()
    call.bridge.carrier_sent(json.dumps({"event": "dtmf", "dtmf": {"digit": "5"}}))
    call.phone.caller(QUIET, 5_000)
    call.bridge.carrier_sent(json.dumps({"event": "playedStream", "name": "theirs"}))
    call.agent.is_reading.set()
    await until(lambda: "playedStream" in call.agent.events())
    assert len(call.agent.got) <= 501
    assert call.agent.events()[0] == "dtmf"


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 100_000, '{"event":' * 10_000, '"x"' * 50_000, "\x00", '{"event":"playAudio"}', "x" * 10**6]
)
async def test_no_message_of_the_agent_ends_the_call(calls, text):
    call = call_make(calls)
    call.agent.say(text, play(3))
    await until(lambda: bool(call.phone.audio))
    assert not call.bridge.agent_gone.is_set()
