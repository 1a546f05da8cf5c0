"""A visit that was made before it stood due in the books has its own day."""

from datetime import timedelta

import pytest

from governance.errors import Invalid
from governance.testing import snapshot
from governance.workflow import act
from mediation.agreements.tests.deals import drafted, signed
from mediation.followup.tests.visiting import found, fresh
from mediation.models import FollowUpVisit
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
DAY, FIRST = timedelta(days=1), NOW.date()


@pytest.mark.parametrize("kind", ["week", "obligation"])
def test_of_an_agreement_recorded_late_the_visit_keeps_its_day(county, clock, kind):
    # given an agreement of 2 June that is typed in on 2 July; its visits stand due on that day
    row = signed(county, drafted(county))
    clock.move_to(NOW + 30 * DAY)
    agreement = act(row, "seal", actor=county.mediator, on=FIRST)
    visit = FollowUpVisit.objects.with_rows().filter(agreement=agreement, kind=kind).order_by("pk").first()
    assert visit.due_on == FIRST + 30 * DAY
    true = FIRST + (7 if kind == "week" else 19) * DAY
    # when it is logged with a day before the visit was to be made: refused
    for day in (true - 4 * DAY, FIRST - DAY, FIRST + 31 * DAY):
        before = snapshot(fresh(visit))
        with pytest.raises(Invalid) as refusal:
            act(visit, "log", actor=county.mediator, found=found(), on=day)
        assert refusal.value.field == "on" and snapshot(fresh(visit)) == before
    # then it has the day on which it was really made
    act(visit, "log", actor=county.mediator, found=found(), on=true)
    assert (fresh(visit).state, fresh(visit).visited_on) == ("done", true)
