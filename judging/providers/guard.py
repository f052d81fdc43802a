"""Which addresses a provider may lie at, checked on the very address that is connected to.

Tenants choose base URLs, so a URL may name the cloud's metadata service or a neighbour's machine, directly or through
a name that resolves there. Link-local and metadata addresses are refused always; private ones unless the operator
allows them (a local vLLM is legitimate).
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, TypeAlias

import httpcore
import httpx

Address: TypeAlias = IPv4Address | IPv6Address

# Metadata services that lie outside of the link-local ranges. Source: the clouds' documentation.
_METADATA = frozenset(ip_address(text) for text in ("fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"))
_NAT64 = ip_network("64:ff9b::/96")


class HostRefused(httpcore.ConnectError):
    """The host lies at an address that no provider may have. httpx tells it as its ``ConnectError``."""


def refusal(address: Address, *, is_private_allowed: bool) -> str:
    """Return why the address is refused, "" where it is fine."""
    address = _embedded(address)
    if address.is_link_local or address in _METADATA:
        return "a link-local or metadata address"
    if address.is_multicast or address.is_unspecified or (address.is_reserved and not address.is_private):
        return "no address of a server"
    if not address.is_global and not is_private_allowed:
        return "a private address"
    return ""


def _embedded(address: Address) -> Address:
    """Return the IPv4 address inside a mapped, 6to4, Teredo or NAT64 one."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address


def addresses_check(host: str, addresses: Iterable[str], *, is_private_allowed: bool) -> list[str]:
    """Return the addresses when all are fine. A host with one bad address is refused whole.

    Raises:
        HostRefused: the message names the host and why.
    """
    found = list(dict.fromkeys(addresses))
    for text in found:
        if why := refusal(ip_address(text.partition("%")[0]), is_private_allowed=is_private_allowed):
            raise HostRefused(f"{host} is {why}")
    if not found:
        raise HostRefused(f"{host} has no address")
    return found


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Resolves, checks, and connects to what was checked; names stay on the TLS handshake and the Host header."""

    def __init__(self, *, is_private_allowed: bool, inner: httpcore.AsyncNetworkBackend | None = None) -> None:
        self._is_private_allowed = is_private_allowed
        self._inner = inner or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 -- the interface's own
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = addresses_check(host, await self._resolve(host, port), is_private_allowed=self._is_private_allowed)
        for address in addresses[:-1]:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._inner.connect_tcp(addresses[-1], port, timeout, local_address, socket_options)

    async def _resolve(self, host: str, port: int) -> list[str]:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} cannot be resolved") from error
        return [str(entry[4][0]) for entry in found]

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 -- the interface's own
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise HostRefused("a provider has no socket on this machine")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


class GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx's transport over ``GuardedBackend``. Proxies of the environment are not used: they would connect for us."""

    def __init__(self, *, is_private_allowed: bool) -> None:
        super().__init__(trust_env=False)
        # httpx passes no backend on; the pool it made is unused yet. A test fails if this stops taking effect.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=30.0,
            network_backend=GuardedBackend(is_private_allowed=is_private_allowed),
        )
