"""Many at the same moment: real processes with connections of their own."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from time import sleep
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

from conftest import build_city
from partners.ledger.accounts import balance_of
from partners.ledger.audit import invariants_broken
from partners.ledger.holds import hold_place
from partners.models import Account, Hold, Lot, Transfer
from partners.tests.bank import build_bank

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
WORKER = """
import json
import multiprocessing
import sys
import django
django.setup()
from datetime import date
from governance.errors import Conflict
from governance.models import User
from partners.ledger.expiry import lot_expire
from partners.ledger.holds import hold_post, hold_time_out
from partners.ledger.points import points_give, points_spend
from partners.ledger.reversals import transfer_reverse
from partners.models import Account, Hold, Lot, Transfer

def account(pk):
    return Account.objects.with_rows().get(pk=pk)

def user(name):
    return User.objects.get(username=name)

def act(told):
    acts = {
        "spend": lambda: points_spend(account(told["account"]), actor=user(told["by"]), amount=told["amount"],
                                      key=told["key"], reason="room"),
        "give": lambda: points_give(account(told["account"]), actor=user(told["by"]), to=account(told["to"]),
                                    amount=1, key=told["key"], reason="gift"),
        "expire": lambda: lot_expire(Lot.objects.select_related("account__area").get(pk=told["lot"]),
                                     actor=User.objects.system("timers"), today=date.fromisoformat(told["today"])),
        "reverse": lambda: transfer_reverse(Transfer.objects.select_related("account__area").get(pk=told["transfer"]),
                                            actor=user(told["by"]), reason="mistake"),
        "post": lambda: hold_post(Hold.objects.with_rows().get(pk=told["hold"]), actor=user(told["by"])),
        "time_out": lambda: hold_time_out(Hold.objects.with_rows().get(pk=told["hold"]),
                                          actor=User.objects.system("timers")),
    }
    try:
        done = acts[told["act"]]()
    except Conflict as refusal:
        return refusal.code
    return "nothing" if done is None else f"done:{done.pk}"

def work(line):
    while (share := line.recv()) is not None:
        line.send([act(told) for told in share])

context, lines = multiprocessing.get_context("fork"), []
for _ in range(16):
    mine, other = context.Pipe()
    context.Process(target=work, args=(other,), daemon=True).start()
    other.close()
    lines.append(mine)
for asked in sys.stdin:
    shares = json.loads(asked)
    for line, share in zip(lines, shares):
        line.send(share)
    print(json.dumps([line.recv() for line, _share in zip(lines, shares)]), flush=True)
for line in lines:
    line.send(None)
