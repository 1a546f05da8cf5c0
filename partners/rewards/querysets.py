"""Who sees which rewards and redemptions; every list starts from ``visible_to(user)``.

- Those who run redemption in a community (its staff and partner managers) and those who look after it see everything.
- Members see what is offered in the communities they have an account in, and their own redemptions.
- A merchant sees the own coupons: what they are, and which were asked for; never by whom or by which unused code.
"""

from django.apps import apps
from django.db.models import Q

from governance.models.organisation import Role
from governance.scoping import Anywhere, InArea, OfUnit, Relation, Rule, ScopedQuerySet, remembered, visible_q
from governance.workflow import WorkflowQuerySet
from partners.ledger.querysets import OfPath, owners_through

RUN_BY = (Role.COMMUNITY_STAFF, Role.PARTNER_MANAGER)
LOOK = (Role.ADMINISTRATOR, Role.OPERATIONS_CENTRE)
SHOWN_TO_MEMBERS = ("offered", "paused")
RUNS: Rule = {role: InArea() for role in RUN_BY}
LOOKS: Rule = {role: InArea() for role in (*RUN_BY, *LOOK)}
SYSTEM: Rule = {Role.SYSTEM: Anywhere()}
# The person, or whoever acts for the unit whose account it is: those from outside in the area of their post alone.
MEMBERS: Rule = owners_through("account")


def member_areas(user) -> frozenset[int]:
    """Return the ids of the communities in which the person, or a unit they act for, has an account in use."""
    rows = apps.get_model("partners.account").objects.own_of(user).filter(kind="member", is_active=True)
    return frozenset(rows.values_list("area_id", flat=True))


class OfferedToMembers(Relation):
    """A reward members may look at, where the person has an account."""

    def q(self, grant, user):
        areas = remembered(user, "rewards.areas", lambda: member_areas(user))
        return Q(state__in=SHOWN_TO_MEMBERS, area__in=areas)

    def holds(self, obj, grant, user):
        areas = remembered(user, "rewards.areas", lambda: member_areas(user))
        return obj.state in SHOWN_TO_MEMBERS and obj.area_id in areas


class OfTheCommunity(Relation):
    """A redemption that the community itself fulfils: goods and services."""

    def q(self, grant, user):
        return Q(merchant__isnull=True)

    def holds(self, obj, grant, user):
        return obj.merchant_id is None


# In the area of the appointment: a chain may take coupons of several communities, each at tills of its own.
MERCHANTS: Relation = OfPath("merchant", OfUnit("unit")) & InArea()
MERCHANT_ACCOUNTS: Rule = {Role.MERCHANT: OfUnit("unit") & InArea()}
# Who hands over, or confirms the coupon: the community what is its own, a merchant what is the merchant's.
HANDS_OVER: Rule = {role: InArea() & OfTheCommunity() for role in RUN_BY} | {Role.MERCHANT: MERCHANTS}


def _together(*rules: Rule) -> dict[str, Relation]:
    found: dict[str, Relation] = {}
    for rule in rules:
        for role, relation in rule.items():
            found[role] = found[role] | relation if role in found else relation
    return found


class RewardQuerySet(WorkflowQuerySet):
    VISIBLE = _together(LOOKS, {Role.RESIDENT: OfferedToMembers(), Role.MERCHANT: MERCHANTS})

    def with_rows(self):
        """Load what a row shows in one statement."""
        related = ("area", "venue", "merchant__unit", "merchant__area")
        return self.select_related(*related).defer("area__boundary", "merchant__area__boundary")


class StockEntryQuerySet(ScopedQuerySet):
    VISIBLE = LOOKS


class RedemptionQuerySet(WorkflowQuerySet):
    VISIBLE = _together(LOOKS, MEMBERS, {Role.MERCHANT: MERCHANTS})

    def with_rows(self):
        """Load what a row shows, and what its steps ask, in one statement."""
        related = (
            "area", "reward", "account__user", "account__unit", "account__area", "merchant__unit", "booking__venue",
            "hold", "redeemed_by",
        )  # fmt: skip
        return self.select_related(*related).defer("area__boundary", "account__area__boundary")

    def of_members(self, user):
        """The person's own, and those of units they act for."""
        return self._by(MEMBERS, user)

    def of_merchant(self, user):
        """Coupons of the merchants the person acts for."""
        return self._by({Role.MERCHANT: MERCHANTS}, user)

    def _by(self, rule: Rule, user):
        found = visible_q(rule, user)
        return self.none() if found is None else self.filter(found)


class CouponQuerySet(ScopedQuerySet):
    """Codes are in no list: they are read by their owner, and found by who is shown one (``codes``)."""
