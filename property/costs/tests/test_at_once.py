"""Two processes at the same moment: one pays a charge, receipts have no gap, no yuan of the fund is spent twice."""

import json
import os
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection
from django.utils import timezone

from conftest import build_city
from property.costs.accounts import accounts_of
from property.costs.ledger import balance_of
from property.costs.tests.estate import Estate, build_books
from property.models import FundEntry, HouseholdAccount, Payment
from property.tests.neighbourhood import build_neighbourhood

pytestmark = pytest.mark.django_db(transaction=True)
# Another process: reads what to do, and does it when told to; says done, or the code of the refusal, for each.
CLERK = """
import json, sys, django
django.setup()
from datetime import date, timedelta
from decimal import Decimal
from django.db import transaction
from governance.errors import Refused
from governance.models import Dwelling, Ownership, User
from governance.registry.services import ownership_enter
from governance.workflow import act
from property.models import EstateBooks, FundUse, MaintenanceFund
told = json.loads(sys.stdin.readline())
user = User.objects.get(username=told["user"])
print("ready", flush=True)
sys.stdin.readline()
answers = []
for entry in told["entries"]:
    given = dict(entry, amount=Decimal(entry.get("amount", "0")))
    name = given.pop("step")
    try:
        if name == "sell":
            rows = Ownership.objects.select_related("dwelling").filter(dwelling__code=given["dwelling"])
            day = date.fromisoformat(given["day"])
            with transaction.atomic():
                act(rows.current().get(), "end", actor=user, ended_on=day - timedelta(days=1))
                ownership_enter(actor=user, dwelling=rows[0].dwelling, owner_name="买方", valid_from=day, reason="登记")
        elif name == "pay":
            given["dwelling"] = Dwelling.objects.select_related("building").get(code=given["dwelling"])
            given["owed"] = Decimal(given["owed"]) if given.get("owed") else None
            given["paid_on"] = date.fromisoformat(given["paid_on"])
            act(EstateBooks.objects.get(), "pay", actor=user, **given)
        else:
            act(MaintenanceFund.objects.get(), "use", actor=user, use=FundUse.objects.get(),
                **given | {"booked_on": date.fromisoformat(given["booked_on"])})
        answers.append("done")
    except Refused as error:
        answers.append(error.code)
print(json.dumps(answers), flush=True)
"""


@pytest.fixture
def estate() -> Estate:
    """The estate committed, for several processes."""
    return build_books(build_neighbourhood(build_city()))


def at_once(user, *parts) -> list[list[str]]:
    """Let a process of its own write each part, all beginning at once; return what each was answered."""
    where = connection.get_connection_params()
    host = quote(where.get("host") or "", safe="")
    address = f"postgresql://{where.get('user', '')}@:{where.get('port') or 5432}/{where['dbname']}?host={host}"
    surroundings = {
        **os.environ, "DATABASE_URL": address, "PGPASSWORD": where.get("password") or "",
        "DJANGO_SETTINGS_MODULE": "governance.config.settings",
    }  # fmt: skip
    clerks = [
        subprocess.Popen([sys.executable, "-c", CLERK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                         env=surroundings, cwd=Path(__file__).parents[3])
        for _part in parts
    ]  # fmt: skip
    for clerk, entries in zip(clerks, parts, strict=True):
        clerk.stdin.write(json.dumps({"user": user.username, "entries": entries}) + "\n")
        clerk.stdin.flush()
    assert [clerk.stdout.readline() for clerk in clerks] == ["ready\n"] * len(parts)
    for clerk in clerks:
        clerk.stdin.write("\n")
        clerk.stdin.flush()
    return [json.loads(clerk.communicate(timeout=60)[0]) for clerk in clerks]


def test_two_processes_write_the_same_money_once(estate):
    # given 50 yuan a flat, a fund of 100 yuan and a resolution that lets 150 be used
    estate.collecting("800.00")
    fund, today = estate.fund("100.00"), str(timezone.localdate())
    estate.use(fund, amount="150.00")
    same = {"step": "pay", "dwelling": "GY-1-1-101", "amount": "50.00", "owed": "50.00", "method": "cash",
            "paid_on": today}  # fmt: skip
    transfer = {"step": "pay", "dwelling": "GY-1-1-102", "amount": "50.00", "method": "bank", "reference": "T1",
                "paid_on": today}  # fmt: skip
    use = {"step": "use", "amount": "60.00", "booked_on": today, "purpose": "屋面维修"}
    many = [{"step": "pay", "dwelling": f"GY-2-1-{101 + number % 4}", "amount": "1.00", "method": "cash",
             "paid_on": today} for number in range(12)]  # fmt: skip
    flats = [f"GY-2-1-{number}" for number in range(101, 105)]
    sales = [{"step": "sell", "dwelling": flat, "day": "2026-10-05"} for flat in flats]
    # when two clerks both record the charge that both saw open, the same transfer, other payments, and use the fund,
    # while a third records that the flats of those payments are sold
    money = [same, transfer, use, *many]
    first, second, third = at_once(estate.user("community_staff"), money, money, sales)
    # then one of them is told each time
    told = [sorted(pair) for pair in zip(first, second, strict=True)]
    assert told[:3] == [["changed", "done"], ["done", "duplicate"], ["done", "not_enough"]]
    assert told[3:] == [["done", "done"]] * 12
    # and every receipt follows the one before, every line the balance before
    assert list(Payment.objects.order_by("id").values_list("number", flat=True)) == list(range(1, 27))
    assert estate.account(0).owed == 0
    assert estate.account(1).credit == 0
    assert balance_of(FundEntry.objects) == Decimal("40.00")
    # and what was charged is the sellers', each payment stands on the account that was open when it came
    assert third == ["done"] * 4
    for flat in flats:
        seller, buyer = HouseholdAccount.objects.filter(dwelling__code=flat).order_by("number")
        accounts = accounts_of(estate.books, [seller.pk, buyer.pk])
        assert (seller.days.upper, buyer.days.lower) == (date(2026, 10, 5), date(2026, 10, 5))
        paid = [accounts[row.pk].paid if row.pk in accounts else 0 for row in (seller, buyer)]
        assert sum(paid) == 6 and accounts[seller.pk].balance == 50 - paid[0]
