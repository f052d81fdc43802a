"""Slows down guessing: after some wrong tries for one address, or from one, none is looked at for a while."""

from __future__ import annotations

import hashlib

from django.core.cache import cache

WINDOW_S = 300
MOST = {"email": 8, "address": 40}


def is_blocked(key: str) -> bool:
    """``key`` is ``email:...`` or ``address:...``."""
    return int(cache.get(_name(key), 0)) >= MOST[key.partition(":")[0]]


def try_note(key: str) -> None:
    cache.add(_name(key), 0, WINDOW_S)
    try:
        cache.incr(_name(key))
    except ValueError:  # it ran out just now
        cache.set(_name(key), 1, WINDOW_S)


def tries_clear(key: str) -> None:
    cache.delete(_name(key))


def _name(key: str) -> str:
    # What was typed is not kept, and has no say in the key's form.
    return f"sign-in:{hashlib.sha256(key.encode()).hexdigest()}"
