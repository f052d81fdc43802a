"""Prepared lines in a real Valkey: shared by processes, never by tenants."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from uuid import UUID, uuid4

import pytest
import redis.asyncio as redis
from django.conf import settings

from calls.voice.config import VoiceConfig, VoiceKind
from calls.voice.line import Line
from calls.voice.speaking import CallVoice, voices_close
from calls.voice.store import LIFE_S, LineKey, LineStore
from judging.providers.http import clients_close
from tests.fakes_http import FakeServer, serving
from tests.unit.voice.cast import PCM, ULAW_FORMAT, sends

pytestmark = pytest.mark.usefixtures("servers")
AUDIO = b"\x80" * 320


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with serving() as fake:
        fake.otherwise = sends(PCM)
        yield fake


@pytest.fixture
async def two() -> AsyncIterator[tuple[LineStore, LineStore]]:
    """The stores of two processes."""
    stores = LineStore(settings.REDIS_URL, uuid4().hex), LineStore(settings.REDIS_URL, uuid4().hex)
    stores[1]._prefix = stores[0]._prefix
    yield stores
    for store in stores:
        await store.close()


def key(tenant_id: UUID, text: str = "One moment.") -> LineKey:
    return LineKey(tenant_id, VoiceConfig(VoiceKind.ESPEAK), Line(text, "en", ULAW_FORMAT))


async def test_another_process_finds_a_shared_line_and_no_other_tenant_does(two: tuple[LineStore, LineStore]):
    tenant_id = uuid4()
    await two[0].share(key(tenant_id), AUDIO)
    two[0].keep(key(tenant_id, "Not shared."), AUDIO)
    found = [await two[1].get(each) for each in (key(tenant_id), key(uuid4()), key(tenant_id, "Not shared."))]
    assert (found, two[1].kept_bytes) == ([AUDIO, None, None], len(AUDIO))


async def test_a_shared_line_does_not_stay_for_good(two: tuple[LineStore, LineStore]):
    await two[0].share(key(uuid4()), AUDIO)
    async with redis.from_url(settings.REDIS_URL) as valkey:
        names = [name async for name in valkey.scan_iter(f"{two[0]._prefix}:*")]
        lives = [await valkey.ttl(name) for name in names]
    assert (len(names), all(0 < life <= LIFE_S for life in lives)) == (1, True)


async def test_what_is_no_whole_frames_in_the_store_is_not_played(two: tuple[LineStore, LineStore]):
    where = key(uuid4())
    async with redis.from_url(settings.REDIS_URL) as valkey:
        await valkey.set(two[0]._address(where), b"\x80" * 321)
    assert await two[0].get(where) is None


async def test_a_store_that_hangs_costs_a_moment_once():
    async def hang(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hung.append(writer)

    hung: list[asyncio.StreamWriter] = []
    listening = await asyncio.start_server(hang, "127.0.0.1", 0)
    store = LineStore(f"redis://127.0.0.1:{listening.sockets[0].getsockname()[1]}/0", "test")
    tenant_id = uuid4()
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    found = [await store.get(key(tenant_id, str(number))) for number in range(50)]
    await store.share(key(tenant_id), AUDIO)
    assert (found, await store.get(key(tenant_id)), loop.time() - began_s < 1.0) == ([None] * 50, AUDIO, True)
    await store.close()
    for writer in hung:
        writer.close()
    listening.close()
    await listening.wait_closed()


async def test_a_call_in_another_process_does_not_ask_the_provider_again(server: FakeServer):
    voice = VoiceConfig(VoiceKind.OPENAI, server.url, is_private_allowed=True)
    tenant_id = uuid4()
    sources = []
    for _ in range(2):
        call = CallVoice(tenant_id, [voice])
        await call.prepare("One moment.", language="en", media_format=ULAW_FORMAT)
        speech = await call.speech("One moment.", language="en", media_format=ULAW_FORMAT, deadline_s=1)
        sources.append(speech and (speech.source, speech.is_cached))
        await voices_close()  # what this process kept is gone
    await clients_close()
    assert (sources, len(server.received)) == ([("openai", True)] * 2, 1)
