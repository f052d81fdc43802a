from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from tests.app.console.seed import Seeded, seed
from tests.cast import Cast

SignIn = Callable[[str], Client]


@pytest.fixture
def seeded(cast: Cast) -> Seeded:
    return seed(cast.agent)


@pytest.fixture
def sign_in(cast: Cast) -> SignIn:
    """Return a browser of the person the cast calls ``owner``, ``viewer``, ``outsider`` ..., "" for nobody."""

    def opened(who: str) -> Client:
        client = Client()
        if who:
            client.force_login(getattr(cast, who))
        return client

    return opened
