"""``manage.py voice_say TEXT --agent SLUG --tenant NAME | --provider PROVIDER [--out FILE]``: try a voice."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from calls.live_agent import live_agent_load
from calls.voice.config import VoiceConfig, VoiceKind, voice_of_operator
from calls.voice.line import Line, speakable
from calls.voice.say import line_try, wav_write
from calls.wire.media import FORMATS
from tenants.errors import MirrorError
from tenants.lookups import tenant_id_by_name


class Command(BaseCommand):
    help = "Say a text with a voice; print provider, latency, length and loudness, and write it to a file."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("text", metavar="TEXT")
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--agent", metavar="SLUG", help="the voices this agent would speak with; needs --tenant")
        whose.add_argument(
            "--provider", choices=[kind.value for kind in VoiceKind], help="this one, with the operator's own key"
        )
        parser.add_argument("--tenant", metavar="NAME", help="whose agent it is")
        parser.add_argument("--voice", default="", help="the voice's name (with --provider)")
        parser.add_argument("--language", default="", help="such as en or de-AT; by default the agent's, else English")
        parser.add_argument("--format", choices=sorted(FORMATS), default="mulaw_8k", help="what the stream carries")
        parser.add_argument("--deadline", type=float, default=10.0, metavar="SECONDS", help="for each voice")
        parser.add_argument("--out", type=Path, metavar="FILE", help="a WAV file of what a caller hears")

    def handle(self, *args: Any, **options: Any) -> None:
        voices, language = self._voices(options)
        line = Line(speakable(options["text"]), options["language"] or language, FORMATS[options["format"]])
        if not line.text:
            raise CommandError("There is nothing in the text that could be said.")
        tries = asyncio.run(line_try(line, voices, deadline_s=options["deadline"]))
        self.stdout.write("\n\n".join(each.told(line) for each in tries))
        made = tries[-1].rendered if tries else None
        if made is None:
            raise CommandError("No voice spoke.")
        if options["out"] is not None:
            self._write(options["out"], made.audio, line)

    def _write(self, path: Path, audio: bytes, line: Line) -> None:
        try:
            wav_write(path, audio, line)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        self.stdout.write(f"written       {path}")

    def _voices(self, options: dict[str, Any]) -> tuple[tuple[VoiceConfig, ...], str]:
        """Return what to try, in order, and the agent's language."""
        if options["provider"]:
            return (_of_provider(options["provider"], options["voice"]),), ""
        tenant_id = tenant_id_by_name(options["tenant"] or "")
        if tenant_id is None:
            raise CommandError("Name the agent's tenant with --tenant." if not options["tenant"] else "No such tenant.")
        try:
            agent = live_agent_load(tenant_id=tenant_id, slug=options["agent"])
        except MirrorError as error:
            raise CommandError(str(error)) from error
        if not agent.voices:
            raise CommandError("The agent has no voice: none is configured, and the offline voice is not allowed.")
        return agent.voices, agent.judging.settings.language


def _of_provider(provider: str, name: str) -> VoiceConfig:
    if provider == VoiceKind.ESPEAK:
        return VoiceConfig(VoiceKind.ESPEAK, name=name)
    ours = voice_of_operator()
    if ours is None or ours.kind != provider:
        raise CommandError(f"MIRROR_VOICE_PROVIDER is not {provider}: set it and MIRROR_VOICE_API_KEY to try it.")
    return VoiceConfig(
        ours.kind, ours.base_url, name or ours.name, ours.model, ours.pcm_hz, ours.is_private_allowed, ours.secret
    )
