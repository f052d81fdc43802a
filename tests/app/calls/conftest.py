from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from asgiref.sync import sync_to_async
from django.db import connections


@pytest.fixture
async def thread_connections() -> AsyncIterator[None]:
    """Close what asynchronous code opened in its thread, or the test database cannot be dropped."""
    yield
    await sync_to_async(connections.close_all)()
