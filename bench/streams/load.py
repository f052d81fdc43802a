"""The load generator as a process of its own: asked over a pipe, one thing at a time."""

from __future__ import annotations

import asyncio
import multiprocessing
import multiprocessing.connection
import multiprocessing.process
from collections.abc import Callable
from types import TracebackType
from typing import Any

import uvloop

from bench.streams.cores import pin

_ANSWERS_WITHIN_S = 600.0


class LoadFailed(RuntimeError):
    """What went wrong in the load generator, in its words."""


class Load:
    """``world`` makes, in the other process, the object whose coroutine methods ``ask`` calls."""

    def __init__(self, world: Callable[[], Any], *, core: int | None) -> None:
        self._pipe, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        self._process = context.Process(target=_serve, args=(world, core, theirs), daemon=True)

    def __enter__(self) -> Load:
        self._process.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pipe.send(None)
        self._process.join(10.0)
        self._process.kill()

    def ask(self, name: str, **arguments: Any) -> Any:
        """Raises: LoadFailed."""
        self._pipe.send((name, arguments))
        if not self._pipe.poll(_ANSWERS_WITHIN_S):
            raise LoadFailed(f"{name}: no answer")
        is_done, answer = self._pipe.recv()
        if not is_done:
            raise LoadFailed(f"{name}: {answer}")
        return answer


def _serve(world: Callable[[], Any], core: int | None, pipe: multiprocessing.connection.Connection) -> None:
    pin(core)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_answer(world, pipe))


async def _answer(world: Callable[[], Any], pipe: multiprocessing.connection.Connection) -> None:
    loop = asyncio.get_running_loop()
    made = world()
    while (asked := await loop.run_in_executor(None, pipe.recv)) is not None:
        name, arguments = asked
        try:
            pipe.send((True, await getattr(made, name)(**arguments)))
        except Exception as failed:  # noqa: BLE001  (outer edge: told to the one who asked)
            pipe.send((False, f"{type(failed).__name__}: {failed}"))
