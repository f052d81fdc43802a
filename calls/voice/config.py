"""Which voice speaks for an agent: its own settings, the tenant's credential, the operator's default, espeak-ng.

A key goes only to the address that it was saved with: whoever may edit agents must not be able to send a credential
to a server of their own by naming another address.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from typing import Any

from django.conf import settings

from tenants.agent_settings import AgentSettings, address_rule
from tenants.errors import InvalidInput
from tenants.models import Credential
from tenants.secrets import secret_of

logger = logging.getLogger(__name__)

DEFAULT_NAME = "default"
OPENAI_PCM_HZ = 24_000


class VoiceKind(StrEnum):
    OPENAI = "openai"  # and every server that speaks its /audio/speech
    DEEPGRAM = "deepgram"
    ELEVENLABS = "elevenlabs"
    ESPEAK = "espeak"  # a program on this machine


@dataclass(frozen=True, slots=True)
class VoiceConfig:
    """One voice. What is empty is the provider's usual. ``pcm_hz`` is the rate of an OpenAI-compatible server's pcm."""

    kind: VoiceKind
    base_url: str = ""
    name: str = ""
    model: str = ""
    pcm_hz: int = OPENAI_PCM_HZ
    is_private_allowed: bool = False
    secret: Callable[[], str] = field(default=str, repr=False, compare=False)


def voice_configs_load(told: AgentSettings) -> tuple[VoiceConfig, ...]:
    """Return the agent's voices, the first choice first; inside ``tenant_context``. One query."""
    return voice_configs(told, list(Credential.objects.filter(kind=Credential.Kind.VOICE).order_by("updated_at")))


def voice_configs(told: AgentSettings, credentials: Sequence[Credential]) -> tuple[VoiceConfig, ...]:
    """``credentials`` are the tenant's voice credentials, the last changed last."""
    chosen = _chosen(told, credentials)
    offline = VoiceConfig(VoiceKind.ESPEAK)
    is_offline_chosen = chosen is not None and chosen.kind is VoiceKind.ESPEAK
    if not settings.MIRROR_VOICE_OFFLINE:
        return () if chosen is None or is_offline_chosen else (chosen,)
    if chosen is None:
        return (offline,)
    # A name that espeak does not know must not leave it mute.
    return (chosen,) if chosen == offline else (chosen, offline)


def _chosen(told: AgentSettings, credentials: Sequence[Credential]) -> VoiceConfig | None:
    if told.voice_provider == VoiceKind.ESPEAK:
        return VoiceConfig(VoiceKind.ESPEAK, name=told.voice_name)
    found = _of_credential(told, credentials) or _of_operator(told)
    if found is not None:
        return found
    # A server of one's own may need no key; the services all do.
    if told.voice_provider == VoiceKind.OPENAI and told.voice_base_url:
        return _as_told(VoiceConfig(VoiceKind.OPENAI, is_private_allowed=settings.MIRROR_PRIVATE_PROVIDERS), told)
    return None


def _of_credential(told: AgentSettings, credentials: Sequence[Credential]) -> VoiceConfig | None:
    """From the credential for the agent's provider: the one named ``default``, else the last changed."""
    fitting = [one for one in credentials if told.voice_provider in ("", one.config.get("provider"))]
    named = [one for one in fitting if one.name == DEFAULT_NAME]
    if not fitting:
        return None
    credential = (named or fitting)[-1]
    try:
        found = voice_config_parse(credential.config)
    except InvalidInput as error:
        extra = {"tenant_id": str(credential.tenant_id), "credential_id": str(credential.id)}
        logger.warning(
            "credential not usable", extra={"action": "voice_parse", "fields": sorted(error.errors), **extra}
        )
        return None
    secret = partial(secret_of, credential)
    return _as_told(replace(found, secret=secret, is_private_allowed=settings.MIRROR_PRIVATE_PROVIDERS), told)


def _of_operator(told: AgentSettings) -> VoiceConfig | None:
    """The operator pays for it and chose its address and model; only the name of the voice is the agent's to choose."""
    found = voice_of_operator()
    if found is None or told.voice_base_url or told.voice_provider not in ("", found.kind):
        return None
    return replace(found, name=told.voice_name or found.name)


def voice_of_operator() -> VoiceConfig | None:
    """Return the installation's own voice. The operator chose the address, so it may lie anywhere."""
    if settings.MIRROR_VOICE_PROVIDER not in list(VoiceKind):
        return None
    return VoiceConfig(
        kind=VoiceKind(settings.MIRROR_VOICE_PROVIDER),
        base_url=settings.MIRROR_VOICE_BASE_URL,
        name=settings.MIRROR_VOICE_NAME,
        model=settings.MIRROR_VOICE_MODEL,
        is_private_allowed=True,
        secret=_operators_secret,
    )


def _operators_secret() -> str:
    return str(settings.MIRROR_VOICE_API_KEY)


def _as_told(found: VoiceConfig, told: AgentSettings) -> VoiceConfig:
    """The agent's own name, model and address in place of the credential's."""
    chosen = replace(found, name=told.voice_name or found.name, model=told.voice_model or found.model)
    is_moved = bool(told.voice_base_url) and told.voice_base_url.rstrip("/") != found.base_url.rstrip("/")
    if not is_moved or found.kind is not VoiceKind.OPENAI:
        return chosen
    return replace(chosen, base_url=told.voice_base_url, secret=str)


def voice_config_parse(config: Mapping[str, Any]) -> VoiceConfig:
    """Read the ``config`` of a voice credential::

        {"provider": "openai", "base_url": "https://tts.example.com/v1", "voice": "alloy", "model": "", "pcm_hz": 24000}

    ``provider`` is ``openai``, ``deepgram`` or ``elevenlabs``; everything else may be left out.

    Raises:
        InvalidInput: ``errors`` names the fields.
    """
    errors: dict[str, list[str]] = {}
    remote = [kind.value for kind in VoiceKind if kind is not VoiceKind.ESPEAK]
    if config.get("provider") not in remote:
        errors["provider"] = [f"must be one of {', '.join(remote)}"]
    texts = {name: config.get(name, "") for name in ("voice", "model")}
    for name, value in texts.items():
        if not isinstance(value, str) or len(value) > 200:
            errors[name] = ["must be a text of 200 characters at most"]
    try:
        base_url = address_rule(config.get("base_url", ""))
    except ValueError as error:
        errors["base_url"] = [str(error)]
    pcm_hz = config.get("pcm_hz", OPENAI_PCM_HZ)
    if isinstance(pcm_hz, bool) or not isinstance(pcm_hz, int) or not 8_000 <= pcm_hz <= 96_000:
        errors["pcm_hz"] = ["must be a whole number from 8000 to 96000"]
    if errors:
        raise InvalidInput(errors=errors)
    return VoiceConfig(VoiceKind(config["provider"]), base_url, texts["voice"], texts["model"], pcm_hz)
