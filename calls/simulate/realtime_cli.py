"""``simulate llm``: a realtime model that says what a script tells it to, for trying the realtime proxy without a key.

A script is a JSON list of replies, said in order: ``{"say": "...", "call": {"name": "...", "arguments": {}}}``, both
optional. ``"after": "words"`` keeps a reply until the caller's last words hold these.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from calls.simulate.realtime_model import Ask
from calls.simulate.realtime_server import RealtimeServer
from calls.simulate.realtime_speech import Body, Call, Reply

NOTHING_LEFT: Final = "I have nothing more to say."
_SAY_THIS: Final = "nothing else:\n"  # how Mirror words what is to be said instead
_PIECES: Final = re.compile(r"\S+\s*")


class ScriptRefused(ValueError):
    """The script cannot be played; the message says which reply and what it lacks."""


@dataclass(frozen=True, slots=True)
class Scripted:
    reply: Reply
    after: str = ""


class ScriptedModel:
    """Answers in the order of a script; what Mirror asks to be said it says word for word."""

    def __init__(self, replies: Sequence[Scripted]) -> None:
        self._left = list(replies)

    def __call__(self, ask: Ask) -> Reply:
        told = ask.instructions.partition(_SAY_THIS)[2]
        if told:
            return spoken(told)
        words = _last_words(ask.items).lower()
        for index, one in enumerate(self._left):
            if one.after.lower() in words:
                return self._left.pop(index).reply
        return spoken(NOTHING_LEFT)


def spoken(text: str, calls: tuple[Call, ...] = ()) -> Reply:
    """A reply cut into words, as transcripts come."""
    return Reply(tuple(_PIECES.findall(text)), calls)


def script_of(text: str) -> list[Scripted]:
    """Read a script.

    Raises:
        ScriptRefused: no JSON, or a reply that says and calls nothing.
    """
    try:
        listed = json.loads(text)
    except ValueError as error:
        raise ScriptRefused(f"the script is no JSON: {error}") from error
    if not isinstance(listed, list):
        raise ScriptRefused("a script is a JSON list of replies")
    return [_scripted(number, one) for number, one in enumerate(listed, 1)]


def _scripted(number: int, one: Any) -> Scripted:
    if not isinstance(one, dict) or not (one.get("say") or one.get("call")):
        raise ScriptRefused(f'reply {number}: give "say", "call" or both')
    say, call, after = one.get("say") or "", one.get("call"), one.get("after") or ""
    if not isinstance(say, str) or not isinstance(after, str):
        raise ScriptRefused(f'reply {number}: "say" and "after" are texts')
    if call is not None and not (isinstance(call, dict) and isinstance(call.get("name"), str)):
        raise ScriptRefused(f'reply {number}: "call" is {{"name": ..., "arguments": {{...}}}}')
    calls = (Call(call["name"], json.dumps(call.get("arguments") or {})),) if call else ()
    return Scripted(spoken(say, calls), after)


def _last_words(items: Sequence[Body]) -> str:
    """What the caller said last, as text or as the transcript of their speech."""
    for item in reversed(items):
        if item.get("role") == "user":
            parts = [part for part in item.get("content") or () if isinstance(part, dict)]
            return " ".join(str(part.get("text") or part.get("transcript") or "") for part in parts)
    return ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--script", type=Path, help="JSON list of replies; without one it has nothing to say")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one; the line printed names it")
    parser.add_argument("--key", default="", help="the API key that clients must send; empty lets everybody in")
    parser.add_argument("--pause-ms", type=int, default=40, help="between the messages of a reply")
    parser.add_argument("--beta", action="store_true", help="use the names of the beta protocol")
    parser.add_argument("--text", action="store_true", help="answer in text instead of audio")


def run(options: Mapping[str, Any]) -> int:
    """Serve until told to stop.

    Raises:
        ScriptRefused: the script cannot be played.
        OSError: it cannot be read, or the port is taken.
    """
    replies = script_of(options["script"].read_text(encoding="utf-8")) if options["script"] else []
    server = RealtimeServer(
        ScriptedModel(replies),
        key=options["key"],
        pause_s=options["pause_ms"] / 1000,
        is_beta=options["beta"],
        is_text=options["text"],
    )
    asyncio.run(_serve(server, options["host"], options["port"]))
    return 0


async def _serve(server: RealtimeServer, host: str, port: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with server.serving(host, port):
        told = {"side": "llm", "what": "listening", "url": f"ws://{host}:{server.port}/v1/realtime"}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        await stop.wait()
