"""How residents stand to an estate: they live in it or own a dwelling of it, confirmed by the community."""

from dataclasses import dataclass

from django.db import models
from django.db.models import Q

from governance.models import Estate, Ownership, Residency
from governance.scoping import Relation

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
class InOwnDwelling(Relation):
    """The object belongs to a dwelling in which the person lives, or which they own."""

    def q(self, grant, user):
        found = Q(pk__in=[])
        for model in TIES:
            found |= Q(dwelling__in=model.objects.current().order_by().filter(user=user).values("dwelling_id"))
        return found

    def holds(self, obj, grant, user):
        return any(model.objects.current().filter(user=user, dwelling_id=obj.dwelling_id).exists() for model in TIES)


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
