"""What the ``judge`` and ``replay`` commands have in common."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from django.core.management.base import CommandError

from judging.batch import FileUnusable, Options, load_policies, parse_thresholds, parse_tiers
from judging.batch.jobs import jobs_default
from judging.batch.options import models_for, parse_threshold
from judging.core import JudgeSettings
from judging.providers.embedded import embedded_uses

Value = TypeVar("Value")
UNUSABLE = 2
STOPPED = 130  # as a shell counts a program that Ctrl-C ended


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--input", type=Path, required=True, help="JSON lines, .gz too; - is stdin")
    parser.add_argument("--policies", type=Path, help="policies for every record: YAML, JSON, or text with one a line")
    parser.add_argument("--threshold", type=_checked(parse_threshold), default=JudgeSettings().threshold)
    parser.add_argument("--threshold-sweep", type=_checked(parse_thresholds), default=(), help="such as 0.5,0.6,0.7")
    parser.add_argument("--tiers", type=_checked(parse_tiers), default=frozenset({0}), help="such as 0 or 0,1")
    parser.add_argument(
        "--by", default="", metavar="FIELD", help="count by check, kind, or a field of the records such as subtype"
    )
    parser.add_argument(
        "--jobs", type=_checked(_jobs), default=jobs_default(), help="worker processes; default: one a core"
    )


def _jobs(text: str) -> int:
    jobs = int(text)
    if not 1 <= jobs <= 256:
        raise ValueError("jobs are from 1 to 256")
    return jobs


def _checked(parse: Callable[[str], Value]) -> Callable[[str], Value]:
    def parsed(text: str) -> Value:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return parsed


def options_from(arguments: dict[str, Any]) -> Options:
    """Raises: FileUnusable."""
    settings = JudgeSettings(threshold=arguments["threshold"], tiers=arguments["tiers"], tier1_uses=embedded_uses())
    policies = load_policies(arguments["policies"]) if arguments["policies"] else None
    models = models_for(settings.tiers)
    return Options(settings, policies, arguments["threshold_sweep"], arguments["by"], models)


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """Tell what ends a command early in one line: exit 2 for a file that cannot be used, 130 for Ctrl-C."""
    try:
        yield
    except FileUnusable as error:
        raise CommandError(str(error), returncode=UNUSABLE) from error
    except KeyboardInterrupt:
        raise CommandError("stopped; what was judged so far is written", returncode=STOPPED) from None
    except BrokenPipeError:  # whoever read our output has gone; nothing is left to tell, nor to write at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(UNUSABLE)
