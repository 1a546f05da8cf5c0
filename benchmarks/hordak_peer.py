"""django-hordak beside the points bank: spending one point of a member, with the account's row locked and without.

A program of its own Django, run by ``benchmarks.ledger`` with hordak on its path and DATABASE_URL naming an empty
database: ``furnish MEMBERS``, ``history COUNT`` (on COUNT transactions before it starts), or
``client NAME SECONDS lock|free WARMING``, which warms up and waits for a line as ``ledger_client`` does.

A spending is what hordak's guide shows for it: in one transaction the balance is asked, and points go from the member
to what was redeemed. Without the lock two who come together both see the same balance.
"""

import json
import os
import random
import sys
import time

import dj_database_url
import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

settings.configure(
    DATABASES={"default": dj_database_url.parse(os.environ["DATABASE_URL"])},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "mptt", "hordak"],
    DEFAULT_AUTO_FIELD="django.db.models.AutoField", USE_TZ=True,
    DEFAULT_CURRENCY="CNY", CURRENCIES=["CNY"], HORDAK_INTERNAL_CURRENCY="CNY", HORDAK_CURRENCIES=["CNY"],
)  # fmt: skip
django.setup()

from hordak.models import Account, AccountType  # noqa: E402
from moneyed import Money  # noqa: E402

ONE, PLENTY = Money(1, "CNY"), Money(1_000_000, "CNY")
# Earlier transactions, as hordak would have written them; its triggers look at each one, which takes hours.
HISTORY = """
WITH made AS (
    INSERT INTO hordak_transaction (uuid, timestamp, date, description)
    SELECT gen_random_uuid(), now(), current_date, 'earlier ' || n FROM generate_series(1, %(count)s) AS n
    RETURNING id
)
INSERT INTO hordak_leg (uuid, transaction_id, account_id, credit, debit, currency, description)
SELECT gen_random_uuid(), made.id, leg.account, leg.credit, leg.debit, 'CNY', ''
FROM made JOIN unnest(%(members)s::integer[]) WITH ORDINALITY AS member (id, place)
    ON member.place = made.id %% %(most)s + 1
CROSS JOIN LATERAL (VALUES (member.id, NULL::numeric, 1::numeric), (%(redeemed)s, 1, NULL))
    AS leg (account, credit, debit)
"""


def members() -> list[Account]:
    """The accounts of members."""
    return list(Account.objects.filter(name__startswith="member").order_by("id"))


def furnish(count: int) -> None:
    """Make the accounts, and give each member plenty."""
    call_command("migrate", verbosity=0)
    pool, _redeemed = (
        Account.objects.create(name=name, code=code, type=AccountType.liability, currencies=["CNY"])
        for name, code in (("pool", "1"), ("redeemed", "2"))
    )
    for number in range(count):
        one = Account.objects.create(
            name=f"member {number}", code=str(number + 10), type=AccountType.liability, currencies=["CNY"]
        )
        one.transfer_to(pool, PLENTY)


def history(count: int) -> None:
    """Write earlier transactions without its triggers."""
    told = [one.pk for one in members()]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE hordak_leg DISABLE TRIGGER USER")
        values = {"count": count, "members": told, "most": len(told), "redeemed": Account.objects.get(code="2").pk}
        cursor.execute(HISTORY, values)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE hordak_leg ENABLE TRIGGER USER")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def spend(name: str, seconds: float, *, locked: bool) -> list[float]:
    """Spend one point after the other, of members at random; return how long each took."""
    accounts, redeemed = members(), Account.objects.get(code="2")
    chosen, waits, end = random.Random(name), [], time.perf_counter() + seconds
    while (start := time.perf_counter()) < end:
        one = chosen.choice(accounts)
        with transaction.atomic():
            if locked:
                Account.objects.select_for_update().get(pk=one.pk)
            if one.get_simple_balance() < ONE:
                raise RuntimeError("nobody should run out")
            redeemed.transfer_to(one, ONE)
        waits.append(time.perf_counter() - start)
    return waits


def main() -> None:
    """Do what the arguments say."""
    act, *more = sys.argv[1:]
    if act == "client":
        spend(more[0], float(more[3]), locked=more[2] == "lock")
        print("ready", flush=True)
        sys.stdin.readline()
        print(json.dumps(spend(more[0], float(more[1]), locked=more[2] == "lock")), flush=True)
    else:
        {"furnish": furnish, "history": history}[act](int(more[0]))


if __name__ == "__main__":
    main()
