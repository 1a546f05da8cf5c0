"""Who may be given a follow-up item: units and people with something to do in the place of the assembly."""

from django.db import models
from django.db.models import Q

from governance.models import Appointment, OrgUnit, Ownership, Residency, UnitKind, User
from property.models import Assembly, PropertyContract

# Kinds that have to do with an estate only by contract, or by being its committee.
OF_AN_ESTATE = (UnitKind.PROPERTY_COMPANY, UnitKind.OWNERS_COMMITTEE)


def units_of(assembly: Assembly) -> models.QuerySet[OrgUnit]:
    """Return the units in use that have to do with the place: their area covers it or lies in it.

    Of property companies and owners' committees those of its estate; of a community's assembly those of its estates.
    """
    near = Q(area__in=assembly.area.lineage) | Q(area__path__startswith=assembly.area.path)
    contracts = PropertyContract.objects.serving().order_by()
    if assembly.estate_id:
        committees, served = Q(estate=assembly.estate_id), contracts.filter(estate=assembly.estate_id)
    else:
        committees = Q(estate__area__path__startswith=assembly.area.path)
        served = contracts.filter(area__path__startswith=assembly.area.path)
    return OrgUnit.objects.filter(
        near & ~Q(kind__in=OF_AN_ESTATE)
        | Q(kind=UnitKind.OWNERS_COMMITTEE) & committees
        | Q(kind=UnitKind.PROPERTY_COMPANY, pk__in=served.values("company_id")),
        is_active=True,
    )


def people_of(assembly: Assembly) -> models.QuerySet[User]:
    """Return the people who hold a post today that reaches the place, in a unit of it, or who live or own there."""
    posts = Appointment.objects.in_force().order_by().filter(
        Q(area__in=assembly.area.lineage) | Q(area__path__startswith=assembly.area.path),
        unit__in=units_of(assembly).values("pk"),
    )  # fmt: skip
    homes = Q(area__path__startswith=assembly.area.path)
    if assembly.estate_id:
        homes = Q(dwelling__building__estate=assembly.estate_id)
    ties = [model.objects.current().order_by().filter(homes).values("user") for model in (Residency, Ownership)]
    return User.objects.filter(
        Q(pk__in=posts.values("user")) | Q(pk__in=ties[0]) | Q(pk__in=ties[1]), is_active=True, is_system=False
    )
