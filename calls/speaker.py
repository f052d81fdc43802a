"""Mirror's own voice in a bridged call: parts are made, sent in frames no faster than needed, and stopped at once."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from calls import metrics
from calls.carrier_side import CarrierSide
from calls.events import CallerSpoke, CallEvent, CheckpointPlayed, Speak, SpeechBegan, SpeechFailed
from calls.vad import SpeechDetector, level_db
from calls.voice.base import Speech, Voice
from calls.wire import peek

logger = logging.getLogger(__name__)

FRAME_MS = 20.0
# What the carrier has of our voice at most: little to take back, enough for a busy process.
LEAD_MS = 200.0
_FORESEEN_WITHIN_S = 5.0
# The line's noise is sampled from one frame in so many while Mirror is silent.
_SAMPLE_EVERY = 10
# A caller who goes on speaking is told of again after so many frames.
_TELL_EVERY = 12


class Speaker:
    """``tell`` takes what the session has to know. All methods return at once."""

    def __init__(
        self,
        voice: Voice,
        *,
        carrier: CarrierSide,
        language: str,
        now_ms: Callable[[], float],
        tell: Callable[[CallEvent], None],
        can_agent_speak: Callable[[], bool],
    ) -> None:
        self._voice, self._carrier, self._language = voice, carrier, language
        self._now_ms, self._tell, self._can_agent_speak = now_ms, tell, can_agent_speak
        self._parts: deque[Speak] = deque()
        self._made: dict[str, asyncio.Task[Speech | None]] = {}
        self._task: asyncio.Task[None] | None = None
        self._preparing: asyncio.Task[None] | None = None
        self._on_air = ""  # the part that plays or played last, "" once Mirror is silent
        self._detector = SpeechDetector()
        self._unsampled = 0  # frames of the caller since the last sample
        self._untold = _TELL_EVERY  # and since it was last told that they speak

    @property
    def is_speaking(self) -> bool:
        """Whether a part is being made, sent or played."""
        return bool(self._on_air or self._parts or self._task)

    # --- speaking ------------------------------------------------------------------------------------------------

    def prepare(self, text: str) -> None:
        """The buffer line will be wanted at once."""
        self._preparing = asyncio.create_task(
            self._voice.prepare(text, language=self._language, media_format=self._carrier.media_format)
        )

    def foresee(self, text: str, language: str) -> None:
        """This will be spoken soon: make it now."""
        if text and text not in self._made:
            self._made[text] = asyncio.create_task(self._speech(text, language, _FORESEEN_WITHIN_S))

    def say(self, part: Speak) -> None:
        """Speak the part behind those before it."""
        self._parts.append(part)
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def stop(self) -> bool:
        """Say nothing more. Whether the carrier may still have something of it."""
        was_on_air = bool(self._on_air)
        self._parts.clear()
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._be_silent()
        return was_on_air

    def _be_silent(self) -> None:
        for task in self._made.values():
            task.cancel()
        self._made.clear()
        self._on_air = ""
        self._untold = _TELL_EVERY
        self._detector.reset()

    def close(self) -> None:
        self.stop()
        if self._preparing is not None:
            self._preparing.cancel()

    async def _run(self) -> None:
        while self._parts:
            part = self._parts.popleft()
            speech = await self._of(part)
            if speech is None:
                metrics.SPEECH.labels("failed").inc()
                self._tell(SpeechFailed(part.intervention_id, part.part, self._can_agent_speak()))
            else:
                metrics.SPEECH.labels("spoken").inc()
                await self._play(part, speech)
        self._task = None

    async def _of(self, part: Speak) -> Speech | None:
        within_s = max(0.0, (part.deadline_ms - self._now_ms()) / 1000.0)
        made = self._made.pop(part.text, None) or asyncio.create_task(self._speech(part.text, part.language, within_s))
        try:
            async with asyncio.timeout(within_s):
                return await made
        except TimeoutError:
            return None
        except Exception:  # outer edge of a background task: without a voice the call goes on all the same
            logger.exception("speech failed", extra={"action": "speech_failed"})
            return None

    async def _speech(self, text: str, language: str, within_s: float) -> Speech | None:
        speech = await self._voice.speech(
            text,
            language=language or self._language,
            media_format=self._carrier.media_format,
            deadline_s=within_s,
        )
        return speech if speech is not None and speech.audio else None

    async def _play(self, part: Speak, speech: Speech) -> None:
        carrier, size = self._carrier, round(FRAME_MS * speech.media_format.bytes_per_ms)
        self._on_air = _key(part)
        self._tell(SpeechBegan(part.intervention_id, part.part, carrier.ahead_ms + speech.length_ms))
        for at in range(0, len(speech.audio), size):
            wait_ms = carrier.ahead_ms - LEAD_MS
            if wait_ms > 0:
                await asyncio.sleep(max(wait_ms, FRAME_MS) / 1000.0)
            frame = speech.audio[at : at + size]
            carrier.play(carrier.dialect.play(frame), self._on_air, len(frame) / speech.media_format.bytes_per_ms)
            if (level := level_db(frame, speech.media_format)) is not None:
                self._detector.spoken(level)
        carrier.mark_ours(lambda: self._tell(CheckpointPlayed(part.checkpoint)))

    def resume(self) -> None:
        """The intervention is over: what the carrier still has of it plays to its end."""
        self._parts.clear()
        self._be_silent()

    # --- listening -----------------------------------------------------------------------------------------------

    def caller_sent(self, text: str) -> None:
        """A frame of the caller's audio. Only while Mirror speaks each one is looked at."""
        if not self._on_air:
            self._sample(text)
            return
        self._untold += 1
        level = self._level(text)
        if level is not None and self._detector.feed(level) and self._untold >= _TELL_EVERY:
            self._untold = 0
            played = self._carrier.playhead.played(self._on_air, now_ms=self._now_ms())
            self._tell(CallerSpoke(played.played_ms))

    def _sample(self, text: str) -> None:
        self._unsampled += 1
        if self._unsampled < _SAMPLE_EVERY:
            return
        self._unsampled = 0
        if (level := self._level(text)) is not None:
            self._detector.sample(level)

    def _level(self, text: str) -> float | None:
        return level_db(peek.payload(text), self._carrier.media_format)


def is_ours(turn_id: str) -> bool:
    """Whether audio under this name is Mirror's."""
    return turn_id.startswith("\0")


def _key(part: Speak) -> str:
    """Under which the part's audio is known in the model of the carrier's queue. No turn of an agent is called so."""
    return f"\0{part.intervention_id}:{part.part}"
