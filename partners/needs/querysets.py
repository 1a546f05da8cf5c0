"""Who sees and keeps which needs and visits; every list of staff starts from ``visible_to(user)``.

The partner manager and the community's staff keep the needs of their community; administrators and the operations
centre look. Whoever works there raises what they hear, and follows it. A unit that a need was given to sees it. A
resident sees the own ones.
"""

from dataclasses import dataclass
from datetime import date

from django.apps import apps
from django.db import models
from django.db.models import Count, F, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from governance.models.organisation import Role
from governance.models.residency import Residency
from governance.scoping import Anywhere, InArea, OfUnit, Own, Relation, ScopedQuerySet, remembered, visible_q
from governance.workflow import WorkflowQuerySet

IN_AREA = InArea()
SYSTEM = {Role.SYSTEM: Anywhere()}
KEEPING_ROLES = (Role.PARTNER_MANAGER, Role.COMMUNITY_STAFF)
LOOKING_ROLES = (Role.ADMINISTRATOR, Role.OPERATIONS_CENTRE)
# They work in the community, hear what people need, and see what becomes of it.
HEARING_ROLES = (Role.GRID_WORKER, Role.ORGANISER, Role.PARTY_SECRETARY)
UNIT_ROLES = (Role.HANDLER, Role.PROPERTY_MANAGER)
VISITING_ROLES = (*KEEPING_ROLES, *HEARING_ROLES, Role.STEWARD)
KEEPS = dict.fromkeys(KEEPING_ROLES, IN_AREA)
LOOKS = SYSTEM | dict.fromkeys(LOOKING_ROLES, IN_AREA)
HEARS = dict.fromkeys(HEARING_ROLES, IN_AREA)
OF_UNIT = dict.fromkeys(UNIT_ROLES, OfUnit("unit"))
SOLVES = KEEPS | OF_UNIT | SYSTEM
VISITS = dict.fromkeys(VISITING_ROLES, IN_AREA)
# Who reads who raised a need and how to reach them: those who verify and call back.
READS_RAISERS = KEEPS | {Role.GRID_WORKER: IN_AREA}


# Of a dwelling's answer to a questionnaire it is not kept who gave it: the need is that of all who live there.
OF_DWELLING = Q(user__isnull=True, name="", phone="", dwelling__isnull=False, need__source="questionnaire")


def homes_since(user) -> dict[int, date]:
    """Return since which day a person lives in each of their dwellings, confirmed; one statement, remembered."""
    rows = Residency.objects.current().order_by().filter(user=user)
    return remembered(user, "partners.needs.homes", lambda: dict(rows.values_list("dwelling_id", "valid_from")))


@dataclass(frozen=True)
class Raised(Relation):
    """The person is among those who raised the need, or lives, since before, in a dwelling whose answer to a
    questionnaire raised it. ``holds`` reads ``raisers``, which lists load at once."""

    def q(self, grant, user):
        rows = apps.get_model("partners", "needraiser").objects.order_by()
        lived = rows.filter(
            OF_DWELLING, dwelling__residencies__user=user.pk, dwelling__residencies__state="verified",
            dwelling__residencies__valid_from__lte=F("need__raised_at__date"),
        )  # fmt: skip
        return Q(pk__in=rows.filter(user_id=user.pk).values("need_id")) | Q(pk__in=lived.values("need_id"))

    def holds(self, obj, grant, user):
        return any(row.user_id == user.pk or _at_home(obj, row, user) for row in obj.raisers.all())


def _at_home(need, row, user) -> bool:
    if need.source != "questionnaire" or row.dwelling_id is None or row.user_id or row.name or row.phone:
        return False
    since = homes_since(user).get(row.dwelling_id)
    return since is not None and since <= timezone.localdate(need.raised_at)


REGISTERED_IT = Own("registered_by")


class NeedCategoryQuerySet(models.QuerySet):
    def get_by_natural_key(self, code):
        return self.get(code=code)

    def visible_to(self, user):
        """Reference data: everybody signed in."""
        return self if user.is_authenticated and user.is_active else self.none()


class NeedLimitQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Everybody signed in may know how long an answer takes."""
        return self if user.is_authenticated and user.is_active else self.none()

    def on(self, day):
        """The limits that hold on a day, or None."""
        return self.filter(valid_from__lte=day).order_by("-valid_from").first()


class NeedQuerySet(WorkflowQuerySet):
    VISIBLE = (
        KEEPS | LOOKS | HEARS | OF_UNIT
        | {Role.STEWARD: REGISTERED_IT, Role.DISPATCHER: REGISTERED_IT, Role.RESIDENT: Raised()}
    )  # fmt: skip
    # Who reads everything of it; people who only raised it read what ``public.py`` tells.
    STAFF = {role: relation for role, relation in VISIBLE.items() if role != Role.RESIDENT}

    def with_rows(self):
        """Load what a row shows and what its visibility reads: two statements."""
        related = (
            "area",
            "category",
            "estate",
            "building__estate",
            "merged_into__unit",
            "unit",
            "case",
            "registered_by",
        )
        raisers = apps.get_model("partners", "needraiser").objects.select_related("user", "dwelling").order_by("id")
        return self.select_related(*related).defer("area__boundary").prefetch_related(
            Prefetch("raisers", queryset=raisers)
        )  # fmt: skip

    def of_staff(self, user):
        """The needs that a person sees at work: not those only raised as a resident."""
        found = visible_q(self.STAFF, user)
        return self.none() if found is None else self.filter(found)

    def under(self, area):
        """Needs in an area and all under it."""
        return self.filter(area__path__startswith=area.path)

    def raised_by(self, user):
        """The needs that a person raised."""
        return self.filter(Raised().q(None, user))

    def to_take_others(self):
        """Needs that another one can be merged into."""
        return self.filter(state__in=["verified", "transferred", "adopted"])

    def open(self):
        """Needs about which something is still to be decided or done."""
        return self.filter(state__in=["registered", "verified", "transferred", "adopted"])

    def overdue(self, now=None):
        """Needs that were to be verified, or whose raisers were to be called, before now."""
        now = now or timezone.now()
        return self.filter(Q(state="registered", verify_by__lt=now) | Q(state="solved", call_back_by__lt=now))

    def made_of(self, obj):
        """The needs that came of a row of another model."""
        return self.filter(origin_type=obj._meta.label_lower, origin_id=obj.pk)


class NeedVisitQuerySet(ScopedQuerySet):
    VISIBLE = KEEPS | LOOKS | HEARS | {Role.STEWARD: Own("visitor")}

    def with_rows(self):
        """Load what a row shows: one statement."""
        related = ("area", "estate", "dwelling__building__estate", "dwelling__entrance", "visitor")
        return self.select_related(*related).defer("area__boundary")

    def under(self, area):
        """Visits in an area and all under it."""
        return self.filter(area__path__startswith=area.path)

    def with_heard(self):
        """Count in ``heard`` the needs that came of each."""
        needs = apps.get_model("partners", "need").objects.filter(
            origin_type=self.model._meta.label_lower, origin_id=OuterRef("pk")
        )
        counted = needs.order_by().values("origin_id").annotate(found=Count("pk")).values("found")
        return self.annotate(heard=Coalesce(Subquery(counted), 0))
