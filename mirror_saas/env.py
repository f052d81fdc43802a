"""Typed reading of the environment: ``NAME``, or the content of the file that ``NAME_FILE`` names.

The file form is what container platforms mount secrets as; a trailing newline is not part of the value.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


def env_optional(name: str) -> str | None:
    """Return the value, None where neither ``NAME`` nor ``NAME_FILE`` is set (an empty ``NAME`` counts as unset)."""
    value = os.environ.get(name)
    if value:
        return value
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return None
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE names {path}, which cannot be read: {error.strerror}") from error


def env_str(name: str, default: str = "") -> str:
    value = env_optional(name)
    return default if value is None else value


def env_bool(name: str, default: bool = False) -> bool:
    value = env_optional(name)
    if value is None:
        return default
    if value.lower() in _TRUE:
        return True
    if value.lower() in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}")


def env_int(name: str, default: int, *, low: int | None = None, high: int | None = None) -> int:
    value = env_optional(name)
    if value is None:
        return default
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}") from None
    if (low is not None and number < low) or (high is not None and number > high):
        raise ImproperlyConfigured(f"{name} must lie between {low} and {high}, not {number}")
    return number


def env_ms(name: str, default: int) -> int:
    """Return a span in milliseconds, never negative."""
    return env_int(name, default, low=0)


def env_list(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """Return comma-separated values, without blanks around them."""
    value = env_optional(name)
    return list(default) if value is None else [part.strip() for part in value.split(",") if part.strip()]


def env_path(name: str, default: Path) -> Path:
    value = env_optional(name)
    return (Path(value) if value else default).expanduser().absolute()


def env_secret(name: str, *, kept_at: Path | None, make: Callable[[], str] = lambda: secrets.token_urlsafe(48)) -> str:
    """Return a secret that must not change from start to start.

    ``kept_at`` is where a generated one is kept when the environment gives none; None forbids generating one, as in
    production. Empty where it can neither be read nor kept: whoever needs it says so then.

    Raises:
        ImproperlyConfigured: unset, and generating is forbidden.
    """
    value = env_optional(name)
    if value:
        return value
    if kept_at is None:
        raise ImproperlyConfigured(f"{name} is not set. Set it, or name a file that holds it in {name}_FILE.")
    try:
        return secret_kept(kept_at, make)
    except OSError:
        return ""


def secret_kept(path: Path, make: Callable[[], str] = lambda: secrets.token_urlsafe(32)) -> str:
    """Return the secret kept at ``path`` (mode 0600), made on first use. Two first users get the same one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.parent.chmod(0o700)
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(make())
            # A link fails where a file is already there, so the first writer wins and nobody reads half a secret.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(draft)
    return path.read_text(encoding="utf-8")
