"""``make bench-ledger``: how many points are spent a second, beside the database's own bank.

A durable PostgreSQL of its own (as the product runs it) holds MEMBERS (1000) accounts. Then, for SECONDS (5) each, by
1, 8 and 32 clients (CLIENTS), once on an empty ledger and once on N (1,000,000) earlier transfers:

- ``product``: ``points_spend`` called through Django, no HTTP, a process for each client, members at random, after a
  second of the same that is not counted (so for hordak: connections and plans are made once a day, not once a run);
- ``tpcb``: pgbench's TPC-B-like transaction, scale 50; ``floor``: pgbench with one insert and a commit;
- ``hordak_lock``, ``hordak_free``: django-hordak with the account's row locked and without, on as many of its own
  earlier transactions (installed for the run; left out, saying so, where that fails).

Beside them the time of a balance and of a statement page for the member with the longest history. OUT=file.json writes
the same figures as JSON. Every client's wishes are checked: the ledger's invariants must hold at the end.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import django
from django.core.management import call_command
from django.db import connection

from benchmarks import ledger_peers
from governance.config.embedded import EmbeddedPostgres

SECONDS = float(os.environ.get("SECONDS", "5"))
EARLIER = int(os.environ.get("N", "1000000"))
CLIENTS = [int(count) for count in os.environ.get("CLIENTS", "1,8,32").split(",")]
MEMBERS = int(os.environ.get("MEMBERS", "1000"))
SCALE = 50
FLOOR = "INSERT INTO bench_floor (amount) VALUES (1);\n"


def adopt(url: str, folder: Path) -> None:
    """Let this process's Django, and those of the clients, use the database."""
    os.environ.update(DATABASE_URL=url, JICENG_VAR=str(folder), DJANGO_SETTINGS_MODULE="governance.config.settings",
                      JICENG_SECRET_KEY="only for measuring " * 4)  # fmt: skip
    django.setup()


def measured(url: str, folder: Path, hordak: ledger_peers.Hordak | None) -> dict:
    """Fill, measure on both histories and check the books; ``adopt`` has been called."""
    from benchmarks import ledger_arms

    call_command("migrate", verbosity=0)
    ledger_arms.furnish()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_floor (id bigserial PRIMARY KEY, amount integer)")
    floor = folder / "floor.sql"
    floor.write_text(FLOOR)
    ledger_peers.pgbench(url, "-i", "-q", "-s", str(SCALE))
    found = {}
    for earlier in dict.fromkeys((0, EARLIER)):
        ledger_arms.write_history(earlier)
        if hordak is not None and earlier:
            hordak.run("history", earlier)
        print(f"on {earlier:,} earlier transfers", flush=True)
        found[earlier] = {clients: _row(url, floor, hordak, clients) for clients in CLIENTS}
        found[earlier]["reading"] = ledger_arms.reading()
        told = {name: round(value, 2) for name, value in found[earlier]["reading"].items()}
        print(f"    reading: {told}", flush=True)
    return {"arms": found, "broken": ledger_arms.invariants_broken()}


def _row(url: str, floor: Path, hordak: ledger_peers.Hordak | None, clients: int) -> dict:
    row = {
        "product": ledger_peers.together("benchmarks.ledger_client", clients, SECONDS),
        "tpcb": ledger_peers.pgbench_rate(url, clients, SECONDS),
        "floor": ledger_peers.pgbench_rate(url, clients, SECONDS, "-f", str(floor)),
    }
    if hordak is not None:
        row |= {f"hordak_{way}": hordak.rate(clients, SECONDS, way) for way in ("lock", "free")}
    row |= {f"of_{name}": row["product"]["rate"] / row[name]["rate"] for name in list(row)[1:]}
    told = ", ".join(f"{name} {found['rate']:.0f}" for name, found in row.items() if isinstance(found, dict))
    shares = ", ".join(f"{name[3:]} {found:.2f}" for name, found in row.items() if name.startswith("of_"))
    print(f"{clients:>3} clients, a second: {told}; product in parts of {shares}"
          f" (p99 {row['product']['p99_ms']:.1f} ms)", flush=True)  # fmt: skip
    return row


def hordak_of(server: EmbeddedPostgres, folder: Path) -> ledger_peers.Hordak | None:
    """Return django-hordak furnished, or say why it is left out."""
    server.ensure_database("hordak")
    try:
        return ledger_peers.Hordak(folder / "hordak", server.url("hordak"), MEMBERS)
    except subprocess.CalledProcessError as error:
        print(f"django-hordak is left out: {error}", flush=True)
        return None


def main() -> int:
    """Measure, print, write; 1 when an invariant broke."""
    folder = Path(tempfile.mkdtemp(prefix="jiceng-bench-"))
    server = EmbeddedPostgres(folder / "pg")
    server.start()
    try:
        hordak = hordak_of(server, folder)
        adopt(server.url(), folder)
        report = measured(server.url(), folder, hordak)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(report["broken"] or "all invariants hold")
    if out := os.environ.get("OUT"):
        Path(out).write_text(json.dumps(report, indent=1) + "\n")
    return 1 if report["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
