from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings

from calls.live_agent import LiveAgent, live_agent_load
from calls.voice.config import VoiceConfig, VoiceKind, voice_config_parse
from calls.voice.speaking import voice_for
from tenants.agent_settings import AgentSettings
from tenants.errors import InvalidInput
from tenants.models import Agent
from tenants.scope import tenant_context
from tenants.services import agent_update, credential_set
from tests.cast import Cast

OFFLINE = VoiceConfig(VoiceKind.ESPEAK)


def loaded(cast: Cast, **told: Any) -> LiveAgent:
    if told:
        agent_update(actor=cast.actor(), slug=cast.agent.slug, changes={"settings": told})
    return live_agent_load(tenant_id=cast.tenant.id, agent_id=cast.agent.id)


def voices(cast: Cast, **told: Any) -> list[tuple[str, str, str, str, str]]:
    """Each voice with the key it would be asked with."""
    found = loaded(cast, **told).voices
    return [(one.kind.value, one.base_url, one.name, one.model, one.secret()) for one in found]


def credential(cast: Cast, name: str = "default", *, key: str = "its-key", **config: Any) -> None:
    credential_set(actor=cast.actor(), kind="voice", name=name, config=config, secret=key)


@pytest.fixture
def operators(settings: Settings) -> Settings:
    settings.MIRROR_VOICE_PROVIDER, settings.MIRROR_VOICE_API_KEY = "openai", "operators-key"
    settings.MIRROR_VOICE_BASE_URL, settings.MIRROR_VOICE_MODEL = "https://tts.operator.example/v1", "big"
    return settings


ESPEAK = ("espeak", "", "", "", "")


def test_with_nothing_configured_the_offline_voice_speaks(cast: Cast):
    assert voices(cast) == [ESPEAK]


def test_an_operator_may_want_no_offline_voice(cast: Cast, settings: Settings):
    settings.MIRROR_VOICE_OFFLINE = False
    assert (voices(cast), voices(cast, voice_provider="espeak")) == ([], [])


def test_the_operators_voice_is_everybodys_default(cast: Cast, operators: Settings):
    ours = ("openai", "https://tts.operator.example/v1", "", "big", "operators-key")
    assert voices(cast) == [ours, ESPEAK]
    named = voices(cast, voice_name="nova", voice_model="bigger", voice_provider="openai")
    assert named == [("openai", "https://tts.operator.example/v1", "nova", "big", "operators-key"), ESPEAK]


def test_the_operators_key_goes_to_no_address_of_a_tenant(cast: Cast, operators: Settings):
    assert voices(cast, voice_provider="openai", voice_base_url="https://elsewhere.example/v1") == [
        ("openai", "https://elsewhere.example/v1", "", "", ""),
        ESPEAK,
    ]
    assert voices(cast, voice_provider="deepgram", voice_base_url="") == [ESPEAK]


def test_a_tenants_credential_comes_before_the_operators_voice(cast: Cast, operators: Settings):
    credential(cast, provider="elevenlabs", voice="v1", model="m1")
    assert voices(cast) == [("elevenlabs", "", "v1", "m1", "its-key"), ESPEAK]
    assert voices(cast, voice_name="v2", voice_model="m2") == [("elevenlabs", "", "v2", "m2", "its-key"), ESPEAK]


def test_the_agents_provider_picks_the_credential(cast: Cast):
    credential(cast, provider="elevenlabs")
    credential(cast, "dg", provider="deepgram", key="dg-key")
    credential(cast, "dg2", provider="deepgram", key="dg2-key")
    assert voices(cast, voice_provider="deepgram") == [("deepgram", "", "", "", "dg2-key"), ESPEAK]
    assert voices(cast, voice_provider="") == [("elevenlabs", "", "", "", "its-key"), ESPEAK]


def test_a_key_goes_only_to_the_address_it_was_saved_with(cast: Cast):
    credential(cast, provider="openai", base_url="https://tts.acme.example/v1")
    same = voices(cast, voice_provider="openai", voice_base_url="https://tts.acme.example/v1/")
    assert same[0] == ("openai", "https://tts.acme.example/v1", "", "", "its-key")
    moved = voices(cast, voice_base_url="https://evil.example/v1")
    assert moved[0] == ("openai", "https://evil.example/v1", "", "", "")


