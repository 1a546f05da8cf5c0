"""Who sees what of partners; every list starts from ``visible_to(user)``, residents' directory from ``open_offers``.

Community staff and the partner manager of the community keep its partners, administrators and the operations centre
look, a partner reads its own.
"""

from django.apps import apps
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from governance.models.organisation import Role
from governance.scoping import Anywhere, InArea, Own, ScopedQuerySet
from governance.workflow import WorkflowQuerySet
from partners.recruiting.standing import acts_for

RUNNING_ROLES = (Role.COMMUNITY_STAFF, Role.PARTNER_MANAGER)
LOOKING_ROLES = (Role.ADMINISTRATOR, Role.OPERATIONS_CENTRE)
RUNS = dict.fromkeys(RUNNING_ROLES, InArea())
LOOKS = dict.fromkeys(LOOKING_ROLES, InArea())
SYSTEM = {Role.SYSTEM: Anywhere()}
THEMSELVES = acts_for("")
ACTS = acts_for("partner")
OWN = {Role.RESIDENT: Own("person")}

__all__ = ["ACTS", "LOOKS", "OWN", "RUNS", "SYSTEM", "THEMSELVES"]


class CodeQuerySet(models.QuerySet):
    """Reference data with a code."""

    def get_by_natural_key(self, code):
        return self.get(code=code)

    def visible_to(self, user):
        """Reference data: everybody signed in."""
        return self if user.is_authenticated and user.is_active else self.none()


class RecruitmentQuerySet(ScopedQuerySet):
    VISIBLE = RUNS | LOOKS

    def with_rows(self):
        """Load what a row shows."""
        return self.select_related("area", "terms").defer("area__boundary")


class PartnerQuerySet(WorkflowQuerySet):
    VISIBLE = RUNS | LOOKS | THEMSELVES

    def with_rows(self):
        """Load what a row shows: one statement."""
        related = ("area", "person", "unit", "applicant", "profession__licence", "account")
        return self.select_related(*related).defer("area__boundary")

    def active(self):
        """Partners that are active now."""
        return self.filter(state="active")

    def open_ones(self):
        """Applications under way and partners that have not left."""
        return self.filter(state__in=["applied", "approved", "active", "suspended"])


class QualificationQuerySet(WorkflowQuerySet):
    """Who sees a qualification sees its documents: its own people, those who verify it, those who look."""

    VISIBLE = RUNS | LOOKS | ACTS

    def with_rows(self):
        """Load what a row shows: one statement."""
        related = ("partner__area", "partner__person", "partner__unit", "area", "kind", "verified_by")
        return self.select_related(*related).defer("area__boundary", "partner__area__boundary")

    def in_force(self, day=None):
        """Verified ones that hold on ``day`` (default: today)."""
        day = day or timezone.localdate()
        return self.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=day), Q(valid_from__isnull=True) | Q(valid_from__lte=day),
            state="verified",
        )  # fmt: skip


class PartnerAgreementQuerySet(WorkflowQuerySet):
    VISIBLE = RUNS | LOOKS | ACTS

    def with_rows(self):
        """Load what a row shows: one statement."""
        related = ("partner__area", "partner__person", "partner__unit", "area", "terms", "partner_signer", "signer")
        return self.select_related(*related).defer("area__boundary", "partner__area__boundary")

    def in_force(self, day=None):
        """Agreements both have signed that hold on ``day`` (default: today)."""
        day = day or timezone.localdate()
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), state="signed", valid_from__lte=day)


class OfferQuerySet(WorkflowQuerySet):
    VISIBLE = RUNS | LOOKS | ACTS

    def with_rows(self):
        """Load what a row shows: two statements."""
        related = ("partner__area", "partner__person", "partner__unit", "area", "needs")
        rows = self.select_related(*related).defer("area__boundary", "partner__area__boundary")
        return rows.prefetch_related(models.Prefetch("communities", communities()))

    def on_view(self, day=None):
        """Offers anybody may be shown: published, of an active partner, whose licence they need holds, not over."""
        day = day or timezone.localdate()
        held = models_of("qualification").objects.in_force(day).filter(
            partner=OuterRef("partner"), kind=OuterRef("needs")
        )  # fmt: skip
        return self.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=day),
            Q(needs__isnull=True) | Exists(held),
            state="open", partner__state="active",
        )  # fmt: skip

    def in_community(self, area):
        """Offers made in a community."""
        return self.filter(pk__in=self.model.communities.through.objects.filter(area=area).values("offer_id"))


class OfferSlotQuerySet(WorkflowQuerySet):
    VISIBLE = RUNS | LOOKS | ACTS

    def with_rows(self):
        """Load what a row shows."""
        related = ("offer__partner__area", "offer__needs", "partner__area", "partner__unit", "partner__person", "area")
        return self.select_related(*related).defer(
            "area__boundary", "partner__area__boundary", "offer__partner__area__boundary"
        )  # fmt: skip

    def on_view(self, day=None):
        """Dates of offers anybody may be shown."""
        return self.filter(state="planned", offer__in=models_of("offer").objects.on_view(day))

    def with_room(self):
        """Dates that still have a place, or need none."""
        return self.filter(Q(capacity=0) | Q(taken__lt=F("capacity")))


class OfferPlaceQuerySet(WorkflowQuerySet):
    """A place is its person's; who gives the offer and who keeps the community's partners see the list."""

    VISIBLE = {role: RUNS[role] for role in RUNS} | LOOKS | {
        Role.RESIDENT: Own("person") | ACTS[Role.RESIDENT], Role.PARTNER: ACTS[Role.PARTNER],
    }  # fmt: skip

    def with_rows(self):
        """Load what a row shows."""
        related = ("slot__offer__partner__area", "partner__area", "area", "person")
        return self.select_related(*related).defer(
            "area__boundary", "partner__area__boundary", "slot__offer__partner__area__boundary"
        )  # fmt: skip


def communities():
    """Return areas without their boundaries."""
    return models_of("area", "governance").objects.defer("boundary").order_by("code")


def models_of(name: str, app: str = "partners"):
    """Return a model class by name: the models are made of these querysets."""
    return apps.get_model(app, name)
