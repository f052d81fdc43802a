"""REST addresses are documented without a slash at the end; with one they serve the same, because a redirect would lose
the body of a POST."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path


def api_path(route: str, view: Callable[..., Any], *, name: str) -> list[URLPattern]:
    """Return the address with and without the slash; the first is the one that ``reverse`` gives."""
    return [path(route, view, name=name), path(f"{route}/", view)]
