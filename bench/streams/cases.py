"""What an intervention keeps to whatever the carrier and the caller do: many seeded calls in made-up time.

Lost checkpoints, a caller who speaks over the correction, a hundred bad turns at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from bench._hold_world import trial
from bench.streams import made_up
from bench.streams.made_up import BAD, FRAME_MS, LOUD, QUIET, Call, ScriptedVoice, now_ms

LATE_CORRECTION_MS, LATE_CONTROL_MS = 300.0, 500.0


@dataclass(frozen=True, slots=True)
class LostMark:
    """Milliseconds beyond the spoken length: until the correction began, until control went back."""

    correction_ms: float
    control_ms: float


@dataclass(frozen=True, slots=True)
class BargeIn:
    """Silent ``stopped_ms`` after the frame that told, which came ``told_ms`` after the caller's first.

    ``frames_after``: of the correction, behind the clear.
    """

    stopped_ms: float
    told_ms: float
    frames_after: int


@dataclass(frozen=True, slots=True)
class Held:
    """``hold`` over streams that were cut at random places."""

    streams: int
    bad_turns: int
    good_turns: int
    good_cut: int
    heard_letters: float


@dataclass(frozen=True, slots=True)
class Cases:
    held: Held
    lost_marks: list[LostMark]
    barge_ins: list[BargeIn]
    interventions: list[int]  # of a hundred bad turns at once, per call


def measure_cases(*, streams: int, calls: int, say: Callable[[str], None]) -> Cases:
    cases = Cases(
        held_trials(streams),
        [made_up.run(_lost_mark(Random(seed))) for seed in range(calls)],
        [made_up.run(_barge_in(Random(seed))) for seed in range(calls)],
        [made_up.run(_at_once(Random(seed))) for seed in range(max(1, calls // 10))],
    )
    for line in cases_lines(cases):
        say(line)
    return cases


def held_trials(count: int) -> Held:
    """Calls whose agents stream text and speech, both cut at random places, and break a rule that tier 0 knows."""
    bad = good = cut = 0
    letters = 0.0
    for seed in range(count):
        heard = trial(seed)
        letters += heard.bad_letters
        bad += heard.counts["bad turns"]
        good += heard.counts["good turns"]
        cut += heard.counts["good turns cut short"]
    return Held(count, bad, good, cut, letters)


def _voice(chance: Random) -> ScriptedVoice:
    lengths = {"buffer": chance.randrange(400, 3_000, 20), "correction": chance.randrange(600, 6_000, 20)}
    return ScriptedVoice({part: float(ms) for part, ms in lengths.items()}, made_in_ms=chance.uniform(0, 300))


async def _stopped_turn(call: Call, chance: Random) -> None:
    """The agent speaks a while and then says what it must not."""
    call.agent.speak(chance.randint(0, 100))
    await asyncio.sleep(chance.uniform(0, 1))
    call.agent.turn("bad", BAD)


async def _lost_mark(chance: Random) -> LostMark:
    voice, share = _voice(chance), chance.choice((0.3, 0.7, 1.0))
    async with Call(voice, delay_ms=chance.uniform(2, 60), is_mark_lost=lambda: chance.random() < share) as call:
        await _stopped_turn(call, chance)
        is_over = await call.until(lambda: bool(call.spy.resumed_ms))
        spoken = call.carrier.parts_ms
        if not (is_over and spoken["buffer"] and spoken["correction"]):
            return LostMark(float("inf"), float("inf"))
        began_ms = spoken["correction"][0]
        return LostMark(
            began_ms - spoken["buffer"][0] - voice.lengths_ms["buffer"],
            call.spy.resumed_ms[0] - began_ms - voice.lengths_ms["correction"],
        )


async def _barge_in(chance: Random) -> BargeIn:
    voice = _voice(chance)
    async with Call(voice, delay_ms=chance.uniform(2, 60)) as call:
        for _ in range(100):
            call.carrier.caller(QUIET)
        await _stopped_turn(call, chance)
        await call.until(lambda: bool(call.carrier.parts_ms["correction"]))
        await asyncio.sleep(chance.uniform(0, voice.lengths_ms["correction"] - 400) / 1000.0)
        first_ms = last_ms = now_ms()
        while not call.spy.resumed_ms and last_ms - first_ms < 1_000:
            last_ms = now_ms()
            call.carrier.caller(LOUD)
            await asyncio.sleep(FRAME_MS / 1000.0)
        await asyncio.sleep(1.0)
        clear_ms = call.carrier.clears_ms[-1]
        after = sum(at > clear_ms for at in call.carrier.parts_ms["correction"])
        return BargeIn(clear_ms - last_ms, last_ms - first_ms, after)


async def _at_once(chance: Random) -> int:
    async with Call(_voice(chance)) as call:
        for number in range(100):
            call.agent.turn(f"bad-{number}", BAD)
        await call.until(lambda: bool(call.spy.resumed_ms))
        return call.runtime.session.interventions.count


def cases_lines(cases: Cases) -> list[str]:
    held, lost, barged = cases.held, cases.lost_marks, cases.barge_ins
    return [
        f"hold: {held.streams} streams, {held.bad_turns} bad turns, {held.heard_letters:.0f} letters of them heard"
        f" (target 0); {held.good_turns} good turns, {held.good_cut} cut short (target 0)",
        f"lost checkpoints, {len(lost)} calls: the correction began at most"
        f" {max(one.correction_ms for one in lost):.0f} ms after the buffer line's length"
        f" (target {LATE_CORRECTION_MS:.0f}), control was back at most {max(one.control_ms for one in lost):.0f} ms"
        f" after the correction's (target {LATE_CONTROL_MS:.0f})",
        f"barge-in, {len(barged)} calls: silent {max(one.stopped_ms for one in barged):.0f} ms after the frame that"
        f" told (target {FRAME_MS}), told at most {max(one.told_ms for one in barged):.0f} ms after the caller began,"
        f" {sum(one.frames_after for one in barged)} frames of the correction after the clear (target 0)",
        f"a hundred bad turns at once, {len(cases.interventions)} calls: at most {max(cases.interventions)}"
        " intervention each (target 1)",
    ]
