"""Takes an agent's stream messages with the moment each came and finds what is wrong with them. Pure: no clock, no I/O.

Moments are milliseconds since the stream began and never run backwards.
"""

from __future__ import annotations

import base64
import binascii
import json
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from calls.simulate.doctor.remarks import Level, Remark
from calls.simulate.g711 import BYTES_PER_MS, decode
from calls.simulate.playback import PlaybackQueue, Reached
from calls.wire.media import MediaFormat

KNOWN: Final = frozenset({"playAudio", "checkpoint", "clearAudio", "sendDTMF", "mirror"})
FIRST_AUDIO_MS: Final = 4_000  # after which a caller says "hello?"
REACTION_MS: Final = 1_000  # in which an agent should fall silent when it is spoken over
STUTTER_MS: Final = (40, 700)  # a shorter gap is not heard, a longer one is a pause between sentences
FAR_AHEAD_MS: Final = 8_000
LARGE_BYTES: Final = 512 * 1024
QUIET, LOUD = 250, 32_000  # mean magnitude of speech that is hard to hear; magnitude near the end of the scale
_AUDIBLE: Final = 64
_WAV: Final = (b"RIFF", b"OggS", b"ID3", b"\xff\xfb")


@dataclass(slots=True)
class Tally:
    """What was counted of a stream."""

    events: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    formats: Counter[str] = field(default_factory=Counter)
    audio_ms: float = 0.0
    audible_ms: float = 0.0
    magnitude: float = 0.0  # mean magnitude of the audible audio, times its milliseconds
    clipped_ms: float = 0.0
    first_audio_ms: int | None = None
    largest_bytes: int = 0
    most_ahead_ms: float = 0.0
    stutters: int = 0
    stutter_ms: float = 0.0
    containers: int = 0
    odd: int = 0
    clears_without_stream: int = 0
    reactions_ms: list[int] = field(default_factory=list)
    ignored_barge_ins: int = 0
    unmarked_audio: int = 0  # stretches of speech without a checkpoint behind them


