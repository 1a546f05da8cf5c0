"""Many at the same moment: real processes with connections of their own."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from conftest import build_city
from governance.models import User
from partners.ledger.accounts import account_open
from partners.ledger.audit import invariants_broken
from partners.ledger.points import points_earn, unsettled
from partners.models import Coupon, Hold, Redemption, Transfer
from partners.rewards.codes import code_of
from partners.rewards.tests.shop import build_shop
from partners.tests.bank import build_bank

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
WORKER = """
import json
import multiprocessing
import sys
import time
import django
django.setup()
from governance.errors import Refused
from governance.models import User
from governance.workflow import act
from partners.ledger.holds import hold_time_out
from partners.models import Account, Hold, Redemption, Reward
from partners.rewards.redeeming import redeem

def account(pk):
    return Account.objects.with_rows().get(pk=pk)

def user(name):
    return User.objects.get(username=name)

def row(told):
    return Redemption.objects.get(pk=told["redemption"])

def do(told):
    acts = {
        "redeem": lambda: redeem(Reward.objects.get(pk=told["reward"]), actor=user(told["by"]),
                                 account=account(told["account"]), key=told["key"]),
        "fulfil": lambda: act(row(told), "fulfil", actor=user(told["by"]), code=told["code"]),
        "cancel": lambda: act(row(told), "cancel", actor=user(told["by"])),
        "correct": lambda: act(Reward.objects.get(pk=told["reward"]), "correct", actor=user(told["by"]), amount=-1,
                               reason="count"),
        "time_out": lambda: hold_time_out(Hold.objects.with_rows().get(redemption=told["redemption"]),
                                          actor=User.objects.system("timers")),
    }
    time.sleep(max(0, told.get("at", 0) - time.time()))
    try:
        done = acts[told["act"]]()
    except Refused as refusal:
        return refusal.code
    except Exception as fault:
        return f"fault: {type(fault).__name__} {fault}"
    return f"done:{done.pk}"

def work(line):
    while (share := line.recv()) is not None:
        line.send([do(told) for told in share])

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

    def do(self, shares: list[list[dict]]) -> list[str]:
        """Let each process do its share, all at once; return what each wish came to, share by share."""
        self.process.stdin.write(json.dumps(shares) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, "a worker died"
        return [one for share in json.loads(answer) for one in share]


@pytest.fixture
def workers():
    """Sixteen processes."""
    made = Workers()
    yield made
    made.process.communicate(timeout=60)


def members(shop, number: int) -> list[dict]:
    """Make members with 15 points each: enough for one coupon of 10."""
    here, staff = shop.bank.city.area("community"), shop.user("community_staff")
    found = []
    for name in (f"m{place}" for place in range(number)):
        user = User.objects.create(username=name, name=name, password="!")
        account = account_open(here, actor=staff, user=user)
        points_earn(account, actor=staff, amount=15, key=f"earn:{name}", reason="consultation",
                    evidence=("property.servicerecord", 1))  # fmt: skip
        found.append({"account": account.pk, "by": name})
    return found


def test_five_hundred_people_for_fifty_coupons(workers):
    # given 50 coupons, and 500 members who have the points
    shop = build_shop(build_bank(build_city()), stock=50)
    coupon = shop.reward("ten")
    people = members(shop, 500)
    wishes = [{"act": "redeem", "reward": coupon.pk, "key": "once"} | person for person in people]
    # when all of them ask at once, in sixteen processes
    answers = workers.do([wishes[place::16] for place in range(16)])
    # then exactly fifty have one, and everybody else is told that nothing is left
    assert len(answers) == 500
    assert sum(one.startswith("done") for one in answers) == 50
    assert {one for one in answers if not one.startswith("done")} == {"out_of_stock"}
    coupon = shop.reward("ten")
    assert (coupon.stocked, coupon.taken, coupon.free) == (50, 50, 0)
    assert Redemption.objects.filter(state="held").count() == Coupon.objects.count() == 50
    assert Hold.objects.filter(stage="open").count() == Transfer.objects.filter(kind="hold").count() == 50
    assert Coupon.objects.values("digest").distinct().count() == 50
    # and the books say the same
    call_command("check_ledger")


def test_a_double_press_is_one_wish_and_the_last_piece_goes_to_one(workers):
    shop = build_shop(build_bank(build_city()), stock=1)
    wish = {"act": "redeem", "reward": shop.reward("rice").pk, "by": "p-lawyer", "key": "k",
            "account": shop.bank.account("lawyer").pk}  # fmt: skip
    answers = workers.do([[wish]] * 8)
    assert len(set(answers)) == 1 and answers[0].startswith("done")
    # a piece taken off the stock and a wish for it: one of them
    shop.step(shop.reward("rice"), "receive", amount=1)
    other = wish | {"by": "p-baker", "account": shop.bank.account("bakery").pk}
    less = {"act": "correct", "reward": shop.reward("rice").pk, "by": shop.manager.username}
    answers = workers.do([[other | {"key": f"o{place}"}] if place % 2 else [less] for place in range(8)])
    assert sum(one.startswith("done") for one in answers) == 1
    assert set(answers) - {one for one in answers if one.startswith("done")} == {"out_of_stock"}
    assert shop.reward("rice").free == 0 and invariants_broken() == []


def test_whichever_ending_comes_first_is_the_one(workers):
    shop = build_shop(build_bank(build_city()), points=200, stock=20)
    User.objects.all_systems()  # as the product has made them before it starts
    till = shop.bank.account("shop")
    for turn in range(4):
        before = unsettled(till)
        # given a coupon whose time is over in a moment
        until = timezone.now() + timedelta(seconds=1.2)
        made = shop.redeem("ten", occurred_at=until - timedelta(days=7))
        assert made.until == until
        on_time = until.timestamp()
        told = {"redemption": made.pk}
        ends = [
            told | {"act": "fulfil", "by": "p-shopkeeper", "code": code_of(made), "at": on_time - 0.012 + turn * 0.003},
            told | {"act": "time_out", "at": on_time + 0.001},
            told | {"act": "cancel", "by": "p-lawyer", "at": on_time - 0.006 + turn * 0.003},
        ]
        # when it is taken, times out and is cancelled at once, each by three processes
        answers = workers.do([[ends[place % 3]] for place in range(9)])
        assert not [one for one in answers if one.startswith("fault")], answers
        # then one of the three happened, once
        row, hold = shop.fresh(made), shop.hold(made)
        assert (row.state, hold.stage) in {("fulfilled", "posted"), ("timed_out", "timed_out"), ("cancelled", "voided")}
        assert Transfer.objects.filter(key__startswith=f"hold:{hold.pk}:").count() == 1
        assert unsettled(till) - before == (10 if row.state == "fulfilled" else 0)
        assert shop.reward("ten").taken == Redemption.objects.filter(takes=True).count()
        assert invariants_broken() == []
    # and a coupon shown at two tills at once is taken at one
    made = shop.redeem("ten")
    wish = {"act": "fulfil", "redemption": made.pk, "by": "p-shopkeeper", "code": code_of(made)}
    answers = workers.do([[wish]] * 8)
    assert sum(one.startswith("done") for one in answers) == 1 and invariants_broken() == []
