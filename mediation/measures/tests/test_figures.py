"""The five measures on a small quarter, when they are shown, and to whom."""

from datetime import date, timedelta

import pytest

from governance.errors import NotPermitted
from governance.models import Role
from governance.workflow import act
from mediation.agreements.tests.deals import drafted, effective, parties
from mediation.followup.tests.visiting import at_nine, found
from mediation.measures.figures import Quarter, measures_of
from mediation.measures.viewing import measures_for, view_of
from mediation.models import Dispute, FollowUpVisit
from mediation.papers.saying import Reader, reply_give
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
Q2 = Quarter(2026, 2)
LATER = NOW + timedelta(days=130)


def by_name(tables):
    return {table.measure: table for table in tables}


def test_quarters():
    assert (Q2.first, Q2.last, Q2.before) == (date(2026, 4, 1), date(2026, 6, 30), Quarter(2026, 1))
    assert (Quarter(2026, 4).last, Quarter(2026, 1).before) == (date(2026, 12, 31), Quarter(2025, 4))
    assert Quarter.of(date(2026, 12, 1)) == Quarter(2026, 4) and str(Q2) == "2026Q2"


def test_what_is_counted(county, clock):
    # given six agreements: one performed wholly, one that broke out again, one found performed at a visit but owing
    agreements = [effective(county) for _ in range(6)]
    for row in agreements[0].obligations.all():
        act(row, "perform_whole", actor=county.mediator)
    visits = [FollowUpVisit.objects.get(agreement=row, kind="week") for row in agreements]
    at_nine(clock, visits[1])
    act(visits[1], "log", actor=county.mediator, found=found(relapse=True, performed="no"))
    act(visits[2], "log", actor=county.mediator, found=found())

    # when the quarter is looked at
    clock.move_to(LATER)
    tables = by_name(measures_of(Dispute.objects.all(), Q2, suppressed=False))

    # then only what was done counts
    assert tables["performance"].total == {"count": 6, "value": 17}
    assert tables["relapse"].total == {"count": 6, "value": 17}
    assert tables["confirmation"].total == {"count": 6, "value": 0}
    assert tables["reopened"].total == {"count": 6, "value": 17}
    assert tables["days"].total == {"count": 6, "value": 0}
    # and an analyst sees no share that tells of one dispute
    tables = by_name(measures_of(Dispute.objects.all(), Q2))
    assert tables["relapse"].total is None and tables["relapse"].groups["tier"] == {"general": None}
    assert tables["days"].total == {"count": 6, "value": 0}
    # nor, in another measure, the group that one of them keeps back
    assert tables["days"].groups["tier"] == {"general": None}


def test_a_party_who_says_so_on_the_own_page_counts_as_a_relapse(county, clock):
    agreements = [effective(county, obligations=[]) for _ in range(2)]
    clock.move_to(NOW + timedelta(days=20))
    reply_give(Reader(parties(agreements[0].dispute)[1]), performed="no", relapse=True)
    clock.move_to(LATER)
    reply_give(Reader(parties(agreements[1].dispute)[1]), performed="no", relapse=True)
    tables = by_name(measures_of(Dispute.objects.all(), Q2, suppressed=False))
    assert tables["relapse"].total == {"count": 2, "value": 50}


def test_without_obligations_a_visit_must_have_found_it_performed(county, clock):
    agreements = [effective(county, obligations=[]) for _ in range(2)]
    row = FollowUpVisit.objects.get(agreement=agreements[0], kind="week")
    at_nine(clock, row)
    act(row, "log", actor=county.mediator, found=found())
    clock.move_to(LATER)
    tables = by_name(measures_of(Dispute.objects.all(), Q2, suppressed=False))
    assert tables["performance"].total == {"count": 2, "value": 50}


def test_a_relapse_after_90_days_is_none(county, clock):
    agreement = effective(county)
    clock.move_to(NOW + timedelta(days=91))
    act(Dispute.objects.get(pk=agreement.dispute_id), "reopen", actor=county.mediator, reason="又起争执")
    clock.move_to(LATER)
    tables = by_name(measures_of(Dispute.objects.all(), Q2, suppressed=False))
    assert tables["relapse"].total["value"] == 0 and tables["reopened"].total["value"] == 100


def test_what_happens_after_the_look_changes_nothing(county, clock):
    agreements = [effective(county, obligations=[]) for _ in range(6)]
    clock.move_to(LATER)
    before = measures_of(Dispute.objects.all(), Q2)
    act(Dispute.objects.get(pk=agreements[0].dispute_id), "reopen", actor=county.mediator, reason="又起争执")
    assert measures_of(Dispute.objects.all(), Q2) == before


def test_what_is_written_down_after_the_look_with_an_earlier_day_changes_nothing(county, clock):
    # given six agreements as they were looked at
    agreements = [effective(county) for _ in range(6)]
    oral = drafted(county, form="oral", made_on=NOW.date(), obligations=[])
    clock.move_to(LATER)
    before = measures_of(Dispute.objects.all(), Q2, suppressed=False)
    assert by_name(before)["performance"].total == {"count": 6, "value": 0}

    # when a payment, a visit with a relapse, an application and an oral agreement of June are written down in October
    for row in agreements[0].obligations.all():
        act(row, "perform_whole", actor=county.mediator, on=NOW.date() + timedelta(days=1))
    visit = FollowUpVisit.objects.get(agreement=agreements[1], kind="week")
    act(visit, "log", actor=county.mediator, on=visit.due_on, found=found(relapse=True, performed="no"))
    act(oral, "record_oral", actor=county.mediator)
    assert oral.dispute.agreements.get().effective_on == NOW.date()

    # then the quarter stays what it was
    assert measures_of(Dispute.objects.all(), Q2, suppressed=False) == before


def test_analysts_wait_until_the_quarter_is_ripe(county, clock):
    for _ in range(5):
        effective(county, obligations=[])
    analyst = county.user(Role.OPERATIONS_CENTRE)
    assert not any(table.ready for table in measures_for(analyst, Q2))
    clock.move_to(NOW.replace(month=7, day=1))
    tables = by_name(measures_for(analyst, Q2))
    assert tables["days"].total["count"] == 5 and tables["relapse"].total is None
    assert tables["relapse"].ready_on == date(2026, 9, 29)


def test_who_sees_what(county):
    effective(county)
    assert not view_of(county.mediator).suppressed and view_of(county.mediator).disputes.count() == 1
    assert view_of(county.people["outside_village_mediator"]).disputes.count() == 0
    for role in (Role.ADMINISTRATOR, Role.OPERATIONS_CENTRE, Role.TOWNSHIP_MEDIATOR, Role.COUNTY_CENTRE):
        assert view_of(county.user(role)).suppressed
    assert view_of(county.outsider(Role.TOWNSHIP_MEDIATOR)).disputes.count() == 0
    for key in ("grid_worker", "community_staff", "judges_clerk", "joint_department", "counsellor", "neighbour"):
        with pytest.raises(NotPermitted):
            view_of(county.people[key])