class Exam:
    """Feed it with ``took``, ``spoke`` and ``passed``; ask ``remarks`` at the end."""

    def __init__(self, media_format: MediaFormat) -> None:
        self.tally = Tally()
        self._format = media_format
        self._queue = PlaybackQueue()
        self._ends_ms = 0.0  # when all audio sent so far has played
        self._is_marked = True
        self._barge_in_ms: int | None = None

    def took(self, text: str | bytes, at_ms: int) -> list[tuple[str, str]]:
        """Take one message; return what a carrier answers now, as ``(event, name)``."""
        if isinstance(text, bytes):
            self.tally.refused["a binary message; the protocol is JSON in text messages"] += 1
            return []
        body = _object(text)
        if body is None:
            self.tally.refused["a message that is no JSON object"] += 1
            return []
        self.tally.largest_bytes = max(self.tally.largest_bytes, len(text))
        event = str(body.get("event", ""))
        self.tally.events[event] += 1
        match event:
            case "playAudio":
                self._play(body.get("media"), at_ms)
            case "checkpoint":
                return self._checkpoint(body.get("name"), at_ms)
            case "clearAudio":
                return self._clear(body, at_ms)
            case _ if event not in KNOWN:
                self.tally.unknown[event[:40] or "(no event)"] += 1
        return self.passed(at_ms)

    def passed(self, at_ms: int) -> list[tuple[str, str]]:
        """Time went by; return the checkpoints that were reached."""
        return self._reached(self._queue.advance(at_ms))

    def is_playing(self, at_ms: int) -> bool:
        """Whether the caller hears the agent at a moment."""
        return self._ends_ms > at_ms

    def quiet_ms(self, at_ms: int) -> float:
        """For how long the agent has been quiet; 0.0 while it plays."""
        return max(0.0, at_ms - self._ends_ms)

    def spoke(self, at_ms: int) -> None:
        """The caller began to speak; over the agent, where it plays."""
        if self.is_playing(at_ms):
            self._barge_in_ms = at_ms

    # --- what comes in -----------------------------------------------------------------------------------------------

    def _play(self, media: Any, at_ms: int) -> None:
        audio = self._audio(media)
        if not audio:
            return
        length_ms = len(audio) / self._format.bytes_per_ms
        if self.tally.first_audio_ms is None:
            self.tally.first_audio_ms = at_ms
        gap_ms = at_ms - self._ends_ms
        if self._ends_ms and STUTTER_MS[0] < gap_ms < STUTTER_MS[1] and not self._is_marked:
            self.tally.stutters += 1
            self.tally.stutter_ms += gap_ms
        elif gap_ms >= STUTTER_MS[1] and not self._is_marked and self.tally.audio_ms:
            self.tally.unmarked_audio += 1
        self._ends_ms = max(self._ends_ms, at_ms) + length_ms
        self._is_marked = False
        self._queue.play(round(length_ms * BYTES_PER_MS), "agent", now_ms=at_ms)
        self.tally.most_ahead_ms = max(self.tally.most_ahead_ms, self._ends_ms - at_ms)
        self.tally.audio_ms += length_ms
        self._measure(audio, length_ms)

    def _audio(self, media: Any) -> bytes:
        if not isinstance(media, Mapping):
            self.tally.refused["playAudio without media"] += 1
            return b""
        told = f"{media.get('contentType')!r} at {media.get('sampleRate')!r}"
        if media.get("contentType") != self._format.encoding or str(media.get("sampleRate")) != str(
            self._format.sample_rate
        ):
            self.tally.formats[told] += 1
        try:
            audio = base64.b64decode(media.get("payload") or "", validate=True)
        except (TypeError, ValueError, binascii.Error):
            self.tally.refused["a payload that is not base64"] += 1
            return b""
        self.tally.containers += audio.startswith(_WAV)
        if self._format.is_linear and len(audio) % 2:
            self.tally.odd += 1
            audio = audio[:-1]
        return audio

    def _measure(self, audio: bytes, length_ms: float) -> None:
        samples = decode(audio) if not self._format.is_linear else _linear(audio)
        magnitudes = [abs(sample) for sample in samples]
        mean = sum(magnitudes) / len(magnitudes)
        if mean >= _AUDIBLE:
            self.tally.audible_ms += length_ms
            self.tally.magnitude += mean * length_ms
        self.tally.clipped_ms += length_ms * sum(value >= LOUD for value in magnitudes) / len(magnitudes)

    def _checkpoint(self, name: Any, at_ms: int) -> list[tuple[str, str]]:
        if not isinstance(name, str) or not name:
            self.tally.refused["a checkpoint without a name"] += 1
            return self.passed(at_ms)
        self._is_marked = True
        return self._reached(self._queue.checkpoint(name, now_ms=at_ms))

    def _clear(self, body: Mapping[str, Any], at_ms: int) -> list[tuple[str, str]]:
        self.tally.clears_without_stream += not body.get("streamId")
        reached, _ = self._queue.clear(now_ms=at_ms)
        self._fell_silent(at_ms)
        self._ends_ms, self._is_marked = min(self._ends_ms, at_ms), True
        return [*self._reached(reached), ("clearedAudio", "")]

    def _reached(self, heard: list[Any]) -> list[tuple[str, str]]:
        return [("playedStream", event.name) for event in heard if isinstance(event, Reached)]

    def _fell_silent(self, at_ms: int) -> None:
        if self._barge_in_ms is not None:
            self.tally.reactions_ms.append(at_ms - self._barge_in_ms)
            self._barge_in_ms = None

    # --- the end -----------------------------------------------------------------------------------------------------

    def remarks(self, at_ms: int) -> list[Remark]:
        """All there is to say at the end of the call."""
        if self._barge_in_ms is not None:
            self._settle_barge_in(at_ms)
        if self.tally.audio_ms and not self._is_marked:
            self.tally.unmarked_audio += 1
        found = [*self._on_messages(), *self._on_audio(at_ms), *self._on_flow()]
        return found or [Remark(Level.OK, "all_well", "nothing to complain about")]

    def _settle_barge_in(self, at_ms: int) -> None:
        began, self._barge_in_ms = self._barge_in_ms or 0, None
        silent_ms = min(self._ends_ms, float(at_ms))
        if silent_ms - began > REACTION_MS:
            self.tally.ignored_barge_ins += 1
        else:
            self.tally.reactions_ms.append(round(silent_ms - began))

    def _on_messages(self) -> Iterator[Remark]:
        tally, wanted = self.tally, f"{self._format.encoding!r} at {self._format.sample_rate}"
        for reason, count in tally.refused.items():
            yield Remark(Level.FAIL, "message_refused", f"{count} x {reason}")
        for told, count in tally.formats.items():
            yield Remark(
                Level.FAIL,
                "wrong_format",
                f"{count} playAudio with {told}; the stream is {wanted}",
                "send contentType without ';rate=' and the sampleRate that the stream's start names",
            )
        if tally.containers:
            yield Remark(
                Level.FAIL,
                "file_header",
                f"{tally.containers} payloads begin with a file header, which is heard as a click",
                "ask the speech service for raw audio, without a container",
            )
        if tally.odd:
            yield Remark(Level.FAIL, "half_sample", f"{tally.odd} payloads of 16-bit audio have an odd number of bytes")
        for event, count in tally.unknown.items():
            yield Remark(
                Level.WARN, "unknown_event", f"{count} x event {event!r}, which the carrier does not know and drops"
            )
        if tally.clears_without_stream:
            yield Remark(
                Level.NOTE, "clear_without_stream", f"{tally.clears_without_stream} x clearAudio without streamId"
            )
        if tally.largest_bytes > LARGE_BYTES:
            yield Remark(
                Level.WARN,
                "large_messages",
                f"the largest message has {tally.largest_bytes:,} bytes",
                "send audio in pieces of 20 ms to a few hundred ms: one large piece cannot be held or judged in part",
            )

    def _on_audio(self, at_ms: int) -> Iterator[Remark]:
        tally = self.tally
        if tally.first_audio_ms is None:
            yield Remark(
                Level.FAIL,
                "silence",
                f"no audio within {at_ms / 1000:.0f} s",
                "send playAudio after start; check that the agent hears the caller's media",
            )
            return
        if tally.first_audio_ms > FIRST_AUDIO_MS:
            yield Remark(Level.WARN, "late_greeting", f"the first audio came after {tally.first_audio_ms / 1000:.1f} s")
        if not tally.audible_ms:
            yield Remark(Level.FAIL, "digital_silence", f"{tally.audio_ms / 1000:.1f} s of audio, all of it silence")
            return
        loudness = tally.magnitude / tally.audible_ms
        if loudness < QUIET:
            yield Remark(Level.WARN, "quiet", f"the mean level is {loudness:.0f} of 32124: hard to hear on a phone")
        if tally.clipped_ms > tally.audible_ms * 0.02:
            share = tally.clipped_ms / tally.audible_ms
            yield Remark(
                Level.WARN,
                "clipped",
                f"{share:.0%} of the samples are at the end of the scale",
                "noise of this kind is also heard when 16-bit audio is sent as mu-law or the other way round",
            )

    def _on_flow(self) -> Iterator[Remark]:
        tally = self.tally
        if tally.stutters:
            yield Remark(
                Level.FAIL,
                "stutter",
                f"{tally.stutters} gaps within speech, {tally.stutter_ms:.0f} ms in all",
                "send audio faster than it plays, or keep some 200 ms ahead",
            )
        if tally.most_ahead_ms > FAR_AHEAD_MS:
            yield Remark(
                Level.NOTE,
                "far_ahead",
                f"up to {tally.most_ahead_ms / 1000:.1f} s of audio wait at the carrier",
                "an interruption relies on clearAudio then; late pieces must be dropped by the agent",
            )
        if tally.unmarked_audio:
            yield Remark(
                Level.WARN,
                "no_checkpoint",
                f"{tally.unmarked_audio} stretches of speech without a checkpoint behind them",
                "send a checkpoint after each answer: only playedStream tells what the caller heard",
            )
        if tally.ignored_barge_ins:
            yield Remark(
                Level.WARN,
                "talks_on",
                f"went on for more than {REACTION_MS / 1000:.0f} s when the caller spoke over it",
                "send clearAudio when the caller begins to speak, and drop what is still being made",
            )
        for reaction_ms in tally.reactions_ms:
            yield Remark(Level.OK, "stops", f"fell silent {reaction_ms} ms after the caller began to speak over it")
        mirror = tally.events["mirror"]
        yield Remark(
            Level.OK if mirror else Level.NOTE,
            "speaks_mirror",
            f"{mirror} messages for Mirror" if mirror else "sends no text of its turns on the stream",
            "" if mirror else "without text nothing can be judged here; send agent.turn, or use a supervise socket",
        )


def _object(text: str) -> dict[str, Any] | None:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _linear(audio: bytes) -> array[int]:
    samples = array("h")
    samples.frombytes(audio)
    return samples
