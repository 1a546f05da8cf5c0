"""Public income with its reasonable cost, what must be published by when, and rules by locality and day."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import InternalError, transaction
from django.db.utils import IntegrityError
from django.utils import timezone

from governance.errors import Conflict, Invalid
from governance.models import Event, Timer
from governance.timers import fire_due
from governance.workflow import act
from property.costs.disclosures import disclosures_plan
from property.costs.ledger import balance_of
from property.costs.rules import rule_for, span_of
from property.costs.statements import fund_figures, income_figures
from property.models import Disclosure, DisclosureRule, FundEntry, IncomeEntry

YUAN = Decimal


def spend(estate, amount, **given):
    given = {"kind": "parking", "booked_on": timezone.localdate(), "purpose": "划线"} | given
    return act(estate.books, "spend", actor=estate.manager, amount=YUAN(amount), **given).made


def test_income_net_of_reasonable_cost_is_told_by_kind_and_never_below_zero(estate):
    day = timezone.localdate()
    estate.earn("300.00")
    estate.earn("200.00", kind="lift_advertising", purpose="电梯广告")
    wrong = spend(estate, "50.00")
    with pytest.raises(Conflict) as refused:
        spend(estate, "450.01")
    assert refused.value.code == "not_enough"
    # when a cost is reversed, it counts where it counted before
    act(estate.books, "reverse_income", actor=estate.owners_member, entry=wrong, reason="票据作废")
    spend(estate, "30.00")
    assert income_figures(estate.books, day, day) == {
        "opening": "0.00", "closing": "470.00", "shared": "0.00",
        "lines": [
            {"kind": "lift_advertising", "income": "200.00", "cost": "0.00", "net": "200.00"},
            {"kind": "parking", "income": "300.00", "cost": "30.00", "net": "270.00"},
        ],
    }  # fmt: skip
    ordinals = list(IncomeEntry.objects.order_by("id").values_list("ordinal", flat=True))
    assert ordinals == [1, 2, 3, 4, 5] and balance_of(IncomeEntry.objects) == YUAN("470.00")
    # and what is reversed, a reversal, or money that was used is not reversed
    with pytest.raises(Conflict):
        act(estate.books, "reverse_income", actor=estate.manager, entry=wrong, reason="再")
    spend(estate, "470.00")
    with pytest.raises(Conflict):
        act(estate.books, "reverse_income", actor=estate.manager, entry=IncomeEntry.objects.last(), reason="再")


@pytest.mark.parametrize(
    ("day", "months", "span"),
    [
        (date(2026, 5, 9), 3, (date(2026, 4, 1), date(2026, 6, 30))),
        (date(2026, 12, 31), 6, (date(2026, 7, 1), date(2026, 12, 31))),
        (date(2024, 2, 29), 1, (date(2024, 2, 1), date(2024, 2, 29))),
        (date(2026, 1, 1), 12, (date(2026, 1, 1), date(2026, 12, 31))),
    ],
)
def test_spans_follow_the_calendar(day, months, span):
    assert span_of(day, months) == span


def test_the_rule_of_the_nearest_place_and_the_newest_day_counts(estate, city):
    area, day = estate.place.estate.area, date(2026, 6, 1)
    rows = [
        ("street", city.area("street"), "2026-01-01", 2),
        ("later", city.area("street"), "2026-07-01", 1),
        ("elsewhere", city.area("other_street"), "2026-01-01", 12),
        ("city", city.area("city"), "2026-05-01", 6),
    ]
    DisclosureRule.objects.bulk_create(
        DisclosureRule(
            code=code, kind="public_income", area=place, months=months, days=5, valid_from=since, source="试"
        )
        for code, place, since, months in rows
    )
    assert rule_for("public_income", area, day).code == "street"
    assert rule_for("public_income", area, date(2026, 8, 1)).code == "later"
    assert rule_for("public_income", area, date(2025, 1, 1)).code == "income"
    assert rule_for("public_income", area, date(2019, 1, 1)) is None


def test_quarters_and_half_years_are_planned_when_they_are_over_and_told_when_late(estate):
    # given income since May, a fund since June
    with time_machine.travel("2026-11-26T04:00:00Z", tick=False):
        estate.earn("300.00", booked_on=date(2026, 5, 2))
        fund = estate.fund("0.00")
        type(fund).objects.update(opened_on=date(2026, 6, 1))
        # when it is planned, twice
        assert disclosures_plan(timezone.localdate()) == 3 and disclosures_plan(timezone.localdate()) == 0
        rows = list(Disclosure.objects.order_by("kind", "first").values_list("kind", "first", "due_on"))
        assert rows == [
            ("fund", date(2026, 1, 1), date(2026, 7, 30)),
            ("public_income", date(2026, 4, 1), date(2026, 7, 30)),
            ("public_income", date(2026, 7, 1), date(2026, 10, 30)),
        ]
        assert all(row.is_overdue for row in Disclosure.objects.all())
        # then the timers say each is late, once, but not the one that hangs out
        act(Disclosure.objects.get(kind="fund"), "publish", actor=estate.owners_member)
        fire_due()
        assert Event.objects.filter(name="disclosure.overdue").count() == 2
        assert Timer.objects.filter(kind="disclosure.due", fired_at=None, cancelled_at=None).count() == 0


def test_what_hangs_out_stands_and_no_line_is_booked_into_its_days(estate):
    with time_machine.travel("2026-11-26T04:00:00Z", tick=False):
        estate.earn("300.00", booked_on=date(2026, 9, 2))
        disclosures_plan(timezone.localdate())
        shown = act(Disclosure.objects.get(), "publish", actor=estate.owners_member)
        assert shown.figures["closing"] == "300.00"
        for day in (date(2026, 9, 30), date(2026, 1, 1)):
            with pytest.raises(Invalid) as refused:
                estate.earn("1.00", booked_on=day)
            assert (refused.value.field, refused.value.code) == ("booked_on", "disclosed")
        estate.earn("1.00", booked_on=date(2026, 10, 1))
        for attempt in ({"figures": {}}, {"due_on": date(2027, 1, 1)}):
            with pytest.raises((InternalError, IntegrityError)), transaction.atomic():
                Disclosure.objects.update(**attempt)
        with pytest.raises(Conflict):
            act(shown, "publish", actor=estate.owners_member)


def test_closed_books_take_no_money_but_may_still_be_published(estate):
    period = estate.collecting("8.00", due_in=-1)
    period = act(period, "settle", actor=estate.manager, subsidy_received=YUAN("0.00"))
    act(estate.books, "close", actor=estate.user("community_staff"), reason="拆迁")
    given = {"line": period.lines.first(), "amount": YUAN("9.00"), "reason": "发票"}
    for attempt in (estate.pay, estate.earn, lambda: act(period, "correct", actor=estate.owners_member, **given)):
        with pytest.raises(Conflict) as refused:
            attempt()
        assert refused.value.code == "closed"
    assert act(period, "disclose", actor=estate.owners_member).state == "disclosed"


def test_a_settled_period_that_is_not_disclosed_is_told(estate):
    period = estate.collecting("8.00", due_in=-1)
    act(period, "settle", actor=estate.manager, subsidy_received=YUAN("0.00"))
    with time_machine.travel(timezone.now() + timedelta(days=17), tick=False):
        fire_due()
    assert Event.objects.filter(name="cost_period.overdue", subject_id=period.pk).count() == 1


def test_the_fund_is_told_with_each_use_and_its_resolution(estate):
    fund, day = estate.fund("1000.00"), timezone.localdate()
    made = estate.use(fund)
    act(fund, "use", actor=estate.owners_member, use=made, amount=YUAN("300.00"), booked_on=day, purpose="屋面")
    act(
        fund, "deposit", actor=estate.owners_member, kind="interest", amount=YUAN("1.50"), booked_on=day, purpose="利息"
    )
    figures = fund_figures(type(estate.books).objects.get(), day, day)
    assert (figures["opening"], figures["came_in"], figures["closing"]) == ("0.00", "1001.50", "701.50")
    assert [(row["amount"], row["resolution"]) for row in figures["uses"]] == [("300.00", str(made.resolution))]
    assert FundEntry.objects.count() == 3
