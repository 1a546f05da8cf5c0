"""Who sees and judges early warnings: township centre, county centre and operations centre, each in their area.

A warning that reaches over townships belongs to the smallest area that holds all its places, so to the county.
"""

from datetime import timedelta

from django.apps import apps
from django.db.models import Count, DateTimeField, ExpressionWrapper, OuterRef, Subquery
from django.db.models.functions import Coalesce, Now

from governance.models.organisation import Role
from governance.scoping import Anywhere, InArea, ScopedQuerySet
from governance.workflow import WorkflowQuerySet

IN_AREA = InArea()
JUDGES = dict.fromkeys((Role.TOWNSHIP_MEDIATOR, Role.COUNTY_CENTRE, Role.OPERATIONS_CENTRE), IN_AREA)
SEES = {Role.SYSTEM: Anywhere(), Role.ADMINISTRATOR: IN_AREA} | JUDGES


def _unplaced() -> Coalesce:
    """How many events of the last year count for no place, as no community of them is known."""
    signals = apps.get_model("mediation", "signal").objects.events().placed(False).order_by()
    since = ExpressionWrapper(Now() - timedelta(days=365), DateTimeField())  # asked anew by each statement
    lost = signals.filter(area__path__startswith=OuterRef("area__path"), event_date__gt=since)
    return Coalesce(Subquery(lost.values("duplicate_of").annotate(all=Count("pk")).values("all")), 0)


class WatchQuerySet(ScopedQuerySet):
    VISIBLE = SEES

    def get_by_natural_key(self, code):
        return self.get(code=code)

    def with_rows(self):
        """Load what a row shows, with it ``types`` (how many types of disputes are watched) and ``unplaced``: one
        statement."""
        used = apps.get_model("mediation", "disputetype").objects.in_use().order_by().values("is_active")
        types = Coalesce(Subquery(used.annotate(types=Count("pk")).values("types")), 0)
        return self.select_related("area").defer("area__boundary").annotate(types=types, unplaced=_unplaced())


class EarlyWarningQuerySet(WorkflowQuerySet):
    VISIBLE = SEES

    def with_rows(self):
        """Load what a row shows and its visibility reads: one statement."""
        return self.select_related("watch", "area", "type").defer("area__boundary")

    def with_events(self):
        """Load where and when the events were besides: as many statements whatever their number."""
        return self.with_rows().prefetch_related("events__signal__area", "events__hazard__area")


class WarningEventQuerySet(ScopedQuerySet):
    VISIBLE = {role: rule if isinstance(rule, Anywhere) else InArea("warning__area") for role, rule in SEES.items()}


class HotIssueQuerySet(ScopedQuerySet):
    VISIBLE = SEES

    def with_rows(self):
        """Load what a row shows: one statement."""
        return self.select_related("area", "type").defer("area__boundary")
