"""The live log: who said what, what Mirror thought of it, what it stopped and what it held."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from calls.simulate.script import decided_calls
from mirror_saas.demo.catalogue import DemoCall

_COLOURS: Final = ("cyan", "magenta", "yellow", "blue", "green", "bright_cyan", "bright_magenta", "bright_yellow")
_CHIPS: Final = {
    "pass": "green",
    "allow": "green",
    "intervene": "bold white on red",
    "block": "bold white on red",
    "confirm": "bold black on yellow",
    "undecided": "bold black on white",
}


class LiveLog:
    """Prints the simulators' log lines as a story. ``calls`` names the call ids that are played."""

    def __init__(self, console: Console, calls: Mapping[str, DemoCall]) -> None:
        self._console = console
        self._began = time.monotonic()
        self._calls = calls
        self._colours = {call_id: _COLOURS[number % len(_COLOURS)] for number, call_id in enumerate(calls)}
        self._tools = {(call_id, tool.id): tool for call_id, call in calls.items() for tool in call.scenario.tools()}
        self._stopped: dict[str, list[str]] = {call_id: [] for call_id in calls}
        self._tellers: dict[str, Callable[[str, Mapping[str, Any]], None]] = {
            "dials": self._dials,
            "told_mirror": self._told_mirror,
            "mirror_said": self._mirror_said,
            "says": self._says,
            "ran_tool": self._ran_tool,
            "cleared": self._cleared,
            "hung_up": self._hung_up,
            "timeline": self._timeline,
            "connect_failed": self._trouble,
            "application_failed": self._trouble,
            "stream_lost": self._trouble,
        }

    def tell(self, line: Mapping[str, Any]) -> None:
        teller = self._tellers.get(str(line.get("what")))
        if teller and line.get("call") in self._calls:
            teller(str(line["call"]), line)

    def _print(self, call_id: str, who: str, *parts: str | tuple[str, str]) -> None:
        at_s = time.monotonic() - self._began
        name = self._calls[call_id].scenario.id
        head = [(f"{at_s:6.1f} s  ", "dim"), (f"{name:<27}", self._colours[call_id]), (f"{who:<8}", "bold")]
        self._console.print(Text.assemble(*head, *parts), soft_wrap=True)

    def _dials(self, call_id: str, line: Mapping[str, Any]) -> None:
        self._print(call_id, "dials", (self._calls[call_id].scenario.title, "italic"))

    def _told_mirror(self, call_id: str, line: Mapping[str, Any]) -> None:
        if line["message"]["type"] == "customer.turn":
            self._print(call_id, "caller", f"\u201c{line['message']['text']}\u201d")

    def _says(self, call_id: str, line: Mapping[str, Any]) -> None:
        is_mirror = not str(line["checkpoint"]).startswith("turn-")
        self._print(call_id, "agent", (f"\u201c{line['text']}\u201d", "bold red" if is_mirror else ""))

    def _mirror_said(self, call_id: str, line: Mapping[str, Any]) -> None:
        message = line["message"]
        match message.get("type"):
            case "verdict" if message.get("final", True):
                self._verdict(call_id, message)
            case "tool.decision":
                for call in decided_calls(message):
                    self._decision(call_id, call)
            case "intervention":
                self._stopped[call_id].append(str(message.get("turn_id")))
                self._print(call_id, "mirror", ("STOPS", _CHIPS["intervene"]), f"  turn {message.get('turn_id')}")
            case "error":
                self._print(call_id, "mirror", (f"error {message.get('code')}: {message.get('detail')}", "red"))

    def _verdict(self, call_id: str, message: Mapping[str, Any]) -> None:
        decision = str(message.get("decision"))
        spent_ms = (message.get("latency_ms") or {}).get("total")
        facts = [f"tier {message.get('tier')}", f"{spent_ms:.2f} ms" if isinstance(spent_ms, int | float) else ""]
        if decision != "pass":
            facts += [
                f"score {message.get('score'):.2f}",
                str(message.get("check") or ""),
                str(message.get("reason") or ""),
            ]
        detail = " \u00b7 ".join(filter(None, facts))
        self._print(call_id, "mirror", _chip(decision), (f"  {message.get('turn_id')}  {detail}", "dim"))

    def _decision(self, call_id: str, call: Mapping[str, Any]) -> None:
        decision, tool = str(call.get("decision")), self._tools.get((call_id, str(call.get("tool_call_id"))))
        called = f"{tool.name}({_arguments(tool.arguments)})" if tool else str(call.get("tool_call_id"))
        reason = f"  {call.get('reason')}" if decision != "allow" and call.get("reason") else ""
        self._print(call_id, "gate", _chip(decision), f"  {called}", (reason, "dim"))

    def _ran_tool(self, call_id: str, line: Mapping[str, Any]) -> None:
        token = " with its commit token" if line["has_token"] else ""
        self._print(call_id, "tool", f"{line['name']} ran{token}")

    def _cleared(self, call_id: str, line: Mapping[str, Any]) -> None:
        if line["dropped_ms"]:
            self._print(call_id, "carrier", f"queue cleared, {line['dropped_ms']} ms of speech never heard")

    def _hung_up(self, call_id: str, line: Mapping[str, Any]) -> None:
        self._print(call_id, "caller", ("hangs up", "dim"))

    def _timeline(self, call_id: str, line: Mapping[str, Any]) -> None:
        for turn_id in self._stopped[call_id]:
            heard = (each for each in line["timeline"]["heard"] if each["label"] == turn_id)
            heard_ms = sum(each["played_ms"] for each in heard)
            self._print(call_id, "carrier", f"the caller heard {heard_ms} ms of the stopped turn {turn_id}")

    def _trouble(self, call_id: str, line: Mapping[str, Any]) -> None:
        self._print(call_id, "carrier", (f"{line['what']}: {line.get('reason')}", "red"))


def _chip(decision: str) -> tuple[str, str]:
    return (f" {decision} ", _CHIPS.get(decision, ""))


def _arguments(arguments: Mapping[str, Any]) -> str:
    shown = (
        f"{key}={'+'.join(map(str, value)) if isinstance(value, list) else value}" for key, value in arguments.items()
    )
    return ", ".join(shown)
