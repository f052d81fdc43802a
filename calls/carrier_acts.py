"""Acts at the carrier from blocking code: views and pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from asgiref.sync import async_to_sync
from django.conf import settings

from calls.carrier_accounts import CarrierAccount
from calls.carrier_errors import CarrierUnauthorized
from calls.plivo_rest import PlivoClient

Result = TypeVar("Result")


def perform(account: CarrierAccount, act: Callable[[PlivoClient], Awaitable[Result]]) -> Result:
    """Run one act with the account's client. Raises: CarrierUnavailable and its like."""

    async def run() -> Result:
        async with PlivoClient(account, settings.MIRROR_PLIVO_API_URL) as client:
            return await act(client)

    return async_to_sync(run)()


def account_test(account: CarrierAccount) -> str:
    """Ask the carrier whether it takes the account; return what it says of it, fit to be shown."""
    if not account.auth_id:
        raise CarrierUnauthorized("Only a token is stored. Store the auth id as well, to act on calls.")
    told = perform(account, lambda client: client.account_read())
    kind = told.get("account_type")
    return kind if isinstance(kind, str) and kind.isprintable() and len(kind) <= 40 else "account"
