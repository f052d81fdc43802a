"""Sentences of our own that turns are made of, as text: many, so that no wording can be learned by heart."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent


def text_of(*names: str) -> str:
    return "\n".join((FOLDER / name).read_text(encoding="utf-8").strip() for name in names)


def lines_of(name: str) -> list[str]:
    return text_of(name).splitlines()


def blocks(text: str) -> list[str]:
    """Blocks that begin with "# " at the start of a line, without it."""
    return [block.strip() for block in f"\n{text.strip()}".split("\n# ")[1:]]
