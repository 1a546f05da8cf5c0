"""Which steps make sense now: doors offer these and no others. The services refuse the rest with their own words."""

from django.db import models

from governance.errors import NotPermitted
from governance.workflow import Step, available
from partners.earning.deciding import refuse_own
from partners.models import Donation, HoursCertificate, ServiceRecord, SettlementSheet


def offered(obj: models.Model, user) -> list[Step]:
    """Return the steps of ``obj`` to be shown to ``user``; reads what ``with_rows`` loads."""
    steps = available(obj, user)
    if not steps:
        return steps
    if isinstance(obj, ServiceRecord | Donation):
        return [] if _own(obj, user) else [step for step in steps if not _again(obj, step, user)]
    if isinstance(obj, SettlementSheet):
        return [step for step in steps if step.name != "settle" or obj.proposed_by_id != user.pk]
    if isinstance(obj, HoursCertificate):
        return [] if obj.person_id == user.pk else steps
    return steps


def _own(obj: ServiceRecord | Donation, user) -> bool:
    others = [obj.person_id, obj.reported_by_id] if isinstance(obj, ServiceRecord) else []
    try:
        refuse_own(obj.partner, user, others)
    except NotPermitted:
        return True
    return False


def _again(obj: ServiceRecord | Donation, step: Step, user) -> bool:
    """Tell whether this person has done their part of an approval already."""
    if step.name != "approve":
        return False
    return obj.first_approver_id == user.pk or (isinstance(obj, Donation) and obj.received_by_id == user.pk)
