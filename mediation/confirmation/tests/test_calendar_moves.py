"""The calendar changes while an application is under way; an application is withdrawn on its own day."""

from datetime import date, timedelta

import pytest

from cases.tests.api import client_of
from governance.errors import Invalid
from governance.workflow import act
from mediation.agreements.tests.deals import parties
from mediation.confirmation.eligibility import asked_from
from mediation.confirmation.tests.test_confirmation import LAST, PROOF, applied, opened, snapshot
from mediation.confirmation.tests.test_terms import rest_day
from mediation.confirmation.tests.test_wishes import fresh
from mediation.measures.figures import Quarter, measures_of
from mediation.models import ConfirmationState, Dispute
from mediation.papers.saying import Reader, say
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
C = ConfirmationState
DAY, FIRST = timedelta(days=1), NOW.date()
MOVED = LAST.date() + DAY  # 2 July becomes a day of rest: 3 July is the last


def under_way(county, clock, day):
    """Applied for on a day of the term; then the city enters 2 July as a day of rest."""
    row = opened(county)
    clock.move_to(day)
    row = applied(county, row)
    rest_day(county, "city", LAST.date(), county.people["administrator"])
    assert fresh(row).last_day == LAST.date()
    return fresh(row)


@pytest.mark.parametrize("way", ["wanted", "again"])
def test_opened_again_it_ends_when_it_ends_now(county, clock, way):
    row = under_way(county, clock, NOW + 29 * DAY)
    # when the parties withdrew, or the court was not competent, and they want it all the same
    if way == "wanted":
        row = act(row, "withdraw", actor=county.mediator, reason="再考虑")
    else:
        clerk = county.people["judges_clerk"]
        row = act(act(row, "receive", actor=clerk), "not_admit", actor=clerk, ground="355_2", reason="不属本院")
    row = act(row, way, actor=county.mediator)
    # then 3 July is the last day: on it nobody is late, and it is applied for
    assert (row.last_day, row.state) == (MOVED, C.ELIGIBLE)
    clock.move_to(NOW + 31 * DAY)
    assert not fresh(row).late
    if way == "wanted":
        say(Reader(parties(row.dispute)[1]), "confirm")
    assert applied(county, fresh(row)).applied_on == MOVED


def test_a_wish_that_opens_it_again_reckons_it_too(county, clock):
    row = act(under_way(county, clock, NOW + 29 * DAY), "withdraw", actor=county.mediator, reason="再考虑")
    row = act(act(row, "wanted", actor=county.mediator), "not_wanted", actor=county.mediator)
    clock.shift(timedelta(hours=1))
    row = act(row, "consent", actor=county.mediator, party=parties(row.dispute)[0], answer="agreed")
    assert (row.state, fresh(row).last_day) == (C.ELIGIBLE, MOVED)


@pytest.mark.parametrize("door", ["api", "admin"])
def test_the_day_of_the_application_is_put_right_to_the_last_one_of_now(county, clock, door):
    row = under_way(county, clock, NOW + 29 * DAY)
    clock.move_to(NOW + 32 * DAY)
    given = {"court": "court", "basis": "mediation", "applied_on": str(MOVED), "reason": "日期录错"}
    client = client_of(county.mediator)
    if door == "api":
        address = f"/api/v1/mediation/confirmations/{row.pk}/transitions/correct/"
        assert client.post(address, given).status_code == 200
    else:
        page = f"/admin/mediation/judicialconfirmation/{row.pk}/transition/correct/"
        assert client.post(page, given, format="multipart").status_code == 302
    assert (fresh(row).applied_on, fresh(row).last_day) == (MOVED, MOVED)


def test_withdrawn_on_day_10_and_wanted_on_day_12_both_typed_in_later(county, clock):
    # given an application of day 5
    clock.move_to(NOW)
    row = opened(county)
    clock.move_to(NOW + 5 * DAY)
    row = applied(county, row)
    clock.move_to(NOW + 34 * DAY)
    # when it is recorded after the term that it was withdrawn on day 10
    for day, code in ((FIRST + 35 * DAY, "in_future"), (FIRST + 4 * DAY, "too_early")):
        before = snapshot(row)
        with pytest.raises(Invalid) as refusal:
            act(row, "withdraw", actor=county.mediator, on=day, reason="再考虑")
        assert (refusal.value.field, refusal.value.code) == ("on", code) and snapshot(row) == before
    client, page = client_of(county.mediator), f"/admin/mediation/judicialconfirmation/{row.pk}/transition/withdraw/"
    assert 'name="on"' in client.get(page).content.decode()
    sent = {"on": str(FIRST + 10 * DAY), "reason": "再考虑"}
    assert client.post(page, sent, format="multipart").status_code == 302
    row = fresh(row)
    assert row.decided_on == FIRST + 10 * DAY and asked_from(row) == FIRST + 10 * DAY
    clock.shift(timedelta(hours=1))
    # then they may have wanted it again from that day on, and not before; what they said for the first does not count
    with pytest.raises(Invalid):
        act(row, "wanted", actor=county.mediator, on=FIRST + 9 * DAY)
    row = act(row, "wanted", actor=county.mediator, on=FIRST + 12 * DAY)
    for party in parties(row.dispute):
        row = act(row, "consent", actor=county.mediator, party=party, answer="agreed", said_on=FIRST + 12 * DAY)
    row = act(row, "apply", actor=county.mediator, court=county.unit("court"), basis="mediation",
              applied_on=FIRST + 13 * DAY, **PROOF)  # fmt: skip
    assert row.state == C.JOINTLY_APPLIED


def test_measures_take_the_last_day_as_it_was_told(county, clock):
    # given a term that ended on the day on which the quarter was looked at, and was moved later
    clock.move_to(NOW.replace(month=6, day=15))
    row = opened(county)
    last = row.last_day
    assert last == date(2026, 7, 15)
    clock.move_to(NOW.replace(month=8, day=20))
    tables = measures_of(Dispute.objects.all(), Quarter(2026, 2), suppressed=False)
    counted = {table.measure: table.total["count"] for table in tables}
    assert counted["confirmation"] == 1
    # when the last day is moved beyond that day afterwards, then the quarter stays as it was looked at
    for day in range((date(2026, 8, 20) - last).days):
        rest_day(county, "city", last + day * DAY, county.people["administrator"])
    assert fresh(row).last_day > date(2026, 8, 14)
    tables = measures_of(Dispute.objects.all(), Quarter(2026, 2), suppressed=False)
    assert {table.measure: table.total["count"] for table in tables} == counted
