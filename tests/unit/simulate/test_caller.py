"""The simulated caller's manners."""

from collections import deque

from calls.simulate.caller import Caller, CallerState, Line, Manners
from calls.simulate.g711 import SILENT_FRAME

SPEECH = b"\x80" * 400  # three frames, the last one filled up


def caller(*lines):
    return Caller(deque(lines), Manners(pause_ms=700, hang_up_ms=1500, patience_ms=8000))


def test_waits_for_the_other_side_to_speak_first():
    someone = caller(Line("c1", SPEECH))
    assert someone.frame(quiet_ms=5000) == SILENT_FRAME


def test_speaks_after_a_pause_and_says_the_whole_line():
    someone = caller(Line("c1", SPEECH))
    someone.hear(300)
    assert someone.frame(quiet_ms=699) == SILENT_FRAME
    said = b"".join(someone.frame(quiet_ms=700) for _ in range(3))
    assert said == SPEECH + b"\xff" * 80
    assert someone.state is CallerState.LISTENING


def test_speaks_over_the_agent_when_told_to():
    someone = caller(Line("c1", SPEECH, barge_in_ms=200))
    someone.hear(200)
    assert someone.frame(quiet_ms=0) == SPEECH[:160]


def test_hangs_up_after_the_last_answer():
    someone = caller()
    someone.hear(300)
    someone.frame(quiet_ms=1500)
    assert (someone.state, someone.unsaid) == (CallerState.GONE, False)


def test_gives_up_on_silence():
    someone = caller(Line("c1", SPEECH))
    someone.frame(quiet_ms=8000)
    assert (someone.state, someone.unsaid) == (CallerState.GONE, True)
