"""What the tests of the live push share: a relay that runs, sockets of people, events written past the ORM."""

import asyncio
import json
from contextlib import asynccontextmanager
from urllib.parse import unquote

import psycopg
from asgiref.testing import ApplicationCommunicator
from channels.layers import channel_layers
from channels.routing import URLRouter
from django.conf import settings
from django.test import Client

from governance.config.asgi import routes
from governance.live.application import LiveApplication
from governance.live.origin import WebOrigins
from governance.live.relay import Relay, own_parameters
from governance.live.threads import in_thread

WAIT = 15  # seconds; generous, a test that works never waits so long


class Socket(ApplicationCommunicator):
    """A WebSocket of a test; ``channels.testing`` has one too, but importing it needs daphne."""

    def __init__(self, *given, **more):
        super().__init__(*given, **more)
        self.bundled: list[dict] = []

    async def answer(self) -> dict:
        """Ask for the connection and return the server's ASGI message."""
        await self.send_input({"type": "websocket.connect"})
        return await self.receive_output(timeout=WAIT)

    async def open(self):
        message = await self.answer()
        assert message["type"] == "websocket.accept", message
        return self

    async def next(self) -> dict:
        """Return the next message; a close is {"type": "closed", "code"}."""
        message = await self.receive_output(timeout=WAIT)
        if message["type"] == "websocket.close":
            return {"type": "closed", "code": message["code"]}
        return json.loads(message["text"])

    async def disconnect(self) -> None:
        """Go away, and wait until the server has noticed."""
        await self.send_input({"type": "websocket.disconnect", "code": 1001})
        await self.wait(timeout=WAIT)

    async def until(self, kind: str) -> dict:
        """Return the next message of ``kind``, dropping others; an event may also come bundled with others."""
        if kind == "event":
            return (await self.events(1))[0]
        while (message := await self.next())["type"] != kind:
            assert message["type"] != "closed", message
        return message

    async def event(self, number: int) -> dict:
        """Return the event ``number``, dropping what comes before it.

        A fresh socket may also be told what was written just before it came: the relay reads a moment later.
        """
        while (message := await self.until("event"))["id"] != number:
            assert message["id"] < number, message
        return message

    async def events(self, count: int) -> list[dict]:
        """Return the next ``count`` events, whether they come singly or bundled; the rest of a bundle is kept."""
        while len(self.bundled) < count:
            message = await self.next()
            assert message["type"] != "closed", message
            self.bundled += message.get("events", [message] if message["type"] == "event" else [])
        found, self.bundled = self.bundled[:count], self.bundled[count:]
        return found

    async def refused(self) -> tuple[str, int]:
        """Return error and close code of a connection that is refused."""
        error, closed = await self.next(), await self.next()
        return error["code"], closed["code"]

    async def has_nothing(self) -> bool:
        return await self.receive_nothing(timeout=0.3)


class Live:
    """A running live server without the network."""

    def __init__(self, relay: Relay):
        self.relay = relay
        self.application = LiveApplication(relay, WebOrigins(URLRouter(routes), settings.WEB_ORIGINS))
        self.sockets: list[Socket] = []

    def socket(self, path: str, *, cookie: str = "", origin: str | None = None, headers=()) -> Socket:
        sent = [*headers]
        sent += [(b"cookie", cookie.encode())] if cookie else []
        sent += [(b"origin", origin.encode())] if origin is not None else []
        path, _question, query = path.partition("?")
        scope = {
            "type": "websocket",
            "path": unquote(path),
            "query_string": query.encode(),
            "headers": sent,
            "subprotocols": [],
        }
        socket = Socket(self.application, scope)
        self.sockets.append(socket)
        return socket

    async def staff(self, user, after: str = "", **more) -> Socket:
        """Return the open event socket of a signed-in person."""
        cookie = await in_thread(cookie_of, user)
        path = "/ws/v1/events/" + (f"?after={after}" if after else "")
        return await self.socket(path, cookie=cookie, **more).open()

    async def follow(self, user, after: str = "") -> Socket:
        """The same, with hello (and the replay's end) read."""
        socket = await self.staff(user, after)
        await socket.until("hello")
        return socket


async def until(condition) -> None:
    """Wait until ``condition()`` holds; fails after ``WAIT``."""
    async with asyncio.timeout(WAIT):
        while not condition():
            await asyncio.sleep(0.01)


def cookie_of(user) -> str:
    """Sign in and return the Cookie header."""
    client = Client()
    client.force_login(user, backend="governance.permissions.PersonBackend")
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


@asynccontextmanager
async def live(**options):
    """Run a live server; wakes its sockets without news seldom, unless a test says otherwise."""
    channel_layers.backends.clear()
    running = Live(Relay(**{"poll": 30.0, "pause": 0.0} | options))
    await running.relay.start()
    try:
        await running.relay.where(WAIT)
        yield running
    finally:
        for socket in running.sockets:
            if socket._future is not None and not socket._future.done():
                socket._future.cancel()
                await asyncio.wait([socket._future])
        await running.relay.stop()


INSERT = """
INSERT INTO governance_event (name, subject_type, subject_id, actor_id, role, payload, occurred_at)
SELECT 'case.noted', %s, %s, %s, 'system', jsonb_build_object('place', place), now()
FROM generate_series(1, %s) AS place RETURNING id
"""


class Writer:
    """A database connection of its own that writes events in transactions as a test wants them."""

    def __init__(self, connection: psycopg.AsyncConnection, actor_id: int):
        self.connection, self.actor_id = connection, actor_id

    async def write(self, subject_id: int, count: int = 1, label: str = "cases.case") -> list[int]:
        """Write events about a subject in the open transaction and return their ids."""
        cursor = await self.connection.execute(INSERT, [label, subject_id, self.actor_id, count])
        return [row[0] for row in await cursor.fetchall()]

    async def commit(self) -> None:
        await self.connection.commit()


@asynccontextmanager
async def writer(actor):
    connection = await psycopg.AsyncConnection.connect(**own_parameters())
    try:
        yield Writer(connection, actor.pk)
    finally:
        await connection.close()
