"""A browser's web socket for tests: channels' own needs a server that we do not use."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from asgiref.testing import ApplicationCommunicator


class BrowserSocket(ApplicationCommunicator):
    """``receive_nothing`` of the base class tells whether the server keeps silent."""

    def __init__(self, application: Any, path: str, headers: list[tuple[bytes, bytes]]) -> None:
        scope = {
            "type": "websocket",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": headers,
            "subprotocols": [],
        }
        super().__init__(application, scope)

    async def open(self) -> bool:
        await self.send_input({"type": "websocket.connect"})
        answer: dict[str, Any] = await self.receive_output(5)
        return bool(answer["type"] == "websocket.accept")

    async def send(self, **frame: Any) -> None:
        await self.send_input({"type": "websocket.receive", **frame})

    async def receive(self) -> Any:
        message: dict[str, Any] = await self.receive_output(5)
        assert message["type"] == "websocket.send"
        return json.loads(message["text"])

    async def close(self) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(5)
