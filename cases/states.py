"""States of a case, and the rules by which roles act on it; ``cases.workflow`` says what leads from one to another."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.querysets import IN_AREA, LEADS
from governance.models.organisation import Role
from governance.scoping import Anywhere


class CaseState(models.TextChoices):
    REPORTED = "reported", _("Reported")
    VERIFIED = "verified", _("Verified")
    ACCEPTED = "accepted", _("Accepted")
    REJECTED = "rejected", _("Rejected")
    DISPATCHED = "dispatched", _("Dispatched")
    HANDLING = "handling", _("Being handled")
    SUSPENDED = "suspended", _("Suspended")
    SUBMITTED = "submitted", _("Submitted")
    INSPECTED = "inspected", _("Inspected")
    CLOSED = "closed", _("Closed")
    RETURNED = "returned", _("Returned")
    ARBITRATION = "arbitration", _("In arbitration")
    REWORKED = "reworked", _("To be reworked")
    REOPENED = "reopened", _("Reopened")
    MERGED = "merged", _("Merged into another")
    CANCELLED = "cancelled", _("Cancelled")


S = CaseState
# Nobody has to do anything about such a case any more.
ENDED = (S.CLOSED, S.REJECTED, S.CANCELLED, S.MERGED)
OPEN = tuple(state for state in S if state not in ENDED)
# A unit has the case and works on it, or should.
WITH_UNIT = (S.DISPATCHED, S.HANDLING, S.REWORKED)

CENTRE = {Role.OPERATIONS_CENTRE: IN_AREA}
REGISTRY = CENTRE | {Role.REGISTRAR: IN_AREA}
DECIDES = CENTRE | {Role.DISPATCHER: IN_AREA}
SYSTEM = {Role.SYSTEM: Anywhere()}
HUB = DECIDES | SYSTEM
ON_SITE = {Role.GRID_WORKER: IN_AREA, Role.COMMUNITY_STAFF: IN_AREA}
LEAD = {Role.HANDLER: LEADS}
