"""How residents stand to an estate: they live in it or own a dwelling of it, confirmed by the community."""

from dataclasses import dataclass

from django.db import models
from django.db.models import Q

from governance.models import Estate, Ownership, Residency
from governance.scoping import Relation, remembered

TIES = (Residency, Ownership)


def estates_of(user) -> models.QuerySet[Estate]:
    """Return the estates in which ``user`` lives or owns a dwelling today."""
    found = Q(pk__in=[])
    for model in TIES if user.is_authenticated else ():
        found |= Q(pk__in=model.objects.current().order_by().filter(user=user).values("dwelling__building__estate_id"))
    return Estate.objects.filter(found).order_by("code")


def dwellings_of(user) -> Q:
    """Return the filter of dwellings in which ``user`` lives or which they own today."""
    found = Q(pk__in=[])
    for model in TIES:
        found |= Q(pk__in=model.objects.current().filter(user=user).values("dwelling_id"))
    return found


def lived_in_by(user) -> models.QuerySet:
    """Return the ids of the dwellings in which ``user`` lives today; owning one does not count."""
    return Residency.objects.current().order_by().filter(user=user).values("dwelling_id")


@dataclass(frozen=True)
class InOwnEstate(Relation):
    """The object belongs to an estate (``field``) in which the person lives or owns a dwelling."""

    field: str = "estate"

    def q(self, grant, user):
        found = Q(pk__in=[])
        for model in TIES:
            rows = model.objects.current().order_by().filter(user=user)
            found |= Q(**{f"{self.field}__in": rows.values("dwelling__building__estate_id")})
        return found

    def holds(self, obj, grant, user):
        estate = obj
        for part in self.field.split("__"):
            estate = getattr(estate, part)
        return estate is not None and estates_of(user).filter(pk=estate.pk).exists()


@dataclass(frozen=True)
class LivesThere(Relation):
    """The person lives in the object's dwelling, confirmed. Who only owns it does not: it may be let to somebody."""

    def q(self, grant, user):
        return Q(dwelling__in=lived_in_by(user))

    def holds(self, obj, grant, user):
        homes = remembered(user, "homes", lambda: frozenset(lived_in_by(user).values_list("dwelling_id", flat=True)))
        return obj.dwelling_id in homes


@dataclass(frozen=True)
class InStates(Relation):
    """The object is in one of ``states``; ``field`` leads to the state."""

    states: tuple[str, ...]
    field: str = "state"

    def q(self, grant, user):
        return Q(**{f"{self.field}__in": self.states})

    def holds(self, obj, grant, user):
        value = obj
        for part in self.field.split("__"):
            value = getattr(value, part)
        return value in self.states
