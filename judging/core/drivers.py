"""Ways to run a judging generator to its end. The generator asks; a driver answers."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeVar

from judging.core.types import Answer, Ask

Result = TypeVar("Result")


def run(generator: Generator[Ask, Answer, Result], answer: Callable[[Ask], Answer]) -> Result:
    """Run a generator with a function that answers each ask, and return its result."""
    try:
        ask = next(generator)
        while True:
            ask = generator.send(answer(ask))
    except StopIteration as stop:
        result: Result = stop.value
        return result


def unavailable(ask: Ask) -> Answer:
    """Answer that no model is there."""
    return Answer(failure="unavailable")
