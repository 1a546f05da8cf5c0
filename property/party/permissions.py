"""Who may view, add and change party organisations, their members and cross-appointments, and what is refused."""

from django.utils.translation import gettext as _

from governance.configuration import guards, lies_in
from governance.errors import Conflict, Invalid
from governance.permissions import permit
from property.models import CrossAppointment, PartyMembership, PartyOrganisation
from property.party.querysets import KEEPER_ROLES, MEMBER_READERS, STRUCTURE_READERS

KEEPERS = frozenset(KEEPER_ROLES)

permit("property.partyorganisation", view=frozenset(STRUCTURE_READERS), add=KEEPERS, change=KEEPERS)
permit("property.partymembership", view=frozenset(MEMBER_READERS), add=KEEPERS, change=KEEPERS)
permit("property.crossappointment", view=frozenset(STRUCTURE_READERS), add=KEEPERS, change=KEEPERS)
permit("property.householdcare", view=frozenset(STRUCTURE_READERS), add=KEEPERS, change=KEEPERS)


def _place_of(organisation: PartyOrganisation):
    """Return the area of the place, also of a row that is not saved yet and has not got it."""
    place = organisation.place
    return [] if place is None else [getattr(place, "area", place)]


lies_in("property.partyorganisation", _place_of)
lies_in("property.partymembership", lambda row: [row.organisation.area])
lies_in("property.crossappointment", lambda row: [row.organisation.area])


def organisation_may_change(new: PartyOrganisation, stored: PartyOrganisation | None, actor) -> None:
    """Refuse another level, and taking out of use what others hang on."""
    if stored is None:
        return
    if new.level != stored.level:
        raise Invalid(_("The level stays as it is."), field="level", code="fixed")
    if stored.is_active and not new.is_active:
        if stored.children.filter(is_active=True).exists():
            raise Conflict(_("There are organisations in use below it: take those out of use first."), code="in_use")
        if stored.memberships.in_force().exists():
            raise Conflict(_("It has members in force: end their memberships first."), code="in_use")
        if stored.looks_after.exists():
            raise Conflict(_("It looks after dwellings: give those to another household first."), code="in_use")


def _in_use(organisation: PartyOrganisation) -> None:
    if not organisation.is_active:
        raise Invalid(_("This organisation is no longer in use."), field="organisation", code="inactive")


def membership_may_change(new: PartyMembership, stored: PartyMembership | None, actor) -> None:
    """A term is ended by its last day; whose it was, and where, stays as it is."""
    if stored is None:
        _in_use(new.organisation)
        return
    for field in ("organisation_id", "person_id", "post", "valid_from"):
        if getattr(new, field) != getattr(stored, field):
            told = _("Only the last day of a term is changed; another post is a new term.")
            raise Invalid(told, field=field.removesuffix("_id"), code="fixed")


def cross_appointment_may_change(new: CrossAppointment, stored: CrossAppointment | None, actor) -> None:
    """What an appointment rests on stays as it was decided; it can only be ended earlier."""
    if stored is None:
        _in_use(new.organisation)
        return
    for field in CrossAppointment._meta.concrete_fields:
        if field.name != "valid_to" and getattr(new, field.attname) != getattr(stored, field.attname):
            told = _("Only the last day is changed; another term is a new appointment.")
            raise Invalid(told, field=field.name, code="fixed")
    if new.valid_to > stored.valid_to:
        raise Invalid(_("A longer term needs a decision of its own: enter it as a new appointment."), field="valid_to",
                      code="fixed")  # fmt: skip


guards("property.partyorganisation", organisation_may_change, rows=lambda stored, actor: _in_use(stored))
guards("property.partymembership", membership_may_change)
guards("property.crossappointment", cross_appointment_may_change)
