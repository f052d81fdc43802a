"""An agent's buffer line is spoken when its settings change, before a call needs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.checks import run_checks
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from calls.tasks import agent_buffer_prepare
from calls.voice.config import VoiceConfig, VoiceKind
from calls.voice.line import Line
from calls.voice.store import LineKey, LineStore
from judging.providers.background import run_sync
from tenants.services import agent_create, agent_key_replace, agent_update
from tests.cast import Cast
from tests.unit.voice.cast import ULAW_FORMAT, babble, wav

DEFAULT = "Sorry, let me make sure I got that right..."


@pytest.fixture
def espeak(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "answer.wav").write_bytes(wav(babble(22_050), 22_050))
    (tmp_path / "espeak-ng").write_text(f"#!/bin/sh\ncat >/dev/null; cat {tmp_path}/answer.wav\n")
    (tmp_path / "espeak-ng").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def change(cast: Cast, **told: Any) -> None:
    agent_update(actor=cast.actor(), slug=cast.agent.slug, changes={"settings": told})


def kept(cast: Cast, text: str, language: str = "") -> int:
    """Return the length of the line in Valkey, in milliseconds."""

    async def look() -> bytes | None:
        store = LineStore(settings.REDIS_URL, settings.MIRROR_REDIS_PREFIX)
        try:
            return await store.get(
                LineKey(cast.tenant.id, VoiceConfig(VoiceKind.ESPEAK), Line(text, language, ULAW_FORMAT))
            )
        finally:
            await store.close()

    return len(run_sync(look()) or b"") // 8


@pytest.mark.usefixtures("espeak")
@pytest.mark.parametrize(
    ("told", "text", "language"),
    [
        ({}, DEFAULT, ""),
        ({"buffer_text": "Hold on."}, "Hold on.", ""),
        ({"language": "de", "buffer_text": "Sekunde."}, "Sekunde.", "de"),
    ],
)
def test_the_line_is_there_for_every_process(cast: Cast, told: dict[str, Any], text: str, language: str):
    change(cast, **told)
    assert agent_buffer_prepare(str(cast.tenant.id), str(cast.agent.id)) is True
    assert 940 <= kept(cast, text, language) <= 1060


@pytest.mark.usefixtures("espeak")
def test_the_default_line_is_said_in_the_agents_language(cast: Cast):
    change(cast, language="de")
    assert agent_buffer_prepare(str(cast.tenant.id), str(cast.agent.id)) is True
    assert kept(cast, DEFAULT, "de") == 0


def test_without_a_voice_there_is_nothing_to_do(cast: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert agent_buffer_prepare(str(cast.tenant.id), str(cast.agent.id)) is False
    assert agent_buffer_prepare(str(cast.tenant.id), str(uuid4())) is False


def test_other_settings_ask_for_the_line_and_nothing_else_does(
    cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
):
    with django_capture_on_commit_callbacks() as asked:
        made = agent_create(actor=cast.actor(), slug="second")
        change(cast, buffer_text="Hold on.")
    with django_capture_on_commit_callbacks() as not_asked:
        agent_key_replace(actor=cast.actor(), slug=cast.agent.slug)
        agent_update(actor=cast.actor(), slug=cast.agent.slug, changes={"name": "Other"})
        change(cast, speaker="agent")
        agent_update(actor=cast.actor(), slug="second", changes={"is_active": False, "settings": {}})
    tenant_id = str(cast.tenant.id)
    told = [callback.args[0] for callback in asked]  # type: ignore[attr-defined]
    assert (told, not_asked) == ([(tenant_id, str(made.id)), (tenant_id, str(cast.agent.id))], [])


@pytest.mark.parametrize(("provider", "ids"), [("", []), ("deepgram", []), ("polly", ["mirror.E006"])])
def test_a_provider_that_is_none_is_told_at_start(settings: Settings, provider: str, ids: list[str]):
    settings.MIRROR_VOICE_PROVIDER = provider
    assert [found.id for found in run_checks() if found.id == "mirror.E006"] == ids
