"""What the arms of ``make bench-ingest`` share: sending over HTTP, and a database for someone else's program."""

import asyncio
import time
from collections.abc import Callable

import psycopg

from governance.config.embedded import EmbeddedPostgres

STUCK = 60  # seconds without a new row after which a run has failed


class SkippedError(Exception):
    """An arm that cannot be run here; the text says why."""


def database(instance, name: str) -> str:
    """Make a database in the instance's own, durable server; return its URL."""
    server = EmbeddedPostgres(instance.var / "pg")
    server.ensure_database(name)
    return server.url(name)


def wait_for(raw: psycopg.Connection, query: str, count: int, patience: float = STUCK) -> tuple[int, float]:
    """Wait until ``query`` counts ``count``, or no more for ``patience`` seconds.

    Return what it counts then, and ``time.perf_counter()`` of when that was first asked and so.
    """
    seen, since = -1, 0.0
    while True:
        asked = time.perf_counter()
        now = raw.execute(query).fetchone()[0]
        if now != seen:
            seen, since = now, asked
        if seen >= count or asked - since > patience:
            return seen, since
        time.sleep(max(0.1, 5 * (time.perf_counter() - asked)))  # counting takes from who stores


def figures(messages: int, seconds: float, waits: list[float]) -> dict:
    """Return messages, rate, p50 and p99 of requests that took ``waits`` seconds each."""
    waits = sorted(waits)
    found = {"messages": messages, "rate": messages / seconds}
    return found | {"p50": waits[len(waits) // 2], "p99": waits[int(len(waits) * 0.99)]}


async def send(
    address: tuple[str, int], head: str, bodies: list[bytes], connections: int, taken: Callable[[bytes, bytes], bool]
) -> list[float]:
    """POST the bodies over some connections, each its share one after the other; return how long each took.

    A device is always sent for by the same connection, so that its times stay in order. ``head``: request line and
    further headers. Raises RuntimeError for an answer (its head, its body) that is not ``taken``.
    """
    waits: list[float] = []
    host, port = address
    head = f"{head}\r\nHost: {host}\r\nContent-Type: application/json\r\n"

    async def one(share: list[bytes]) -> None:
        reader, writer = await asyncio.open_connection(host, port)
        for body in share:
            start = time.perf_counter()
            writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            status = await reader.readuntil(b"\r\n\r\n")
            length = next(int(line.split(b":")[1]) for line in status.split(b"\r\n")
                          if line.lower().startswith(b"content-length"))  # fmt: skip
            answer = await reader.readexactly(length)
            waits.append(time.perf_counter() - start)
            if not taken(status, answer):
                raise RuntimeError(f"{status[:80]!r} {answer[:200]!r}")
        writer.close()

    await asyncio.gather(*(one(bodies[place::connections]) for place in range(connections)))
    return waits
