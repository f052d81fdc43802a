"""From sessions to PostgreSQL in batches, off the hot path, exactly once.

Sessions hand over rows and go on; one task writes them every few milliseconds, a transaction per tenant. While the
database is away rows wait in memory (bounded) and acknowledgements wait with them; no call is held up. What cannot be
stored at all (a row PostgreSQL refuses) is dropped alone, logged and counted.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from django.db import DatabaseError, InterfaceError, OperationalError

from calls import metrics
from calls.events import Record
from calls.services import Ended, Entry, rows_write

logger = logging.getLogger(__name__)

FLUSH_EVERY_S = 0.02
MAX_BATCH_ROWS = 500
# About 1 KiB a row: a minute of outage at 200 busy calls stays well below.
MAX_WAITING_ROWS = 100_000
_RETRY_FIRST_S, _RETRY_MOST_S = 0.1, 2.0

# Worth another try; asked before REFUSALS, because the first two are refusals by their family.
AWAY = (OperationalError, InterfaceError)
# What is wrong with a row itself: PostgreSQL refuses it, or it cannot be put into words for PostgreSQL.
REFUSALS = (DatabaseError, ValueError, TypeError, ArithmeticError)

Row = tuple[UUID, int]  # call and n
Write = Callable[..., frozenset[Row] | None]
AfterWrite = Callable[["Batch"], Awaitable[None]]


@dataclass(slots=True)
class Item:
    """What one ``receive`` recorded. ``on_durable`` runs in the event loop once it is in the database.

    ``on_lost`` runs instead where one of its rows could not be stored, or does not stand; without it nothing differs.
    """

    tenant_id: UUID
    call_id: UUID
    entries: list[Entry]
    on_durable: Callable[[], None] | None = None
    on_lost: Callable[[], None] | None = None

    def settled(self, lost: frozenset[Row]) -> Callable[[], None] | None:
        """What is to run now that the batch is written, but for the ``lost`` rows."""
        is_lost = any((self.call_id, getattr(entry, "n", None)) in lost for entry in self.entries)
        return self.on_lost if is_lost and self.on_lost is not None else self.on_durable


@dataclass(slots=True)
class Batch:
    items: list[Item] = field(default_factory=list)

    def by_tenant(self) -> Mapping[UUID, Mapping[UUID, list[Entry]]]:
        tenants: dict[UUID, dict[UUID, list[Entry]]] = defaultdict(lambda: defaultdict(list))
        for item in self.items:
            tenants[item.tenant_id][item.call_id].extend(item.entries)
        return tenants

    @property
    def ended(self) -> frozenset[UUID]:
        """The calls that the batch ends."""
        return frozenset(item.call_id for item in self.items if any(isinstance(entry, Ended) for entry in item.entries))

    @property
    def calls(self) -> list[tuple[UUID, UUID]]:
        """``(tenant_id, call_id)`` of every call in the batch, once."""
        return list(dict.fromkeys((item.tenant_id, item.call_id) for item in self.items))


class Recorder:
    """One per process. ``after_write`` (snapshots, console) runs after each batch, before its ``on_durable``s."""

    def __init__(self, *, after_write: AfterWrite, write: Write = rows_write) -> None:
        self._write = database_sync_to_async(write)
        self._after_write = after_write
        self._waiting: list[Item] = []
        self._waiting_of: Counter[UUID] = Counter()
        self._rows = 0
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="recorder")

    @property
    def has_room(self) -> bool:
        """Whether new messages may be taken; without room what follows from them could not be recorded."""
        return self._rows < MAX_WAITING_ROWS

    def is_waiting(self, call_id: UUID) -> bool:
        """Whether the call has recorded more than what is written or being written."""
        return self._waiting_of[call_id] > 0

    def put(self, item: Item) -> bool:
        """Take over what a session recorded. False: the buffer is full, the item is dropped and never acknowledged."""
        if not self.has_room:
            metrics.ROWS_DROPPED.labels("buffer_full").inc(len(item.entries))
            return False
        self._waiting.append(item)
        self._waiting_of[item.call_id] += 1
        self._rows += len(item.entries)
        metrics.ROWS_WAITING.set(self._rows)
        self._idle.clear()
        self._wake.set()
        return True

    async def drain(self, within_s: float) -> bool:
        """Wait until everything is written; False when the time is over first."""
        try:
            await asyncio.wait_for(self._idle.wait(), within_s)
        except TimeoutError:
            return False
        return True

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            batch = self._take()
            await self._tell(batch, await self._write_until_done(batch))
            self._rows -= sum(len(item.entries) for item in batch.items)
            metrics.ROWS_WAITING.set(self._rows)
            if self._waiting:
                continue
            self._wake.clear()
            self._idle.set()
            # Rows that come within the next moment share a transaction.
            await asyncio.sleep(FLUSH_EVERY_S)

    async def _tell(self, batch: Batch, lost: frozenset[Row]) -> None:
        """Snapshots first, then acknowledgements. What fails here is somebody else's: the writing goes on."""
        try:
            await self._after_write(batch)
        except Exception:  # outer edge of a background task
            logger.exception("after a batch", extra={"action": "recorder_after_write"})
        for item in batch.items:
            try:
                if (settle := item.settled(lost)) is not None:
                    settle()
            except Exception:  # outer edge: one connection's fault
                logger.exception("acknowledgement failed", extra={"action": "recorder_on_durable"})

    def _take(self) -> Batch:
        batch, rows = Batch(), 0
        for item in self._waiting:
            if rows >= MAX_BATCH_ROWS:
                break
            batch.items.append(item)
            rows += len(item.entries)
        del self._waiting[: len(batch.items)]
        self._waiting_of -= Counter(item.call_id for item in batch.items)
        return batch

    async def _write_until_done(self, batch: Batch) -> frozenset[Row]:
        """Return the rows that could not be stored."""
        lost: set[Row] = set()
        for tenant_id, entries in batch.by_tenant().items():
            lost |= await self._write_tenant(tenant_id, entries)
        return frozenset(lost)

    async def _write_tenant(self, tenant_id: UUID, entries: Mapping[UUID, list[Entry]]) -> frozenset[Row]:
        pause_s = _RETRY_FIRST_S
        while True:
            try:
                lost = await self._write(tenant_id=tenant_id, entries=entries)
            except AWAY as away:
                metrics.FLUSHES.labels("database_away").inc()
                logger.warning(
                    "database away, rows wait", extra={"action": "recorder_wait", "error": type(away).__name__}
                )
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, _RETRY_MOST_S)
            except REFUSALS:
                return await self._write_singly(tenant_id, entries)
            else:
                metrics.FLUSHES.labels("written").inc()
                return lost or frozenset()

    async def _write_singly(self, tenant_id: UUID, entries: Mapping[UUID, list[Entry]]) -> frozenset[Row]:
        """One entry of the batch is refused by the database: store the others."""
        metrics.FLUSHES.labels("refused").inc()
        lost: set[Row] = set()
        for call_id, group in _groups(entries):
            try:
                lost |= await self._write(tenant_id=tenant_id, entries={call_id: group}) or frozenset()
            except AWAY:
                lost |= await self._write_tenant(tenant_id, {call_id: group})
            except REFUSALS as refused:
                metrics.ROWS_DROPPED.labels("refused").inc(len(group))
                lost |= {(call_id, entry.n) for entry in group if isinstance(entry, Record)}
                # Without the traceback: PostgreSQL's detail line repeats the row, and rows hold the caller's words.
                logger.error("row refused", extra=_context(tenant_id, call_id, group[0], refused))  # noqa: TRY400
        return frozenset(lost)


def _groups(entries: Mapping[UUID, list[Entry]]) -> Iterable[tuple[UUID, list[Entry]]]:
    """Each entry by itself, but the rows of one gate decision together: half a decision is none."""
    for call_id, listed in entries.items():
        for _, group in groupby(enumerate(listed), key=_unit):
            yield call_id, [entry for _, entry in group]


def _unit(numbered: tuple[int, Entry]) -> str | int:
    at, entry = numbered
    is_decision = isinstance(entry, Record) and entry.table == "tool_decision"
    return str(entry.fields["gate_id"]) if is_decision and isinstance(entry, Record) else at


def _context(tenant_id: UUID, call_id: UUID, entry: Entry, refused: Exception) -> dict[str, Any]:
    return {
        "action": "row_refused",
        "tenant_id": str(tenant_id),
        "call_id": str(call_id),
        "entry": type(entry).__name__,
        "n": getattr(entry, "n", None),
        "error": type(refused).__name__,
    }
