"""What a test pulls an agent by: commands come in on stdin, what the agent saw goes out on stdout, a JSON line each.

{"say": "<mu-law, base64>", "mark": "one"}      speak, then a checkpoint
{"clear": true}                                 stop what plays
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

FRAME_BYTES = 160  # 20 ms


def tell(saw: str, **fields: Any) -> None:
    sys.stdout.write(json.dumps({"saw": saw, **fields}) + "\n")
    sys.stdout.flush()


@dataclass(frozen=True)
class Hands:
    """How the agent at hand does it."""

    play: Callable[[bytes], Awaitable[None]]
    mark: Callable[[str], Awaitable[None]]
    clear: Callable[[], Awaitable[None]]


class Commands:
    """The commands, for one stream at a time."""

    def __init__(self) -> None:
        self._lines = asyncio.StreamReader()

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(self._lines), sys.stdin)

    async def carry_out(self, hands: Hands) -> None:
        """Run until cancelled or stdin ends."""
        while line := await self._lines.readline():
            command = json.loads(line)
            if "say" in command:
                await self._say(hands, base64.b64decode(command["say"]), command["mark"])
            else:
                await hands.clear()

    async def _say(self, hands: Hands, audio: bytes, mark: str) -> None:
        for start in range(0, len(audio), FRAME_BYTES):
            await hands.play(audio[start : start + FRAME_BYTES])
        await hands.mark(mark)


@dataclass
class Ears:
    """Tells of what was heard once a second of it, not for each frame."""

    frames: int = 0
    size: int = 0

    def hear(self, audio: bytes) -> None:
        self.frames += 1
        self.size += len(audio)
        if self.frames % 50 == 0:
            tell("audio", frames=self.frames, bytes=self.size)
