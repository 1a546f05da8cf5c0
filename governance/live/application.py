"""The ASGI application of the live server: starts and stops the relay, answers health, passes WebSockets on."""

import json
import logging
from collections.abc import Callable, Mapping
from typing import Protocol

from channels.security.websocket import WebsocketDenier

from governance import health
from governance.live.relay import Relay
from governance.live.threads import in_thread

log = logging.getLogger(__name__)


class Door(Protocol):
    """An HTTP application of the live server."""

    def start(self) -> None:
        """Called when the server starts."""

    async def stop(self) -> None:
        """Called when the server stops: finish what was begun."""

    async def __call__(self, scope, receive, send) -> None:
        """Answer a request."""


class LiveApplication:
    """ASGI application: ``websocket`` gets every WebSocket, with the relay as ``scope["relay"]``.

    ``doors`` are HTTP applications by their exact path; each is started and stopped with the server.
    """

    def __init__(self, relay: Relay, websocket: Callable, doors: Mapping[str, Door] | None = None):
        self.relay, self.websocket, self.doors = relay, websocket, doors or {}

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http" and scope["path"] in self.doors:
            await self.doors[scope["path"]](scope, receive, send)
        elif scope["type"] == "http":
            await _answer(scope, send)
        elif scope["type"] == "websocket":
            await self.websocket(scope | {"relay": self.relay}, receive, send)
        else:
            raise ValueError(f"no such protocol here: {scope['type']}")

    async def _live(self, receive, send) -> None:
        """Run the relay between the server's start and stop; a database that is down does not keep the server down."""
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.relay.start()
                for door in self.doors.values():
                    door.start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                for door in self.doors.values():
                    await door.stop()
                await self.relay.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return


async def _answer(scope, send) -> None:
    if scope["method"] not in ("GET", "HEAD"):
        status, kind, body = 405, "text/plain", b"GET only\n"
    elif scope["path"] == "/healthz":
        status, kind, body = 200, "text/plain", b"ok\n"
    elif scope["path"] == "/readyz":
        parts = await in_thread(health.readiness)
        status, kind, body = 200 if all(parts.values()) else 503, "application/json", json.dumps(parts).encode()
    else:
        status, kind, body = 404, "text/plain", b"Only WebSockets live here.\n"
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode()),
               (b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]  # fmt: skip
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


async def deny(scope, receive, send) -> None:
    """Refuse a WebSocket at an address that does not exist."""
    await WebsocketDenier()(scope, receive, send)
