"""Which steps make sense now: doors offer these and no others. The services refuse the rest with their own words."""

from django.db import models

from governance.errors import NotPermitted
from governance.workflow import Step, available
from partners.credit.workflow import ListState
from partners.earning.deciding import refuse_own
from partners.models import CreditAppeal, CreditCandidate, CreditNote

DECIDES = ("uphold", "decline", "annul", "choose", "pass_over", "reopen", "tell")


def offered(obj: models.Model, user) -> list[Step]:
    """Return the steps of ``obj`` to be shown to ``user``; reads what ``with_rows`` loads."""
    steps = available(obj, user)
    if not isinstance(obj, CreditAppeal | CreditCandidate | CreditNote):
        return steps
    if isinstance(obj, CreditCandidate) and obj.of_list.state != ListState.DECIDING:
        return []
    recorder = isinstance(obj, CreditAppeal) and obj.recorder_id == user.pk
    if recorder or _own(obj.partner, user):
        return [step for step in steps if step.name not in DECIDES]
    return steps


def _own(partner, user) -> bool:
    try:
        refuse_own(partner, user)
    except NotPermitted:
        return True
    return False
