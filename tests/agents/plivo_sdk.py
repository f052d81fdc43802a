"""An agent on the carrier's own stream SDK: ``python -m tests.agents.plivo_sdk PORT``."""

from __future__ import annotations

import asyncio
import sys

from plivo_stream import PlivoWebsocketStreamingHandler
from websockets.asyncio.server import ServerConnection, serve

from tests.agents.strings import Commands, Ears, Hands, tell


async def stream(socket: ServerConnection, commands: Commands) -> None:
    handler, ears = PlivoWebsocketStreamingHandler(), Ears()

    async def started(event) -> None:
        tell("start", call_id=event.start.call_id, rate=event.start.media_format.sample_rate)

    async def heard(event) -> None:
        ears.hear(event.get_raw_media())

    async def played(event) -> None:
        tell("played", name=event.name)

    async def cleared(event) -> None:
        tell("cleared")

    async def failed(error) -> None:
        tell("error", reason=f"{type(error).__name__}: {error}")

    handler.on_start(started)
    handler.on_media(heard)
    handler.on_played_stream(played)
    handler.on_cleared_audio(cleared)
    handler.on_error(failed)
    hands = Hands(play=handler.send_media, mark=handler.send_checkpoint, clear=handler.send_clear_audio)
    pulled = asyncio.create_task(commands.carry_out(hands))
    try:
        await handler.handle(socket)
    finally:
        pulled.cancel()
        tell("gone")


async def main(port: int) -> None:
    commands = Commands()
    await commands.open()
    async with serve(lambda socket: stream(socket, commands), "127.0.0.1", port) as server:
        tell("listening")
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
