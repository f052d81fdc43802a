"""An agent whose words on the wire are Pipecat's: ``python -m tests.agents.pipecat_plivo PORT``.

Its Plivo serializer turns frames of a pipeline into stream messages and back; a checkpoint is a transport message, and
what answers one is left to the application by the serializer.
"""

from __future__ import annotations

import asyncio
import json
import sys

from pipecat.audio.utils import create_stream_resampler, ulaw_to_pcm
from pipecat.clocks.system_clock import SystemClock
from pipecat.frames.frames import (
    InputAudioRawFrame,
    InterruptionFrame,
    OutputAudioRawFrame,
    OutputTransportMessageFrame,
)
from pipecat.processors.frame_processor import FrameProcessorSetup
from pipecat.serializers.plivo import PlivoFrameSerializer
from pipecat.utils.asyncio.task_manager import TaskManager
from websockets.asyncio.server import ServerConnection, serve

from tests.agents.strings import Commands, Ears, Hands, tell

LINE_HZ, PIPELINE_HZ = 8000, 16000


class Stream:
    def __init__(self, socket: ServerConnection, stream_id: str) -> None:
        self._socket, self._stream_id = socket, stream_id
        self._serializer = PlivoFrameSerializer(stream_id, params=PlivoFrameSerializer.InputParams(auto_hang_up=False))
        self._decoder = create_stream_resampler()

    async def carry(self, commands: Commands) -> None:
        setup = FrameProcessorSetup(
            clock=SystemClock(), task_manager=TaskManager(), pipeline_worker=None, audio_in_sample_rate=PIPELINE_HZ
        )
        await self._serializer.setup(setup)
        pulled = asyncio.create_task(commands.carry_out(Hands(self._play, self._mark, self._clear)))
        ears = Ears()
        try:
            async for text in self._socket:
                frame = await self._serializer.deserialize(text)
                if isinstance(frame, InputAudioRawFrame):
                    ears.hear(frame.audio)
                elif frame is None and (message := json.loads(text)).get("event") == "playedStream":
                    tell("played", name=message["name"])
        finally:
            pulled.cancel()
            tell("gone")

    async def _put(self, frame: object) -> None:
        text = await self._serializer.serialize(frame)
        if text is not None:
            await self._socket.send(text)

    async def _play(self, audio: bytes) -> None:
        pcm = await ulaw_to_pcm(audio, LINE_HZ, LINE_HZ, self._decoder)
        await self._put(OutputAudioRawFrame(audio=pcm, sample_rate=LINE_HZ, num_channels=1))

    async def _mark(self, name: str) -> None:
        message = {"event": "checkpoint", "streamId": self._stream_id, "name": name}
        await self._put(OutputTransportMessageFrame(message=message))

    async def _clear(self) -> None:
        await self._put(InterruptionFrame())


async def stream(socket: ServerConnection, commands: Commands) -> None:
    start = json.loads(await socket.recv())["start"]
    tell("start", call_id=start["callId"], rate=start["mediaFormat"]["sampleRate"])
    await Stream(socket, start["streamId"]).carry(commands)


async def main(port: int) -> None:
    commands = Commands()
    await commands.open()
    async with serve(lambda socket: stream(socket, commands), "127.0.0.1", port) as server:
        tell("listening")
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
