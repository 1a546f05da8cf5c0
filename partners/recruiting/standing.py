"""Who is a partner or acts for one: the relation rows are scoped by, and the active partners of a person.

A person's own partnership is theirs by being that person. An organisation's is its people's: whoever holds an
``Appointment(role=partner)`` in its unit for that community. While it applies nobody holds one: the applicant acts.
"""

from dataclasses import dataclass

from django.apps import apps
from django.db import models
from django.db.models import Q

from governance.models.organisation import Role
from governance.scoping import EVERYWHERE, Relation, grants_of

# States in which the person who applied acts for an organisation: before it has people of its own here.
APPLYING = ("applied", "approved", "declined", "withdrawn")


@dataclass(frozen=True)
class ActsFor(Relation):
    """The person is the partner that the foreign key ``field`` leads to, or acts for it; "": the row is the partner.

    Give it to both roles by which people act: ``ACTS_FOR = acts_for("partner")``. ``field`` may span
    (``offer__partner``); rows are loaded with ``field`` and its ``area``.
    """

    field: str = "partner"

    def _path(self, name: str) -> str:
        return f"{self.field}__{name}" if self.field else name

    def q(self, grant, user):
        if grant.role == Role.RESIDENT:
            applies = Q(**{self._path("applicant_id"): user.pk, self._path("state__in"): APPLYING})
            return Q(**{self._path("person_id"): user.pk}) | applies
        if grant.unit_id is None:
            return Q(pk__isnull=True)
        found = Q(**{self._path("unit_id"): grant.unit_id})
        return (
            found
            if grant.area_path == EVERYWHERE
            else found & Q(**{self._path("area__path__startswith"): grant.area_path})
        )

    def holds(self, obj, grant, user):
        partner = obj
        for part in self.field.split("__") if self.field else ():
            partner = getattr(partner, part)
            if partner is None:
                return False
        if grant.role == Role.RESIDENT:
            return user.pk == partner.person_id or (user.pk == partner.applicant_id and partner.state in APPLYING)
        if grant.unit_id is None or partner.unit_id != grant.unit_id:
            return False
        return partner.area.path.startswith(grant.area_path)


def acts_for(field: str = "partner") -> dict[str, Relation]:
    """Return the rule by which rows are the partner's own: people for themselves, appointed ones for a unit."""
    return {Role.RESIDENT: ActsFor(field), Role.PARTNER: ActsFor(field)}


def partners_of(user) -> models.QuerySet:
    """Return the active partners a person is or acts for, of all communities."""
    found = Q(pk__in=[])
    for grant in grants_of(user):
        if grant.role in (Role.RESIDENT, Role.PARTNER):
            found |= ActsFor("").q(grant, user)
    return apps.get_model("partners", "partner").objects.active().filter(found).order_by("pk")


def partner_of(user, area):
    """Return the active partner of the community ``area`` that a person is or acts for: the own one first; or None."""
    rows = partners_of(user).filter(area=area).with_rows()
    return rows.order_by(models.F("person_id").desc(nulls_last=True), "pk").first()
