"""What every WebSocket consumer of ours shares: joining the relay's group, wording, back-pressure, leaving."""

import asyncio
import logging

from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import Error as DatabaseError
from django.http import HttpRequest
from django.utils.translation import get_language_from_request

from governance.live.audience import encode
from governance.live.relay import Relay

log = logging.getLogger(__name__)

# Close codes. A page that gets 4401, 4403 or 4404 stops trying; after 4400 it begins anew without its cursor.
TRY_LATER = 1013
BAD_CURSOR = 4400
SIGNED_OUT = 4401
NOT_STAFF = 4403
NOT_FOUND = 4404

MOST_SOCKETS = 5000  # in one process; more are asked to try later
SLOWEST = 20.0  # seconds a reader may take for one batch; a slower one is dropped, comes back and reads the table
QUIET = 20.0  # seconds without a message after which one is sent, so that both ends notice a dead connection
REJOIN = 3600.0  # seconds; the layers forget members of a group after a day


class LiveSocket(AsyncWebsocketConsumer):
    """Base of the consumers; ``scope["relay"]`` is this process's relay.

    Subclasses answer ``connect`` and ``follow``: the relay has news (or says that it lives).
    """

    listener: tuple[int, str] | None = None
    joined_at: float | None = None
    sent_at = 0.0

    async def __call__(self, scope, receive, send):
        self.relay: Relay = scope["relay"]
        self.language = language_of(scope)
        try:
            await super().__call__(scope, receive, send)
        except (DatabaseError, TimeoutError) as error:
            log.warning("a socket is asked to come back later: %s", error)
            await self.close(TRY_LATER)
        finally:
            await self.leave()

    async def dispatch(self, message):
        """Channels' own also looks for idle database connections in a thread before each message; we hold none."""
        await getattr(self, get_handler_name(message))(message)

    async def join(self) -> None:
        """Be woken by the relay from now on; also renews a membership the layer may have dropped."""
        if self.joined_at is None:
            if self.relay.sockets >= MOST_SOCKETS:
                await self.refuse(TRY_LATER, "too_many", "too many connections")
            self.relay.sockets += 1
            if self.listener:
                self.relay.listeners[self.listener] += 1
        self.joined_at = self.clock()
        await self.channel_layer.group_add(self.relay.group, self.channel_name)

    async def leave(self) -> None:
        """Undo ``join``, however the connection ended."""
        if self.joined_at is None:
            return
        self.joined_at = None
        self.relay.sockets -= 1
        if self.listener:
            self.relay.listeners[self.listener] -= 1
            if not self.relay.listeners[self.listener]:
                del self.relay.listeners[self.listener]
        await self.channel_layer.group_discard(self.relay.group, self.channel_name)

    async def live_news(self, _message) -> None:
        """The relay's message."""
        if self.clock() - self.joined_at > REJOIN:
            await self.join()
        await self.follow()
        if self.clock() - self.sent_at > QUIET:
            await self.say(self.sign_of_life())

    async def follow(self) -> None:
        """Pass on what is new."""
        raise NotImplementedError  # pragma: no cover - each consumer has its own

    def sign_of_life(self) -> dict:
        """Return what to send when nothing else was sent for a while."""
        return {"type": "alive"}

    async def receive(self, text_data=None, bytes_data=None):
        """Nothing is expected from the client."""

    async def say(self, message: dict) -> None:
        """Send one message."""
        await self.pass_on([encode(message)])

    async def pass_on(self, texts: list[str]) -> None:
        """Send messages one after the other; a reader that is too slow for them is dropped, not waited for."""
        try:
            async with asyncio.timeout(SLOWEST):
                for place, text in enumerate(texts):
                    await self.send(text_data=text)
                    if place % 10 == 9:
                        await asyncio.sleep(0)  # the others' turn
        except TimeoutError as error:
            log.warning("a socket was dropped: it took longer than %s s to read %s messages", SLOWEST, len(texts))
            raise StopConsumer from error
        if texts:
            self.sent_at = self.clock()

    async def refuse(self, code: int, name: str, detail: str) -> None:
        """Say why, close with ``code`` and stop. Accept the socket first: a browser learns no code before."""
        await self.send(text_data=encode({"type": "error", "code": name, "detail": detail}))
        await self.close(code)
        raise StopConsumer

    @staticmethod
    def clock() -> float:
        """Return seconds of the event loop's clock."""
        return asyncio.get_running_loop().time()


def language_of(scope) -> str:
    """Return the language of the pages this browser gets: by its cookie, its Accept-Language, or the product's own."""
    request = HttpRequest()
    request.COOKIES = scope.get("cookies", {})
    for name, value in scope.get("headers", []):
        if name == b"accept-language":
            request.META["HTTP_ACCEPT_LANGUAGE"] = value.decode("latin-1")
    return get_language_from_request(request)
