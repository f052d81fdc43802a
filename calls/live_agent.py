"""An agent as live calls need it: judging, stream settings and the address of its own stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from calls.settings import CallSettings
from calls.voice.config import VoiceConfig, voice_configs_load
from judging.config import AgentJudging, agent_judging_load
from tenants.errors import NotFound
from tenants.models import Agent
from tenants.scope import tenant_context
from tenants.services import agent_headers


@dataclass(frozen=True, slots=True)
class LiveAgent:
    """``upstream_headers`` may hold secrets: kept out of the representation. ``voices``: first choice first."""

    judging: AgentJudging
    upstream_url: str = ""
    upstream_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    voices: tuple[VoiceConfig, ...] = ()

    @property
    def tenant_id(self) -> UUID:
        return self.judging.tenant_id

    @property
    def agent_id(self) -> UUID:
        return self.judging.agent_id

    def call_settings(self, *, is_speaking: bool, is_streaming: bool = False) -> CallSettings:
        """``is_speaking``: the transport has a voice of Mirror's own. ``is_streaming``: words are judged as they come,
        whatever is set."""
        told = self.judging.settings
        return CallSettings(
            judge=self.judging.judge,
            cooldown_ms=told.cooldown_s * 1000,
            review_budget_ms=told.semantic_review_timeout_s * 1000,
            is_streaming=told.streaming_mode or is_streaming,
            buffer_text=told.buffer_text,
            note_turns=told.note_turns,
            is_spoken_by_mirror=told.speaker == "mirror" and is_speaking,
            has_generator=self.judging.has_generator,
        )


def live_agent_load(*, tenant_id: UUID, slug: str = "", agent_id: UUID | None = None) -> LiveAgent:
    """Load by id, by slug, or, with neither, the tenant's only agent.

    Raises:
        NotFound: no such active agent in this tenant.
    """
    with tenant_context(tenant_id):
        rows = Agent.objects.filter(is_active=True)
        if agent_id is not None or slug:
            rows = rows.filter(id=agent_id) if agent_id is not None else rows.filter(slug=slug)
        found = list(rows[:2])
        judging = agent_judging_load(found[0].id) if len(found) == 1 else None
        if judging is None:
            raise NotFound(
                f"No agent {slug!r}." if slug or agent_id else "Name the agent: the tenant has not exactly one."
            )
        voices = voice_configs_load(judging.settings)
        return LiveAgent(judging, found[0].upstream_url, agent_headers(found[0]), voices)
