"""Which court: the basic one of the place, or the intermediate one where the matter belongs to it."""

from datetime import date
from decimal import Decimal

import pytest

from cases.tests.api import client_of
from governance.errors import Invalid
from governance.models import OrgUnit
from governance.workflow import act
from mediation.confirmation.courts import courts_for
from mediation.confirmation.tests.test_confirmation import opened, snapshot, wished
from mediation.models import ConfirmationState, JudicialConfirmation, MediationRule

pytestmark = pytest.mark.django_db
WHY = "案件在本市有重大影响"


@pytest.fixture
def intermediate(county) -> OrgUnit:
    return OrgUnit.objects.create(code="court-city", name="市中级法院", kind="court", area=county.area("city"))


def from_sum(county, amount: str) -> MediationRule:
    """From this sum on a matter belongs to the intermediate court; 3000 yuan are owed in these tests."""
    return MediationRule.objects.create(area=county.area("city"), valid_from=date(2026, 1, 1),
                                        intermediate_from=Decimal(amount), source="某高院规定")  # fmt: skip


def applied(county, row, court, **given):
    return act(row, "apply", actor=county.mediator, court=court, basis="mediation", **given)


def test_the_intermediate_court_is_chosen_with_a_reason_that_is_kept(county, intermediate):
    # given a matter whose sum does not bring it to the intermediate court
    row = wished(county, opened(county))
    before = snapshot(row)
    assert [court.code for court in courts_for(row)] == ["court", "court-city"]

    # when that court is chosen without a reason, then it is refused
    for reason in ("", "  "):
        with pytest.raises(Invalid) as refusal:
            applied(county, row, intermediate, court_reason=reason)
        assert refusal.value.field == "court_reason" and "第二百零五条" in str(refusal.value.detail)
    for reason in ("甲\0", "长" * 301):
        with pytest.raises(Invalid) as refusal:
            applied(county, row, intermediate, court_reason=reason)
        assert refusal.value.field == "court_reason"
    assert snapshot(row) == before

    # when a reason is given, then it goes there, and the reason is kept
    answer = client_of(county.mediator).post(
        f"/api/v1/mediation/confirmations/{row.pk}/transitions/apply/",
        {"court": "court-city", "basis": "mediation", "court_reason": WHY},
    )
    assert answer.status_code == 200, answer.content
    fresh = JudicialConfirmation.objects.get(pk=row.pk)
    assert (fresh.court, fresh.court_reason) == (intermediate, WHY)
    page = client_of(county.mediator).get(f"/admin/mediation/judicialconfirmation/{row.pk}/change/").content.decode()
    assert WHY in page


def test_by_its_sum_it_belongs_to_the_intermediate_court(county, intermediate):
    # given 3000 yuan are owed, and 3000 is the sum of the rule
    from_sum(county, "3000.00")
    row = wished(county, opened(county))
    assert courts_for(row)[0] == intermediate

    # when the basic court is chosen, then it is refused; the intermediate one needs no reason
    with pytest.raises(Invalid) as refusal:
        applied(county, row, county.unit("court"))
    assert (refusal.value.field, refusal.value.code) == ("court", "level")
    assert applied(county, row, intermediate).state == ConfirmationState.JOINTLY_APPLIED


def test_below_the_sum_of_the_rule_it_is_the_basic_courts(county, intermediate):
    from_sum(county, "3000.01")
    row = wished(county, opened(county))
    with pytest.raises(Invalid):
        applied(county, row, intermediate)
    assert applied(county, row, county.unit("court")).court == county.unit("court")


def test_the_court_that_invited_confirms_whatever_the_sum(county, intermediate):
    from_sum(county, "1.00")
    row = wished(county, opened(county, source="court"))
    row = act(row, "apply", actor=county.mediator, court=county.unit("court"), basis="invited")
    assert row.state == ConfirmationState.JOINTLY_APPLIED


def test_what_is_applied_for_anew_forgets_the_reason(county, intermediate, clock):
    row = applied(county, wished(county, opened(county)), intermediate, court_reason=WHY)
    row = act(row, "withdraw", actor=county.mediator, reason="改向基层法院申请")
    assert act(row, "wanted", actor=county.mediator).court_reason == ""
