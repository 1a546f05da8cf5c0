"""The product's side of ``make bench-ledger``. Import it after ``ledger.adopt``."""

import random
import time
from os import environ

from django.db import connection
from django.db.models import Count

from governance.models import Area, User
from partners.ledger.accounts import account_open, balance_of
from partners.ledger.audit import invariants_broken
from partners.ledger.points import points_earn, points_spend
from partners.ledger.statement import statement_of
from partners.models import Account

MEMBERS = int(environ.get("MEMBERS", "1000"))
__all__ = ["furnish", "invariants_broken", "reading", "spend", "write_history"]
PLENTY = 1_000_000  # points of each member, so that nobody runs out
STEP = 50_000  # earlier transfers written in one transaction
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


def furnish() -> None:
    """Make a community and its members, each with plenty of points."""
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
    with connection.cursor() as cursor:
        for first in range(0, count, STEP):
            cursor.execute(HISTORY, [first, min(first + STEP, count) - 1])
        cursor.execute("VACUUM ANALYZE")


def spend(name: str, seconds: float) -> list[float]:
    """Spend one point after the other, of members at random, for a while; return how long each took."""
    accounts = list(Account.objects.filter(kind="member").select_related("area", "user"))
    chosen, waits = random.Random(name), []
    end = time.perf_counter() + seconds
    while (start := time.perf_counter()) < end:
        account = chosen.choice(accounts)
        points_spend(account, actor=account.user, amount=1, key=f"{name}:{len(waits)}", reason="room")
        waits.append(time.perf_counter() - start)
    return waits


def reading() -> dict:
    """Milliseconds of a balance, and of the first and a late page of the longest statement."""

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
