"""A sum typed at a visit is recorded or refused by name: never dropped, and full payment is never booked against it."""

from datetime import timedelta
from decimal import Decimal
from itertools import product

import pytest
from django.db import transaction

from cases.tests.api import client_of
from governance.errors import Invalid
from governance.testing import snapshot
from governance.workflow import act
from mediation.agreements.tests.deals import effective, owed_money
from mediation.followup.tests.visiting import at_nine, found, fresh, visit_of
from mediation.models import FollowUpVisit, Obligation, VisitKind

pytestmark = pytest.mark.django_db
AMOUNT = Decimal("3000.00")
SUMS = [None, *map(Decimal, ("0", "400", "1000", "2999.99", "3000", "3000.01"))]


class Undone(Exception):
    """Takes back what a combination stored."""


def owed_of(visit):
    return Obligation.objects.with_rows().get(pk=visit.obligation_id)


def money_visit(county, clock, before: str):
    """The visit after the day on which 3000 yuan were due; ``before``: what was recorded of it until then."""
    money = owed_money(effective(county))
    row = FollowUpVisit.objects.with_rows().get(obligation=money)
    if before == "part":
        act(money, "perform_part", actor=county.mediator, paid=Decimal(1000))
    if before == "whole":
        act(money, "perform_whole", actor=county.mediator)
    return at_nine(clock, row)


def goes_with(performed: str, paid, stands: Decimal, over: bool) -> bool:
    """Whether a sum goes with an answer, said once more in other words: what is typed must be what stands after it."""
    if over:
        return paid is None or paid == stands
    after = {"yes": paid is None or paid == AMOUNT, "no": paid is None or paid == stands}
    return after.get(performed, paid is not None and 0 < paid < AMOUNT and paid >= stands)


@pytest.mark.parametrize("before", ["nothing", "part", "whole"])
def test_every_combination_is_recorded_as_typed_or_refused_naming_the_sum(county, clock, before):
    # given 3000 yuan that were due, of which nothing, 1000 or all is recorded
    row = money_visit(county, clock, before)
    stands, over = owed_of(row).paid, before == "whole"
    for performed, paid in product(["yes", "partly", "no"], SUMS):
        held, told = snapshot(owed_of(row)), found(performed=performed, paid=paid)
        # when the visit is logged with any answer and any sum
        try:
            with transaction.atomic():
                act(fresh(row), "log", actor=county.mediator, found=told)
                owed, stored = owed_of(row), fresh(row)
                raise Undone
        except Undone:
            # then what stands afterwards is what was typed
            assert goes_with(performed, paid, stands, over), (performed, paid)
            assert stored.performed == performed and (paid is None or owed.paid == paid)
            assert performed != "yes" or owed.paid == AMOUNT
        except Invalid as refusal:
            # or the sum is named, and nothing is stored
            assert not goes_with(performed, paid, stands, over), (performed, paid)
            assert refusal.field == "paid" and str(refusal)
            assert snapshot(owed_of(row)) == held and fresh(row).state == "due"


@pytest.mark.parametrize("before", ["nothing", "part"])
def test_every_correction_too(county, clock, before):
    # given a visit that recorded 2000 yuan by a slip
    row = money_visit(county, clock, before)
    stands = owed_of(row).paid
    clock.shift(timedelta(hours=1))
    act(row, "log", actor=county.mediator, found=found(performed="partly", paid=Decimal(2000)))
    clock.shift(timedelta(hours=1))
    day = fresh(row).visited_on
    for performed, paid in product(["yes", "partly", "no"], SUMS):
        held = snapshot(owed_of(row)), snapshot(fresh(row))
        told = found(performed=performed, paid=paid, performed_on=day if performed == "yes" else None)
        # when it is corrected with any answer and any sum, it counts against what stood before the slip
        try:
            with transaction.atomic():
                act(fresh(row), "correct", actor=county.mediator, found=told, reason="按错了")
                owed = owed_of(row)
                raise Undone
        except Undone:
            assert goes_with(performed, paid, stands, over=False), (performed, paid)
            assert owed.paid == {"yes": AMOUNT, "no": stands}.get(performed, paid)
        except Invalid as refusal:
            assert not goes_with(performed, paid, stands, over=False), (performed, paid)
            assert refusal.field == "paid" and (snapshot(owed_of(row)), snapshot(fresh(row))) == held


