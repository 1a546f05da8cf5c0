"""Which steps are shown to whom: those that make sense now."""

from django.db import models
from django.utils import timezone

from governance.workflow import Step, available
from partners.models import Claim, Project


def offered(obj: models.Model, user) -> list[Step]:
    """Return the steps of ``obj`` to be shown to ``user``; no statement beyond what rows load."""
    return [step for step in available(obj, user) if _makes_sense(obj, step.name)]


def _makes_sense(obj: models.Model, name: str) -> bool:
    if isinstance(obj, Project):
        if name == "conclude":
            return not obj.exclusive
        if name == "open_claims":
            return obj.claim_until is not None and obj.claim_until > timezone.now()
    if isinstance(obj, Claim):
        if name == "deliver":
            return obj.project.state == "under_way"
        if name == "award":
            return obj.project.state == "claiming"
    return True
