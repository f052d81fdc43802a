"""Which of the agent's audio reaches the carrier."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from calls.audio_gate import LEAD_MS, AudioGate, letters

BUDGET_MS = 250.0


def optimistic():
    return AudioGate(hold_budget_ms=None)


def holding():
    return AudioGate(hold_budget_ms=BUDGET_MS)


def told(gate, turn_id, text="All of it."):
    gate.turn_told(turn_id, text)


def sent(gate, *texts, now_ms=0.0, length_ms=20.0, queued_until_ms=0.0):
    return [
        one.text
        for text in texts
        for one in gate.agent_sent(text, length_ms, now_ms=now_ms, queued_until_ms=queued_until_ms)
    ]


def tick(gate, *, now_ms=0.0, queued_until_ms=0.0):
    return [one.text for one in gate.tick(now_ms=now_ms, queued_until_ms=queued_until_ms)]


def judged(gate, turn_id, text="All of it.", *, is_final=True, now_ms=0.0):
    gate.judged(turn_id, letters(text), is_final=is_final)
    return tick(gate, now_ms=now_ms)


# --- optimistic ---


def test_audio_flows_and_is_known_to_belong_to_its_turn():
    gate = optimistic()
    told(gate, "a1")
    (passed,) = gate.agent_sent("x", 20.0, now_ms=0, queued_until_ms=0)
    assert (passed.text, passed.turn_id, passed.length_ms) == ("x", "a1", 20.0)
    assert gate.next_release_ms is None


def test_audio_of_an_interrupted_turn_is_dropped_until_a_new_turn():
    gate = optimistic()
    told(gate, "a1")
    gate.interrupted("a1")
    assert sent(gate, "x", "y") == []
    told(gate, "a1")
    assert sent(gate, "z") == []
    told(gate, "a2")
    assert sent(gate, "w") == ["w"]
    assert gate.dropped_count == 3


def test_a_checkpoint_of_an_interrupted_turn_is_dropped_with_it():
    gate = optimistic()
    told(gate, "a1")
    gate.interrupted("a1")
    assert sent(gate, "checkpoint", length_ms=0.0) == []


def test_the_correction_in_the_agents_own_voice_flows():
    gate = optimistic()
    told(gate, "a1")
    gate.interrupted("a1")
    gate.agent_speaks()
    assert sent(gate, "sorry") == ["sorry"]


def test_a_late_word_of_the_interrupted_turn_does_not_silence_the_correction():
    gate = optimistic()
    told(gate, "a1")
    gate.interrupted("a1")
    gate.agent_speaks()
    told(gate, "a1")
    assert sent(gate, "sorry") == ["sorry"]


def test_an_agent_that_empties_its_queue_after_it_was_stopped_starts_nothing_new():
    gate = optimistic()
    told(gate, "a1")
    gate.interrupted("a1")
    gate.agent_cleared()
    assert sent(gate, "x") == []


def test_after_an_agent_emptied_its_queue_what_it_sends_is_of_no_known_turn():
    gate = optimistic()
    told(gate, "a1")
    gate.agent_cleared()
    (passed,) = gate.agent_sent("x", 20.0, now_ms=0, queued_until_ms=0)
    assert passed.turn_id == ""


def test_a_turn_that_was_under_way_when_an_earlier_one_was_stopped_is_not_a_new_one():
    gate = optimistic()
    told(gate, "a1")
    told(gate, "a2")
    gate.interrupted("a1")
    told(gate, "a2")
    assert sent(gate, "x") == []
    told(gate, "a3")
    assert sent(gate, "y") == ["y"]


def test_while_mirror_speaks_a_new_turn_waits_and_then_flows():
    gate = optimistic()
    gate.is_paused = True
    told(gate, "a2")
    assert sent(gate, "x", "mark", "y") == []
    gate.is_paused = False
    assert tick(gate) == ["x", "mark", "y"]
    assert sent(gate, "z") == ["z"]


# --- hold ---


def test_held_audio_waits_for_the_verdict():
    gate = holding()
    told(gate, "a1")
    assert sent(gate, "x", "y") == []
    assert gate.next_release_ms == BUDGET_MS
    assert judged(gate, "a1", now_ms=30) == ["x", "y"]
    assert sent(gate, "z", now_ms=40) == ["z"]


def test_held_audio_waits_no_longer_than_the_budget():
    gate = holding()
    told(gate, "a1")
    sent(gate, "x")
    sent(gate, "y", now_ms=20)
    assert tick(gate, now_ms=BUDGET_MS - 1) == []
    assert tick(gate, now_ms=BUDGET_MS) == ["x"]
    assert gate.next_release_ms == BUDGET_MS + 20


def test_what_was_held_of_a_stopped_turn_is_never_heard():
    gate = holding()
    told(gate, "a1")
    sent(gate, "x", "y")
    gate.interrupted("a1")
    assert tick(gate, now_ms=10_000) == []
    assert gate.dropped_count == 2


FIRST, SECOND = "That is a large pizza with extra cheese. ", "I will give you"


def test_a_good_sentence_lets_go_what_came_before_further_text():
    gate = holding()
    told(gate, "a1", FIRST)
    assert sent(gate, "x", length_ms=5_000) == []
    told(gate, "a1", SECOND)
    assert judged(gate, "a1", FIRST, is_final=False) == ["x"]
    assert sent(gate, "y", now_ms=20, length_ms=5_000) == []


def test_audio_that_only_says_the_first_sentence_flows_although_more_text_has_come():
    gate = holding()
    told(gate, "a1", FIRST + SECOND)
    judged(gate, "a1", FIRST, is_final=False)
    within_ms = letters(FIRST) / 30 * 1000
    assert sent(gate, "x", length_ms=within_ms) == ["x"]
    assert sent(gate, "y", length_ms=20) == []


def test_pieces_of_a_turn_count_the_same_however_they_are_cut():
    gate = holding()
    for piece in ("That is a la", "rge pizza", " ", " with extra cheese.  "):
        told(gate, "a1", piece)
    sent(gate, "x", length_ms=60_000)
    assert judged(gate, "a1", FIRST.strip(), is_final=False) == ["x"]


def test_what_was_held_is_paced_and_leaves_no_gap():
    gate = holding()
    told(gate, "a1")
    sent(gate, *map(str, range(100)))  # two seconds of it at once
    out = len(judged(gate, "a1"))
    assert LEAD_MS <= out * 20.0 <= LEAD_MS + 20.0
    now_ms = 0.0
    while gate.next_release_ms is not None:
        assert now_ms < gate.next_release_ms < out * 20.0  # before the carrier has played what it has
        now_ms = gate.next_release_ms
        out += len(tick(gate, now_ms=now_ms, queued_until_ms=out * 20.0))
        assert out * 20.0 - now_ms <= LEAD_MS + 20.0
    assert out == 100


def test_audio_without_text_waits_at_most_the_budget():
    gate = holding()
    assert sent(gate, "x") == []
    assert tick(gate, now_ms=BUDGET_MS) == ["x"]


def test_a_checkpoint_keeps_its_place_between_held_audio():
    gate = holding()
    told(gate, "a1")
    sent(gate, "x")
    sent(gate, "checkpoint", length_ms=0.0)
    sent(gate, "y")
    assert judged(gate, "a1", now_ms=5) == ["x", "checkpoint", "y"]


def test_a_judged_turn_does_not_overtake_one_that_waits():
    gate = holding()
    told(gate, "a1")
    sent(gate, "x")
    told(gate, "a2")
    sent(gate, "y")
    assert judged(gate, "a2", now_ms=5) == []
    assert judged(gate, "a1", now_ms=6) == ["x", "y"]


def test_what_waits_goes_when_the_agent_empties_its_queue():
    gate = holding()
    told(gate, "a1")
    sent(gate, "x")
    gate.agent_cleared()
    assert tick(gate, now_ms=10_000) == []


class AnyAudio(RuleBasedStateMachine):
    """Numbered frames go in; what comes out is in order, in time, and never of a stopped turn."""

    @initialize(budget_ms=st.sampled_from([None, 0.0, 250.0]))
    def starts(self, budget_ms: float | None) -> None:
        self.gate = AudioGate(hold_budget_ms=budget_ms)
        self.budget_ms = budget_ms
        self.now_ms = 0.0
        self.sent_at: dict[int, float] = {}
        self.turn_of: dict[int, str] = {}
        self.out: list[int] = []
        self.turn = ""
        self.stopped: set[str] = set()
        self.is_silenced = False
        self.queued_until_ms = 0.0
        self.held: set[int] = set()

    def take(self, passed) -> None:
        for one in passed:
            number = int(one.text)
            assert not self.out or number > self.out[-1]
            assert one.turn_id == self.turn_of[number]
            assert one.turn_id not in self.stopped
            self.out.append(number)
            self.held.discard(number)
            self.queued_until_ms = max(self.queued_until_ms, self.now_ms) + one.length_ms
            assert self.budget_ms is None or self.queued_until_ms - self.now_ms <= LEAD_MS + 20.0

    @rule(turn=st.sampled_from("abcd"))
    def turn_starts(self, turn: str) -> None:
        self.gate.turn_told(turn, "x")
        self.is_silenced = turn in self.stopped or (self.is_silenced and turn == self.turn)
        self.turn = turn

    @rule()
    def agent_sends(self) -> None:
        number = len(self.sent_at)
        self.sent_at[number], self.turn_of[number] = self.now_ms, self.turn
        if not self.is_silenced:
            self.held.add(number)
        passed = self.gate.agent_sent(str(number), 20.0, now_ms=self.now_ms, queued_until_ms=self.queued_until_ms)
        assert not (self.is_silenced and passed)
        self.take(passed)

    @rule()
    def turn_is_stopped(self) -> None:
        if self.turn:
            self.gate.interrupted(self.turn)
            self.stopped |= {self.turn, *(self.turn_of[n] for n in self.held)} - {""}
            self.held.clear()
            self.queued_until_ms = 0.0
            self.is_silenced = True

    @rule(turn=st.sampled_from("abcd"), is_final=st.booleans())
    def turn_is_judged(self, turn: str, is_final: bool) -> None:
        self.gate.judged(turn, 1, is_final=is_final)
        self.ticks()

    @rule(by_ms=st.floats(0, 400))
    def time_passes(self, by_ms: float) -> None:
        self.now_ms += by_ms
        self.ticks()
        due = self.gate.next_release_ms
        latest = max(self.now_ms + (self.budget_ms or 0.0), self.queued_until_ms - LEAD_MS)
        assert due is None or self.now_ms < due <= latest

    @rule()
    def agent_clears(self) -> None:
        self.gate.agent_cleared()
        self.held.clear()
        self.queued_until_ms = 0.0
        if not self.is_silenced:
            self.turn = ""

    def ticks(self) -> None:
        self.take(self.gate.tick(now_ms=self.now_ms, queued_until_ms=self.queued_until_ms))


TestAnyAudio = AnyAudio.TestCase


@given(st.lists(st.sampled_from(["x", "y"]), max_size=10), st.booleans())
def test_nothing_is_lost_of_turns_that_pass(frames, is_held):
    gate = holding() if is_held else optimistic()
    told(gate, "a1")
    out = sent(gate, *frames) + judged(gate, "a1", now_ms=1)
    assert out == frames
    assert gate.dropped_count == 0
