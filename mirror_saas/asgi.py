"""The ASGI application: HTTP through Django, web sockets through Channels."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mirror_saas.settings")
# Before anything that imports models.
django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter  # noqa: E402

from mirror_saas.routing import websocket_application  # noqa: E402

application = ProtocolTypeRouter(  # type: ignore[no-untyped-call]
    {"http": django_application, "websocket": websocket_application}
)
