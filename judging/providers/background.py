"""Run a coroutine from synchronous code, on one event loop per process that keeps its connections.

The sync callers (Celery tasks, REST views) so share the very code of the async ones, deadline included.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from judging.providers.http import clients_close

Result = TypeVar("Result")

_lock = threading.Lock()
_loops: dict[int, asyncio.AbstractEventLoop] = {}  # by process: a forked child has no thread of its parent's


def run_sync(work: Coroutine[Any, Any, Result]) -> Result:
    """Return the coroutine's result, or raise what it raised. It must bound itself in time."""
    return asyncio.run_coroutine_threadsafe(work, _loop()).result()


def _loop() -> asyncio.AbstractEventLoop:
    with _lock:
        loop = _loops.get(os.getpid())
        if loop is None:
            loop = asyncio.new_event_loop()
            thread = threading.Thread(target=loop.run_forever, name="mirror-providers", daemon=True)
            thread.start()
            _loops[os.getpid()] = loop
            atexit.register(_stop, loop, thread)
        return loop


def _stop(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    if not thread.is_alive():
        return
    asyncio.run_coroutine_threadsafe(clients_close(), loop).result(timeout=5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(timeout=5)
    loop.close()
