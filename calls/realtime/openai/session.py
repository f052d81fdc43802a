"""The provider's session as far as it matters: formats, transcription, what the agent is told to be. Pure."""

from __future__ import annotations

import json
from collections import deque
from typing import Any

from calls.realtime.openai.messages import Messages
from calls.realtime.openai.names import DEFAULT_BYTES_PER_MS, Body, bytes_per_ms, object_at, text_at


class Session:
    """``transcription_model``: switched on where the client left the caller's words out; "" leaves all as it is."""

    def __init__(self, *, transcription_model: str) -> None:
        self.id = ""
        self.model = ""
        self.instructions = ""
        self.bytes_per_ms = DEFAULT_BYTES_PER_MS
        self.is_transcribed = False
        self.is_interruptible = True  # whether speech of the caller cuts the agent off
        self._wanted = transcription_model
        self._is_beta = False
        self._updates: deque[bool] = deque()  # those that were sent and not confirmed; whether they are ours

    # --- what the provider says ------------------------------------------------------------------------------------

    def take(self, session: Body) -> None:
        """A ``session.created`` or ``session.updated``: it holds the whole session as it is now."""
        self.id, self.model = text_at(session, "id") or self.id, text_at(session, "model") or self.model
        self.instructions = text_at(session, "instructions") or self.instructions
        audio = object_at(session, "audio")
        told, heard = object_at(audio, "output"), object_at(audio, "input")
        self._is_beta = not audio
        self.bytes_per_ms = (
            bytes_per_ms(told.get("format")) or bytes_per_ms(session.get("output_audio_format")) or self.bytes_per_ms
        )
        self.is_transcribed = bool(heard.get("transcription") or session.get("input_audio_transcription"))
        detection = object_at(heard, "turn_detection") or object_at(session, "turn_detection")
        self.is_interruptible = detection.get("interrupt_response") is not False

    def is_ours(self) -> bool:
        """A ``session.updated`` came: whether it answers an update of Mirror's own, which the client never sent."""
        return self._updates.popleft() if self._updates else False

    # --- what is asked of it -----------------------------------------------------------------------------------------

    def first_update(self, messages: Messages) -> list[str]:
        """Return the update that switches transcription on; none where it is on or is not wanted."""
        if not self._wanted or self.is_transcribed:
            return []
        self._updates.append(True)
        how = {"model": self._wanted}
        session: Body = (
            {"input_audio_transcription": how}
            if self._is_beta
            else {"type": "realtime", "audio": {"input": {"transcription": how}}}
        )
        return [messages.update(session)]

    def from_client(self, body: Body, text: str) -> str:
        """The client's update as it goes on: with transcription where that is wanted and the update would lose it."""
        self._updates.append(False)
        session = body.get("session")
        if not self._wanted or not isinstance(session, dict) or session.get("type") == "transcription":
            return text
        audio: Any = session.get("audio")
        heard = audio.get("input") if isinstance(audio, dict) else None
        how = {"model": self._wanted}
        if isinstance(heard, dict) and not heard.get("transcription"):
            heard["transcription"] = how
        elif "input_audio_transcription" in session and not session["input_audio_transcription"]:
            session["input_audio_transcription"] = how
        else:
            return text
        return json.dumps(body, separators=(",", ":"), ensure_ascii=False)
