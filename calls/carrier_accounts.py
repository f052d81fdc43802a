"""A tenant's accounts at Plivo: main accounts and their sub-accounts, each with its token.

Whose token signs a call's requests is told by the tenant's own configuration, never by a field of the request.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field

from django.db.models import QuerySet

from calls.models import Call, StreamEvent
from tenants.access import Actor
from tenants.crypto import Undecryptable
from tenants.errors import InvalidInput, NotFound
from tenants.models import Agent, Credential
from tenants.scope import tenant_context
from tenants.secrets import SecretUnavailable, secret_of
from tenants.services import audit_write, credential_set

logger = logging.getLogger(__name__)

# Plivo's are 20 characters, MA or SA first; compatible carriers differ after that. Both become part of an address.
_AUTH_ID = re.compile(r"(?:MA|SA)[A-Za-z0-9_-]{4,40}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,119}")
LAST_SHOWN = 4


@dataclass(frozen=True, slots=True)
class CarrierAccount:
    """``auth_id`` "" where only a token was stored."""

    name: str
    auth_id: str
    auth_token: str = field(repr=False)

    @property
    def is_main(self) -> bool:
        return not self.auth_id.startswith("SA")

    @property
    def token_end(self) -> str:
        """Enough of the token to know it by; nothing of one that is too short to spare it."""
        return self.auth_token[-LAST_SHOWN:] if len(self.auth_token) >= 4 * LAST_SHOWN else ""


@dataclass(frozen=True, slots=True)
class CarrierAccounts:
    """All of a tenant. ``is_complete`` False: one is stored whose token cannot be read now."""

    stored: tuple[CarrierAccount, ...] = ()
    is_complete: bool = True

    @property
    def is_none(self) -> bool:
        """Whether the tenant stored none, so that nothing can be checked."""
        return not self.stored and self.is_complete

    def named(self, name: str) -> CarrierAccount | None:
        return next((one for one in self.stored if one.name == name), None)

    def tokens(self, name: str) -> tuple[list[str], list[str]]:
        """Return the tokens that may have made V3, and those that may have made the main account's signature.

        ``name``: the account whose calls the agent's are; empty: any of the tenant's.
        """
        main = [one.auth_token for one in self.stored if one.is_main]
        if not name:
            return [one.auth_token for one in self.stored], main
        own = self.named(name)
        if own is None:
            return [], []
        return [own.auth_token], [own.auth_token] if own.is_main and own.auth_id else main

    def knows(self, auth_id: str) -> bool:
        """Whether a stream of this account may be the tenant's.

        A sub-account need not be stored: where none is, those of a stored main account are taken.
        """
        known = {one.auth_id for one in self.stored if one.auth_id}
        if not known or not _AUTH_ID.fullmatch(auth_id) or auth_id in known:
            return True
        return auth_id.startswith("SA") and not any(one.startswith("SA") for one in known)

    def one_of(self, auth_id: str, name: str) -> CarrierAccount | None:
        """Return the account to act with: the one a stream came from, else the agent's, else the only one."""
        usable = [one for one in self.stored if one.auth_id and one.auth_token]
        for found in (
            next((one for one in usable if auth_id and one.auth_id == auth_id), None),
            next((one for one in usable if name and one.name == name), None),
        ):
            if found is not None:
                return found
        return usable[0] if len(usable) == 1 and not name else None


def carrier_accounts_load() -> CarrierAccounts:
    """Read the tenant's accounts, inside its context."""
    found, is_complete = [], True
    for credential in _credentials().order_by("name"):
        try:
            found.append(
                CarrierAccount(credential.name, str(credential.config.get("auth_id", "")), secret_of(credential))
            )
        except (Undecryptable, SecretUnavailable, InvalidInput):
            is_complete = False
            logger.exception("carrier account unreadable", extra=_context(credential))
    return CarrierAccounts(tuple(one for one in found if one.auth_token), is_complete)


def carrier_account_set(*, actor: Actor, name: str, auth_id: str, auth_token: str | None) -> Credential:
    """Make or replace the account of this name. ``auth_token`` None keeps the stored one. Raises: InvalidInput."""
    errors: dict[str, list[str]] = {}
    if not _NAME.fullmatch(name):
        errors["name"] = ["must have 1 to 120 letters, digits, blanks and . _ -"]
    if not _AUTH_ID.fullmatch(auth_id):
        errors["auth_id"] = ["must be Plivo's auth id: MA or SA and the letters and digits after it"]
    if auth_token is not None and not (
        auth_token.isascii() and auth_token.isprintable() and 8 <= len(auth_token) <= 200
    ):
        errors["auth_token"] = ["must be Plivo's auth token, 8 to 200 characters"]
    if errors:
        raise InvalidInput(errors=errors)
    with tenant_context(actor.tenant_id):
        if auth_token is None and not _credentials().filter(name=name).exists():
            raise InvalidInput(errors={"auth_token": ["is needed: none is stored under this name"]})
        kind = Credential.Kind.PLIVO
        return credential_set(actor=actor, kind=kind, name=name, config={"auth_id": auth_id}, secret=auth_token)


def carrier_account_delete(*, actor: Actor, name: str) -> None:
    """Raises: NotFound."""
    with tenant_context(actor.tenant_id):
        credential = _credentials().filter(name=name).first()
        if credential is None:
            raise NotFound("There is no such carrier account.")
        audit_write(actor=actor, action="credential.deleted", row=credential, detail={"kind": "plivo", "name": name})
        credential.delete()


def carrier_account_of(call: Call, agent: Agent) -> CarrierAccount | None:
    """Return the account that carries the call, None where the tenant gave none; inside its context."""
    joined = StreamEvent.objects.filter(call_id=call.id, event="Connected").order_by("-created_at").first()
    told = joined.told.get("account", "") if joined is not None else ""
    return carrier_accounts_load().one_of(told, str(agent.settings.get("plivo_account", "")))


def _credentials() -> QuerySet[Credential]:
    return Credential.objects.filter(kind=Credential.Kind.PLIVO)


def _context(credential: Credential) -> dict[str, str]:
    return {"action": "carrier_account", "tenant_id": str(credential.tenant_id), "credential": credential.name}
