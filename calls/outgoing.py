"""Gate decisions on their way out: what was decided is recorded first, so that a repeat can be told the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from calls.events import SendToolDecision

# A decision that lets nothing irreversible happen waits this long for a database that is away.
HELD_WITHIN_S = 1.0


class Outgoing:
    """One decision. A permission is never sent before its row stands; anything else is sent soon at the latest.

    ``stands`` asks whether what a permission rests on is still committed; ``lose`` tells the session that it is not.
    """

    def __init__(
        self,
        decision: SendToolDecision,
        *,
        is_permission: bool,
        stands: Callable[[SendToolDecision], bool],
        send: Callable[[SendToolDecision], None],
        lose: Callable[[SendToolDecision], None],
    ) -> None:
        self._decision = decision
        self._is_permission = is_permission
        self._stands, self._send, self._lose = stands, send, lose
        self._is_sent = False
        self._timer: asyncio.TimerHandle | None = None

    def wait(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._is_permission:
            self._timer = loop.call_later(HELD_WITHIN_S, self._out)

    def stored(self) -> None:
        if self._is_permission and not self._stands(self._decision):
            self._lose(self._decision)  # it repeats one that was lost meanwhile
        else:
            self._out()

    def lost(self) -> None:
        if self._is_permission:
            self._lose(self._decision)
        else:
            self._out()

    def _out(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if not self._is_sent:
            self._is_sent = True
            self._send(self._decision)
