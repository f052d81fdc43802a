"""One HTTP exchange with a provider: within the deadline, to a checked address, with a bounded reply."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any
from weakref import WeakKeyDictionary

import httpx

from judging.core.types import Json
from judging.providers.errors import Failure, ProviderFailed
from judging.providers.guard import GuardedTransport

MAX_REPLY_BYTES = 1024 * 1024
_CONNECT_S = 3.0


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A JSON POST, or a GET where ``body`` is None. ``max_reply_bytes``: a larger reply is garbage."""

    url: str
    body: Json = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # carries the key
    is_private_allowed: bool = False
    accept: str = "application/json"
    max_reply_bytes: int = MAX_REPLY_BYTES


@dataclass(frozen=True, slots=True)
class HttpReply:
    """``first_byte_s``: from asking to the first byte of the body."""

    status: int
    body: bytes = field(repr=False)
    retry_after_s: float | None = None
    content_type: str = ""
    first_byte_s: float = 0.0

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Json:
        """Raises: ProviderFailed (garbage)."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise ProviderFailed(Failure.GARBAGE, "the reply is not JSON") from error

    def require_success(self) -> HttpReply:
        """Raises: ProviderFailed (provider_error), with the status."""
        if not self.is_success:
            raise ProviderFailed(Failure.PROVIDER_ERROR, f"HTTP {self.status}", retry_after_s=self.retry_after_s)
        return self


async def send(request: HttpRequest, *, deadline_s: float) -> HttpReply:
    """Return the reply, whatever its status.

    Raises:
        ProviderFailed: timeout (the deadline holds for the whole exchange, however slowly bytes drip in),
            provider_error or garbage (a reply too large).
    """
    if deadline_s <= 0:
        raise ProviderFailed(Failure.TIMEOUT, "no time was left")
    # Host names with odd characters and keys that are no header text surface as ValueError, at various depths.
    try:
        async with asyncio.timeout(deadline_s):
            return await _exchange(request, deadline_s)
    except (TimeoutError, httpx.TimeoutException) as error:
        raise ProviderFailed(Failure.TIMEOUT, f"no answer within {deadline_s:.1f} s") from error
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise ProviderFailed(Failure.PROVIDER_ERROR, _told(error)) from error


async def _exchange(request: HttpRequest, deadline_s: float) -> HttpReply:
    timeout = httpx.Timeout(connect=min(_CONNECT_S, deadline_s), read=deadline_s, write=deadline_s, pool=deadline_s)
    # A compressed reply could be small on the wire and huge in memory.
    headers = {**request.headers, "Accept": request.accept, "Accept-Encoding": "identity"}
    arguments: dict[str, Any] = {"headers": headers, "timeout": timeout}
    if request.body is not None:
        arguments["json"] = request.body
    client = _client(request.is_private_allowed)
    message = client.build_request("GET" if request.body is None else "POST", request.url, **arguments)
    began_s = time.monotonic()
    response = await _answered(client, message)
    try:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise ProviderFailed(Failure.GARBAGE, "the reply is compressed though that was declined")
        body, first_byte_at_s = await _bounded(response, request.max_reply_bytes)
        return HttpReply(
            response.status_code,
            body,
            _retry_after_s(response.headers.get("retry-after", "")),
            content_type=response.headers.get("content-type", ""),
            first_byte_s=first_byte_at_s - began_s,
        )
    finally:
        await response.aclose()


def _retry_after_s(told: str) -> float | None:
    """Seconds, or a date; None for neither."""
    if told.strip().isdecimal():
        return float(told)
    try:
        return max(0.0, parsedate_to_datetime(told).timestamp() - time.time())
    except ValueError:
        return None


async def _answered(client: httpx.AsyncClient, message: httpx.Request) -> httpx.Response:
    """Send, once more where the line broke before any answer: a kept connection may just have been closed over there.

    Asking a model twice does no harm.
    """
    try:
        return await client.send(message, stream=True)
    except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
        return await client.send(message, stream=True)


async def _bounded(response: httpx.Response, max_bytes: int) -> tuple[bytes, float]:
    """Return the body, and when its first byte came."""
    body, first_byte_at_s = bytearray(), 0.0
    async for chunk in response.aiter_raw():
        first_byte_at_s = first_byte_at_s or time.monotonic()
        body += chunk
        if len(body) > max_bytes:
            raise ProviderFailed(Failure.GARBAGE, f"the reply is larger than {max_bytes} bytes")
    return bytes(body), first_byte_at_s or time.monotonic()


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]


# A client belongs to the event loop it was first used in.
_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[bool, httpx.AsyncClient]] = WeakKeyDictionary()


def _client(is_private_allowed: bool) -> httpx.AsyncClient:
    clients = _clients.setdefault(asyncio.get_running_loop(), {})
    if is_private_allowed not in clients:
        clients[is_private_allowed] = httpx.AsyncClient(
            transport=GuardedTransport(is_private_allowed=is_private_allowed), follow_redirects=False, trust_env=False
        )
    return clients[is_private_allowed]


async def clients_close() -> None:
    """Close the running loop's connections, before the loop ends."""
    for client in _clients.pop(asyncio.get_running_loop(), {}).values():
        await client.aclose()
