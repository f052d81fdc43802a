from __future__ import annotations

import asyncio
import os
import select
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from calls.voice import espeak
from calls.voice.config import VoiceConfig, VoiceKind
from calls.voice.espeak import espeak_path, espeak_voice, speech_by_espeak
from calls.voice.line import Line
from calls.voice.rendering import render
from calls.voice.samples import SPEECH_DBOV, decode, speech_level_dbov
from calls.wire.media import MediaFormat
from judging.providers.errors import Failure, ProviderFailed
from tests.unit.voice.cast import L16_16K_FORMAT, ULAW_FORMAT, babble, loudest_hz, wav

EspeakIs = Callable[[str], Path]
LINE = Line("Let me check that.", "en-US", ULAW_FORMAT)
SLACK_S = 1.0
VOICE = VoiceConfig(VoiceKind.ESPEAK)

real = pytest.mark.skipif(espeak_path() is None, reason="espeak-ng is not installed")


@pytest.fixture
def has_ended() -> Callable[[int], bool]:
    """Tell whether a process has ended; one that was killed has a moment to die."""
    if not hasattr(os, "pidfd_open"):
        pytest.skip("needs process descriptors")

    def look(pid: int) -> bool:
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            return True
        with os.fdopen(descriptor):
            return bool(select.select([descriptor], [], [], 2.0)[0])

    return look


async def failure_of(line: Line = LINE, *, name: str = "", deadline_s: float = 5.0) -> Failure:
    with pytest.raises(ProviderFailed) as failed:
        await speech_by_espeak(line, name=name, deadline_s=deadline_s)
    return failed.value.failure


async def test_its_answer_is_fitted_to_the_stream(espeak_is: EspeakIs, tmp_path: Path):
    (tmp_path / "answer.wav").write_bytes(wav(babble(22_050), 22_050, told_size=0x7FFFF000))
    espeak_is(f"cat >/dev/null; cat {tmp_path}/answer.wav")
    made = await render(LINE, VOICE, tenant_id=None, deadline_s=5)
    assert abs(loudest_hz(decode(made.audio, ULAW_FORMAT), 8000) - 180) < 8


