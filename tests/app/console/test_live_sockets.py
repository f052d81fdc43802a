"""Console sockets tell of the reader's own calls only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import sync_to_async
from channels.layers import channel_layers, get_channel_layer
from django.conf import settings as django_settings
from django.test import Client

from mirror_saas.asgi import application
from tests.app.console.seed import Seeded, seed
from tests.app.console.sockets import BrowserSocket
from tests.cast import Cast

HOST = [(b"host", b"testserver"), (b"origin", b"http://testserver")]


@pytest.fixture(autouse=True)
def _memory_layer(settings: Any) -> Iterator[None]:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    channel_layers.backends.clear()
    yield
    channel_layers.backends.clear()


@pytest.fixture
def live(transactional_cast: Cast) -> Seeded:
    return seed(transactional_cast.agent)


async def _opened(user: Any, path: str) -> tuple[BrowserSocket, bool]:
    headers = list(HOST)
    if user is not None:
        client = Client()
        await sync_to_async(client.force_login)(user)
        cookie = f"{django_settings.SESSION_COOKIE_NAME}={client.cookies[django_settings.SESSION_COOKIE_NAME].value}"
        headers.append((b"cookie", cookie.encode()))
    socket = BrowserSocket(application, path, headers)
    return socket, await socket.open()


def _changed(call_id: UUID, **more: Any) -> dict[str, Any]:
    return {"type": "call.changed", "call_id": str(call_id), "n": 7, "status": "live", **more}


async def _tell(group: str, message: dict[str, Any]) -> None:
    layer = get_channel_layer()
    assert layer is not None
    await layer.group_send(group, message)


async def test_the_desk_hears_of_its_tenants_calls_and_of_no_other(transactional_cast: Cast, live: Seeded):
    socket, is_open = await _opened(transactional_cast.viewer, "/ws/console/live/")
    assert is_open
    await _tell(f"tenant.{transactional_cast.other_tenant.id.hex}", _changed(uuid4()))
    await _tell(f"tenant.{transactional_cast.tenant.id.hex}", _changed(live.live.id))
    assert await socket.receive() == _changed(live.live.id)
    assert await socket.receive_nothing()
    await socket.close()


async def test_a_call_page_hears_of_its_call_and_of_no_other(transactional_cast: Cast, live: Seeded):
    socket, is_open = await _opened(transactional_cast.owner, f"/ws/console/calls/{live.live.id}/")
    assert is_open
    await _tell(f"call.{live.ended.id.hex}", _changed(live.ended.id))
    await _tell(f"call.{live.live.id.hex}", _changed(live.live.id))
    assert await socket.receive() == _changed(live.live.id)
    assert await socket.receive_nothing()
    await socket.close()


async def test_nothing_but_the_contract_reaches_the_browser(transactional_cast: Cast, live: Seeded):
    socket, _ = await _opened(transactional_cast.owner, "/ws/console/live/")
    await _tell(f"tenant.{transactional_cast.tenant.id.hex}", _changed(live.live.id, text="what the caller said"))
    assert await socket.receive() == _changed(live.live.id)
    await socket.close()


@pytest.mark.parametrize("who", ["outsider", ""])
async def test_another_tenants_call_refuses_the_handshake(who: str, transactional_cast: Cast, live: Seeded):
    user = getattr(transactional_cast, who) if who else None
    _, is_open = await _opened(user, f"/ws/console/calls/{live.live.id}/")
    assert not is_open


async def test_a_stranger_hears_nothing_at_the_desk(transactional_cast: Cast):
    _, is_open = await _opened(None, "/ws/console/live/")
    assert not is_open


async def test_a_page_from_elsewhere_does_not_bring_our_cookies_in(transactional_cast: Cast, live: Seeded):
    client = Client()
    await sync_to_async(client.force_login)(transactional_cast.owner)
    cookie = f"{django_settings.SESSION_COOKIE_NAME}={client.cookies[django_settings.SESSION_COOKIE_NAME].value}"
    headers = [(b"host", b"testserver"), (b"origin", b"https://evil.example"), (b"cookie", cookie.encode())]
    assert not await BrowserSocket(application, "/ws/console/live/", headers).open()


async def test_what_a_client_sends_means_nothing_and_breaks_nothing(transactional_cast: Cast, live: Seeded):
    socket, _ = await _opened(transactional_cast.owner, "/ws/console/live/")
    await socket.send(text="{not json")
    await socket.send(bytes=b"\x00")
    await _tell(f"tenant.{transactional_cast.tenant.id.hex}", _changed(live.live.id))
    assert await socket.receive() == _changed(live.live.id)
    await socket.close()
