"""The ledger against a plain oracle: any sequence of wishes has the effect that a few lines of Python say.

``LEDGER_EXAMPLES=500`` searches longer.
"""

import os
from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from governance.errors import Conflict
from governance.models import User
from partners.ledger.adjustments import adjustment_approve, adjustment_propose
from partners.ledger.audit import invariants_broken
from partners.ledger.expiry import lot_expire
from partners.ledger.holds import hold_place, hold_post, hold_time_out, hold_void
from partners.ledger.points import points_give, points_spend
from partners.ledger.reversals import transfer_reverse
from partners.models import Account, AccountKind, Entry, Hold, Lot
from partners.tests.bank import build_bank

EXAMPLES = int(os.environ.get("LEDGER_EXAMPLES", "6"))
NAMES = st.sampled_from(["lawyer", "bakery"])
AMOUNTS = st.integers(1, 12)
START = datetime(2026, 11, 2, 4, tzinfo=UTC)  # noon in Shanghai
OWNER = {"lawyer": "lawyer", "bakery": "baker"}


class Oracle:
    """What each member has, by lots: [free, held, expires on, expired]; owed; and where the rest went."""

    def __init__(self):
        self.lots: dict[str, dict[int, list]] = {"lawyer": {}, "bakery": {}}
        self.owed = {"lawyer": 0, "bakery": 0}
        self.issued = self.redeemed = self.expired = 0

    def order(self, name, today):
        open_ones = [(lot[2], pk) for pk, lot in self.lots[name].items() if lot[0] and lot[2] >= today]
        return [pk for _day, pk in sorted(open_ones)]

    def take(self, name, amount, today):
        """Return {lot: points}, or None when there are not enough."""
        found = {}
        for pk in self.order(name, today):
            if part := min(self.lots[name][pk][0], amount - sum(found.values())):
                found[pk] = part
        return found if sum(found.values()) == amount else None

    def give_back(self, name, parts):
        """Points owed are paid first, by the lot that ends first."""
        for pk in sorted(parts, key=lambda pk: (self.lots[name][pk][2], pk)):
            paid = min(self.owed[name], parts[pk])
            self.owed[name] -= paid
            self.lots[name][pk][0] += parts[pk] - paid


