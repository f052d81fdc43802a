"""What a session needs to know of an agent's settings. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from judging.core import DEFAULT_BUFFER
from judging.core.types import JudgeSettings


@dataclass(frozen=True, slots=True)
class CallSettings:
    """What a session needs of an agent's settings.

    ``is_spoken_by_mirror``: Mirror's voice says buffer and correction, else the agent's. ``has_generator``: a model
    can write corrections. ``buffer_text``: the default gives way to the buffer line of a
    call's own language. ``buffer_play_ms`` is the known length of the buffer line, None when it is estimated.
    """

    judge: JudgeSettings = field(default_factory=JudgeSettings)
    cooldown_ms: float = 10_000.0
    review_budget_ms: float = 4_000.0
    is_streaming: bool = False
    buffer_text: str = DEFAULT_BUFFER
    buffer_play_ms: float | None = None
    note_turns: int = 3
    is_spoken_by_mirror: bool = False
    has_generator: bool = False
