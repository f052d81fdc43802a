"""What the doctor says about a stream. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """``FAIL``: callers will notice. ``WARN``: they may, or Mirror works less well. ``NOTE``: good to know."""

    FAIL = "fail"
    WARN = "warn"
    NOTE = "note"
    OK = "ok"


@dataclass(frozen=True, slots=True)
class Remark:
    """``code`` is stable; ``advice`` says what to change."""

    level: Level
    code: str
    text: str
    advice: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def worst(remarks: list[Remark]) -> Level:
    """The worst level among remarks."""
    order = list(Level)
    return min((remark.level for remark in remarks), key=order.index, default=Level.OK)


def printed(remarks: list[Remark]) -> Iterator[str]:
    """Lines for a terminal, the worst first."""
    order = list(Level)
    for remark in sorted(remarks, key=lambda one: order.index(one.level)):
        yield f"{remark.level.value:<5} {remark.code:<22} {remark.text}"
        if remark.advice:
            yield f"{'':<29}-> {remark.advice}"