class LedgerMachine(RuleBasedStateMachine):
    transfers, holds = Bundle("transfers"), Bundle("holds")

    @initialize()
    def begin(self):
        self.savepoint = transaction.savepoint()
        self.bank = build_bank(self.city)
        self.area = self.bank.account("lawyer").area
        self.day.move_to(START)
        self.oracle, self.today, self.number = Oracle(), timezone.localdate(), 0
        self.clock = User.objects.system("timers")

    def key(self):
        self.number += 1
        return f"m{id(self)}:{self.number}"

    def actor(self, name):
        return self.bank.user(OWNER[name])

    @rule(target=transfers, name=NAMES, amount=AMOUNTS, days=st.integers(0, 4))
    def earn(self, name, amount, days):
        made = self.bank.earn(name, amount, expires_on=self.today + timedelta(days=days), key=self.key())
        paid = min(self.oracle.owed[name], amount)
        self.oracle.owed[name] -= paid
        self.oracle.issued += amount
        lot = made.lots.first()
        assert (lot is None) == (paid == amount)
        if lot:
            self.oracle.lots[name][lot.pk] = [amount - paid, 0, self.today + timedelta(days=days), 0]
        return (name, made, {"lot": lot and lot.pk, "amount": amount, "reversed": False, "paid": paid})

    @rule(target=transfers, name=NAMES, amount=AMOUNTS)
    def spend(self, name, amount):
        key, parts = self.key(), self.oracle.take(name, amount, self.today)
        wish = {"actor": self.actor(name), "amount": amount, "key": key, "reason": "room"}
        if parts is None:
            with pytest.raises(Conflict) as refusal:
                points_spend(self.bank.account(name), **wish)
            assert refusal.value.code == "insufficient"
            return None
        made = points_spend(self.bank.account(name), **wish)
        # the same key again: the same answer; another content: refused
        assert points_spend(self.bank.account(name), **wish).pk == made.pk
        with pytest.raises(Conflict) as refusal:
            points_spend(self.bank.account(name), **wish | {"amount": amount + 1})
        assert refusal.value.code == "key_reused"
        self._took(name, parts)
        self.oracle.redeemed += amount
        return (name, made, {"parts": parts, "amount": amount, "reversed": False})

    def _took(self, name, parts):
        for pk, part in parts.items():
            self.oracle.lots[name][pk][0] -= part

    @rule(amount=AMOUNTS)
    def give(self, amount):
        parts = self.oracle.take("lawyer", amount, self.today)
        wish = {"actor": self.actor("lawyer"), "to": self.bank.account("bakery"), "amount": amount,
                "key": self.key(), "reason": "gift"}  # fmt: skip
        if parts is None or self.oracle.owed["lawyer"]:
            with pytest.raises(Conflict) as refusal:
                points_give(self.bank.account("lawyer"), **wish)
            assert refusal.value.code == ("owed" if self.oracle.owed["lawyer"] else "insufficient")
            return
        made = points_give(self.bank.account("lawyer"), **wish)
        self._took("lawyer", parts)
        self._comes("bakery", made, [(part, self.oracle.lots["lawyer"][pk][2]) for pk, part in parts.items()])

    def _comes(self, name, made, parts):
        """What comes to a member in new lots pays first what is owed there."""
        rest = []
        for part, end in parts:
            paid = min(self.oracle.owed[name], part)
            self.oracle.owed[name] -= paid
            rest += [(part - paid, end)] if part > paid else []
        for lot, (part, end) in zip(made.lots.order_by("id"), rest, strict=True):
            self.oracle.lots[name][lot.pk] = [part, 0, end, 0]

    @rule(target=holds, name=NAMES, amount=AMOUNTS)
    def place(self, name, amount):
        parts = self.oracle.take(name, amount, self.today)
        wish = {"actor": self.actor(name), "amount": amount, "key": self.key(), "reason": "coupon",
                "until": timezone.now() + timedelta(hours=1), "to": self.bank.account("shop")}  # fmt: skip
        if parts is None:
            with pytest.raises(Conflict):
                hold_place(self.bank.account(name), **wish)
            return None
        made = hold_place(self.bank.account(name), **wish)
        assert hold_place(self.bank.account(name), **wish).pk == made.pk
        for pk, part in parts.items():
            self.oracle.lots[name][pk][0] -= part
            self.oracle.lots[name][pk][1] += part
        return (name, made.pk, parts, {"open": True})

    @rule(target=transfers, hold=holds, way=st.sampled_from(["post", "void", "time_out"]))
    def end(self, hold, way):
        if hold is None:
            return None
        name, pk, parts, told = hold
        row = Hold.objects.with_rows().get(pk=pk)
        row.until = timezone.now() if way == "time_out" else row.until
        act = {"post": lambda: hold_post(row, actor=self.bank.staff),
               "void": lambda: hold_void(row, actor=self.actor(name)),
               "time_out": lambda: hold_time_out(row, actor=self.clock)}[way]  # fmt: skip
        if not told["open"] and told["way"] != way:
            with pytest.raises(Conflict):
                act()
            return None
        made = act()
        if not told["open"]:
            assert made.pk == told["made"]
            return None
        told |= {"open": False, "way": way, "made": made.pk}
        for lot, part in parts.items():
            self.oracle.lots[name][lot][1] -= part
        if way != "post":
            self.oracle.give_back(name, parts)
            return None
        self.oracle.redeemed += sum(parts.values())
        return (name, made, {"parts": parts, "amount": sum(parts.values()), "reversed": False})

    @rule(done=transfers)
    def reverse(self, done):
        if done is None:
            return
        name, transfer, told = done
        first = transfer_reverse(transfer, actor=self.bank.staff, reason="mistake")
        assert transfer_reverse(transfer, actor=self.bank.staff, reason="mistake").pk == first.pk
        with pytest.raises(Conflict):
            transfer_reverse(transfer, actor=self.bank.staff, reason="another")
        if told["reversed"]:
            return
        told["reversed"] = True
        if "parts" in told:
            self.oracle.redeemed -= told["amount"]
            self.oracle.give_back(name, told["parts"])
            return
        lot = self.oracle.lots[name].get(told["lot"], [0, 0, None, 0])
        self.oracle.issued -= told["amount"]
        self.oracle.expired -= lot[3]
        self.oracle.owed[name] += told["amount"] - lot[0] - lot[3]
        lot[0] = lot[3] = 0

    @rule(days=st.integers(1, 3), late=st.booleans())
    def days_pass(self, days, late):
        """The day is told to the services; the nightly job may be late."""
        self.today += timedelta(days=days)
        self.day.move_to(datetime.combine(self.today, time(4), UTC))
        if late:
            return
        for name in ("lawyer", "bakery"):
            for lot in Lot.objects.filter(account=self.bank.account(name)).select_related("account__area"):
                mine = self.oracle.lots[name][lot.pk]
                made = lot_expire(lot, actor=self.clock, today=self.today)
                goes = mine[0] if mine[2] < self.today else 0
                assert (made.amount if made else 0) == goes
                mine[0], mine[3] = mine[0] - goes, mine[3] + goes
                self.oracle.expired += goes

    @rule(name=NAMES, amount=st.integers(-8, 8).filter(bool))
    def adjust(self, name, amount):
        end = self.today + timedelta(days=2)
        wish = {"amount": amount, "reason": "补记", "expires_on": end if amount > 0 else None}
        row = adjustment_propose(self.bank.account(name), actor=self.bank.staff, **wish)
        administrator = self.bank.city.user("administrator")
        parts = None if amount > 0 else self.oracle.take(name, -amount, self.today)
        if amount < 0 and parts is None:
            with pytest.raises(Conflict):
                adjustment_approve(row, actor=administrator)
            return
        made = adjustment_approve(row, actor=administrator)
        self.oracle.issued += amount
        if parts is None:
            self._comes(name, made, [(amount, end)])
        else:
            self._took(name, parts)

    @invariant()
    def as_the_oracle_says(self):
        for name, lots in self.oracle.lots.items():
            row = Account.objects.get(pk=self.bank.account(name).pk)
            free, held = (sum(lot[place] for lot in lots.values()) for place in (0, 1))
            assert (row.available, row.held, row.owed) == (free, held, self.oracle.owed[name])
        sums = dict.fromkeys(AccountKind.values, 0)
        for kind, amount in Entry.objects.filter(account__area=self.area).values_list("account__kind", "amount"):
            sums[kind] += amount
        assert -sums["pool"] == self.oracle.issued
        assert sums["redeemed"] + sums["merchant"] == self.oracle.redeemed
        assert sums["expired"] == self.oracle.expired

    def teardown(self):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        assert invariants_broken() == []
        transaction.savepoint_rollback(self.savepoint)


@pytest.mark.django_db
def test_any_sequence_of_wishes_has_the_effect_the_oracle_says(city):
    with time_machine.travel(START, tick=False) as day:
        machine = type("Machine", (LedgerMachine,), {"city": city, "day": day})
        limits = settings(max_examples=EXAMPLES, stateful_step_count=20, deadline=None, database=None,
                          derandomize="LEDGER_EXAMPLES" not in os.environ,
                          suppress_health_check=list(HealthCheck))  # fmt: skip
        run_state_machine_as_test(machine, settings=limits)
