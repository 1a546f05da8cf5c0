"""What the bridge publishes: a registry of sources, such as the outbox of commands.

A source is a function without arguments that returns an async iterator of ``Outgoing``. The bridge runs each source
once per connection, publishes what it yields at QoS 1, and awaits ``confirm()`` when the broker has taken it. When the
connection is lost the iterator is closed and, once connected again, begun anew: what was not confirmed must be yielded
again. So a source waits for news by itself, reads the database through ``governance.live.threads.in_thread``, and
keeps nothing but what is in its table. ``devices.mqtt.topics.commands_topic(code)`` is where a device listens.

    @source
    async def commands():
        while True:
            for command in await in_thread(waiting_commands):
                yield Outgoing(commands_topic(command.device.code), command.body(), partial(in_thread, sent, command))
            await asyncio.sleep(1)

An error in a source is logged and the source begun anew some seconds later; the other work goes on.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Outgoing:
    """A message to publish; ``confirm`` is awaited once the broker has acknowledged it."""

    topic: str
    payload: bytes
    confirm: Callable[[], Awaitable[object]]


Source = Callable[[], AsyncIterator[Outgoing]]
_sources: list[Source] = []


def source(function: Source) -> Source:
    """Let the bridge publish what ``function()`` yields."""
    _sources.append(function)
    return function


def sources() -> list[Source]:
    """Return all sources."""
    return list(_sources)
