"""Reads of rule sets, rolls, resolutions and ballots; every list starts from ``visible_to(user)``."""

from dataclasses import dataclass

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from governance.models.organisation import Role
from governance.querysets import NaturalCodeQuerySet
from governance.scoping import Anywhere, InArea, Relation, ScopedQuerySet
from governance.workflow import WorkflowQuerySet
from property.estates import BOUND_ROLES, InTheirEstate

IN_AREA = InArea()
# The owners' committee and the company have to do with what their own estate decides.
BOUND = dict.fromkeys(BOUND_ROLES, IN_AREA & InTheirEstate())
# Who prepares decisions, who carries them through, who answers for them before the public.
PROPOSERS = (Role.ORGANISER, Role.COMMUNITY_STAFF, Role.PARTY_SECRETARY, Role.OWNERS_COMMITTEE_MEMBER)
RUNNERS = (Role.ORGANISER, Role.COMMUNITY_STAFF, Role.OWNERS_COMMITTEE_MEMBER)
LEADERS = (Role.ORGANISER, Role.COMMUNITY_STAFF, Role.PARTY_SECRETARY)
WATCHERS = (Role.ADMINISTRATOR, Role.PROPERTY_MANAGER)
# From here on residents see a resolution.
OPEN_TO_RESIDENTS = (
    "deliberating", "voting", "passed", "rejected", "no_quorum", "publicised", "effective",
)  # fmt: skip


def _homes_of(user):
    """Return the dwellings that ``user`` is confirmed to live in or to own."""
    homes = Q()
    for name in ("Residency", "Ownership"):
        ties = apps.get_model("governance", name).objects.filter(user=user, state="verified")
        homes |= Q(pk__in=ties.values("dwelling_id"))
    return apps.get_model("governance", "Dwelling").objects.filter(homes)


@dataclass(frozen=True)
class OfMyHome(Relation):
    """The estate of the resolution (or, without one, its area) holds a dwelling the person lives in or owns."""

    def q(self, grant, user):
        homes = _homes_of(user)
        lineages = homes.values_list("area__path", flat=True).distinct()
        above = {prefix for path in lineages for prefix in _prefixes(path)}
        return Q(estate__in=homes.values("building__estate_id")) | Q(estate__isnull=True, area__path__in=above)

    def holds(self, obj, grant, user):
        homes = _homes_of(user)
        if obj.estate_id is not None:
            return homes.filter(building__estate_id=obj.estate_id).exists()
        return homes.filter(area__path__startswith=obj.area.path).exists()


def _prefixes(path: str) -> list[str]:
    parts = path.strip("/").split("/")
    return [f"/{'/'.join(parts[: count + 1])}/" for count in range(len(parts))]


@dataclass(frozen=True)
class IsOpen(Relation):
    """The resolution is past being proposed; a revoked one was, before it was revoked."""

    def q(self, grant, user):
        return Q(state__in=OPEN_TO_RESIDENTS) | Q(state="revoked") & Exists(_deliberations(OuterRef("pk")))

    def holds(self, obj, grant, user):
        return obj.state in OPEN_TO_RESIDENTS or (obj.state == "revoked" and _deliberations(obj.pk).exists())


def _deliberations(pk):
    """Return the events by which a resolution was opened to residents."""
    events = apps.get_model("governance", "Event").objects.order_by()
    return events.filter(subject_type="property.resolution", subject_id=pk, name="resolution.deliberated")


def where(roles) -> dict:
    """Return the rule of ``roles``: in their area, and those bound to an estate only in that."""
    return {role: BOUND.get(role, IN_AREA) for role in roles}


AT_WORK = where((*PROPOSERS, *WATCHERS))
SEES_RESOLUTION = {Role.SYSTEM: Anywhere()} | AT_WORK | {Role.RESIDENT: OfMyHome() & IsOpen()}
SEES_ROLL = {Role.SYSTEM: Anywhere()} | where((*PROPOSERS, Role.ADMINISTRATOR))


class RuleSetQuerySet(NaturalCodeQuerySet):
    """Rule sets are public: anybody signed in may read under which rule was counted."""

    def get_by_natural_key(self, code, version):
        return self.get(code=code, version=version)

    def visible_to(self, user):
        """All of them, for who is signed in."""
        return self if user.is_authenticated else self.none()

    def in_force(self, area, day=None):
        """Rule sets that may be chosen on ``day`` for a decision in ``area``: of that area, one above it, or of all."""
        day = day or timezone.localdate()
        return self.filter(
            Q(area__isnull=True) | Q(area_id__in=area.lineage),
            Q(valid_to__isnull=True) | Q(valid_to__gte=day),
            is_active=True,
            valid_from__lte=day,
        )


class ResolutionQuerySet(WorkflowQuerySet):
    VISIBLE = SEES_RESOLUTION

    def with_rows(self):
        """Load what a list row shows in the same statement."""
        return self.select_related(
            "area", "estate", "building", "entrance", "rule_set", "roll", "convener", "repeats"
        ).defer("area__boundary")

    def in_effect(self):
        """Those that let things be done, as ``Resolution.is_in_effect`` says it of one."""
        return self.filter(state="effective", official_outcome__in=["", "passed"])


class RollQuerySet(ScopedQuerySet):
    """Rolls carry owners' names: only those who carry decisions through, and administrators, read them."""

    VISIBLE = SEES_ROLL


class EntryQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Entries of the rolls a person sees."""
        rolls = apps.get_model("property", "OwnersRoll").objects.visible_to(user)
        return self.filter(roll__in=rolls.values("pk"))

    def of_voter(self, user):
        """Entries that ``user`` votes for."""
        return self.filter(voter=user, roll__frozen_at__isnull=False)


class BallotQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Ballots of the rolls a person sees; what they say is shown by ``property.voting.secrecy`` only."""
        rolls = apps.get_model("property", "OwnersRoll").objects.visible_to(user)
        return self.filter(entry__roll__in=rolls.values("pk"))
