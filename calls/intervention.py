"""One intervention, from the clear to handing back control, and what is kept between interventions. Pure.

``Interventions`` is a part of ``CallSession``: it is told what happened and puts effects on the session's desk.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from calls import rows
from calls.desk import Desk
from calls.events import (
    CancelTimer,
    ClearAudio,
    MakeCorrection,
    PlaybackState,
    ResumeAgent,
    SendCorrection,
    SetTimer,
    SpeechBegan,
    SpeechFailed,
)
from calls.heard import speech_ms
from calls.running import Intervention, Note, Stage
from calls.settings import CallSettings
from judging.core import (
    Finding,
    Policy,
    Turn,
    Verdict,
    agent_voice,
    buffer_line,
    correction_line,
    safe_line,
    system_note,
)

# Source: DESIGN, step 3 of an intervention, and the bound on handing back control.
BUFFER_SLACK_MS = 300.0
CORRECTION_SLACK_MS = 500.0
# How long Mirror's voice may take to make a part before somebody else has to speak. The buffer line is at hand.
SPEECH_WITHIN_MS = {"buffer": 1_000.0, "correction": 2_500.0}
_SLACK_MS = {"buffer": BUFFER_SLACK_MS, "correction": CORRECTION_SLACK_MS}
# The agent's side has to receive the text, synthesise and play it before Mirror gives up waiting for its word.
AGENT_SPEECH_SLACK_MS = 4000.0
# How long a generated correction may take before the template is used: the buffer line hides about this much.
CORRECTION_BUDGET_MS = 2500.0


class Interventions:
    """The running intervention, the cool-down and the system note of one call.

    ``passes`` judges a correction before it is spoken: the text, or "" when it would break a rule. ``said`` enters a
    correction into the conversation as a turn of the agent, ``cut`` says after how many milliseconds it was cut off.
    ``vet`` has tier 1 judge what a model wrote; ``vetted`` tells what came of it.
    """

    def __init__(
        self,
        desk: Desk,
        settings: CallSettings,
        *,
        passes: Callable[[str], str],
        said: Callable[[str, str], None],
        cut: Callable[[str, float], None],
        vet: Callable[[str, str], None],
    ) -> None:
        self.running: Intervention | None = None
        self._unheard: Intervention | None = None  # the last one, while nobody has told what was heard of its turn
        self.note: Note | None = None
        self.count = 0
        self.generation = 0
        self.cooldown_until_ms = 0.0
        self._desk, self._settings = desk, settings
        self._passes, self._said, self._cut, self._vet = passes, said, cut, vet

    def settings_set(self, settings: CallSettings) -> None:
        """From the next intervention on."""
        self._settings = settings

    @property
    def is_cooling(self) -> bool:
        return self._desk.now_ms < self.cooldown_until_ms

    # --- start -----------------------------------------------------------------------------------------------------

    def start(
        self, turn: Turn, verdict: Verdict, policy: Policy | None, turns: Sequence[Turn], *, passed_length: int = 0
    ) -> None:
        """Stop the turn, of which so much was judged fine. ``turns`` is the conversation, for the system note."""
        finding = verdict.findings[0] if verdict.findings else Finding(verdict.check, verdict.score, verdict.reason)
        suggested = ""
        if verdict.tier == 2:  # what the model would say is no template
            suggested, finding = self._passes(agent_voice(verdict.correction)), replace(finding, correction="")
        correction, source = self._known_correction(verdict, finding, suggested)
        self.count += 1
        self.generation += 1
        fallback = self._safe(correction_line(finding, verdict.language), verdict.language)
        verdict_n = self._desk.n
        running = Intervention(
            intervention_id=f"i{self.count}",
            n=verdict_n + 1,
            turn_id=turn.turn_id,
            turn_index=turn.index,
            turn_text=turn.text,
            generation=self.generation,
            buffer_text=buffer_line(self._settings.buffer_text, verdict.language),
            fallback=fallback,
            system_note=system_note(finding, correction or fallback, list(turns)),
            is_spoken_by_mirror=self._settings.is_spoken_by_mirror,
            correction=correction,
            source=source,
            passed_length=passed_length,
            language=verdict.language,
        )
        running.step("started", now_ms=self._desk.now_ms)
        self._desk.record("intervention", rows.intervention(running, verdict_n=verdict_n))
        self.running = self._unheard = running
        self.note = Note(running.intervention_id, running.system_note, self._settings.note_turns)
        self._stop_and_speak(running)
        if not running.correction and suggested:
            self._desk.do(SetTimer(running.correction_timer_key, self._desk.now_ms + CORRECTION_BUDGET_MS))
            self._propose(running, suggested, "judge")
        elif not running.correction:
            self._ask_for_correction(running, verdict, policy)

    @property
    def _is_vetting(self) -> bool:
        """Whether tier 1 judges what a model wrote before it is spoken."""
        return 1 in self._settings.judge.tiers

    def _known_correction(self, verdict: Verdict, finding: Finding, suggested: str) -> tuple[str, str]:
        """The correction that is there at once, with its source; "" while a model has to write or to judge it."""
        if suggested:
            return ("", "") if self._is_vetting else (suggested, "judge")
        if self._settings.has_generator:
            return "", ""
        return self._safe(correction_line(finding, verdict.language), verdict.language), "template"

    def _safe(self, text: str, language: str) -> str:
        return self._passes(text) or safe_line(language)

    def _stop_and_speak(self, running: Intervention) -> None:
        self._desk.do(ClearAudio(running.generation, running.turn_id))
        self._desk.do(running.told(running.buffer_text))
        if running.is_spoken_by_mirror:
            self._speak(running, "buffer")
        else:
            self._await_buffer(running)

    def _await_buffer(self, running: Intervention) -> None:
        play_ms = self._settings.buffer_play_ms or speech_ms(running.buffer_text)
        self._desk.do(SetTimer(running.timer_key, self._desk.now_ms + play_ms + BUFFER_SLACK_MS))

    def _await_agent(self, running: Intervention) -> None:
        wait_ms = speech_ms(running.correction) + AGENT_SPEECH_SLACK_MS
        self._desk.do(SetTimer(running.timer_key, self._desk.now_ms + wait_ms))

    def _ask_for_correction(self, running: Intervention, verdict: Verdict, policy: Policy | None) -> None:
        deadline_ms = self._desk.now_ms + CORRECTION_BUDGET_MS
        rule = policy.text if policy else ""
        self._desk.do(SetTimer(running.correction_timer_key, deadline_ms))
        self._desk.do(MakeCorrection(running.intervention_id, running.turn_text, verdict.reason, rule, deadline_ms))

    def _speak(self, running: Intervention, part: str) -> None:
        """In Mirror's voice. The wait is set anew once it is known how long it plays."""
        speak = running.speak(part, deadline_ms=self._desk.now_ms + SPEECH_WITHIN_MS[part])
        self._desk.do(speak)
        self._desk.do(SetTimer(running.timer_key, speak.deadline_ms + speech_ms(speak.text) + _SLACK_MS[part]))

    # --- while it runs -----------------------------------------------------------------------------------------------

    def correction_made(self, intervention_id: str, text: str, source: str) -> None:
        running = self.running
        if running is None or running.intervention_id != intervention_id or running.correction:
            return
        made = self._passes(agent_voice(text))
        if not made or source == "template" or not self._is_vetting:
            self._take(running, made, source)
        elif not running.proposed:
            self._propose(running, made, source)

    def _propose(self, running: Intervention, text: str, source: str) -> None:
        running.proposed, running.proposed_source = text, source
        self._vet(running.intervention_id, text)

    def vetted(self, intervention_id: str, *, is_fine: bool) -> None:
        """What tier 1 says of the proposed text; where it cannot tell, the template is spoken."""
        running = self.running
        if running is not None and running.intervention_id == intervention_id and not running.correction:
            self._take(running, running.proposed if is_fine else "", running.proposed_source)

    def _take(self, running: Intervention, made: str, source: str) -> None:
        running.correction, running.source = (made, source) if made else (running.fallback, "template")
        running.step("correction_ready", now_ms=self._desk.now_ms)
        self._desk.do(CancelTimer(running.correction_timer_key))
        self._desk.do(SendCorrection(running.intervention_id, running.correction, running.source, running.system_note))
        self._amend(running)
        if running.stage is Stage.WAITING:
            self._start_correction(running)

    def checkpoint_played(self, name: str) -> None:
        running = self.running
        if running is None:
            return
        if name == running.buffer_checkpoint and running.stage is Stage.BUFFER:
            self._end_buffer(running, "played")
        elif name == running.correction_checkpoint:
            self.finish("played", is_cut=False)

    def timer_fired(self, key: str) -> None:
        running = self.running
        if running is None:
            return
        if key == running.correction_timer_key:
            self.correction_made(running.intervention_id, running.fallback, "template")
        elif key == running.timer_key and running.stage is Stage.BUFFER:
            self._end_buffer(running, "timed_out")
        elif key == running.timer_key and running.stage is Stage.CORRECTION:
            self.finish("timed_out", is_cut=False)

    def playback(self, intervention_id: str, state: PlaybackState) -> None:
        """The agent's side says how far it is with speaking. It knows nothing of what Mirror itself speaks."""
        running = self.running
        if running is None or running.intervention_id != intervention_id or running.is_spoken_by_mirror:
            return
        if state is PlaybackState.STARTED:
            running.step("speaking", now_ms=self._desk.now_ms)
            self._amend(running)
        elif state is PlaybackState.FINISHED and not running.correction:
            # Only the buffer line can have been played so far.
            if running.stage is Stage.BUFFER:
                self._end_buffer(running, "played")
        else:
            self.finish(state.value, is_cut=state is PlaybackState.CLEARED)

    def caller_spoke(self, played_ms: float | None = None) -> None:
        """The caller spoke over Mirror's own voice: the correction stops at once."""
        running = self.running
        if running is not None and running.is_spoken_by_mirror and running.stage is Stage.CORRECTION:
            self._desk.do(ClearAudio(running.generation))
            self.finish("barge_in", is_cut=True, played_ms=played_ms)

    def customer_answered(self) -> None:
        """An answer to the correction: it was heard, so the agent has the floor again."""
        running = self.running
        if running is None or running.stage is not Stage.CORRECTION:
            return
        if running.is_spoken_by_mirror:
            self._desk.do(ClearAudio(running.generation))  # what is left of it would be spoken into the answer's answer
        self.finish("answered", is_cut=False)

    def speech_began(self, event: SpeechBegan) -> None:
        """Mirror's voice is on the line: from now on it is known when the part is out."""
        running = self._spoken_part(event)
        if running is not None:
            running.step(f"{event.part}_on_air", now_ms=self._desk.now_ms)
            at_ms = self._desk.now_ms + event.play_ms + _SLACK_MS[event.part]
            self._desk.do(SetTimer(running.timer_key, at_ms))

    def speech_failed(self, event: SpeechFailed) -> None:
        """Mirror's voice has failed: the agent speaks where it can, else the call goes on without these words."""
        running = self._spoken_part(event)
        if running is None:
            return
        running.step(f"{event.part}_unspoken", now_ms=self._desk.now_ms)
        if event.can_agent_speak:
            self._hand_over(running)
        elif running.stage is Stage.BUFFER:
            self._end_buffer(running, "skipped")
        else:
            self.finish("unspoken", is_cut=True, played_ms=0.0)

    def _spoken_part(self, event: SpeechBegan | SpeechFailed) -> Intervention | None:
        """The running intervention, where it waits for what the event tells of."""
        running = self.running
        if running is None or running.intervention_id != event.intervention_id or not running.is_spoken_by_mirror:
            return None
        return running if running.stage is (Stage.BUFFER if event.part == "buffer" else Stage.CORRECTION) else None

    def _hand_over(self, running: Intervention) -> None:
        """The agent is to say what Mirror could not."""
        running.is_spoken_by_mirror = False
        is_buffer_due = running.stage is Stage.BUFFER
        self._desk.do(running.told(running.buffer_text if is_buffer_due else ""))
        if is_buffer_due:
            self._await_buffer(running)
        else:
            self._await_agent(running)
        self._amend(running, speaker="agent")

    def _end_buffer(self, running: Intervention, how: str) -> None:
        running.step(f"buffer_{how}", now_ms=self._desk.now_ms)
        if running.correction:
            self._start_correction(running)
        else:
            running.stage = Stage.WAITING  # the correction's own timer ends this wait

    def _start_correction(self, running: Intervention) -> None:
        running.stage = Stage.CORRECTION
        running.step("correction_started", now_ms=self._desk.now_ms)
        if running.is_spoken_by_mirror:
            self._speak(running, "correction")
        else:
            self._await_agent(running)
        self._said(running.correction, running.intervention_id)
        self._amend(running, state="corrected")

    # --- the end -----------------------------------------------------------------------------------------------------

    def finish(self, how: str, *, is_cut: bool, played_ms: float | None = None) -> None:
        """Hand back control and start the cool-down. Nothing happens when no intervention runs.

        ``played_ms``: how much of the correction was heard; None where that is to be reckoned.
        """
        running = self.running
        if running is None:
            return
        if running.stage is not Stage.CORRECTION and running.correction and not is_cut:
            self._start_correction(running)
        elif running.stage is Stage.CORRECTION and is_cut:
            since_ms = running.since_ms("correction_on_air") or running.since_ms("correction_started")
            self._cut(running.intervention_id, self._desk.now_ms - since_ms if played_ms is None else played_ms)
        running.stage = Stage.DONE
        running.step(how, now_ms=self._desk.now_ms)
        self._desk.do(CancelTimer(running.timer_key))
        self._desk.do(CancelTimer(running.correction_timer_key))
        self._amend(running, state="cut" if is_cut else "completed")
        self.running = None
        self.cooldown_until_ms = self._desk.now_ms + self._settings.cooldown_ms
        self._desk.do(ResumeAgent(running.generation))

    def go_on(self) -> None:
        """After a restore: what the old process waited for may be lost, so everything gets a deadline again."""
        running = self.running
        if running is None:
            return
        self._desk.do(SetTimer(running.timer_key, self._desk.now_ms + AGENT_SPEECH_SLACK_MS))
        if not running.correction:
            self._desk.do(SetTimer(running.correction_timer_key, self._desk.now_ms))

    def _amend(self, running: Intervention, **told: str) -> None:
        self._desk.amend("intervention", running.n, {**rows.intervention_progress(running), **told})

    # --- what was heard of the turn ----------------------------------------------------------------------------------

    def turn_heard(self, turn_id: str, heard: str) -> None:
        """The caller heard so much of a turn before it was cut: record how many words that were not judged fine."""
        stopped = self._unheard
        if stopped is None or stopped.turn_id != turn_id:
            return
        self._unheard = None
        words = len(heard[stopped.passed_length :].split())
        self._desk.amend("intervention", stopped.n, {"heard_violation_words": words})

    # --- the note ----------------------------------------------------------------------------------------------------

    def note_taken(self, intervention_id: str) -> None:
        if self.note is not None and self.note.intervention_id == intervention_id:
            self.note = None

    def agent_turn_passed(self) -> None:
        """The note stays for a number of agent turns."""
        if self.note is not None and self.running is None:
            left = self.note.turns_left - 1
            self.note = replace(self.note, turns_left=left) if left > 0 else None

    def tool_committed(self) -> None:
        """The tool the note was about has run."""
        self.note = None
