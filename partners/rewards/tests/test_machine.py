"""Rewards, stock and redemptions against a plain oracle: any sequence of wishes has the effect the oracle says.

The oracle keeps points, stock and states in dictionaries and knows nothing of transfers, holds and triggers.
"""

import os
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from governance.errors import Conflict
from governance.models import Booking
from governance.timers import fire_due
from partners.ledger.accounts import balance_of
from partners.ledger.audit import invariants_broken
from partners.ledger.points import unsettled
from partners.models import Redemption
from partners.rewards.codes import code_of
from partners.rewards.tests.shop import build_shop
from partners.tests.bank import build_bank

EXAMPLES = int(os.environ.get("REWARD_EXAMPLES", "6"))
START = datetime(2026, 3, 2, 4, tzinfo=UTC)
COSTS = {"rice": 20, "ten": 10, "room": 5}
WHO = st.sampled_from(["lawyer", "baker"])
KEEP = timedelta(days=7)


class ShopMachine(RuleBasedStateMachine):
    """Two members, goods, a coupon and a room; few points and few pieces, so that everything runs out."""

    city, day = None, None
    made = Bundle("made")

    @initialize()
    def begin(self):
        self.savepoint = transaction.savepoint()
        self.now = START
        self.day.move_to(self.now)
        self.shop = build_shop(build_bank(self.city), points=60, stock=2)
        self.free = {"lawyer": 60, "baker": 60}
        self.held = {"lawyer": 0, "baker": 0}
        self.stock = {"rice": 2, "ten": 2}
        self.till = 0
        self.wishes: dict[int, dict] = {}

    def _account(self, who):
        return self.shop.bank.account({"baker": "bakery"}.get(who, who))

    @rule(target=made, who=WHO, what=st.sampled_from(["rice", "ten", "room"]), hour=st.integers(9, 11))
    def redeem(self, who, what, hour):
        given, slot = {}, None
        if what == "room":
            slot = self.shop.hour(1, hour)
            given = {"starts_at": slot}
        why = None
        if what != "room" and self.stock[what] == 0:
            why = "out_of_stock"
        elif self.free[who] < COSTS[what]:
            why = "insufficient"
        elif slot is not None and any(self._overlaps(told, slot) for told in self.wishes.values()):
            why = "overlap"
        key = self.shop.bank.key()
        if why:
            with pytest.raises(Conflict) as refusal:
                self.shop.redeem(what, who, key=key, **given)
            assert refusal.value.code == why
            return None
        row = self.shop.redeem(what, who, key=key, **given)
        # a double press is the same wish
        assert self.shop.redeem(what, who, key=key, **given).pk == row.pk
        self.free[who] -= COSTS[what]
        self.held[who] += COSTS[what]
        if what != "room":
            self.stock[what] -= 1
        ends = slot + timedelta(hours=2) if slot else self.now
        self.wishes[row.pk] = {"who": who, "what": what, "state": "held", "until": ends + KEEP, "slot": slot}
        return row

    @staticmethod
    def _overlaps(told, slot):
        mine = told["slot"]
        living = mine is not None and told["state"] in ("held", "fulfilled", "returned")
        return living and abs(mine - slot) < timedelta(hours=2)

    @rule(row=made)
    def fulfil(self, row):
        if row is None:
            return
        told = self.wishes[row.pk]
        early = told["slot"] is not None and self.now < told["slot"] - timedelta(minutes=30)
        if told["state"] != "held" or early or told["until"] <= self.now:
            with pytest.raises(Conflict):
                self.shop.fulfilled(row)
            return
        self.shop.fulfilled(row)
        told["state"] = "fulfilled"
        self.held[told["who"]] -= COSTS[told["what"]]
        if told["what"] == "ten":
            self.till += 10

    def _back(self, told, state):
        told["state"] = state
        self.held[told["who"]] -= COSTS[told["what"]]
        self.free[told["who"]] += COSTS[told["what"]]
        if told["what"] != "room":
            self.stock[told["what"]] += 1

    @rule(row=made, by_staff=st.booleans())
    def cancel(self, row, by_staff):
        if row is None:
            return
        told = self.wishes[row.pk]
        step, by = ("call_off", "manager") if by_staff else ("cancel", told["who"])
        begun = told["slot"] is not None and told["slot"] <= self.now
        if told["state"] != "held" or (begun and not by_staff):
            with pytest.raises(Conflict):
                self.shop.step(row, step, by, reason="x")
            return
        self.shop.step(row, step, by, reason="x")
        self._back(told, "cancelled")

    @rule(row=made, restock=st.booleans())
    def take_back(self, row, restock):
        if row is None:
            return
        told = self.wishes[row.pk]
        if told["state"] != "fulfilled":
            with pytest.raises(Conflict):
                self.shop.step(row, "return", reason="x", restock=restock)
            return
        self.shop.step(row, "return", reason="x", restock=restock)
        told["state"] = "returned"
        self.free[told["who"]] += COSTS[told["what"]]
        if told["what"] == "ten":
            self.till -= 10
        if told["what"] != "room" and restock:
            self.stock[told["what"]] += 1

    @rule(what=st.sampled_from(["rice", "ten"]), amount=st.integers(-2, 2).filter(bool))
    def count_stock(self, what, amount):
        step = "receive" if amount > 0 else "correct"
        if self.stock[what] + amount < 0:
            with pytest.raises(Conflict):
                self.shop.step(self.shop.reward(what), step, amount=amount, reason="x")
            return
        self.shop.step(self.shop.reward(what), step, amount=amount, reason="x")
        self.stock[what] += amount

    @rule(hours=st.sampled_from([5, 22, 80, 200]))
    def time_passes(self, hours):
        self.now += timedelta(hours=hours)
        self.day.move_to(self.now)
        fire_due(1000)
        for told in self.wishes.values():
            if told["state"] == "held" and told["until"] <= self.now:
                self._back(told, "timed_out")

    @invariant()
    def as_the_oracle_says(self):
        for who in self.free:
            balance = balance_of(self._account(who))
            assert (balance.available, balance.held) == (self.free[who], self.held[who])
        assert {name: self.shop.reward(name).free for name in self.stock} == self.stock
        assert unsettled(self.shop.bank.account("shop")) == self.till
        states = dict(Redemption.objects.values_list("pk", "state"))
        assert states == {pk: told["state"] for pk, told in self.wishes.items()}
        for row in Redemption.objects.exclude(booking=None):
            told = self.wishes[row.pk]
            living = Booking.objects.get(pk=row.booking_id).state == "booked"
            assert living or told["state"] == "cancelled"
            assert not living or told["state"] != "cancelled" or told["slot"] < self.now
        assert all(len(code_of(row)) == 12 for row in Redemption.objects.filter(pk__in=list(self.wishes)[:1]))

    def teardown(self):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        assert invariants_broken() == []
        transaction.savepoint_rollback(self.savepoint)


@pytest.mark.django_db
def test_any_sequence_of_wishes_has_the_effect_the_oracle_says(city):
    with time_machine.travel(START, tick=False) as day:
        machine = type("Machine", (ShopMachine,), {"city": city, "day": day})
        limits = settings(max_examples=EXAMPLES, stateful_step_count=20, deadline=None, database=None,
                          derandomize="REWARD_EXAMPLES" not in os.environ,
                          suppress_health_check=list(HealthCheck))  # fmt: skip
        run_state_machine_as_test(machine, settings=limits)
