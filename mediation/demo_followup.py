"""Follow-up of the agreements of the demo: visits made at their days, one due, one overdue, one party referred to
counselling.

Told through the services, at the times at which it would have happened. Needs ``load_agreements``.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from governance.clock import SHANGHAI
from governance.models import User
from governance.timers import fire_past
from governance.workflow import act
from mediation.demo_agreements import MEDIATOR
from mediation.followup.counselling import counselling_offer
from mediation.followup.planning import VISIT_DUE, VISIT_OVERDUE
from mediation.followup.visits import Found
from mediation.models import FollowUpVisit, ObligationState, VisitState

COUNSELLOR = "counsellor.linjiang"
NOT_YET = timedelta(days=3)  # as old is what is still to be logged
SATISFIED = (5, 4, 4, 5, 3)


def load_followup(*, now: datetime | None = None) -> int:
    """Log the visits of the past, but for those of the last days; one after a due date that nobody performed is left
    overdue. Returns the visits."""
    at = (now or timezone.now()).astimezone(SHANGHAI)
    mediator = User.objects.get(username=MEDIATOR)
    rows = FollowUpVisit.objects.open().with_rows().filter(dispute__mediator=mediator, due_on__lt=at.date())
    with transaction.atomic():
        for number, row in enumerate(rows.order_by("due_on", "pk")):
            _visited(row, number, mediator, at)
        _referred(mediator, at)
    return FollowUpVisit.objects.count()


def _visited(row: FollowUpVisit, number: int, mediator: User, now: datetime) -> None:
    morning = datetime(row.due_on.year, row.due_on.month, row.due_on.day, 8, 30, tzinfo=SHANGHAI)
    fire_past(f"{VISIT_DUE}:{row.pk}", morning)
    if now.date() - row.due_on <= NOT_YET:
        return
    owed = row.obligation
    if owed is not None and owed.state != ObligationState.PERFORMED:
        fire_past(f"{VISIT_OVERDUE}:{row.pk}", min(morning + timedelta(days=9), now))
        return
    found = Found(performed="yes", relapse=False, satisfaction=SATISFIED[number % len(SATISFIED)],
                  way="home" if number % 2 else "phone", confirmation_wanted=True)  # fmt: skip
    made = min(morning + timedelta(hours=7), now)
    act(row, "log", actor=mediator, found=found, on=row.due_on, occurred_at=made)


def _referred(mediator: User, now: datetime) -> None:
    """A party of the dispute with the overdue visit took the offer of counselling."""
    overdue = FollowUpVisit.objects.filter(state=VisitState.OVERDUE, dispute__mediator=mediator).order_by("pk").first()
    if overdue is None:
        return
    party, day = overdue.dispute.parties.order_by("pk").first(), (now - timedelta(days=3)).date()
    row = counselling_offer(overdue.dispute, actor=mediator, party=party, on=day, occurred_at=now - timedelta(days=3))
    row = act(row, "consent", actor=mediator, on=day, occurred_at=now - timedelta(days=3))
    counsellor = User.objects.get(username=COUNSELLOR)
    act(row, "refer", actor=mediator, counsellor=counsellor, on=now.date(), occurred_at=now)
