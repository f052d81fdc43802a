"""State of the intervention that runs, and of the note that waits for the agent: plain values for snapshots."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from calls.events import SendIntervention, Speak


class Stage(StrEnum):
    BUFFER = "buffer"  # the buffer line plays; the correction may still be in the making
    WAITING = "waiting"  # the buffer line is over, there is no correction yet
    CORRECTION = "correction"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Note:
    """The one-shot system note that waits for the agent, for ``turns_left`` more turns of it."""

    intervention_id: str
    text: str
    turns_left: int


@dataclass(slots=True)
class Intervention:
    """``n`` is the row it was recorded under; ``fallback`` the template for when no correction arrives.

    ``proposed`` is a model's text that is being judged itself before it may become the correction.
    """

    intervention_id: str
    n: int
    turn_id: str
    turn_index: int
    turn_text: str
    generation: int
    buffer_text: str
    fallback: str
    system_note: str
    is_spoken_by_mirror: bool
    correction: str = ""
    source: str = ""
    proposed: str = ""
    proposed_source: str = ""
    passed_length: int = 0  # so much of the turn's text had been judged fine
    language: str = ""
    stage: Stage = Stage.BUFFER
    steps: list[dict[str, Any]] = field(default_factory=list)

    @property
    def buffer_checkpoint(self) -> str:
        return f"mirror-{self.intervention_id}-buffer"

    @property
    def correction_checkpoint(self) -> str:
        return f"mirror-{self.intervention_id}-correction"

    @property
    def timer_key(self) -> str:
        return f"intervention:{self.intervention_id}"

    @property
    def correction_timer_key(self) -> str:
        return f"correction:{self.intervention_id}"

    def told(self, buffer_text: str) -> SendIntervention:
        """What the agent's side is told; ``buffer_text`` "": that part was spoken."""
        return SendIntervention(
            intervention_id=self.intervention_id,
            turn_id=self.turn_id,
            buffer_text=buffer_text,
            buffer_checkpoint=self.buffer_checkpoint,
            correction=self.correction or None,
            correction_checkpoint=self.correction_checkpoint,
            source=self.source,
            system_note=self.system_note,
            is_spoken_by_mirror=self.is_spoken_by_mirror,
        )

    def speak(self, part: str, *, deadline_ms: float) -> Speak:
        """What Mirror's own voice is to say."""
        is_buffer = part == "buffer"
        text = self.buffer_text if is_buffer else self.correction
        checkpoint = self.buffer_checkpoint if is_buffer else self.correction_checkpoint
        return Speak(self.intervention_id, part, text, checkpoint, self.generation, deadline_ms, self.language)

    def step(self, name: str, *, now_ms: float) -> None:
        self.steps.append({"at_ms": round(now_ms), "step": name})

    def since_ms(self, name: str) -> float:
        """When the step was last taken; 0.0 where it was not."""
        return float(next((one["at_ms"] for one in reversed(self.steps) if one["step"] == name), 0.0))

    def snapshot(self) -> dict[str, Any]:
        return {**asdict(self), "stage": self.stage.value}

    @classmethod
    def restore(cls, snapshot: dict[str, Any]) -> Intervention:
        return cls(**{**snapshot, "stage": Stage(snapshot["stage"])})
