"""The whole file is the prompt."""

from __future__ import annotations

from fixers.embeddings.slot import Slot, newline_of, rstrip_end


def slot(source: str, name: str) -> Slot:
    newline = newline_of(source)
    start = 1 if source.startswith("\ufeff") else 0
    value = source[start:].replace("\r\n", "\n")
    return Slot(source, value, start, rstrip_end(source, start, len(source)), lambda text: text.replace("\n", newline))
