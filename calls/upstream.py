"""The tenant's own agent, dialled by the stream bridge, behind a small interface: the client can be exchanged."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from calls import metrics
from calls.errors import UpstreamLost

DIAL_TIMEOUT_S = 5.0
# Normal, and a close frame without a code. An agent that restarts (1001), breaks (1011) or vanishes (1006) is lost.
_ORDERLY_CLOSES = (1000, 1005)
# Agents of some stacks send a whole announcement in one message: three minutes of mu-law.
MAX_MESSAGE_BYTES = 2 * 1024 * 1024
# Messages read ahead of the bridge: with the size above, what one call can cost at most.
MAX_READ_AHEAD = 16
# A peer that is gone without a word is noticed by its silence; the web server does the same towards the carrier.
PING_EVERY_S, PING_WITHIN_S = 20.0, 20.0


class Upstream(Protocol):
    async def send(self, text: str) -> None:
        """Raises: UpstreamLost."""

    def __aiter__(self) -> AsyncIterator[str]:
        """Text messages until the agent closes; binary ones are left out."""

    @property
    def is_orderly(self) -> bool:
        """Whether the agent hung up by itself, with a close. False while it is there, and when it was lost."""

    async def close(self) -> None: ...


class RawUpstream(Protocol):
    """The same for a relay that passes on whatever comes."""

    async def send(self, message: str | bytes) -> None:
        """Raises: UpstreamLost."""

    def messages(self) -> AsyncIterator[str | bytes]:
        """All messages until it closes."""

    @property
    def is_orderly(self) -> bool:
        """As ``Upstream.is_orderly``."""

    @property
    def farewell(self) -> str:
        """The reason it gave when it closed, "" where it gave none."""

    async def close(self) -> None: ...


class WebSocketUpstream:
    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def send(self, message: str | bytes) -> None:
        try:
            await self._connection.send(message)
        except ConnectionClosed as gone:
            raise UpstreamLost("the agent closed its stream") from gone

    async def __aiter__(self) -> AsyncIterator[str]:
        async for message in self.messages():
            if isinstance(message, str):
                yield message

    async def messages(self) -> AsyncIterator[str | bytes]:
        try:
            async for message in self._connection:
                yield message
        except ConnectionClosed:
            return

    @property
    def is_orderly(self) -> bool:
        return self._connection.close_code in _ORDERLY_CLOSES

    @property
    def farewell(self) -> str:
        return self._connection.close_reason or ""

    async def close(self) -> None:
        await self._connection.close()


async def upstream_dial(url: str, headers: Mapping[str, str]) -> WebSocketUpstream:
    """Dial the agent's stream.

    Raises:
        UpstreamLost: not reachable, refused, or no web socket.
    """
    try:
        connection = await connect(
            url,
            additional_headers=dict(headers),
            open_timeout=DIAL_TIMEOUT_S,
            close_timeout=2.0,
            compression=None,
            max_size=MAX_MESSAGE_BYTES,
            max_queue=MAX_READ_AHEAD,
            ping_interval=PING_EVERY_S,
            ping_timeout=PING_WITHIN_S,
            user_agent_header="Mirror",
        )
    except (OSError, TimeoutError, InvalidHandshake, InvalidStatus, InvalidURI, ConnectionClosed) as failed:
        metrics.UPSTREAMS.labels("failed").inc()
        status = f" (HTTP {failed.response.status_code})" if isinstance(failed, InvalidStatus) else ""
        raise UpstreamLost(f"the agent's stream cannot be reached: {type(failed).__name__}{status}") from failed
    metrics.UPSTREAMS.labels("connected").inc()
    return WebSocketUpstream(connection)
