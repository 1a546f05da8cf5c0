"""Asking the parties, and opening a dispute again, typed in later than they were done."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from cases.tests.api import client_of
from governance.errors import Invalid, NotPermitted
from governance.models import Event
from governance.testing import snapshot
from governance.workflow import act
from mediation.agreements.tests import deals
from mediation.joint.suggestions import suggestions_for
from mediation.measures.figures import Quarter, measures_of
from mediation.models import Dispute
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
DAY, FIRST = timedelta(days=1), NOW.date()
WHY = "又起争执"
FROM = {"submit_for_consent": ("registered", {}), "reopen": ("terminated", {"reason": WHY})}
NAMES = {"submit_for_consent": "dispute.consent_asked", "reopen": "dispute.reopened"}


@pytest.mark.parametrize("door", ["api", "admin", "phone"])
@pytest.mark.parametrize("name", FROM)
def test_typed_in_two_days_later_it_bears_its_own_day(county, clock, name, door):
    state, given = FROM[name]
    dispute, client = county.in_state(state), client_of(county.mediator)
    clock.move_to(NOW + 4 * DAY)
    address = {"api": f"/api/v1/mediation/disputes/{dispute.pk}/transitions/{name}/",
               "admin": f"/admin/mediation/dispute/{dispute.pk}/transition/{name}/",
               "phone": f"/m/disputes/{dispute.pk}/steps/{name}/"}[door]  # fmt: skip
    kind = "json" if door == "api" else "multipart"
    if door == "phone" and name == "reopen":  # is done at the desk
        assert client.get(address).status_code == 404
        return
    if door != "api":
        assert 'name="on"' in client.get(address).content.decode()
    # a day before it was there, or one to come, is refused, and the first that may be is named
    for day, named in ((FIRST - DAY, str(FIRST)), (FIRST + 5 * DAY, "")):
        before = snapshot(dispute)
        answer = client.post(address, given | {"on": str(day)}, format=kind)
        assert answer.status_code == 400 and named in answer.content.decode()
        assert snapshot(dispute) == before
    # then it bears its day
    answer = client.post(address, given | {"on": str(FIRST + 2 * DAY)}, format=kind)
    assert answer.status_code in (200, 302), answer.content.decode()[:800]
    event = Event.objects.get(name=NAMES[name])
    assert timezone.localdate(event.occurred_at) == FIRST + 2 * DAY


@pytest.mark.parametrize("name", FROM)
def test_without_a_day_it_was_done_today_and_who_has_no_say_is_told_that_first(county, clock, name):
    state, given = FROM[name]
    dispute = county.in_state(state)
    clock.move_to(NOW + 4 * DAY)
    for key in ("outside_village_mediator", "township_mediator", "grid_worker", "neighbour"):
        with pytest.raises(NotPermitted):
            act(dispute, name, actor=county.user(key), on=date.min, **given)
    act(dispute, name, actor=county.mediator, **given)
    assert Event.objects.get(name=NAMES[name]).occurred_at == timezone.now()


def test_what_follows_of_a_reopening_counts_from_its_day(county, clock):
    # given an agreement of 2 June that broke out again on 20 June, which is typed in on 22 June
    first = deals.effective(county)
    clock.move_to(NOW + 20 * DAY)
    dispute = act(Dispute.objects.get(pk=first.dispute_id), "reopen", actor=county.mediator, reason=WHY,
                  on=FIRST + 18 * DAY)  # fmt: skip
    reopened = FIRST + 18 * DAY
    # then the parties may have agreed anew on that day, not before, and it was begun then
    with pytest.raises(Invalid) as refusal:
        county.all_agree(dispute, said_on=reopened - DAY)
    assert refusal.value.field == "said_on" and str(reopened) in str(refusal.value.detail)
    county.all_agree(dispute, said_on=reopened)
    dispute = act(dispute, "begin", actor=county.mediator, on=reopened)
    assert dispute.term_until == reopened + 30 * DAY
    assert deals.drafted(county, dispute, form="oral", made_on=reopened).made_on == reopened


def test_closed_and_archived_it_was_not_opened_again_before_that(county, clock):
    dispute = county.in_state("terminated")
    for days, name in ((3, "close"), (5, "archive")):
        clock.move_to(NOW + days * DAY)
        dispute = county.step(dispute, name)
    clock.move_to(NOW + 9 * DAY)
    with pytest.raises(Invalid) as refusal:
        act(dispute, "reopen", actor=county.mediator, reason=WHY, on=FIRST + 4 * DAY)
    assert (refusal.value.field, refusal.value.code) == ("on", "too_early")
    assert str(FIRST + 5 * DAY) in str(refusal.value.detail)
    assert act(dispute, "reopen", actor=county.mediator, reason=WHY, on=FIRST + 5 * DAY).state == "reopened"


def test_taken_back_and_opened_again_of_an_earlier_day_that_day_counts(county, clock):
    # given a dispute opened again on 22 June without the day, which was 12 June: taken back, and entered with its day
    first = deals.effective(county)
    clock.move_to(NOW + 20 * DAY)
    dispute = county.step(Dispute.objects.get(pk=first.dispute_id), "reopen")
    dispute = act(dispute, "take_back_to_agreed", actor=county.mediator, reason="日期录错")
    dispute = act(dispute, "reopen", actor=county.mediator, reason=WHY, on=FIRST + 10 * DAY)
    # then the round began on 12 June: for the answers, and for the days after which a higher tier should take it over
    county.all_agree(dispute, said_on=FIRST + 10 * DAY)
    dispute = act(dispute, "begin", actor=county.mediator, on=FIRST + 10 * DAY)
    clock.move_to(NOW + 30 * DAY)
    assert "days" in [one.code for one in suggestions_for(dispute)]


def test_measures_take_it_by_its_day_but_not_into_a_look_of_before(county, clock):
    # given an agreement of 2 June, whose dispute broke out again on 21 September, after more than 90 days
    # and one of another that broke out again on 1 August, each typed in on 3 October: after the look of 28 September
    rows = [deals.effective(county), deals.effective(county)]
    clock.move_to(NOW + 123 * DAY)
    quarter = Quarter(2026, 2)

    def shares():
        tables = measures_of(Dispute.objects.all(), quarter, suppressed=False)
        return {table.measure: table.total["value"] for table in tables}

    before = shares()
    for row, day in zip(rows, (date(2026, 9, 21), date(2026, 8, 1)), strict=True):
        act(Dispute.objects.get(pk=row.dispute_id), "reopen", actor=county.mediator, reason=WHY, on=day)
    # then nothing has changed in what was looked at
    assert shares() == before and before["reopened"] == 0


def test_told_in_time_a_relapse_counts_by_its_own_day(county, clock):
    # given an agreement of 2 June that broke out again on 29 August (day 88), typed in on 3 September (day 93)
    row = deals.effective(county)
    clock.move_to(NOW + 93 * DAY)
    act(Dispute.objects.get(pk=row.dispute_id), "reopen", actor=county.mediator, reason=WHY, on=date(2026, 8, 29))
    clock.move_to(NOW + 130 * DAY)
    tables = measures_of(Dispute.objects.all(), Quarter(2026, 2), suppressed=False)
    assert {table.measure: table.total["value"] for table in tables}["relapse"] == 100
