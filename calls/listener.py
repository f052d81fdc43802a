"""A call whose stream Mirror cannot write to: it hears both sides, and speaks through the carrier's REST.

What the agent says cannot be cleared from here; while Mirror speaks, the carrier lets nobody else be heard. There are
no checkpoints: how long a line takes is estimated from its words, beginning when the carrier accepted it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from base64 import b64decode
from binascii import Error as NotBase64
from collections import deque
from collections.abc import Coroutine, Sequence
from typing import Any, Final, Protocol

from calls import metrics
from calls.events import (
    CallerSpoke,
    CallEvent,
    CheckpointPlayed,
    ClearAudio,
    PlaybackReported,
    Speak,
    SpeechBegan,
    SpeechFailed,
)
from calls.heard import speech_ms
from calls.runtime import AudioEffect, CallRuntime
from calls.vad import SpeechDetector, level_db
from calls.wire.media import MediaFormat
from judging.core import Json
from tenants.errors import MirrorError

logger = logging.getLogger(__name__)

# To be quiet is worth waiting for longer than to speak: a line that comes late belongs to a moment that has passed.
STOP_WITHIN_S: Final = 3.0
# A caller who goes on speaking is told of again after so many frames.
_TELL_EVERY: Final = 12
LANGUAGES: Final = {"en": "en-US", "de": "de-DE", "es": "es-ES", "fr": "fr-FR", "hi": "hi-IN", "pt": "pt-BR"}


class Mouth(Protocol):
    """How Mirror speaks on the call: ``calls.plivo_rest.PlivoClient``. Both raise ``MirrorError``."""

    async def speak(self, call_id: str, text: str, *, language: str = ...) -> None: ...

    async def speak_stop(self, call_id: str) -> None: ...


class Listener:
    """A ``Port`` of the call's runtime. ``mouth`` None: it only listens."""

    def __init__(self, *, runtime: CallRuntime, mouth: Mouth | None, media_format: MediaFormat) -> None:
        self.runtime = runtime
        self.gone = asyncio.Event()  # the call goes on in another process
        self._format = media_format
        self._detector = SpeechDetector()
        self._untold = _TELL_EVERY
        self._began_ms = 0.0  # when the line that is spoken began
        self._lines: deque[Speak] = deque()
        self._wakes, self._cleared, self._quiet = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._quiet.set()
        self._task = asyncio.create_task(self._speak_lines(mouth)) if mouth is not None else None

    # --- the carrier's side ----------------------------------------------------------------------------------------

    @property
    def is_listening(self) -> bool:
        """Whether what the carrier sends matters now."""
        return not self._quiet.is_set()

    def carrier_sent(self, body: dict[str, Any]) -> None:
        """One message of the stream. Audio matters only while Mirror speaks: the caller may talk over it."""
        if not self.is_listening:
            return
        if self.runtime.has_ended:
            self._stop()
        media = body.get("media")
        if body["event"] != "media" or not isinstance(media, dict):
            return
        if media.get("track", "inbound") == "inbound":
            self._caller_sent(_audio_of(media.get("payload")))

    def _caller_sent(self, audio: bytes) -> None:
        self._untold += 1
        level = level_db(audio, self._format)
        if level is not None and self._detector.feed(level) and self._untold >= _TELL_EVERY:
            self._untold = 0
            self.runtime.tell(CallerSpoke(self.runtime.now_ms() - self._began_ms))

    # --- the call's side (Port) --------------------------------------------------------------------------------------

    def heard(self, event: CallEvent) -> None:
        """Nothing waits here for a turn's text."""

    def playing(self) -> Sequence[PlaybackReported]:
        return ()

    def send(self, body: dict[str, Json]) -> None:
        """Nothing can be sent on this connection: the agent's own gets it."""

    def control(self, effect: AudioEffect) -> None:
        match effect:
            case Speak() if self._task is not None:
                self._lines.append(effect)
                self._wakes.set()
            case ClearAudio():
                self._stop()

    def let_go(self) -> None:
        self.gone.set()

    async def close(self) -> None:
        """Stop speaking and end."""
        self._stop()
        if self._task is not None:
            with contextlib.suppress(TimeoutError):
                # Long enough to tell the carrier to be quiet.
                await asyncio.wait_for(self._quiet.wait(), STOP_WITHIN_S)
            self._task.cancel()

    # --- speaking ----------------------------------------------------------------------------------------------------

    def _stop(self) -> None:
        self._lines.clear()
        self._cleared.set()

    async def _speak_lines(self, mouth: Mouth) -> None:
        while True:
            await self._wakes.wait()
            self._wakes.clear()
            while self._lines:
                await self._speak(mouth, self._lines.popleft())

    async def _speak(self, mouth: Mouth, line: Speak) -> None:
        self._cleared.clear()
        self._quiet.clear()
        try:
            if not await self._is_begun(mouth, line):
                self.runtime.tell(SpeechFailed(line.intervention_id, line.part, self._can_agent_speak))
                return
            self._began_ms = self.runtime.now_ms()
            self.runtime.tell(SpeechBegan(line.intervention_id, line.part, speech_ms(line.text)))
            if await self._is_cleared_within(speech_ms(line.text)):
                await self._told(line, mouth.speak_stop(self.runtime.external_id), within_s=STOP_WITHIN_S)
            else:
                self.runtime.tell(CheckpointPlayed(line.checkpoint))
        finally:
            self._detector.reset()
            self._untold = _TELL_EVERY
            self._quiet.set()

    async def _is_begun(self, mouth: Mouth, line: Speak) -> bool:
        call_id, within_s = self.runtime.external_id, (line.deadline_ms - self.runtime.now_ms()) / 1000.0
        code = line.language or self.runtime.session.conversation.language.code
        language = LANGUAGES.get(code.split("-")[0], LANGUAGES["en"])
        if await self._told(line, mouth.speak(call_id, line.text, language=language), within_s=within_s):
            return True
        # It may have been taken all the same, and somebody else speaks now.
        await self._told(line, mouth.speak_stop(call_id), within_s=STOP_WITHIN_S)
        return False

    @property
    def _can_agent_speak(self) -> bool:
        """Whether the agent is there over a connection of its own."""
        return any(port is not self for port in self.runtime.ports)

    async def _is_cleared_within(self, length_ms: float) -> bool:
        try:
            async with asyncio.timeout(length_ms / 1000.0):
                return await self._cleared.wait()
        except TimeoutError:
            return False

    async def _told(self, line: Speak, request: Coroutine[Any, Any, None], *, within_s: float) -> bool:
        """Whether the carrier took the request."""
        try:
            async with asyncio.timeout(within_s):
                await request
        except (MirrorError, TimeoutError) as failed:
            metrics.CARRIER_LINES.labels(line.part, "failed").inc()
            context = {**self.runtime.log_context(), "action": "carrier_speak", "reason": type(failed).__name__}
            logger.warning("the carrier did not do as told with a line", extra={**context, "part": line.part})
            return False
        metrics.CARRIER_LINES.labels(line.part, "taken").inc()
        return True


def _audio_of(payload: object) -> bytes:
    if not isinstance(payload, str):
        return b""
    try:
        return b64decode(payload, validate=True)
    except (NotBase64, ValueError):
        return b""
