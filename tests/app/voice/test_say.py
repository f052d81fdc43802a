from __future__ import annotations

import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings

from calls.voice.samples import linear_decode
from tests.cast import Cast
from tests.fakes_http import FAULTS, FakeServer, serving
from tests.unit.voice.cast import PCM, babble, loudest_hz, sends, wav


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with serving() as fake:
        fake.otherwise = sends(PCM)
        yield fake


@pytest.fixture
def operators(settings: Settings, server: FakeServer) -> FakeServer:
    settings.MIRROR_VOICE_PROVIDER, settings.MIRROR_VOICE_API_KEY = "openai", "operators-key"
    settings.MIRROR_VOICE_BASE_URL = server.url
    return server


@pytest.fixture(autouse=True)
def espeak(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "answer.wav").write_bytes(wav(babble(22_050), 22_050))
    (tmp_path / "espeak-ng").write_text(f"#!/bin/sh\ncat >/dev/null; cat {tmp_path}/answer.wav\n")
    (tmp_path / "espeak-ng").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")


def told(capsys: pytest.CaptureFixture[str], *args: str, **options: Any) -> dict[str, str]:
    call_command("voice_say", *args, **options)
    lines = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines() if line]
    return {name if name != "first" else "first byte": rest for name, rest in lines}


def test_it_says_what_a_voice_can_do_and_writes_what_is_heard(
    operators: FakeServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    found = told(capsys, "Good\nmorning.", provider="openai", voice="nova", format="l16_16k", out=tmp_path / "a.wav")
    assert (found["provider"], found["format"], found["loudness"]) == (
        "openai (nova)",
        "audio/x-l16;rate=16000",
        "-23.0 dBov (speech)",
    )
    assert 940 <= int(found["length"].removesuffix(" ms")) <= 1060
    assert operators.received[0].body["input"] == "Good morning."
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16_000, 1, 2)
        assert abs(loudest_hz(linear_decode(file.readframes(file.getnframes())), 16_000) - 180) < 8


def test_for_an_agent_it_goes_on_to_the_voice_behind(
    cast: Cast, operators: FakeServer, capsys: pytest.CaptureFixture[str]
):
    operators.otherwise = FAULTS["500"]
    found = told(capsys, "Good morning.", agent=cast.agent.slug, tenant=cast.tenant.name)
    assert (found["provider"], found["failed"]) == ("espeak", "provider_error: HTTP 500")


def test_where_no_voice_speaks_it_fails(operators: FakeServer):
    operators.otherwise = FAULTS["500"]
    with pytest.raises(CommandError, match="No voice spoke"):
        call_command("voice_say", "Good morning.", provider="openai")


@pytest.mark.parametrize(
    ("text", "options", "why"),
    [
        ("...", {"provider": "espeak"}, "nothing in the text"),
        ("Hello.", {"provider": "deepgram"}, "MIRROR_VOICE_PROVIDER is not deepgram"),
        ("Hello.", {"agent": "front-desk"}, "--tenant"),
        ("Hello.", {"agent": "front-desk", "tenant": "Nobody"}, "No such tenant"),
        ("Hello.", {"agent": "nobody", "tenant": "Acme"}, "No agent 'nobody'"),
        ("Hello.", {"provider": "espeak", "out": Path("/nowhere/a.wav")}, "No such file"),
    ],
)
def test_what_it_cannot_do_it_says(cast: Cast, text: str, options: dict[str, Any], why: str):
    with pytest.raises(CommandError, match=why):
        call_command("voice_say", text, **options)
