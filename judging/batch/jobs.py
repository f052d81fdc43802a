"""Chunks judged by worker processes, with the outcomes in the order of the chunks."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import chain, islice

from judging.batch.files import Chunk, FileUnusable
from judging.batch.options import Options
from judging.batch.work import Kind, Outcome, Worker

_HERE = 4  # so many chunks at most are judged in this process: starting others would take longer
_AHEAD = 2  # chunks under way or waiting, for each worker


class WorkerDied(FileUnusable):
    """A worker process ended by itself, as when the machine is out of memory."""


def jobs_default() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_order(kind: Kind, options: Options, chunks: Iterator[Chunk], jobs: int) -> Iterator[Outcome]:
    """Judge all chunks and yield their outcomes in order; few at a time are held.

    Raises:
        WorkerDied: the outcomes before it were whole.
    """
    first = list(islice(chunks, _HERE)) if jobs > 1 else []
    if jobs <= 1 or len(first) < _HERE:
        worker = Worker(kind, options)
        yield from map(worker, chain(first, chunks))
        return
    yield from _by_workers(kind, options, chain(first, chunks), jobs)


def _by_workers(kind: Kind, options: Options, chunks: Iterator[Chunk], jobs: int) -> Iterator[Outcome]:
    waiting: deque[Future[Outcome]] = deque()
    workers = ProcessPoolExecutor(
        jobs, multiprocessing.get_context("spawn"), initializer=_worker_start, initargs=(kind, options)
    )
    try:
        for chunk in chunks:
            with _interrupts_held():  # a worker that starts now inherits that
                waiting.append(workers.submit(_worker_judge, chunk))
            if len(waiting) >= jobs * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise WorkerDied("a worker process died; try fewer with --jobs") from error
    finally:
        workers.shutdown(cancel_futures=True)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C reaches every process of the terminal; the workers leave it to this one, where it comes a moment later."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_worker: Worker | None = None  # of this process, where it is a worker


def _worker_start(kind: Kind, options: Options) -> None:
    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _worker = Worker(kind, options)


def _end_with_parent() -> None:
    """A parent that was killed cannot tell its workers; they must not wait for it for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _worker_judge(chunk: Chunk) -> Outcome:
    if _worker is None:
        raise RuntimeError("the worker was not started")
    return _worker(chunk)
