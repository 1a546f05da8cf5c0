"""Who sees party organisations, their members and cross-appointments; every list starts from ``visible_to(user)``."""

from datetime import date, timedelta

from django.apps import apps
from django.db.models import Count, Prefetch, Q
from django.utils import timezone

from governance.models.organisation import Role
from governance.scoping import Anywhere, InArea, Rule, ScopedQuerySet
from property.estates import BOUND_ROLES, InTheirEstate
from property.stewards.scope import IsSteward

KEEPER_ROLES = (Role.ADMINISTRATOR, Role.PARTY_SECRETARY)
# Membership of a party is personal: those who look after the organisations read it, their neighbours at work do not.
MEMBER_READERS = (*KEEPER_ROLES, Role.ORGANISER, Role.COMMUNITY_STAFF)
STRUCTURE_READERS = (
    *MEMBER_READERS, Role.PROPERTY_MANAGER, Role.OWNERS_COMMITTEE_MEMBER, Role.STEWARD,
)  # fmt: skip


PLACES = ("estate", "building__estate", "dwelling__building__estate")
# The structure of the whole community is known to its stewards, while they are in a team.
IN_A_TEAM = InArea() & IsSteward()


# The estates of which the page of the four levels tells.
SEES_ESTATES = {
    role: InArea() & InTheirEstate(("pk",)) if role in BOUND_ROLES else InArea() for role in STRUCTURE_READERS
} | {Role.STEWARD: IN_A_TEAM}


def _readers(roles, organisation: str = "") -> Rule:
    """Return who reads rows of an organisation; committee and company those of their estate and of the community."""
    way = f"{organisation}__" if organisation else ""
    in_area = InArea(f"{way}area")
    theirs = in_area & InTheirEstate(tuple(f"{way}{place}" for place in PLACES), or_none=True)
    rule = {role: theirs if role in BOUND_ROLES else in_area for role in roles}
    if Role.STEWARD in rule:
        rule[Role.STEWARD] = in_area & IsSteward()
    return {Role.SYSTEM: Anywhere()} | rule


class TermQuerySet(ScopedQuerySet):
    """Rows with a first and a last day."""

    def in_force(self, day: date | None = None):
        """Rows whose term holds on ``day`` (default: today, Asia/Shanghai)."""
        day = day or timezone.localdate()
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day)

    def running_out(self, days: int, day: date | None = None):
        """Rows in force whose last day comes within ``days``."""
        day = day or timezone.localdate()
        return self.in_force(day).filter(valid_to__lte=day + timedelta(days=days))


class OrganisationQuerySet(ScopedQuerySet):
    """The organisations themselves are no secret to people who work in the area."""

    VISIBLE = _readers(STRUCTURE_READERS)

    def get_by_natural_key(self, code):
        return self.get(code=code)

    def with_place(self):
        """Load what a row says of its place."""
        return self.select_related(
            "parent", "area", "estate", "building__estate", "dwelling__building__estate", "dwelling__entrance"
        ).defer("area__boundary")

    def with_figures(self):
        """Load the secretaries in force as ``secretaries``, and count the members as ``members_count``."""
        current = apps.get_model("property", "partymembership").objects.in_force()
        secretaries = current.filter(post="secretary").select_related("person")
        return self.annotate(members_count=Count("memberships", filter=Q(memberships__in=current))).prefetch_related(
            Prefetch("memberships", secretaries, "secretaries")
        )


class MembershipQuerySet(TermQuerySet):
    VISIBLE = _readers(MEMBER_READERS, "organisation")

    def with_rows(self):
        """Load what a list row shows in one statement."""
        return self.select_related("organisation__area", "person").defer("organisation__area__boundary")


class CrossAppointmentQuerySet(TermQuerySet):
    """Who sits in whose body is published in the estate: everybody who works there sees it."""

    VISIBLE = _readers(STRUCTURE_READERS, "organisation")

    def with_rows(self):
        """Load what a list row shows in one statement."""
        return self.select_related("organisation__area", "unit", "person").defer("organisation__area__boundary")