def test_an_answer_put_right_keeps_the_sum_that_others_recorded_since(county, clock):
    # given 2000 yuan recorded at the visit, and the debtor urged since
    row = money_visit(county, clock, "nothing")
    act(row, "log", actor=county.mediator, found=found(performed="partly", paid=Decimal(2000)))
    clock.shift(timedelta(hours=1))
    act(owed_of(row), "urge", actor=county.mediator)
    # when only the satisfaction is put right, the form giving the sum again
    act(fresh(row), "correct", actor=county.mediator, reason="满意度误填",
        found=found(performed="partly", paid=Decimal(2000), satisfaction=2))  # fmt: skip
    # then the urging stands
    assert (owed_of(row).state, owed_of(row).paid, fresh(row).satisfaction) == ("urged", 2000, 2)


@pytest.mark.parametrize(
    ("kind", "field", "value", "code"),
    [
        (VisitKind.WEEK, "paid", Decimal(100), "no_obligation"),
        (VisitKind.WEEK, "performed_on", "day", "no_obligation"),
        (VisitKind.OBLIGATION, "performed_on", "day", "not_performed"),
    ],
)
def test_nor_is_a_day_dropped_nor_a_sum_where_it_is_about_no_obligation(county, clock, kind, field, value, code):
    row = at_nine(clock, visit_of(county, kind))
    given = {"performed": "no", field: row.due_on if value == "day" else value}
    with pytest.raises(Invalid) as refusal:
        act(row, "log", actor=county.mediator, found=found(**given))
    assert (refusal.value.field, refusal.value.code, fresh(row).state) == (field, code, "due")


def test_an_obligation_that_is_not_about_money_takes_no_sum(county, clock):
    repair = Obligation.objects.get(agreement=effective(county), amount=None)
    row = at_nine(clock, FollowUpVisit.objects.with_rows().get(obligation=repair))
    for performed in ("yes", "partly", "no"):
        with pytest.raises(Invalid) as refusal:
            act(fresh(row), "log", actor=county.mediator, found=found(performed=performed, paid=Decimal(5)))
        assert (refusal.value.field, refusal.value.code) == ("paid", "no_money")
    act(fresh(row), "log", actor=county.mediator, found=found(performed="partly"))
    assert owed_of(row).state == "part"


@pytest.mark.parametrize("door", ["api", "phone", "admin"])
@pytest.mark.parametrize(("performed", "paid"), [("yes", "100"), ("no", "500"), ("partly", "")])
def test_the_doors_name_the_sum_and_keep_what_was_typed(county, clock, door, performed, paid):
    # given 3000 yuan that were due
    row = money_visit(county, clock, "nothing")
    client, body = client_of(county.mediator), {"performed": performed, "relapse": "no", "paid": paid}
    before = snapshot(owed_of(row))
    # when a sum and an answer contradict each other
    if door == "api":
        given = {name: value for name, value in body.items() if value}
        answer = client.post(f"/api/v1/mediation/visits/{row.pk}/transitions/log/", given)
        assert answer.status_code == 400 and answer.json()["errors"][0]["attr"] == "paid"
    else:
        page = {"phone": f"/m/visits/{row.pk}/", "admin": f"/admin/mediation/followupvisit/{row.pk}/transition/log/"}
        answer = client.post(page[door], body | {"step": "log"}, format="multipart")
        # then the page says it at the sum, with what was typed
        words = {"yes": "3000.00 元已全部付清", "no": "又填了金额", "partly": "请填写至今已付的总额"}[performed]
        shown = answer.content.decode()
        assert answer.status_code == 400 and words in shown
        assert not paid or f'name="paid" value="{paid}"' in shown
    assert fresh(row).state == "due" and snapshot(owed_of(row)) == before


def test_the_form_that_corrects_starts_with_the_sum_and_the_day_that_stand(county, clock):
    row = money_visit(county, clock, "nothing")
    act(row, "log", actor=county.mediator, found=found(performed="partly", paid=Decimal("960.50")))
    client, page = client_of(county.mediator), f"/m/visits/{row.pk}/"
    assert 'name="paid" value="960.50"' in client.get(page).content.decode()
    act(fresh(row), "correct", actor=county.mediator, reason="已付清",
        found=found(performed_on=row.due_on - timedelta(days=1)))  # fmt: skip
    shown = client.get(page).content.decode()
    assert f'name="performed_on" value="{row.due_on - timedelta(days=1)}"' in shown
    assert 'name="paid" value="960.50"' not in shown
