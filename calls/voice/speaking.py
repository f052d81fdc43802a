"""Mirror's voice in one call: what was said before is taken from memory, what fails falls back to the next voice."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID
from weakref import WeakKeyDictionary

from django.conf import settings

from calls.live_agent import LiveAgent
from calls.voice.base import Speech, Voice
from calls.voice.config import VoiceConfig, VoiceKind
from calls.voice.espeak import espeak_path
from calls.voice.line import Line, speakable
from calls.voice.rendering import Rendered, render
from calls.voice.store import Flights, LineKey, LineStore
from calls.wire.media import FORMATS, MediaFormat
from judging.core.corrections import buffer_line
from judging.providers.errors import ProviderFailed

logger = logging.getLogger(__name__)

PREPARE_WITHIN_S: Final = 10.0
# What is left for the next voice when the one before it hangs.
_RESERVE_S: Final = 1.0
_RESERVE_SHARE: Final = 0.4
_MOST_SAID: Final = 16


@dataclass(slots=True)
class Room:
    """What the voices of one event loop share."""

    store: LineStore
    flights: Flights = field(default_factory=Flights)


_rooms: WeakKeyDictionary[asyncio.AbstractEventLoop, Room] = WeakKeyDictionary()


def room_current() -> Room:
    loop = asyncio.get_running_loop()
    if loop not in _rooms:
        _rooms[loop] = Room(LineStore(settings.REDIS_URL, settings.MIRROR_REDIS_PREFIX))
    return _rooms[loop]


async def voices_close() -> None:
    """Let go of what the voices of the running loop hold, before it ends."""
    room = _rooms.pop(asyncio.get_running_loop(), None)
    if room is not None:
        await room.flights.close()
        await room.store.close()


def voice_for(agent: LiveAgent) -> Voice | None:
    """Return the voice for one call of the agent; None where the agent always speaks for itself, or nothing can.

    The configured voice comes first, then espeak-ng if it is installed and allowed. A transport that has the agent's
    own voice asks for this only when the agent's ``speaker`` is ``mirror``.
    """
    if agent.judging.settings.speaker == "agent":
        return None
    usable = [one for one in agent.voices if one.kind is not VoiceKind.ESPEAK or espeak_path()]
    return CallVoice(agent.tenant_id, usable) if usable else None


async def buffer_prepare(agent: LiveAgent) -> bool:
    """Make the agent's buffer line in the format of its streams, outside of a call. False: it has no voice.

    A call prepares it again, in its own language; mostly it is there by then.
    """
    voice, told = voice_for(agent), agent.judging.settings
    if voice is None:
        return False
    try:
        text = buffer_line(told.buffer_text, told.language or "en")
        await voice.prepare(text, language=told.language, media_format=FORMATS[told.stream_format])
    finally:
        await voices_close()
    return True


class CallVoice:
    """The voices of one agent, in order of preference. Made for one call: it remembers what was said in it.

    Only prepared lines are kept longer and for other calls; a correction may hold what a caller said of themselves.
    """

    def __init__(self, tenant_id: UUID, voices: Sequence[VoiceConfig]) -> None:
        self._tenant_id = tenant_id
        self._voices = tuple(voices)
        self._prepared: set[Line] = set()
        self._said: OrderedDict[Line, Speech] = OrderedDict()

    async def speech(self, text: str, *, language: str, media_format: MediaFormat, deadline_s: float) -> Speech | None:
        """Return the spoken text, or None where no voice could make it in time. Empty text is None, too."""
        until_s = time.monotonic() + deadline_s
        line = Line(speakable(text), language, media_format)
        if not line.text:
            return None
        known = self._said.get(line) or await self._stored(line)
        if known is not None:
            return replace(known, is_cached=True)
        reserve_s = min(_RESERVE_S, _RESERVE_SHARE * deadline_s)
        for place, voice in enumerate(self._voices):
            is_last = place == len(self._voices) - 1
            left_s = until_s - time.monotonic() - (0.0 if is_last else reserve_s)
            rendered = await self._rendered(line, voice, left_s)
            if rendered is not None:
                return self._remember(line, Speech(rendered.audio, media_format, voice.kind.value))
        return None

    async def prepare(self, text: str, *, language: str, media_format: MediaFormat) -> None:
        """Have the line at hand, in this process and the others, in the first voice that can say it."""
        line = Line(speakable(text), language, media_format)
        if not line.text:
            return
        self._prepared.add(line)
        store = room_current().store
        for voice in self._voices:
            key = LineKey(self._tenant_id, voice, line)
            if await store.get(key) is not None:
                return
            rendered = await self._rendered(line, voice, PREPARE_WITHIN_S)
            if rendered is not None:
                await store.share(key, rendered.audio)
                return

    async def _stored(self, line: Line) -> Speech | None:
        """A prepared line, in the best voice that it was prepared in; ``en`` does for ``en-US``."""
        prepared = line if line in self._prepared else next(filter(line.sounds_like, self._prepared), None)
        if prepared is None:
            return None
        store = room_current().store
        for voice in self._voices:
            audio = await store.get(LineKey(self._tenant_id, voice, prepared))
            if audio is not None:
                return Speech(audio, line.media_format, voice.kind.value)
        return None

    async def _rendered(self, line: Line, voice: VoiceConfig, within_s: float) -> Rendered | None:
        if within_s <= 0:
            return None
        key = LineKey(self._tenant_id, voice, line)
        try:
            return await room_current().flights.join(
                key, lambda: render(line, voice, tenant_id=self._tenant_id, deadline_s=within_s), deadline_s=within_s
            )
        except ProviderFailed:
            return None  # counted and logged where it happened

    def _remember(self, line: Line, speech: Speech) -> Speech:
        self._said[line] = speech
        if len(self._said) > _MOST_SAID:
            self._said.popitem(last=False)
        return speech
