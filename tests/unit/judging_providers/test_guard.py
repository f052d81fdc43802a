from __future__ import annotations

from ipaddress import ip_address

import pytest

from judging.providers.errors import ProviderFailed
from judging.providers.guard import HostRefused, addresses_check, refusal
from judging.providers.http import HttpRequest, send
from tests.fakes_http import FakeServer, answers

NEVER = [
    "169.254.169.254",
    "169.254.0.1",
    "fe80::1",
    "fd00:ec2::254",
    "100.100.100.200",
    "168.63.129.16",
    "0.0.0.0",  # noqa: S104
    "224.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::",
]
PRIVATE = ["127.0.0.1", "::1", "10.0.0.8", "192.168.1.1", "172.16.0.1", "fd12::1", "100.64.0.1", "::ffff:10.0.0.8"]
PUBLIC = ["93.184.216.34", "2606:2800:220:1::1", "8.8.8.8"]


@pytest.mark.parametrize("address", NEVER)
@pytest.mark.parametrize("is_private_allowed", [True, False])
def test_link_local_and_metadata_addresses_are_always_refused(address, is_private_allowed):
    assert refusal(ip_address(address), is_private_allowed=is_private_allowed)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_refused_unless_allowed(address):
    assert refusal(ip_address(address), is_private_allowed=False) == "a private address"
    assert refusal(ip_address(address), is_private_allowed=True) == ""


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_fine(address):
    assert refusal(ip_address(address), is_private_allowed=False) == ""


def test_one_bad_address_among_good_ones_refuses_the_host():
    with pytest.raises(HostRefused, match=r"evil\.example is a link-local"):
        addresses_check("evil.example", ["8.8.8.8", "169.254.169.254"], is_private_allowed=True)


def test_a_host_without_an_address_is_refused():
    with pytest.raises(HostRefused):
        addresses_check("nowhere.example", [], is_private_allowed=True)


@pytest.mark.usefixtures("closing")
async def test_the_check_happens_at_connect_also_for_names(server: FakeServer):
    server.otherwise = answers({"ok": True})
    url = server.url.replace("127.0.0.1", "localhost")
    with pytest.raises(ProviderFailed) as refused:
        await send(HttpRequest(url, {}), deadline_s=2)
    assert (refused.value.failure, "a private address" in refused.value.detail) == ("provider_error", True)
    assert server.received == []
    reply = await send(HttpRequest(url, {}, is_private_allowed=True), deadline_s=2)
    assert reply.json() == {"ok": True}
