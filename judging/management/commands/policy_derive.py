"""Draft policies from a system prompt: ``manage.py policy_derive --input prompt.md [--output policies.yaml]``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from judging.core.derive import DerivedPolicy, derive_policies
from judging.policy_files import RuleDraft, rules_to_yaml


class Command(BaseCommand):
    help = "Derive draft policies from an agent's system prompt, by rules; needs no database, no Redis and no network."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--input", type=Path, required=True, help="the prompt, as text")
        parser.add_argument("--output", type=Path, help="where to write; standard output without it")
        parser.add_argument(
            "--format",
            choices=("yaml", "json"),
            default="yaml",
            help="yaml: a policy file, each rule with its source line as a comment; json: with kind, line and source",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            prompt = options["input"].read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{options['input']}: {error}") from error
        policies = derive_policies(prompt)
        text = _json(policies) if options["format"] == "json" else _yaml(policies)
        if options["output"] is None:
            self.stdout.write(text, ending="")
            return
        try:
            options["output"].write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{options['output']}: {error.strerror}") from error
        self.stderr.write(f"{len(policies)} policies from {len(prompt.splitlines())} lines")


def _json(policies: tuple[DerivedPolicy, ...]) -> str:
    return json.dumps([policy.as_json() for policy in policies], ensure_ascii=False, indent=2) + "\n"


def _yaml(policies: tuple[DerivedPolicy, ...]) -> str:
    """A policy file; a comment before each rule says where it comes from."""
    parts = []
    for policy in policies:
        draft = RuleDraft(policy.text, policy.severity, policy.scope)
        lines = ", ".join(str(line) for line in (policy.line, *policy.also_lines))
        source = " ".join("".join(char if char.isprintable() else " " for char in policy.source).split())
        parts.append(f"# line {lines}: {source}\n{rules_to_yaml([draft])}")
    return "".join(parts) or "[]\n"
