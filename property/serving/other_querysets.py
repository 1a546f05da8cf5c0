"""Who sees contracts, parcels and care visits; every list starts from ``visible_to(user)``."""

from dataclasses import dataclass
from datetime import date

from django.apps import apps
from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone

from governance.models.organisation import Role
from governance.scoping import Relation, ScopedQuerySet
from governance.workflow import WorkflowQuerySet
from property.residents import InOwnEstate, InStates, LivesThere, lived_in_by
from property.serving.querysets import COMMUNITY, IN_AREA, SIGNATORY, STAFF_SEES, SYSTEM, THERE
from property.stewards.scope import stewarding


@dataclass(frozen=True)
class Unserved(Relation):
    """No company looks after the object's estate today."""

    def _served(self):
        return apps.get_model("property", "propertycontract").objects.serving().order_by().values("estate")

    def q(self, grant, user):
        return ~Q(estate__in=self._served())

    def holds(self, obj, grant, user):
        return not self._served().filter(estate=obj.estate_id).exists()


# What residents may know of: the contract that holds or held.
SIGNED = ("in_force", "handing_over", "ended")
CONTRACT_ROLES = frozenset(STAFF_SEES) - {Role.SYSTEM}
# Who lives where and gets what from whom is the household's and the company's matter.
PARCEL_ROLES = frozenset([Role.PROPERTY_MANAGER, Role.COMMUNITY_STAFF, Role.ADMINISTRATOR])
CARED_IN = "receiver__dwelling__building__estate"
# The counter of the estate: what lies there is handed over with it, so it is not tied to the company that took it in.
# Where no company looks after the estate any more, the community hands out what was left.
HANDS_OUT = {Role.PROPERTY_MANAGER: THERE, Role.COMMUNITY_STAFF: IN_AREA & Unserved()}
VISITORS = COMMUNITY | {Role.STEWARD: stewarding(CARED_IN), Role.GRID_WORKER: IN_AREA}
CARE_ROLES = frozenset([*VISITORS, Role.ADMINISTRATOR])


class ContractQuerySet(WorkflowQuerySet):
    VISIBLE = STAFF_SEES | SIGNATORY | {Role.RESIDENT: InOwnEstate() & InStates(SIGNED)}

    def with_rows(self):
        """Load what a list row shows in one statement."""
        return self.select_related("estate", "area", "company", "organisation").defer("area__boundary")

    def serving(self, day: date | None = None):
        """Contracts by which a company looks after an estate on ``day`` (default: today, Asia/Shanghai).

        Within their term; and past it while they are handed over, for the company goes on until somebody has taken
        over (民法典 950 [P]).
        """
        day = day or timezone.localdate()
        return self.filter(
            Q(state="in_force", valid_from__lte=day, valid_to__gte=day) | Q(state="handing_over", valid_from__lte=day)
        )

    def serving_or_coming(self):
        """Those, and contracts that are drawn up or signed for later."""
        return self.serving() | self.filter(Q(state="draft") | Q(state="in_force", valid_from__gt=timezone.localdate()))


class ParcelQuerySet(WorkflowQuerySet):
    VISIBLE = SYSTEM | HANDS_OUT | {Role.ADMINISTRATOR: IN_AREA, Role.RESIDENT: LivesThere()}

    def with_rows(self):
        """Load what a list row shows in one statement."""
        return self.select_related(
            "dwelling__building__estate", "dwelling__entrance", "estate", "area", "company", "received_by"
        ).defer("area__boundary")

    def of_household(self, user):
        """Parcels for where a person lives: whose code they are shown. An owner who lets the dwelling is not."""
        return self.filter(dwelling__in=lived_in_by(user))

    def waiting(self):
        """Parcels that lie there."""
        return self.filter(state__in=["received", "notified", "overdue"])


class ReceiverQuerySet(ScopedQuerySet):
    VISIBLE = SYSTEM | VISITORS | {Role.ADMINISTRATOR: IN_AREA, Role.STEWARD: stewarding("dwelling__building__estate")}

    def get_by_natural_key(self, code):
        return self.get(code=code)

    def with_rows(self):
        """Load what a list row shows in one statement."""
        return self.select_related("dwelling__building__estate", "dwelling__entrance", "area", "visitor").defer(
            "area__boundary"
        )

    def with_last_seen(self):
        """Add ``seen_at``: when somebody last met the person."""
        return self.annotate(seen_at=Max("visits__visited_at", filter=Q(visits__condition__in=["well", "needs_help"])))


class VisitQuerySet(WorkflowQuerySet):
    VISIBLE = SYSTEM | VISITORS | {Role.ADMINISTRATOR: IN_AREA}

    def not_made_up(self):
        """Missed visits to people whom nobody has met since."""
        met = self.model.objects.filter(receiver=OuterRef("receiver"), condition__in=["well", "needs_help"])
        since = met.filter(visited_at__date__gte=OuterRef("due_on"))
        return self.filter(~Exists(since), state="missed")

    def with_rows(self):
        """Load what a list row shows in one statement."""
        return self.select_related(
            "receiver__dwelling__building__estate", "receiver__dwelling__entrance", "receiver__visitor", "area",
            "visited_by", "case",
        ).defer("area__boundary")  # fmt: skip
