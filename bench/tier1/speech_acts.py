"""Conversational acts: rules' hypotheses for them, sentences that are the act, and sentences that only look like it.

A block: ``# who key [tags] | hypothesis | hypothesis ...`` (the last one or two are kept for measuring), then lines: ``y`` is
the act, ``n`` is not, whatever its words. ``who`` is ``agent`` or ``customer``.
"""

from __future__ import annotations

from dataclasses import dataclass

from bench.tier1.texts import blocks, text_of


@dataclass(frozen=True)
class SpeechAct:
    """``tags``: what it is near to (acts that share one are not told apart); none in ``speech_acts.txt``, see ``pieces.KIN``."""

    who: str
    key: str
    hypotheses: tuple[str, ...]
    yes: tuple[str, ...]
    no: tuple[str, ...]
    tags: frozenset[str] = frozenset()
    is_held: bool = False


def speech_acts() -> list[SpeechAct]:
    """All acts of ``texts/``."""
    return [parsed(block) for block in blocks(text_of("speech_acts.txt", "agent_acts.txt", "customer_acts.txt"))]


def parsed(block: str) -> SpeechAct:
    head, *lines = block.splitlines()
    first, *hypotheses = [part.strip() for part in head.split("|")]
    who, key, *tags = first.split()
    yes = tuple(line[2:] for line in lines if line.startswith("y "))
    no = tuple(line[2:] for line in lines if line.startswith("n "))
    return SpeechAct(who, f"{who}_{key}", tuple(hypotheses), yes, no, frozenset(tags) - {"held"}, "held" in tags)
