"""Who sees which accounts and movements of points; every list starts from ``visible_to(user)``.

Community staff and administrators of the area see all of its books; a person sees the own account, whoever works for a
unit the account of that unit.
"""

from django.db.models import Q

from governance.models.organisation import OUTSIDE_ROLES, Role
from governance.scoping import InArea, OfUnit, Own, Relation, ScopedQuerySet, visible_q

KEEPERS = (Role.ADMINISTRATOR, Role.COMMUNITY_STAFF, Role.PARTNER_MANAGER)
LOOKERS = (*KEEPERS, Role.OPERATIONS_CENTRE)
WORKING = tuple(role for role in Role.values if role not in (Role.RESIDENT, Role.SYSTEM))


class OfPath(Relation):
    """A relation asked of the account that a foreign key of the row leads to."""

    def __init__(self, path: str, asked: Own | OfUnit):
        self.path, self.asked = path, asked

    def q(self, grant, user):
        asked = self.asked
        if isinstance(asked, Own):
            return Q(**{f"{self.path}__{asked.field}_id": user.pk})
        return Q(**{f"{self.path}__{asked.field}_id": grant.unit_id}) if grant.unit_id else Q(pk__isnull=True)

    def holds(self, obj, grant, user):
        account = getattr(obj, self.path)
        return account is not None and self.asked.holds(account, grant, user)


ASKED: dict[str, Own | OfUnit] = {Role.RESIDENT: Own("user")} | {role: OfUnit("unit") for role in WORKING}


def within_post(rule: dict[str, Relation]) -> dict[str, Relation]:
    """Return the rule with those from outside held to the area of their appointment: an organisation may be a partner
    of several communities, each with people of its own."""
    return rule | {role: rule[role] & InArea() for role in OUTSIDE_ROLES}


OWNERS: dict[str, Relation] = within_post(dict(ASKED))


def owners_through(*paths: str) -> dict[str, Relation]:
    """Return the rule by which rows that lead to accounts are their owners'."""
    rule: dict[str, Relation] = {}
    for role, relation in ASKED.items():
        for path in paths:
            found = OfPath(path, relation)
            rule[role] = rule[role] | found if role in rule else found
    return within_post(rule)


def with_keepers(rule: dict[str, Relation]) -> dict[str, Relation]:
    """Return the rule with those added who keep the books of the row's area, or look at them."""
    return rule | {role: rule[role] | InArea() for role in LOOKERS}


class AccountQuerySet(ScopedQuerySet):
    VISIBLE = with_keepers(OWNERS)

    def own_of(self, user):
        """Accounts a person has or acts for."""
        found = visible_q(OWNERS, user)
        return self.none() if found is None else self.filter(found)

    def with_rows(self):
        """Load what naming an account needs."""
        return self.select_related("area", "user", "unit").defer("area__boundary")


class TransferQuerySet(ScopedQuerySet):
    """A member also sees what came from, or went to, another account."""

    VISIBLE = with_keepers(owners_through("account", "counterpart"))

    def with_rows(self):
        """Load what showing a transfer needs."""
        related = (
            "area", "actor", "account__user", "account__unit", "account__area",
            "counterpart__user", "counterpart__unit", "counterpart__area",
        )  # fmt: skip
        return self.select_related(*related).defer(
            "area__boundary", "account__area__boundary", "counterpart__area__boundary"
        )


class EntryQuerySet(ScopedQuerySet):
    """Entries are read through their account: see ``statement``."""


class HoldQuerySet(ScopedQuerySet):
    VISIBLE = with_keepers(owners_through("account"))

    def with_rows(self):
        """Load what ending a hold needs."""
        related = ("area", "account__area", "account__user", "account__unit", "counterpart__unit", "placed", "ended")
        return self.select_related(*related).defer("area__boundary", "account__area__boundary")


class AdjustmentQuerySet(ScopedQuerySet):
    VISIBLE = {role: InArea() for role in LOOKERS}

    def with_rows(self):
        """Load what deciding an adjustment needs."""
        related = ("area", "account__area", "account__user", "account__unit", "proposed_by", "decided_by")
        return self.select_related(*related).defer("area__boundary", "account__area__boundary")
