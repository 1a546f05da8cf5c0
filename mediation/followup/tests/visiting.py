"""Visits and referrals for tests."""

from datetime import datetime, timedelta

from conftest import SINCE
from governance.clock import SHANGHAI
from governance.models import Appointment, Role, User
from governance.timers import fire_due
from governance.workflow import act
from mediation.agreements.tests.deals import effective, parties
from mediation.followup.counselling import counselling_offer
from mediation.followup.visits import Found
from mediation.models import CounsellingReferral, CounsellingState, FollowUpVisit, VisitKind, VisitState
from mediation.tests.county import County

V, C = VisitState, CounsellingState


def found(**given) -> Found:
    """All is well: performed, satisfied, no relapse, no confirmation wanted."""
    return Found(**{"performed": "yes", "relapse": False, "satisfaction": 5, "confirmation_wanted": False} | given)


def visit_of(county: County, kind: str = VisitKind.WEEK) -> FollowUpVisit:
    """A visit of a fresh agreement, planned."""
    rows = FollowUpVisit.objects.with_rows().filter(agreement=effective(county), kind=kind)
    return rows.order_by("-obligation__amount", "pk").last()


def at_nine(clock, visit: FollowUpVisit, days: int = 0) -> FollowUpVisit:
    """Go to nine in the morning of the visit's day (or so many days later), and let the timers fire."""
    day = visit.due_on + timedelta(days=days)
    clock.move_to(datetime(day.year, day.month, day.day, 9, 0, tzinfo=SHANGHAI))
    while fire_due():
        pass
    return fresh(visit)


def fresh(visit: FollowUpVisit) -> FollowUpVisit:
    return FollowUpVisit.objects.with_rows().get(pk=visit.pk)


def in_state(county: County, clock, state: str, kind: str = VisitKind.WEEK) -> FollowUpVisit:
    """A visit brought into a state; the clock stays on the day on which it came there."""
    row = visit_of(county, kind)
    if state == V.CANCELLED:
        dispute = act(row.dispute, "reopen", actor=county.mediator, reason="又起争执")
        effective(county, county.step(dispute, "begin"))  # a newer agreement takes its place
    elif state != V.PLANNED:
        row = at_nine(clock, row, days=4 if state == V.OVERDUE else 0)
    steps = {V.DONE: ("log", {"found": found()}), V.UNREACHABLE: ("miss", {}), V.REFUSED: ("refuse", {})}
    if state in steps:
        name, given = steps[state]
        act(row, name, actor=county.mediator, **given)
    assert fresh(row).state == state
    return fresh(row)


def offered(county: County, dispute=None) -> CounsellingReferral:
    """Counselling offered to the applicant, who has an account."""
    held = dispute or county.mediating()
    made = counselling_offer(held, actor=county.handler(held), party=parties(held)[0])
    return CounsellingReferral.objects.with_rows().get(pk=made.pk)


def another_counsellor(county: County) -> User:
    """A second counsellor of the district."""
    made = User.objects.create(username="other_counsellor", name="辛老师")
    Appointment.objects.create(user=made, unit=county.unit("counsel"), role=Role.COUNSELLOR,
                               area=county.area("district"), valid_from=SINCE)  # fmt: skip
    county.city.people["other_counsellor"] = made
    return made


def referral_in(county: County, state: str) -> CounsellingReferral:
    """A referral brought into a state."""
    row = offered(county)
    ways = {C.CONSENTED: ["consent"], C.REFERRED: ["consent", "refer"], C.ATTENDED: ["consent", "refer", "attend"],
            C.DECLINED: ["decline"]}  # fmt: skip
    for name in ways.get(state, []):
        given = {"counsellor": county.people["counsellor"]} if name == "refer" else {}
        row = act(row, name, actor=county.mediator, **given)
    return CounsellingReferral.objects.with_rows().get(pk=row.pk)
