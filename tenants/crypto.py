"""Secrets at rest: Fernet under the keys of ``MIRROR_ENCRYPTION_KEYS``.

The first key encrypts, all decrypt. To rotate, put a new key in front, run ``credentials_rotate`` (or wait until each
was saved once), then drop the old key.
"""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from tenants.errors import Conflict


class Undecryptable(Conflict):
    """Encrypted under a key that is no longer configured."""

    code = "undecryptable"
    title = "A stored secret cannot be read with the present keys"


def encrypt(text: str) -> str:
    return _box().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Raises: Undecryptable."""
    try:
        return _box().decrypt(token.encode()).decode()
    except InvalidToken:
        raise Undecryptable("Enter the secret again: it was stored under another encryption key.") from None


def rotate(token: str) -> str:
    """Return the same secret under the first key. Raises: Undecryptable."""
    try:
        return _box().rotate(token.encode()).decode()
    except InvalidToken:
        raise Undecryptable("Enter the secret again: it was stored under another encryption key.") from None


def keys_parse(keys: str) -> list[Fernet]:
    """Return the keys in order. Raises: ValueError where one is not 32 url-safe base64-encoded bytes."""
    return [Fernet(key.strip()) for key in keys.split(",") if key.strip()]


def _box() -> MultiFernet:
    keys = keys_parse(settings.MIRROR_ENCRYPTION_KEYS)
    if not keys:
        raise ImproperlyConfigured("MIRROR_ENCRYPTION_KEYS is not set, and the data folder cannot be written")
    return MultiFernet(keys)
