"""espeak-ng, where it is installed: a voice without a network, run as a process of its own for each line.

It is GPL, so it is neither shipped nor linked, and a crash or a hang of it is not ours. The text goes in on stdin: an
argument could be read as an option and shows in the machine's list of processes.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import time
from contextlib import suppress
from typing import Final
from weakref import WeakKeyDictionary

from calls.voice.line import Line, Spoken
from calls.voice.recording import LINEAR
from calls.wire.media import MediaFormat
from judging.providers.errors import Failure, ProviderFailed

PROGRAM: Final = "espeak-ng"
# A line takes 10 to 50 ms of one core: more at once would only take turns.
AT_ONCE: Final = 4
MAX_BYTES: Final = 6 * 1024 * 1024
LONGEST_S: Final = 10.0
WORDS_PER_MINUTE: Final = 165
_END_S: Final = 1.0
# Its header says which rate it really has.
_ANSWER: Final = MediaFormat(LINEAR, 22_050)
# Voices are files below its data folder: a name must not lead out of there, nor look like an option.
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,40}(\+[A-Za-z0-9_-]{1,40})?")
_VOICES: Final = {
    "en": "en-us",
    "en-gb": "en-gb",
    "de": "de",
    "es": "es",
    "es-419": "es-419",
    "es-mx": "es-419",
    "fr": "fr-fr",
    "hi": "hi",
    "pt": "pt-br",  # nine of ten speakers
    "pt-pt": "pt",
}


def espeak_path() -> str | None:
    """Return where the program is, None where it is not installed."""
    return shutil.which(PROGRAM)


def espeak_voice(language: str) -> str | None:
    """Return the voice for a language tag, None where there is none."""
    tag = language.replace("_", "-").lower() or "en"
    return _VOICES.get("-".join(tag.split("-")[:2])) or _VOICES.get(tag.split("-")[0])


async def speech_by_espeak(line: Line, *, name: str = "", deadline_s: float) -> Spoken:
    """Return the line, spoken by the voice ``name`` or the one for its language.

    Raises:
        ProviderFailed: unavailable (not installed, no such language), timeout, provider_error, garbage (too much).
    """
    path, voice = espeak_path(), name or espeak_voice(line.language)
    if path is None:
        raise ProviderFailed(Failure.UNAVAILABLE, f"{PROGRAM} is not installed")
    if voice is None or not _NAME.fullmatch(voice):
        raise ProviderFailed(Failure.UNAVAILABLE, f"no voice for {line.base_language}")
    arguments = (path, "--stdin", "--stdout", "-b", "1", "-s", str(WORDS_PER_MINUTE), "-v", voice)
    deadline_s = min(deadline_s, LONGEST_S)
    try:
        async with asyncio.timeout(deadline_s), _turns():
            return await _run(arguments, _plain(line.text))
    except TimeoutError as error:
        raise ProviderFailed(Failure.TIMEOUT, f"no speech within {deadline_s:.1f} s") from error
    except OSError as error:
        raise ProviderFailed(Failure.PROVIDER_ERROR, f"{PROGRAM} cannot be run: {error.strerror}") from error


def _plain(text: str) -> bytes:
    # Two brackets would begin its own phoneme notation.
    return text.replace("[[", "[ [").encode() + b"\n"


async def _run(arguments: tuple[str, ...], text: bytes) -> Spoken:
    began_s = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=_environment(),
        start_new_session=True,
    )
    try:
        data, first_byte_at_s = await _exchange(process, text)
        code = await process.wait()
    finally:
        await _end(process)
    if code != 0 or not data:
        raise ProviderFailed(Failure.PROVIDER_ERROR, f"{PROGRAM} ended with {code}")
    return Spoken(data, _ANSWER, "audio/wav", first_byte_at_s - began_s)


async def _exchange(process: asyncio.subprocess.Process, text: bytes) -> tuple[bytes, float]:
    stdin, stdout = process.stdin, process.stdout
    if stdin is None or stdout is None:
        raise ProviderFailed(Failure.PROVIDER_ERROR, f"{PROGRAM} has no pipes")
    stdin.write(text)  # less than a pipe holds
    stdin.close()
    data, first_byte_at_s = bytearray(), 0.0
    while chunk := await stdout.read(65_536):
        first_byte_at_s = first_byte_at_s or time.monotonic()
        data += chunk
        if len(data) > MAX_BYTES:
            raise ProviderFailed(Failure.GARBAGE, f"more than {MAX_BYTES} bytes")
    return bytes(data), first_byte_at_s


async def _end(process: asyncio.subprocess.Process) -> None:
    """Leave nothing behind: the process leads a group of its own, so what it started goes with it."""
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    with suppress(TimeoutError):
        async with asyncio.timeout(_END_S):
            # A process counts as over only once its pipe is read to the end, and one with too much in it is not read
            # by itself any more.
            while process.stdout is not None and await process.stdout.read(65_536):
                pass
            await process.wait()


def _environment() -> dict[str, str]:
    """Nothing of ours: the environment holds secrets."""
    kept = {name: os.environ[name] for name in ("PATH", "ESPEAK_DATA_PATH") if name in os.environ}
    return {**kept, "LC_ALL": "C.UTF-8"}


_running: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


def _turns() -> asyncio.Semaphore:
    return _running.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE))