"""


class Workers:
    """Sixteen processes, forked by one that has loaded Django and not yet asked the database anything."""

    def __init__(self):
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
        environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "governance.config.settings"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORKER], cwd=settings.BASE_DIR, env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def do(self, shares: list[list[dict]]) -> list[list[str]]:
        """Let each process do its share, all at once; return what each wish came to."""
        self.process.stdin.write(json.dumps(shares) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, "a worker died"
        return json.loads(answer)


@pytest.fixture
def workers():
    """Sixteen processes."""
    made = Workers()
    yield made
    made.process.communicate(timeout=60)


def test_whoever_comes_at_once_gets_what_there_is_and_no_more(workers):
    # given 40 points in five lots
    bank = build_bank(build_city())
    lawyer, bakery = bank.account("lawyer").pk, bank.account("bakery").pk
    lots = [bank.earn("lawyer", 8, expires_on=timezone.localdate() + timedelta(days=day)) for day in range(1, 6)]
    spending = {"act": "spend", "account": lawyer, "by": "p-lawyer"}

    # when sixteen spend 5 × 1 each, the first two of them under the same keys
    told = workers.do([[spending | {"amount": 1, "key": f"w{max(n, 1)}:{m}"} for m in range(5)] for n in range(16)])
    # then 40 spendings are done, the keys of the twins once, and nothing is below 0
    answers = [answer for share in told for answer in share]
    done = {answer for answer in answers if answer.startswith("done")}
    assert len(done) == 40 and set(answers) - done == {"insufficient"}
    assert balance_of(bank.account("lawyer")).available == 0
    assert invariants_broken() == []

    # when two members give to each other, over and over: nobody waits for ever
    bank.earn("lawyer", 30)
    bank.earn("bakery", 30)
    ways = [{"account": lawyer, "by": "p-lawyer", "to": bakery}, {"account": bakery, "by": "p-baker", "to": lawyer}]
    told = workers.do([[{"act": "give", "key": f"g{n}:{m}"} | ways[n % 2] for m in range(5)] for n in range(8)])
    assert all(answer.startswith("done") for share in told for answer in share)
    assert balance_of(bank.account("lawyer")).available == balance_of(bank.account("bakery")).available == 30
    assert invariants_broken() == []
    assert Transfer.objects.filter(pk=lots[0].pk).exists()


def test_spending_expiring_and_reversing_the_same_lot_at_once(workers):
    bank = build_bank(build_city())
    staff, tomorrow = bank.staff.username, str(timezone.localdate() + timedelta(days=1))
    for turn in range(3):
        # given an earning of which six are left when what earlier turns left owed is paid
        owed = Account.objects.get(pk=bank.account("lawyer").pk).owed
        earned = bank.earn("lawyer", owed + 6, expires_on=timezone.localdate())
        lot = Lot.objects.get(transfer=earned).pk
        spending = {"act": "spend", "account": bank.account("lawyer").pk, "by": "p-lawyer", "amount": 2}
        # when it is spent, expires and is reversed at once
        workers.do([
            *([spending | {"key": f"t{turn}:{n}"}] for n in range(4)),
            *[[{"act": "expire", "lot": lot, "today": tomorrow}]] * 2,
            *[[{"act": "reverse", "transfer": earned.pk, "by": staff}]] * 2,
        ])  # fmt: skip
        # then the earning is reversed once, what was spent is owed, what expired is not
        assert Transfer.objects.filter(reverses=earned).count() == 1
        assert Lot.objects.get(pk=lot).remaining == 0
        assert Transfer.objects.filter(kind="expire", evidence_id=lot).count() <= 1
        assert invariants_broken() == []
    account = Account.objects.get(pk=bank.account("lawyer").pk)
    assert account.available == 0 and account.owed >= 0


def test_time_runs_out_while_it_is_fulfilled(workers):
    bank = build_bank(build_city())
    bank.earn("lawyer", 30)
    for turn in range(3):
        wish = {"actor": bank.user("lawyer"), "amount": 2, "key": f"h{turn}", "reason": "coupon"}
        hold = hold_place(bank.account("lawyer"), until=timezone.now() + timedelta(seconds=0.4), **wish)
        sleep(0.5)
        ends = [{"act": "post", "hold": hold.pk, "by": bank.staff.username}, {"act": "time_out", "hold": hold.pk}]
        told = workers.do([[ends[n % 2]] for n in range(6)])
        # then it is one of the two, for everybody
        hold = Hold.objects.get(pk=hold.pk)
        won = 0 if hold.stage == "posted" else 1
        for number, (answer,) in enumerate(told):
            assert answer == (f"done:{hold.ended_id}" if number % 2 == won else "ended")
        assert Transfer.objects.filter(key__startswith=f"hold:{hold.pk}:").count() == 1
    assert invariants_broken() == []


def test_nothing_is_added_to_a_transfer_of_an_earlier_transaction():
    bank = build_bank(build_city())
    made = bank.earn("lawyer", 5)
    lot = made.lots.get()
    added = [
        f"INSERT INTO partners_entry (transfer_id, account_id, part, amount) SELECT {made.pk}, account_id, part, amount"
        f" FROM partners_entry WHERE transfer_id = {made.pk}",
        f"INSERT INTO partners_draw (transfer_id, lot_id, part, amount) VALUES ({made.pk}, {lot.pk}, 'available', -1)",
        f"INSERT INTO partners_lot (account_id, transfer_id, granted, remaining, held, expiries)"
        f" VALUES ({lot.account_id}, {made.pk}, 1, 0, 0, 0)",
    ]
    for statement in added:
        with pytest.raises(Error) as refusal, connection.cursor() as cursor:
            cursor.execute(statement)
        assert "earlier transfer" in str(refusal.value)
    assert invariants_broken() == []
