"""``simulate doctor URL``: the stream doctor on the command line."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import wave
from array import array
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from calls.simulate.doctor.remarks import Level, printed, worst
from calls.simulate.doctor.visit import Visit, examine
from calls.simulate.g711 import encode
from calls.simulate.pace import Pace
from calls.simulate.voice import SENTENCE_GAP, hum
from calls.wire.media import FORMATS

_TEST_LINE: Final = "hello can you hear me what can you do for me today"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("url", help="the agent's stream: wss://...")
    parser.add_argument("--format", choices=sorted(FORMATS), default="mulaw_8k", help="audio of the stream")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long to stay on the line (default 20)")
    parser.add_argument("--say", type=Path, help="what the caller says: 8 kHz mono .wav, or raw .ulaw; else a hum")
    parser.add_argument("--header", action="append", default=[], metavar="'NAME: VALUE'", help="sent when dialling")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of lines")


def run(options: Mapping[str, Any]) -> int:
    """Return 0 when callers will notice nothing wrong, 1 when they will.

    Raises:
        ValueError: an option that cannot be used; says what to give instead.
        OSError: the recording cannot be read.
    """
    visit = Visit(
        options["url"],
        spoken(options["say"]),
        FORMATS[options["format"]],
        seconds=options["seconds"],
        headers=dict(map(_header, options["header"])),
        pace=Pace(),
    )
    if not visit.url.startswith(("ws://", "wss://")):
        raise ValueError(f"{visit.url}: give a web socket address, ws:// or wss://")
    remarks = asyncio.run(examine(visit))
    if options["json"]:
        lines = [json.dumps({"url": visit.url, "remarks": [remark.as_json() for remark in remarks]})]
    else:
        lines = list(printed(remarks))
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if worst(remarks) is Level.FAIL else 0


def spoken(path: Path | None) -> bytes:
    """The caller's line as mu-law audio."""
    if path is None:
        return b"".join(hum(word) for word in _TEST_LINE.split()) + SENTENCE_GAP
    if path.suffix != ".wav":
        return path.read_bytes()
    try:
        with wave.open(str(path)) as recording:
            if (recording.getframerate(), recording.getnchannels(), recording.getsampwidth()) != (8000, 1, 2):
                raise ValueError(f"{path}: the recording must have 8000 Hz, one channel, 16 bits")
            samples = array("h")
            samples.frombytes(recording.readframes(recording.getnframes()))
    except (wave.Error, EOFError) as error:
        raise ValueError(f"{path}: no readable .wav file ({error})") from error
    return encode(samples)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise ValueError(f"--header {text!r}: give it as 'Name: value'")
    return name.strip(), value.strip()