async def test_the_text_is_no_argument_and_our_secrets_are_not_told(
    espeak_is: EspeakIs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("MIRROR_SECRET_KEY", "do-not-tell")
    espeak_is(f'cd {tmp_path}; cat >text; echo "$@" >arguments; env >environment; echo sound')
    text = "--path=/etc -w /tmp/x [[h@l'oU]] $(id); it's `me`"
    spoken = await speech_by_espeak(Line(text, "de-AT", ULAW_FORMAT), deadline_s=5)
    assert spoken.data == b"sound\n"
    assert (tmp_path / "text").read_text() == text.replace("[[", "[ [") + "\n"
    assert (tmp_path / "arguments").read_text().split() == "--stdin --stdout -b 1 -s 165 -v de".split()
    assert "do-not-tell" not in (tmp_path / "environment").read_text()


async def test_one_that_hangs_is_ended_with_all_it_started(
    espeak_is: EspeakIs, tmp_path: Path, has_ended: Callable[[int], bool]
):
    espeak_is(f"cd {tmp_path}; sleep 60 & echo $! >child; echo $$ >parent; wait")
    began_s = time.monotonic()
    assert await failure_of(deadline_s=0.5) == "timeout"
    assert time.monotonic() - began_s < 0.5 + SLACK_S
    pids = [int((tmp_path / name).read_text()) for name in ("parent", "child")]
    assert [has_ended(pid) for pid in pids] == [True, True]


async def test_one_that_is_given_up_is_ended(espeak_is: EspeakIs, tmp_path: Path, has_ended: Callable[[int], bool]):
    os.mkfifo(tmp_path / "pid")
    espeak_is(f"echo $$ >{tmp_path}/pid; exec sleep 60")
    asking = asyncio.create_task(speech_by_espeak(LINE, deadline_s=10))
    pid = int(await asyncio.to_thread((tmp_path / "pid").read_text))
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert has_ended(pid)


@pytest.mark.parametrize(
    ("script", "failure"),
    [
        ("exit 3", "provider_error"),
        ("echo half; exit 1", "provider_error"),
        ("cat >/dev/null", "provider_error"),
        ("kill -9 $$", "provider_error"),
        ("cat /dev/zero", "garbage"),
    ],
)
async def test_one_that_fails_is_a_failure(espeak_is: EspeakIs, script: str, failure: str):
    espeak_is(script)
    assert await failure_of() == failure


async def test_one_that_floods_is_ended_at_once_every_time(espeak_is: EspeakIs):
    """What still lies in its pipe must not keep us waiting for its end."""
    espeak_is("exec cat /dev/zero")
    assert {await failure_of(deadline_s=3.0) for _ in range(40)} == {"garbage"}


async def test_one_that_cannot_be_run_is_a_failure(espeak_is: EspeakIs):
    (espeak_is("true") / "espeak-ng").write_bytes(b"\x7fELF no program")
    assert await failure_of() == "provider_error"


@pytest.mark.usefixtures("no_espeak")
async def test_where_it_is_not_installed_it_is_unavailable():
    assert (espeak_path(), await failure_of()) == (None, "unavailable")


@pytest.mark.parametrize("name", ["../../etc/passwd", "-w/tmp/x", "en us", "", "x" * 60, "en\n", "en+../f1"])
async def test_a_voice_is_a_name_and_nothing_else(espeak_is: EspeakIs, tmp_path: Path, name: str):
    espeak_is(f"touch {tmp_path}/ran; echo sound")
    line = Line("Yes.", "xx", ULAW_FORMAT)  # no voice of its own, so the empty name leads nowhere either
    assert (await failure_of(line, name=name), (tmp_path / "ran").exists()) == ("unavailable", False)


async def test_only_so_many_run_at_once(espeak_is: EspeakIs, tmp_path: Path):
    espeak_is(f"cd {tmp_path}; touch on.$$; ls on.* | wc -l >seen.$$; sleep 0.1; rm on.$$; echo sound")
    await asyncio.gather(*(speech_by_espeak(LINE, deadline_s=20) for _ in range(3 * espeak.AT_ONCE)))
    seen = [int((tmp_path / name).read_text()) for name in os.listdir(tmp_path) if name.startswith("seen.")]
    assert (len(seen), max(seen) <= espeak.AT_ONCE) == (3 * espeak.AT_ONCE, True)


@pytest.mark.parametrize(
    ("language", "voice"),
    [
        ("", "en-us"),
        ("en", "en-us"),
        ("en-GB", "en-gb"),
        ("de-AT", "de"),
        ("es-MX", "es-419"),
        ("es_ES", "es"),
        ("fr", "fr-fr"),
        ("hi-Latn-IN", "hi"),
        ("pt", "pt-br"),
        ("pt-PT", "pt"),
        ("nl", None),
    ],
)
def test_every_language_of_mirror_has_a_voice(language: str, voice: str | None):
    assert espeak_voice(language) == voice


@real
@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Sorry, let me make sure I got that right. You asked for two tickets."),
        ("de", "Einen Moment bitte, ich prüfe das noch einmal für Sie."),
        ("es", "Un momento, por favor, déjeme comprobarlo otra vez."),
        ("fr", "Un instant, je vérifie encore une fois pour vous."),
        ("hi", "एक मिनट रुकिए, मैं इसे फिर से देखती हूँ।"),
        ("pt", "Um momento, por favor, deixe-me verificar outra vez."),
    ],
)
@pytest.mark.parametrize("media_format", [ULAW_FORMAT, L16_16K_FORMAT])
async def test_the_real_one_speaks_each_language(language: str, text: str, media_format: MediaFormat):
    made = await render(Line(text, language, media_format), VOICE, tenant_id=None, deadline_s=10)
    rate = media_format.sample_rate
    heard = decode(made.audio, media_format)
    chars_per_s = len(text) / (len(heard) / rate)
    assert 7 < chars_per_s < 25
    assert abs(speech_level_dbov(heard, rate) - SPEECH_DBOV) < 1.5
    assert 70 < loudest_hz(heard, rate) < 1500  # a voice, neither hum nor hiss


@real
async def test_the_real_one_reads_no_commands():
    plain = await speech_by_espeak(Line("hello there", "en", ULAW_FORMAT), deadline_s=10)
    spelt = await speech_by_espeak(Line("[[h@l'oU D'e@]]", "en", ULAW_FORMAT), deadline_s=10)
    assert len(spelt.data) > len(plain.data) * 1.5  # spelt out, not spoken as phonemes
