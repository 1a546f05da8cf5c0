"""Who sees what of projects; lists of staff start from ``visible_to(user)``, what anybody may read from ``on_view()``.

Community staff and the partner manager run the projects of their community, administrators and the operations centre
look. A partner reads its own claims. Whoever was asked to evaluate reads what is asked.
"""

from dataclasses import dataclass

from django.apps import apps
from django.db.models import Count, Prefetch, Q

from governance.models.organisation import Role
from governance.scoping import Anywhere, InArea, Own, Relation, ScopedQuerySet
from governance.workflow import WorkflowQuerySet
from partners.recruiting.querysets import LOOKING_ROLES, RUNNING_ROLES
from partners.recruiting.standing import acts_for

RUNS: dict[str, Relation] = dict.fromkeys(RUNNING_ROLES, InArea())
LOOKS: dict[str, Relation] = dict.fromkeys(LOOKING_ROLES, InArea())
SYSTEM: dict[str, Relation] = {Role.SYSTEM: Anywhere()}
ACTS: dict[str, Relation] = acts_for("partner")
# Whoever was asked answers for themself, in the role in which they were asked.
ANSWERS: dict[str, Relation] = dict.fromkeys((Role.EVALUATOR, *RUNNING_ROLES, Role.RESIDENT), Own("person"))
ON_VIEW = ("published", "claiming", "unclaimed", "awarded", "under_way", "delivered", "evaluated", "closed",
           "terminated")  # fmt: skip
LIVE_CLAIMS = ("submitted", "awarded", "delivered")


@dataclass(frozen=True)
class _Either(Relation):
    """The person runs or looks after it by another role, or answers it: per role both relations hold."""

    left: Relation
    right: Relation

    def q(self, grant, user):
        return self.left.q(grant, user) | self.right.q(grant, user)

    def holds(self, obj, grant, user):
        return self.left.holds(obj, grant, user) or self.right.holds(obj, grant, user)


class ProjectQuerySet(WorkflowQuerySet):
    VISIBLE = RUNS | LOOKS

    def with_rows(self):
        """Load what a row shows: one statement."""
        related = ("area", "kind", "qualification", "profession", "grade", "made_by")
        return self.select_related(*related).defer("area__boundary")

    def with_claims(self):
        """Count the claims of each project that stand."""
        return self.annotate(standing=Count("claims", filter=Q(claims__state__in=LIVE_CLAIMS)))

    def unfinished(self):
        """Projects that may still solve their needs: neither closed nor terminated."""
        return self.exclude(state__in=["closed", "terminated"])

    def on_view(self):
        """Projects that were published: anybody may read them."""
        return self.filter(state__in=ON_VIEW, published_at__isnull=False)


class ClaimQuerySet(WorkflowQuerySet):
    VISIBLE = RUNS | LOOKS | ACTS

    def with_rows(self):
        """Load what a row shows: one statement."""
        related = ("area", "project__area", "partner__area", "partner__person", "partner__unit", "claimed_by")
        return self.select_related(*related).defer(
            "area__boundary", "partner__area__boundary", "project__area__boundary"
        )  # fmt: skip

    def standing(self):
        """Claims that are neither declined nor withdrawn nor ended early."""
        return self.filter(state__in=LIVE_CLAIMS)


class EvaluationQuerySet(WorkflowQuerySet):
    VISIBLE = {role: _Either(InArea(), Own("person")) for role in RUNNING_ROLES} | LOOKS | {
        Role.EVALUATOR: Own("person"), Role.RESIDENT: Own("person"),
    }  # fmt: skip

    def with_rows(self):
        """Load what a row shows and its marks: two statements."""
        related = ("area", "project__area", "person", "unit", "form")
        marks = apps.get_model("partners", "evaluationmark").objects.select_related("item").order_by("item__position")
        rows = self.select_related(*related).defer("area__boundary", "project__area__boundary")
        return rows.prefetch_related(Prefetch("marks", marks))


class EvaluationFormQuerySet(ScopedQuerySet):
    """Forms are no secret: whoever runs or looks after projects reads them."""

    def get_by_natural_key(self, code):
        return self.get(code=code)

    def visible_to(self, user):
        """Reference data: everybody signed in."""
        return self if user.is_authenticated and user.is_active else self.none()

    def on(self, day):
        """The form in force on a day, or None: the one that began last."""
        return self.filter(valid_from__lte=day, is_active=True).order_by("-valid_from", "-id").first()


class OfFormQuerySet(ScopedQuerySet):
    """Items and grades: read with their form."""

    def visible_to(self, user):
        """Reference data: everybody signed in."""
        return self if user.is_authenticated and user.is_active else self.none()


class OfProjectQuerySet(ScopedQuerySet):
    """Lines of a project: read with it."""

    VISIBLE = RUNS | LOOKS
