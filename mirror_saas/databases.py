"""From database addresses to Django's settings, and which of the two roles each is for.

Mirror runs as one role and migrates as another: the application role is a plain login that row-level security binds,
the owner role holds the tables.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit

from django.core.exceptions import ImproperlyConfigured

APP_ROLE = "mirror_app"
OWNER_ROLE = "mirror_owner"
DATABASE = "mirror"
# Nobody listens there: a command that needs a database says so instead of finding a stranger's.
NOWHERE = f"postgresql://{APP_ROLE}@127.0.0.1:1/{DATABASE}"


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """``owner`` migrates and is empty where only running is wanted; ``app`` runs. Both name the same database.

    ``is_app_ours``: the application role was derived, so that migrating also makes it.
    """

    app: str
    owner: str
    is_app_ours: bool = False


def run_file(data_dir: Path) -> Path:
    """Where running embedded servers say how they are reached."""
    return data_dir / "run" / "servers.json"


def embedded_urls(data_dir: Path) -> dict[str, str]:
    """Return ``DATABASE_URL``, ``DATABASE_OWNER_URL``, ``REDIS_URL`` of this folder's servers, as far as they run."""
    try:
        told = json.loads(run_file(data_dir).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: str(url) for name, url in told.get("urls", {}).items()}


def database_urls(
    url: str | None, owner: str | None, *, app_role: str, app_password: Callable[[], str] | None
) -> DatabaseUrls | None:
    """Return the addresses that ``DATABASE_URL`` and ``DATABASE_OWNER_URL`` stand for, None where neither is set.

    ``DATABASE_URL`` alone is the owner's, and the application role is derived from it with ``app_password``; where
    that is None, as in production, it is the application role's, and migrations need the other one.
    """
    if url and (owner or app_password is None):
        return DatabaseUrls(app=url, owner=owner or "")
    admin = owner or url
    if not admin:
        return None
    if app_password is None:
        raise ImproperlyConfigured("DATABASE_URL is not set: the application role's address")
    return DatabaseUrls(app=url_as(admin, app_role, app_password()), owner=admin, is_app_ours=True)


def url_as(url: str, user: str, password: str, *, name: str | None = None) -> str:
    """Return the same server's address for another login, and another database where ``name`` is given."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    path = parts.path if name is None else f"/{name}"
    return urlunsplit(parts._replace(netloc=f"{quote(user, safe='')}:{quote(password, safe='')}@{host}", path=path))


def connection_settings(url: str) -> dict[str, Any]:
    """Return what Django's ``DATABASES`` wants. Query parameters (``sslmode=require``) go to libpq as they are.

    Raises:
        ImproperlyConfigured: not a PostgreSQL address.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ImproperlyConfigured("DATABASE_URL must look like postgresql://user:password@host:5432/name")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or 5432),
        "OPTIONS": dict(parse_qsl(parts.query)),
    }
