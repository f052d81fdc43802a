"""Where a credential's secret comes from: stored encrypted, or a reference that is resolved at use.

``env:NAME`` reads the environment, ``file:PATH`` a file. Further stores (Vault, a cloud's secrets manager) register a
``Resolver`` under their scheme. References name the operator's environment, so the operator says which of them tenants
may use: ``MIRROR_SECRET_REFERENCES`` holds patterns such as ``env:ACME_*`` or ``file:/run/secrets/*``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from django.conf import settings

from tenants.crypto import decrypt
from tenants.errors import Conflict, InvalidInput
from tenants.models import Credential

Resolver: TypeAlias = Callable[[str], str]  # what stands behind the scheme -> the secret; raises SecretUnavailable


class SecretUnavailable(Conflict):
    """The reference is fine and leads to nothing now. ``retryable``: a store may come back."""

    code = "secret_unavailable"
    title = "A referenced secret cannot be read"
    retryable = True


def _from_env(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise SecretUnavailable(f"The environment variable {name} is not set where Mirror runs.")
    return value


def _from_file(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise SecretUnavailable(f"The file {path} cannot be read where Mirror runs.") from None


RESOLVERS: dict[str, Resolver] = {"env": _from_env, "file": _from_file}


def secret_of(credential: Credential) -> str:
    """Return the secret in the clear; empty where the credential has none. Never log it.

    Raises:
        Undecryptable, SecretUnavailable, InvalidInput.
    """
    if credential.reference:
        return reference_resolve(credential.reference)
    return decrypt(credential.secret_encrypted) if credential.secret_encrypted else ""


def reference_resolve(reference: str) -> str:
    """Raises: InvalidInput (malformed or not permitted), SecretUnavailable."""
    reference_check(reference)
    scheme, _, rest = reference.partition(":")
    return RESOLVERS[scheme](rest)


def reference_check(reference: str) -> None:
    """Accept a reference without resolving it: at save. Raises: InvalidInput."""
    scheme, colon, rest = reference.partition(":")
    if not colon or not rest or scheme not in RESOLVERS:
        known = ", ".join(f"{name}:..." for name in sorted(RESOLVERS))
        raise InvalidInput(errors={"reference": [f"must be one of {known}"]})
    if scheme == "file" and ".." in PurePosixPath(rest).parts:
        raise InvalidInput(errors={"reference": ["must not contain .."]})
    if not any(fnmatchcase(reference, pattern) for pattern in settings.MIRROR_SECRET_REFERENCES):
        raise InvalidInput(errors={"reference": ["is not among those that MIRROR_SECRET_REFERENCES permits"]})
