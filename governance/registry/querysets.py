"""Reads of the registry; every list starts from ``visible_to(user)``."""

from dataclasses import dataclass

from django.apps import apps
from django.db import models
from django.db.models import Prefetch, Q

from governance.models.organisation import WORKING_ROLES, Role
from governance.scoping import Anywhere, InArea, Own, Relation, Rule, ScopedQuerySet, visible_q
from governance.workflow import WorkflowQuerySet

IN_AREA = InArea()

# Places are no secret to people who work in the area; who lives there is.
SEES_PLACES = {Role.SYSTEM: Anywhere()} | dict.fromkeys(WORKING_ROLES, IN_AREA)
SEES_ENTRANCES = {Role.SYSTEM: Anywhere()} | dict.fromkeys(WORKING_ROLES, InArea("building__area"))
KEEPS = {Role.COMMUNITY_STAFF: IN_AREA, Role.ADMINISTRATOR: IN_AREA}
SEES_PEOPLE = KEEPS | {Role.SYSTEM: Anywhere(), Role.GRID_WORKER: IN_AREA, Role.RESIDENT: Own("user")}
# Evidence (title deeds, leases) is for the claimant and for those who verify.
SEES_EVIDENCE = KEEPS | {Role.RESIDENT: Own("user")}


@dataclass(frozen=True)
class SomebodyElses(Relation):
    """A person field of the object is not the person: nobody decides in their own matter."""

    field: str = "user"

    def q(self, grant, user):
        return ~Q(**{f"{self.field}_id": user.pk})

    def holds(self, obj, grant, user):
        return getattr(obj, f"{self.field}_id") != user.pk


@dataclass(frozen=True)
class CoOwns(Relation):
    """The person is a verified owner of the same dwelling; asks ``dwelling.ownerships``, which lists load at once."""

    def q(self, grant, user):
        return Q(dwelling__in=_dwellings_of(user))

    def holds(self, obj, grant, user):
        return any(row.user_id == user.pk and row.state == "verified" for row in obj.dwelling.ownerships.all())


def _dwellings_of(user):
    ownerships = _model("ownership")
    return ownerships.objects.filter(user=user, state="verified").values("dwelling_id")


def _model(name: str) -> type[models.Model]:
    return apps.get_model("governance", name)


class PlaceQuerySet(ScopedQuerySet):
    """Rows of places. ``open_to_everybody``: what any signed-in person may look up, to find the own dwelling."""

    VISIBLE = SEES_PLACES

    def get_by_natural_key(self, code):
        return self.get(code=code)

    def open_to_everybody(self):
        """Places in use; codes and addresses only are shown of them."""
        return self.filter(is_active=True)


class BuildingQuerySet(PlaceQuerySet):
    def get_by_natural_key(self, estate, number):
        return self.get(estate__code=estate, number=number)


class EntranceQuerySet(ScopedQuerySet):
    VISIBLE = SEES_ENTRANCES

    def get_by_natural_key(self, estate, building, number):
        return self.get(building__estate__code=estate, building__number=building, number=number)


class DwellingQuerySet(PlaceQuerySet):
    def with_address(self):
        """Load what an address is put together from."""
        return self.select_related("building__estate", "entrance")

    def open_to_everybody(self):
        return self.filter(is_active=True, building__estate__is_active=True)


class TiesQuerySet(WorkflowQuerySet):
    """Residencies or ownerships: the ties between people and dwellings."""

    VISIBLE = SEES_PEOPLE
    EVIDENCE: Rule = SEES_EVIDENCE

    def files_visible_to(self, user):
        """Rows whose evidence ``user`` may open."""
        found = visible_q(self.EVIDENCE, user)
        return self.none() if found is None else self.filter(found)

    def current(self):
        """Verified and not ended."""
        return self.filter(state="verified")

    def waiting(self):
        """The queue of claims to verify."""
        return self.filter(state="claimed")

    def with_rows(self):
        """Load what a list row shows in one statement, whatever the number of rows."""
        return self.select_related("area", "user", "dwelling__building__estate", "dwelling__entrance").defer(
            "area__boundary"
        )


class OwnershipQuerySet(TiesQuerySet):
    def with_rows(self):
        """As for residencies; the other owners of the dwelling are a second statement."""
        co_owners = Prefetch("dwelling__ownerships", queryset=_model("ownership").objects.order_by("id"))
        return super().with_rows().prefetch_related(co_owners)
