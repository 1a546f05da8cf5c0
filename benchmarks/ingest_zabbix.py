"""The arms ``zabbix1`` and ``zabbix125`` of ``make bench-ingest``: Zabbix (``zabbix.py``) on the same messages.

A message is two values with their times, sent as zabbix_sender sends them: a connection for each request, 1 or 125
messages in it. Zabbix answers BEFORE it stores: p50 and p99 are of an answer that a crash takes back, and the rate is
counted until all rows are visible in its ``history`` and all problems that the messages raise in its ``events``.
Skipped where it is not installed.
"""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import psycopg

from benchmarks import zabbix
from benchmarks.peers import database, figures, wait_for

ARMS = ("zabbix1", "zabbix125")
BATCH = 125
ROWS = "SELECT count(*) FROM history WHERE itemid >= 9000000"
PROBLEMS = "SELECT count(*) FROM events WHERE source = 0 AND object = 0 AND value = 1 AND objectid >= 9000000"
PATIENCE = 10  # seconds without a new problem after which those that lack are told


def run(name: str, work, instance, *, messages: int, connections: int) -> dict:
    """Measure and return messages, rate, p50, p99 and alarms. Raises SkippedError where Zabbix is not installed."""
    zabbix.program()
    url = database(instance, f"bench_{name}")
    zabbix.set_up(url, len(work.codes))
    size = BATCH if name == "zabbix125" else 1
    values, problems = _values(work, messages)
    bodies = [json.dumps({"request": "sender data", "data": values[first : first + 2 * size]}).encode()
              for first in range(0, len(values), 2 * size)]  # fmt: skip
    del values
    folder = instance.folder / name
    with zabbix.serving(folder, url) as port, psycopg.connect(url, autocommit=True) as raw:
        start = time.perf_counter()
        with ThreadPoolExecutor(connections) as senders:
            shares = senders.map(lambda place: _send(port, bodies[place::connections]), range(connections))
            waits = [wait for share in shares for wait in share]
        rows, stored = wait_for(raw, ROWS, 2 * messages)
        if rows != 2 * messages:
            raise RuntimeError(f"{2 * messages - rows} values did not come")
        alarms, told = wait_for(raw, PROBLEMS, problems, PATIENCE)
        end = max(stored, told) if alarms >= problems else stored
    return figures(messages, end - start, waits) | {"alarms": alarms, "due": problems, "note": "answers before storing"}


def _values(work, count: int) -> tuple[list[dict], int]:
    """Return the values of ``count`` messages, two each, in the order of their times, and how many problems are due."""
    found: list[dict] = []
    problems, before = 0, dict.fromkeys(work.codes, False)
    for at, abnormal in work.rounds(-(-count // len(work.codes))):
        for number, code in enumerate(work.codes[: count - len(found) // 2]):
            found += _message(code, at, 20.0 if abnormal else 1.0 + number % 7)
            problems += abnormal and not before[code]
            before[code] = abnormal
    return found, problems


def _message(code: str, at: datetime, tilt: float) -> list[dict]:
    when = {"clock": int(at.timestamp()), "ns": at.microsecond * 1000}
    return [{"host": code, "key": key, "value": value, **when} for key, value in (("tilt", tilt), ("battery", 90.0))]


def _send(port: int, bodies: list[bytes]) -> list[float]:
    """Send the bodies one after the other; return how long each took. Raises RuntimeError for what is not taken."""
    waits = []
    for body in bodies:
        start = time.perf_counter()
        answer = zabbix.ask(port, body)
        waits.append(time.perf_counter() - start)
        if b"failed: 0;" not in answer:
            raise RuntimeError(f"{answer[:200]!r}")
    return waits
