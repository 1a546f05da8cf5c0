"""Who sees hot spots and their signals."""

from governance.models.organisation import Role
from governance.querysets import NaturalCodeQuerySet
from governance.scoping import Anywhere, InArea, ScopedQuerySet
from governance.workflow import WorkflowQuerySet

IN_AREA = InArea()
# Who decides about a signal, and who watches besides.
ACTS = dict.fromkeys((Role.OPERATIONS_CENTRE, Role.DISPATCHER), IN_AREA)
SEES_SIGNAL = {Role.SYSTEM: Anywhere(), Role.ADMINISTRATOR: IN_AREA} | ACTS
# Roles that see every case of their area: only theirs can be figures that agree with the list of the cases.
COUNTED_FOR = frozenset(
    [
        Role.ADMINISTRATOR, Role.OPERATIONS_CENTRE, Role.REGISTRAR, Role.DISPATCHER, Role.GRID_WORKER,
        Role.COMMUNITY_STAFF,
    ]
)  # fmt: skip


class SignalQuerySet(WorkflowQuerySet):
    VISIBLE = SEES_SIGNAL

    def with_rows(self):
        """Load what a list row shows in the same statement."""
        return self.select_related("rule", "area", "category", "case").defer("area__boundary")


class HotSpotRuleQuerySet(ScopedQuerySet):
    VISIBLE = SEES_SIGNAL

    get_by_natural_key = NaturalCodeQuerySet.get_by_natural_key
