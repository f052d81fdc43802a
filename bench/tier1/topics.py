"""Things an agent may say, ask for or hold back, with sentences in which that happens.

A block: ``# key | noun | noun ...`` (the last noun is kept for measuring), then lines: ``s`` the agent says it,
``c`` the customer says or asks it, ``q`` the agent asks for it, ``n`` near words without the fact.
"""

from __future__ import annotations

from dataclasses import dataclass

from bench.tier1.texts import blocks, text_of


@dataclass(frozen=True)
class Topic:
    """``is_rare``: no service dialogue speaks of it by itself."""

    key: str
    nouns: tuple[str, ...]
    lines: dict[str, tuple[str, ...]]
    is_rare: bool = False
    is_held: bool = False


def topics() -> list[Topic]:
    """All topics of ``texts/``; the heads of ``agent_topics.txt`` may end in ``rare`` and ``held``."""
    more = [parsed(block, is_marked=True) for block in blocks(text_of("agent_topics.txt"))]
    return [*(parsed(block) for block in blocks(text_of("topics.txt"))), *more]


def parsed(block: str, *, is_marked: bool = False) -> Topic:
    head, *lines = block.splitlines()
    key, *nouns = [part.strip() for part in head.split("|")]
    marks = {mark for mark in ("rare", "held") if is_marked and mark in key.split()}
    key = " ".join(word for word in key.split() if word not in marks)
    by_kind = {kind: tuple(line[2:] for line in lines if line.startswith(f"{kind} ")) for kind in "scqn"}
    return Topic(key, tuple(nouns), by_kind, "rare" in marks, "held" in marks)
