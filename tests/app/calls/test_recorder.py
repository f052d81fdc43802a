"""The recorder: exactly once, in order, through an outage, one bad row alone."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.db import DataError, InterfaceError, OperationalError

from calls import recorder as module
from calls.models import MessageRecord, TurnRecord
from calls.recorder import Item, Recorder
from calls.services import Entry, rows_write
from tenants.scope import tenant_context
from tests.app.calls.rows import heard, message, opened, turn

# Writing happens in a thread, with a database connection of its own.
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("thread_connections")]

TENANT, CALL = uuid4(), uuid4()


class Store:
    """Stands in for the database: keeps what it is given, or fails as told."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.batches: list[Any] = []
        self.poison: Entry | None = None
        self.error: Exception = DataError("refused")

    def __call__(self, *, tenant_id, entries):
        if self.failures:
            raise self.failures.pop(0)
        if self.poison is not None and any(self.poison in listed for listed in entries.values()):
            raise self.error
        self.batches.append((tenant_id, {call_id: list(listed) for call_id, listed in entries.items()}))

    @property
    def rows(self):
        return [entry for _, entries in self.batches for listed in entries.values() for entry in listed]


@asynccontextmanager
async def running(write, after=None):
    told = []

    async def after_write(batch):
        told.append([item.call_id for item in batch.items])
        if after is not None:
            await after(batch)

    one = Recorder(after_write=after_write, write=write)
    one.start()
    try:
        yield one, told
    finally:
        await one.stop()


def item(*entries, call_id=CALL, tenant_id=TENANT, acked=None, name=None):
    return Item(tenant_id, call_id, list(entries), (lambda: acked.append(name)) if acked is not None else None)


async def test_what_is_put_is_written_in_order_and_then_acknowledged():
    store = Store()
    acked: list[int] = []
    async with running(store) as (recorder, _):
        for n in range(1, 60):
            recorder.put(item(turn(n), acked=acked, name=n))
        assert await recorder.drain(5)
    assert [row.n for row in store.rows] == acked == list(range(1, 60))


async def test_rows_of_one_moment_share_a_transaction_per_tenant():
    store, other = Store(), uuid4()
    async with running(store) as (recorder, told):
        recorder.put(item(turn(1)))
        recorder.put(item(turn(2)))
        recorder.put(item(turn(1), call_id=other))
        recorder.put(item(turn(1), tenant_id=other))
        await recorder.drain(5)
    assert [(tenant, {call: len(rows) for call, rows in entries.items()}) for tenant, entries in store.batches] == [
        (TENANT, {CALL: 2, other: 1}), (other, {CALL: 1}),
    ]  # fmt: skip
    assert len(told) == 1


async def test_a_large_backlog_is_written_in_batches():
    store = Store()
    async with running(store) as (recorder, _):
        for n in range(module.MAX_BATCH_ROWS + 1):
            recorder.put(item(turn(n)))
        assert await recorder.drain(5)
    assert [len(entries[CALL]) for _, entries in store.batches] == [module.MAX_BATCH_ROWS, 1]


async def test_while_the_database_is_away_rows_and_acknowledgements_wait_in_order():
    store = Store(OperationalError("away"), InterfaceError("away"))
    acked: list[int] = []
    async with running(store) as (recorder, _):
        recorder.put(item(turn(1), acked=acked, name=1))
        assert not await recorder.drain(0.05)
        recorder.put(item(turn(2), acked=acked, name=2))
        assert acked == []
        assert await recorder.drain(5)
    assert [row.n for row in store.rows] == acked == [1, 2]


@pytest.mark.parametrize(
    "error", [DataError("refused"), UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates"), ValueError("bad")]
)
async def test_one_row_that_cannot_be_stored_is_dropped_alone(error):
    store = Store()
    acked: list[int] = []
    store.poison, store.error = turn(2), error
    async with running(store) as (recorder, _):
        for n in (1, 2, 3):
            recorder.put(item(turn(n), acked=acked, name=n))
        assert await recorder.drain(5)
        recorder.put(item(turn(4), acked=acked, name=4))
        assert await recorder.drain(5)
    assert [row.n for row in store.rows] == [1, 3, 4]
    assert acked == [1, 2, 3, 4]


async def test_a_database_that_goes_away_between_single_rows_is_waited_for():
    store = Store(DataError("refused"), OperationalError("away"))
    async with running(store) as (recorder, _):
        recorder.put(item(turn(1), turn(2)))
        assert await recorder.drain(5)
    assert [row.n for row in store.rows] == [1, 2]


async def test_what_fails_after_the_write_does_not_end_the_writing():
    def broken_port():
        raise RuntimeError("no connection")

    async def broken(batch):
        raise RuntimeError("no snapshot")

    store = Store()
    acked: list[int] = []
    async with running(store, broken) as (recorder, _):
        for n in (1, 2):
            recorder.put(Item(TENANT, CALL, [turn(n)], broken_port))
            recorder.put(item(acked=acked, name=n))
            assert await recorder.drain(5)
    assert [row.n for row in store.rows] == acked == [1, 2]


async def test_the_buffer_is_bounded_and_says_so(monkeypatch):
    monkeypatch.setattr(module, "MAX_WAITING_ROWS", 3)
    async with running(Store()) as (recorder, _):
        taken = [recorder.put(item(turn(n))) for n in range(5)]
        assert taken == [True, True, True, False, False]
        assert not recorder.has_room
        assert await recorder.drain(5)
        assert recorder.has_room
        assert recorder.put(item(turn(9)))


async def test_which_calls_still_wait_is_known():
    reached, gate = asyncio.Event(), asyncio.Event()

    async def hold(batch):
        reached.set()
        await gate.wait()

    async with running(Store(), hold) as (recorder, _):
        recorder.put(item(turn(1)))
        await reached.wait()
        assert not recorder.is_waiting(CALL)
        recorder.put(item(turn(2)))
        assert recorder.is_waiting(CALL)
        gate.set()
        assert await recorder.drain(5)
        assert not recorder.is_waiting(CALL)


async def test_rows_reach_the_real_database_once_although_one_of_them_is_refused(transactional_cast):
    cast = transactional_cast
    call = await sync_to_async(opened)(cast)
    acked: list[int] = []
    async with running(rows_write) as (recorder, _):
        for entries in ([message(1), turn(2)], [turn(3, "nul \x00")], [turn(4, "\ud800")], [turn(5), heard(5, "Hel")]):
            for _ in range(2):
                recorder.put(item(*entries, call_id=call.call_id, tenant_id=cast.tenant.id, acked=acked, name=1))
        assert await recorder.drain(10)

    def stored():
        with tenant_context(cast.tenant.id):
            assert MessageRecord.objects.count() == 1
            return list(TurnRecord.objects.order_by("n").values_list("n", "heard_text"))

    assert await sync_to_async(stored)() == [(2, None), (5, "Hel")]
    assert len(acked) == 8
