"""Options that the ``judge`` and ``replay`` commands have in common."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from judging.batch import Options, load_policies, parse_thresholds, parse_tiers
from judging.core import JudgeSettings


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--input", type=Path, required=True, help="JSON lines, .gz too")
    parser.add_argument("--policies", type=Path, help="policies for every record: YAML, JSON, or text with one a line")
    parser.add_argument("--threshold", type=float, default=JudgeSettings().threshold)
    parser.add_argument("--threshold-sweep", type=_checked(parse_thresholds), default=(), help="such as 0.5,0.6,0.7")
    parser.add_argument("--tiers", type=_checked(parse_tiers), default=frozenset({0}), help="such as 0 or 0,1")


def _checked(parse: Any) -> Any:
    def parsed(text: str) -> Any:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return parsed


def options_from(arguments: dict[str, Any]) -> Options:
    settings = JudgeSettings(threshold=arguments["threshold"], tiers=arguments["tiers"])
    policies = load_policies(arguments["policies"]) if arguments["policies"] else None
    return Options(settings, policies, arguments["threshold_sweep"])
