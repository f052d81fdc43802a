"""The ASGI application: HTTP through Django, web sockets through Channels."""

from __future__ import annotations

import asyncio
import os
import sys

from django.core.asgi import get_asgi_application

# How long a thread that writes to the database may keep the loop that carries the calls from going on: the usual 5 ms
# would be a fourth of a frame, each time.
SWITCH_S = 0.0005

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mirror_saas.settings")
# Before anything that imports models.
django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter  # noqa: E402

from calls.consumers.socket import Receive, Scope, Send  # noqa: E402
from calls.garbage import garbage_settle  # noqa: E402
from calls.hub import garbage_watch, hub_stop  # noqa: E402
from judging.classifying import classifier_load  # noqa: E402
from mirror_saas.routing import websocket_application  # noqa: E402


async def lifespan_application(scope: Scope, receive: Receive, send: Send) -> None:
    """On start, load the classifier before the first call. On shutdown, write what live calls have recorded: their
    clients resume in another process."""
    watching: asyncio.Task[None] | None = None
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await asyncio.to_thread(classifier_load)
            garbage_settle()
            watching = asyncio.create_task(garbage_watch())
            sys.setswitchinterval(SWITCH_S)
        if message["type"] == "lifespan.shutdown":
            await hub_stop()
            if watching is not None:
                watching.cancel()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


application = ProtocolTypeRouter(  # type: ignore[no-untyped-call]
    {"http": django_application, "websocket": websocket_application, "lifespan": lifespan_application}
)
