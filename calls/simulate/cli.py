"""The command line of the simulators. Agent and carrier print one JSON object a line, so that a program can follow.

    python -m calls.simulate agent --scenarios DIR --audio DIR --port 9100
    python -m calls.simulate carrier --scenarios DIR --audio DIR --answer-url http://.../answer/ [--only ID]
    python -m calls.simulate carrier --scenarios DIR --audio DIR --plan calls.json --at-once 4
    python -m calls.simulate doctor wss://agent.example.com/stream
    python -m calls.simulate llm --script replies.json --port 9200

A plan is a list of ``{"scenario", "answer_url", "call_id"?}``, played in order, so many at once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from calls.simulate import realtime_cli
from calls.simulate.agent import ScriptedAgent, call_id_for
from calls.simulate.carrier import Dialled, Faults, SimulatedCall, line_of
from calls.simulate.doctor import cli as doctor
from calls.simulate.pace import Pace
from calls.simulate.scenario import Scenario, ScenarioInvalid, load_scenarios
from calls.simulate.timeline import Entry
from calls.simulate.voice import AudioLibrary

# Parties that need no scenarios.
_ALONE: Final[Mapping[str, Callable[[Mapping[str, Any]], int]]] = {"doctor": doctor.run, "llm": realtime_cli.run}


def add_arguments(parser: argparse.ArgumentParser, *, scenarios: Path | None = None, audio: Path | None = None) -> None:
    """``scenarios`` and ``audio``: the folders where none are given; None makes them required."""
    parties = parser.add_subparsers(dest="party", required=True, metavar="agent|carrier|doctor|llm")
    realtime_cli.add_arguments(parties.add_parser("llm", help="a realtime model that says what a script tells it to"))
    doctor.add_arguments(parties.add_parser("doctor", help="call an agent's stream and say what is wrong with it"))
    agent = parties.add_parser("agent", help="a scripted voice agent that serves Plivo's stream protocol")
    _add_common(agent, scenarios, audio)
    agent.add_argument("--host", default="127.0.0.1")
    agent.add_argument("--port", type=int, default=0, help="0 takes a free one; the first line printed names it")
    agent.add_argument("--unsupervised", action="store_true", help="send no Mirror messages and run tools unasked")
    carrier = parties.add_parser("carrier", help="calls as Plivo would make them, against an answer URL")
    _add_common(carrier, scenarios, audio)
    which = carrier.add_mutually_exclusive_group(required=True)
    which.add_argument("--answer-url", help="call this address once per scenario")
    which.add_argument("--plan", type=Path, help="a JSON list of calls to make")
    carrier.add_argument("--only", action="append", default=[], metavar="ID", help="play this scenario only")
    carrier.add_argument("--at-once", type=int, default=1, help="calls at a time")
    carrier.add_argument("--auth-token", default="", help="sign web requests as Plivo does with this token")
    _add_faults(carrier)


def _add_common(parser: argparse.ArgumentParser, scenarios: Path | None, audio: Path | None) -> None:
    parser.add_argument(
        "--scenarios", type=Path, default=scenarios, required=scenarios is None, help="folder of scenario files"
    )
    parser.add_argument("--audio", type=Path, default=audio, required=audio is None, help="folder of recordings")
    parser.add_argument("--speed", type=float, default=1.0, help="1 is real time")


def _add_faults(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--jitter-ms", type=int, default=0)
    parser.add_argument("--lost-ack-share", type=float, default=0.0)
    parser.add_argument("--drop-after-ms", type=int)
    parser.add_argument("--read-delay-ms", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m calls.simulate", description=__doc__.partition("\n")[0])
    add_arguments(parser)
    return run(vars(parser.parse_args(argv)))


def run(options: Mapping[str, Any]) -> int:
    """Play one party until it is done or told to stop. Returns the exit status."""
    try:
        if options["party"] in _ALONE:
            return _ALONE[options["party"]](options)
        scenarios = load_scenarios(options["scenarios"])
        library = AudioLibrary(options["audio"])
        play = _agent if options["party"] == "agent" else _carrier
        return asyncio.run(play(options, scenarios, library))
    except (ScenarioInvalid, OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        return 130


def emit(**fields: Any) -> None:
    sys.stdout.write(json.dumps(fields, ensure_ascii=False) + "\n")
    sys.stdout.flush()


# The agent.


async def _agent(options: Mapping[str, Any], scenarios: Mapping[str, Scenario], library: AudioLibrary) -> int:
    agent = ScriptedAgent(
        scenarios,
        library,
        Pace(options["speed"]),
        is_supervised=not options["unsupervised"],
        log=lambda call_id, what, detail: emit(side="agent", call=call_id, what=what, **detail),
    )
    server = await agent.listen(options["host"], options["port"])
    port = next(iter(server.sockets)).getsockname()[1]
    emit(side="agent", what="listening", host=options["host"], port=port)
    await _told_to_stop()
    server.close()
    await server.wait_closed()
    return 0


async def _told_to_stop() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


# The carrier.


@dataclass(frozen=True, slots=True)
class PlannedCall:
    scenario: Scenario
    answer_url: str
    call_id: str


def plan_of(options: Mapping[str, Any], scenarios: Mapping[str, Scenario]) -> list[PlannedCall]:
    """Return the calls to make, in order.

    Raises:
        ScenarioInvalid: a scenario that is not in the folder.
    """
    if options["plan"]:
        items = json.loads(options["plan"].read_text(encoding="utf-8"))
    else:
        items = [{"scenario": found, "answer_url": options["answer_url"]} for found in options["only"] or scenarios]
    return [_planned(item, scenarios) for item in items]


def _planned(item: Mapping[str, str], scenarios: Mapping[str, Scenario]) -> PlannedCall:
    scenario = scenarios.get(item["scenario"])
    if scenario is None:
        raise ScenarioInvalid(f"no scenario {item['scenario']!r}; there are: {', '.join(scenarios)}")
    call_id = item.get("call_id") or call_id_for(scenario.id, uuid.uuid4().hex)
    return PlannedCall(scenario, item["answer_url"], call_id)


@dataclass(slots=True)
class Switchboard:
    """Makes planned calls, so many at a time."""

    options: Mapping[str, Any]
    library: AudioLibrary
    _free: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._free = asyncio.Semaphore(self.options["at_once"])

    async def make(self, planned: PlannedCall) -> None:
        async with self._free:
            emit(side="carrier", call=planned.call_id, what="dials", at_ms=0, scenario=planned.scenario.id)
            call = SimulatedCall(
                self._dialled(planned),
                Pace(self.options["speed"]),
                self._faults(),
                log=lambda entry: _emit_entry(planned, entry),
            )
            timeline = await call.run()
            emit(side="carrier", call=planned.call_id, what="timeline", timeline=timeline.as_json())

    def _dialled(self, planned: PlannedCall) -> Dialled:
        scenario = planned.scenario
        lines = ((line, self.library.say(line.text, "caller").audio) for line in scenario.caller_path())
        return Dialled(
            call_id=planned.call_id,
            answer_url=planned.answer_url,
            from_number=scenario.caller_number,
            to_number=scenario.agent_number,
            lines=tuple(line_of(line.id, audio, line.barge_in_ms) for line, audio in lines),
            agent_lines=agent_recordings(scenario, self.library),
            auth_token=self.options["auth_token"],
        )

    def _faults(self) -> Faults:
        names = ("jitter_ms", "lost_ack_share", "drop_after_ms", "read_delay_ms", "seed")
        return Faults(**{name: self.options[name] for name in names})


def agent_recordings(scenario: Scenario, library: AudioLibrary) -> dict[str, bytes]:
    """The recordings an agent may play, for naming what the caller heard: by turn id, others by their text."""
    found = {line.id: library.recorded(line.text, "agent") for line in scenario.agent_lines() if line.text}
    return {turn_id: audio for turn_id, audio in found.items() if audio} | library.extra_lines()


def _emit_entry(planned: PlannedCall, entry: Entry) -> None:
    emit(side="carrier", call=planned.call_id, **entry.as_json())


async def _carrier(options: Mapping[str, Any], scenarios: Mapping[str, Scenario], library: AudioLibrary) -> int:
    board = Switchboard(options, library)
    await asyncio.gather(*(board.make(planned) for planned in plan_of(options, scenarios)))
    return 0
