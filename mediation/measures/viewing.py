"""Who sees the measures, of which disputes, and whether small cells are kept back.

Analysts (administrators, the operations centre, the township's and the county's centres) see counts of their whole
area, small cells kept back; they choose a quarter and nothing else, so that no two tables differ by a few. A village
mediator, who reads each dispute of the own committee anyway, sees its figures as they are.
"""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.errors import NotPermitted
from governance.models import OrgUnit, Role
from governance.scoping import InArea, grants_of, visible_q
from mediation.disputes.permissions import COUNTERS
from mediation.disputes.querysets import OF_COMMITTEE
from mediation.measures.figures import GROUPS, Quarter, Table, measures_of
from mediation.models import Dispute, DisputeTier, DisputeType

COUNTS = dict.fromkeys(COUNTERS, InArea())
OWN = {Role.VILLAGE_MEDIATOR: OF_COMMITTEE}
TITLES = {
    "performance": gettext_lazy("Agreements performed (%)"),
    "relapse": gettext_lazy("Broke out again within 90 days (%)"),
    "confirmation": gettext_lazy("Brought before the court for confirmation (%)"),
    "reopened": gettext_lazy("Disputes reopened (%)"),
    "days": gettext_lazy("Days from acceptance to agreement (median)"),
}
GROUP_TITLES = {"tier": gettext_lazy("By tier"), "unit": gettext_lazy("By unit"), "type": gettext_lazy("By type")}


@dataclass(frozen=True)
class View:
    """What somebody sees: the disputes counted, and whether small cells are kept back."""

    disputes: QuerySet[Dispute]
    suppressed: bool


def may_count(user) -> bool:
    """Whether somebody sees measures at all."""
    return bool({grant.role for grant in grants_of(user)} & {*COUNTS, *OWN})


def view_of(user) -> View:
    """Return what somebody sees. Raises NotPermitted. Who counts for an area and mediates too sees the counts."""
    for rule, suppressed in ((COUNTS, True), (OWN, False)):
        found = visible_q(rule, user)
        if found is not None:
            return View(Dispute.objects.filter(found), suppressed)
    raise NotPermitted(_("You do not see measures of mediation."))


def measures_for(user, quarter: Quarter) -> list[Table]:
    """Return the measures of a quarter as ``user`` sees them. Raises NotPermitted."""
    view = view_of(user)
    return measures_of(view.disputes, quarter, suppressed=view.suppressed)


def labels_of(tables: list[Table]) -> dict[str, dict]:
    """Return the words for the keys of each group."""
    units = {key for table in tables for key in table.groups.get("unit", {})}
    return {
        "tier": dict(DisputeTier.choices), "type": dict(DisputeType.objects.values_list("code", "name")),
        "unit": dict(OrgUnit.objects.filter(pk__in=units).values_list("pk", "name")),
    }  # fmt: skip


__all__ = ["GROUPS", "GROUP_TITLES", "TITLES", "labels_of", "may_count", "measures_for", "view_of"]
