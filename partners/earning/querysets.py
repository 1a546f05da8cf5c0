"""Who sees what of earning points; every list starts from ``visible_to(user)``.

Community staff and the partner manager run it in their community, administrators and the operations centre look, a
partner sees the own records and donations, a merchant the own sheets, a person the own hours.
"""

from datetime import date

from django.db import models
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce, Length

from governance.models.organisation import Role
from governance.scoping import Anywhere, InArea, OfUnit, Own, Relation, ScopedQuerySet, visible_q
from governance.workflow import WorkflowQuerySet
from partners.ledger.querysets import OfPath
from partners.recruiting.querysets import LOOKING_ROLES, RUNNING_ROLES
from partners.recruiting.standing import acts_for

RUNS: dict[str, Relation] = dict.fromkeys(RUNNING_ROLES, InArea())
LOOKS: dict[str, Relation] = dict.fromkeys([*RUNNING_ROLES, *LOOKING_ROLES], InArea())
ACTS: dict[str, Relation] = acts_for("partner")
SYSTEM: dict[str, Relation] = {Role.SYSTEM: Anywhere()}
OWN: dict[str, Relation] = {Role.RESIDENT: Own("person")}
# In the area of the appointment: a chain settles with several communities, each by people of its own.
OF_MERCHANT: dict[str, Relation] = {Role.MERCHANT: OfPath("merchant", OfUnit("unit")) & InArea()}
PARTNER_AREAS = ("area", "partner__area", "partner__unit", "partner__person")


class EarningRuleQuerySet(models.QuerySet):
    """Rules are no secret: whoever sees points may read what they are for. Staff's list is that of their areas."""

    def visible_to(self, user):
        """Rules that hold in the person's areas: those of areas above and under them."""
        found = visible_q(dict.fromkeys(LOOKS, _Touching()), user)
        return self.none() if found is None else self.filter(found)

    def with_rows(self):
        """Load what a row shows."""
        return self.select_related("kind", "area").defer("area__boundary")

    def in_force(self, day: date):
        """Rules in force on a day."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day)

    def for_area(self, area):
        """Rules of an area and of those above it, the nearest first."""
        return self.filter(area__in=area.lineage).order_by(Length("area__path").desc(), "-valid_from")


class _Touching(Relation):
    """The row's area lies under the grant's, or above it."""

    def q(self, grant, user):
        above = [int(part) for part in grant.area_path.strip("/").split("/") if part]
        return Q(area__path__startswith=grant.area_path) | Q(area__in=above)

    def holds(self, obj, grant, user):
        return obj.area.path.startswith(grant.area_path) or grant.area_path.startswith(obj.area.path)


class EarningQuerySet(ScopedQuerySet):
    VISIBLE = LOOKS | ACTS

    def with_rows(self):
        """Load what a row shows."""
        related = ("partner__area", "area", "kind", "rule__kind", "decided_by", "transfer")
        return self.select_related(*related).defer("area__boundary", "partner__area__boundary")

    def live(self):
        """Earnings that were not reversed."""
        return self.filter(reversed_at__isnull=True)

    def points_sum(self) -> int:
        """Return the points of all rows."""
        return self.aggregate(sum=Coalesce(Sum("points"), 0))["sum"]


class ServiceRecordQuerySet(WorkflowQuerySet):
    VISIBLE = LOOKS | ACTS

    def with_rows(self):
        """Load what a row shows and its steps ask: one statement."""
        related = (*PARTNER_AREAS, "partner__account", "kind", "person", "reported_by", "first_approver")
        return self.select_related(*related).defer("area__boundary", "partner__area__boundary")

    def waiting(self):
        """Records that wait for an approval."""
        return self.filter(state__in=["submitted", "checked"])


class DonationQuerySet(WorkflowQuerySet):
    VISIBLE = LOOKS | ACTS

    def with_rows(self):
        """Load what a row shows: one statement."""
        related = (*PARTNER_AREAS, "partner__account", "kind", "received_by", "first_approver")
        return self.select_related(*related).defer("area__boundary", "partner__area__boundary")


class VolunteerHoursQuerySet(ScopedQuerySet):
    VISIBLE = LOOKS | OWN

    def with_rows(self):
        """Load what a line shows."""
        return self.select_related("person", "area", "record__kind", "record__partner").defer("area__boundary")

    def minutes_sum(self) -> int:
        """Return the minutes of all lines, corrections taken off."""
        return self.aggregate(sum=Coalesce(Sum("minutes"), 0))["sum"]


class CertificateQuerySet(WorkflowQuerySet):
    VISIBLE = LOOKS | OWN

    def with_rows(self):
        """Load what a row shows."""
        return self.select_related("person", "area", "issued_by").defer("area__boundary")


class SettlementRateQuerySet(ScopedQuerySet):
    VISIBLE = LOOKS

    def with_rows(self):
        """Load what a row shows."""
        return self.select_related("area").defer("area__boundary")


class SettlementSheetQuerySet(WorkflowQuerySet):
    VISIBLE = LOOKS | OF_MERCHANT

    def with_rows(self):
        """Load what a row shows and its steps ask: one statement."""
        related = ("area", "merchant__unit", "merchant__area", "rate", "proposed_by", "transfer")
        return self.select_related(*related).defer("area__boundary", "merchant__area__boundary")


class ClosingQuerySet(ScopedQuerySet):
    VISIBLE = LOOKS

    def with_rows(self):
        """Load what a row shows."""
        return self.select_related("area").defer("area__boundary")