def test_an_address_in_the_agent_is_for_openai_servers_alone(cast: Cast):
    credential(cast, provider="deepgram")
    found = voices(cast, voice_provider="deepgram", voice_base_url="https://evil.example")
    assert found[0] == ("deepgram", "", "", "", "its-key")


def test_another_tenants_credential_is_not_seen(cast: Cast):
    credential_set(actor=cast.outsider_actor, kind="voice", name="default", config={"provider": "openai"}, secret="x")
    assert voices(cast) == [ESPEAK]


def test_a_credential_that_cannot_be_used_leaves_the_offline_voice(cast: Cast):
    credential(cast, provider="openai", base_url="ftp://x")
    assert voices(cast) == [ESPEAK]


def test_espeak_by_name_has_the_nameless_one_behind_it(cast: Cast):
    assert voices(cast, voice_provider="espeak", voice_name="en-gb") == [("espeak", "", "en-gb", "", ""), ESPEAK]


def test_private_addresses_are_for_operators_to_allow(cast: Cast, operators: Settings):
    operators.MIRROR_PRIVATE_PROVIDERS = False
    assert loaded(cast).voices[0].is_private_allowed
    credential(cast, provider="openai", base_url="http://10.0.0.1/v1")
    assert not loaded(cast).voices[0].is_private_allowed


def test_no_secret_is_in_what_is_printed(cast: Cast):
    credential(cast, provider="openai")
    assert "its-key" not in repr(loaded(cast))


@pytest.mark.parametrize(
    ("config", "wrong"),
    [
        ({}, {"provider"}),
        ({"provider": "espeak"}, {"provider"}),
        ({"provider": ["openai"]}, {"provider"}),
        ({"provider": "openai", "base_url": "ftp://x"}, {"base_url"}),
        ({"provider": "openai", "base_url": "https://a:b@x.example"}, {"base_url"}),
        ({"provider": "openai", "base_url": 3, "voice": 3, "model": "m" * 201, "pcm_hz": True}, None),
        ({"provider": "openai", "pcm_hz": 4_000}, {"pcm_hz"}),
    ],
)
def test_what_is_wrong_with_a_credential_is_told_by_field(config: dict[str, Any], wrong: set[str] | None):
    with pytest.raises(InvalidInput) as refused:
        voice_config_parse(config)
    assert set(refused.value.errors) == (wrong or {"base_url", "voice", "model", "pcm_hz"})


@pytest.mark.parametrize(
    "told",
    [
        {"voice_provider": "polly"},
        {"voice_provider": None},
        {"voice_name": "x" * 201},
        {"voice_base_url": "ftp://x.example"},
        {"voice_base_url": "https://user:word@x.example"},
        {"voice_base_url": "https://x.example/?key=1"},
        {"voice_base_url": "https://x.example\n.y"},
        {"voice_base_url": "//x.example"},
    ],
)
def test_settings_that_make_no_voice_are_refused(told: dict[str, Any]):
    with pytest.raises(InvalidInput) as refused:
        AgentSettings.from_json(told)
    assert set(refused.value.errors) == set(told)


def test_settings_come_back_as_they_were_given():
    told = {
        "voice_provider": "openai",
        "voice_name": "nova",
        "voice_model": "m",
        "voice_base_url": "https://x.example/v1",
    }
    given = AgentSettings.from_json(told).as_json()
    assert {name: given[name] for name in told} == told


@pytest.mark.parametrize(("speaker", "is_there"), [("agent", False), ("auto", True), ("mirror", True)])
def test_an_agent_that_speaks_for_itself_needs_no_voice(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, speaker: str, is_there: bool
):
    (tmp_path / "espeak-ng").touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (voice_for(loaded(cast, speaker=speaker)) is not None) == is_there


def test_without_espeak_and_without_a_provider_there_is_no_voice(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert voice_for(loaded(cast, speaker="mirror")) is None


def test_stored_settings_from_before_are_still_read(cast: Cast):
    with tenant_context(cast.tenant.id):
        Agent.objects.filter(id=cast.agent.id).update(settings={})
    assert loaded(cast).voices == (OFFLINE,)
