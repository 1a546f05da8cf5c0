"""Who sees which questionnaires and answers; lists start from ``visible_to(user)``, the staff's from ``for_staff``.

Community staff and the partner manager of the community make and read them; administrators and the operations centre
look; grid workers and stewards of the community see what to ask at the door and the sheets they brought. Residents of
the place see what is open, or published; what they read of it is ``partners.surveys.public``.
"""

from dataclasses import dataclass

from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from governance.models.organisation import Role
from governance.models.residency import Ownership, Residency
from governance.scoping import Anywhere, Grant, InArea, Own, Relation, ScopedQuerySet, remembered, visible_q
from governance.workflow import WorkflowQuerySet

TOLD = ("open", "closed", "published")  # states in which residents know of it


@dataclass(frozen=True)
class Around(Relation):
    """The object's area is the grant's, lies under it, or has it within: a grid worker asks for the community."""

    def q(self, grant, user):
        return InArea().q(grant, user) | Q(area__path__in=_upwards(grant))

    def holds(self, obj, grant, user):
        return InArea().holds(obj, grant, user) or obj.area.path in _upwards(grant)


def _upwards(grant: Grant) -> list[str]:
    parts = grant.area_path.strip("/").split("/")
    return ["/" + "/".join(parts[:count]) + "/" for count in range(1, len(parts) + 1)]


def homes_of(user) -> tuple[set[int], set[int]]:
    """Return (ids of estates, ids of areas up to the city) in which a person lives or owns; two statements."""
    return remembered(user, "partners.surveys.homes", lambda: _homes(user))


def _homes(user) -> tuple[set[int], set[int]]:
    estates, areas = set(), set()
    for model in (Residency, Ownership):
        rows = model.objects.filter(user=user, state="verified")
        for estate, path in rows.values_list("dwelling__building__estate_id", "dwelling__area__path"):
            estates.add(estate)
            areas.update(int(part) for part in path.strip("/").split("/"))
    return estates, areas


@dataclass(frozen=True)
class AtHome(Relation):
    """The person lives or owns in the place a questionnaire is for, and residents know of it."""

    def q(self, grant, user):
        estates, areas = homes_of(user)
        place = Q(estate__in=estates) | Q(estate__isnull=True, area__in=areas)
        return place & Q(state__in=TOLD, opened_at__isnull=False)

    def holds(self, obj, grant, user):
        if obj.state not in TOLD or obj.opened_at is None:
            return False
        estates, areas = homes_of(user)
        return obj.estate_id in estates if obj.estate_id is not None else obj.area_id in areas


IN_AREA = InArea()
SYSTEM = {Role.SYSTEM: Anywhere()}
RUNNING_ROLES = (Role.COMMUNITY_STAFF, Role.PARTNER_MANAGER)
LOOKING_ROLES = (Role.ADMINISTRATOR, Role.OPERATIONS_CENTRE)
ASKING_ROLES = (Role.GRID_WORKER, Role.STEWARD)
RUNS = dict.fromkeys(RUNNING_ROLES, IN_AREA)
LOOKS = SYSTEM | dict.fromkeys(LOOKING_ROLES, IN_AREA)
ASKS = dict.fromkeys(ASKING_ROLES, Around())
READS = RUNS | LOOKS


class SurveyQuerySet(WorkflowQuerySet):
    VISIBLE = READS | ASKS | {Role.RESIDENT: AtHome()}
    # Who works with it; residents read what ``public`` tells.
    STAFF = READS | ASKS

    def for_staff(self, user):
        """Questionnaires that the person works with."""
        found = visible_q(self.STAFF, user)
        return self.none() if found is None else self.filter(found)

    def with_rows(self):
        """Load what a row shows: one statement."""
        return self.select_related("area", "estate", "unit", "made_by", "copied_from").defer("area__boundary")

    def with_counts(self):
        """Count beside each how many answered."""
        sheets = self.model._meta.get_field("sheets").related_model.objects.order_by()
        counted = sheets.filter(survey=OuterRef("pk")).values("survey").annotate(n=Count("pk")).values("n")
        return self.annotate(answered=Coalesce(Subquery(counted), 0))

    def of_residents(self, user):
        """Questionnaires told to the residents of the places in which a person lives or owns."""
        return self.filter(AtHome().q(None, user))


class SheetQuerySet(ScopedQuerySet):
    VISIBLE = READS | dict.fromkeys(ASKING_ROLES, Own("entered_by"))

    def with_rows(self):
        """Load what a row shows: one statement."""
        related = ("survey", "area", "person", "entered_by", "dwelling__building__estate", "dwelling__entrance")
        return self.select_related(*related).defer("area__boundary")


class MarkQuerySet(ScopedQuerySet):
    VISIBLE = READS

    def with_rows(self):
        """Load what a row shows: one statement."""
        return self.select_related("survey", "question", "area", "made_by").defer("area__boundary")


class SurveyTemplateQuerySet(models.QuerySet):
    def get_by_natural_key(self, code):
        return self.get(code=code)

    def visible_to(self, user):
        """Reference data: everybody who works here."""
        return self if user.is_active and (user.is_staff or user.is_system) else self.none()
