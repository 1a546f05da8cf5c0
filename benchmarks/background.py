"""Readings that flow while something else is measured: a process of its own, so that it does not slow the measurer.

``flowing`` runs it; as a program (``python -m benchmarks.background``) it reads what to do from its standard input as
JSON, sends until that is closed, and prints how many messages were taken and in how many seconds. One message a
request, to the live process, at planned times: a slow server is not spared.
"""

import asyncio
import json
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime

from benchmarks.instance import ROOT
from benchmarks.peers import send

CONNECTIONS = 32
TURN = 0.1  # seconds; what is due within a turn is sent at once
PATH = "/api/v1/devices/readings/"


@contextmanager
def flowing(address: tuple[str, int], key: str, codes: list[str], rate: float):
    """Let the devices report ``rate`` messages a second until left; yields a dict that then has messages and rate."""
    command = [sys.executable, "-m", "benchmarks.background"]
    process = subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    found: dict[str, float] = {}
    try:
        process.stdin.write(json.dumps({"address": address, "key": key, "codes": codes, "rate": rate}) + "\n")
        process.stdin.flush()
        yield found
    finally:
        said, _none = process.communicate()  # closes its input, which ends it
    if process.returncode:
        raise RuntimeError("the background readings failed")
    found |= json.loads(said)


async def flow(address: tuple[str, int], key: str, codes: list[str], rate: float, ended: asyncio.Future) -> dict:
    """Send until ``ended`` is done; return messages and rate."""
    head = f"POST {PATH} HTTP/1.1\r\nAuthorization: Device {key}"
    count, start = 0, time.monotonic()
    while not ended.done():
        due = int((time.monotonic() - start) * rate) - count
        at = datetime.now(UTC).isoformat()
        bodies = [_body(codes[number % len(codes)], at) for number in range(count, count + due)]
        if bodies:
            await send(address, head, bodies, min(CONNECTIONS, due), _taken)
        count += due
        await asyncio.sleep(TURN)
    return {"messages": count, "rate": round(count / (time.monotonic() - start), 1)}


def _body(code: str, at: str) -> bytes:
    return json.dumps({"readings": [{"device": code, "at": at, "metrics": {"tilt": 2.0, "battery": 90.0}}]}).encode()


def _taken(status: bytes, answer: bytes) -> bool:
    return b" 202 " in status[:20] and b'"rejected":[]' in answer


async def _main() -> None:
    asked = json.loads(sys.stdin.readline())
    ended = asyncio.ensure_future(asyncio.to_thread(sys.stdin.read))
    print(json.dumps(await flow(tuple(asked["address"]), asked["key"], asked["codes"], asked["rate"], ended)))


if __name__ == "__main__":
    asyncio.run(_main())
