"""Reads of dispatch rules; lists start from ``visible_to(user)``."""

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Prefetch

from governance.models.organisation import Role
from governance.permissions import STAFF
from governance.scoping import Anywhere
from governance.workflow import WorkflowQuerySet

# Rules explain dispatches: everybody who works here may read them.
SEES_RULE = dict.fromkeys(sorted(STAFF), Anywhere()) | {Role.SYSTEM: Anywhere()}


class RuleQuerySet(WorkflowQuerySet):
    VISIBLE = SEES_RULE

    def get_by_natural_key(self, code):
        return self.get(code=code)

    def deciding(self):
        """Rules that are switched on."""
        return self.filter(state="on")

    def with_conditions(self):
        """Load the keys of each rule's categories with the row itself (``category_keys``): no statement more."""
        named = apps.get_model("cases", "RuleCategory").objects.filter(rule=OuterRef("pk")).order_by("category_id")
        return self.annotate(category_keys=ArraySubquery(named.values("category_id")))

    def with_rows(self):
        """Load what lists and pages show, in a fixed number of statements."""
        units = apps.get_model("cases", "RuleUnit").objects.select_related("unit")
        categories = apps.get_model("cases", "RuleCategory").objects.select_related("category")
        return (
            self.select_related("area", "standard__category")
            .defer("area__boundary")
            .prefetch_related(Prefetch("units", units), Prefetch("categories", categories))
        )
