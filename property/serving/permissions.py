"""Who may view, add and change service lists; a published one stays as it is. Transitions carry their own rule."""

from django.utils.translation import gettext as _

from governance.configuration import guards, lies_in
from governance.errors import Conflict, Invalid
from governance.models import Role
from governance.permissions import permit
from governance.scoping import roles_of
from property.models import CareReceiver, ContractState, ListState, PropertyContract, ServiceList
from property.serving.other_querysets import CARE_ROLES, CONTRACT_ROLES, PARCEL_ROLES
from property.serving.querysets import COMMUNITY_ROLES, SERVING_ROLES

KEEPERS = frozenset([*COMMUNITY_ROLES, Role.ADMINISTRATOR])

permit("property.servicelist", view=SERVING_ROLES, add=KEEPERS, change=KEEPERS)
permit("property.serviceitem", view=SERVING_ROLES, add=KEEPERS, change=KEEPERS)
permit("property.servicerecord", view=SERVING_ROLES)
permit("property.servicerating", view=frozenset([*KEEPERS, Role.PROPERTY_MANAGER]))

permit("property.propertycontract", view=CONTRACT_ROLES, add=KEEPERS, change=KEEPERS)
permit("property.parcel", view=PARCEL_ROLES, add=frozenset([Role.PROPERTY_MANAGER]))
permit("property.carereceiver", view=CARE_ROLES, add=KEEPERS, change=KEEPERS)
permit("property.carevisit", view=CARE_ROLES)

lies_in("property.propertycontract", lambda row: [row.estate.area])
lies_in("property.carereceiver", lambda row: [row.dwelling.area])
lies_in("property.servicelist", lambda row: [row.estate.area])


def _draft(stored: ServiceList) -> None:
    if stored.state != ListState.DRAFT:
        raise Conflict(_("A published list is never edited: make a new edition."), code="published")


def list_may_change(new: ServiceList, stored: ServiceList | None, actor) -> None:
    """Only a draft is edited, and what was agreed to before the edit is no longer agreed to."""
    if stored is None:
        return
    _draft(stored)
    new.version = stored.version + 1
    _forget(new)


def items_may_change(stored: ServiceList, actor) -> None:
    """The same for its items: an item more or less is another list than the one agreed to."""
    _draft(stored)
    stored.version += 1
    _forget(stored)
    stored.save(update_fields=["version", *AGREEMENT])


AGREEMENT = ("party_agreed_by", "party_agreed_at", "company_agreed_by", "company_agreed_at")


def _forget(service_list: ServiceList) -> None:
    for name in AGREEMENT:
        setattr(service_list, name, None)


def contract_may_change(new: PropertyContract, stored: PropertyContract | None, actor) -> None:
    """What was signed stays as it was signed."""
    if stored is None:
        return
    if stored.state != ContractState.DRAFT:
        raise Conflict(_("A contract in force is not edited: end it and enter the next one."), code="signed")
    new.version = stored.version + 1


def receiver_may_change(new: CareReceiver, stored: CareReceiver | None, actor) -> None:
    """A visit is made by somebody who may make it."""
    if new.visitor is not None and not CARE_ROLES & roles_of(new.visitor):
        raise Invalid(_("This person does not make care visits."), field="visitor", code="not_a_visitor")


guards("property.propertycontract", contract_may_change)
guards("property.carereceiver", receiver_may_change)
guards("property.servicelist", list_may_change, rows=items_may_change)
