"""Who sees service lists, what was done by them, and ratings; every list starts from ``visible_to(user)``."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from governance.models.organisation import Role
from governance.scoping import Anywhere, InArea, OfUnit, Own, Relation, ScopedQuerySet
from governance.workflow import WorkflowQuerySet
from property.estates import InTheirEstate
from property.residents import InOwnEstate, InStates
from property.stewards.scope import stewarding

IN_AREA = InArea()


@dataclass(frozen=True)
class OfListedCompany(Relation):
    """The grant's unit is the company of the list that ``field`` leads to."""

    field: str

    def q(self, grant, user):
        return Q(**{f"{self.field}__company_id": grant.unit_id}) if grant.unit_id else Q(pk__isnull=True)

    def holds(self, obj, grant, user):
        found = obj
        for part in self.field.split("__"):
            found = getattr(found, part)
        return grant.unit_id is not None and found.company_id == grant.unit_id


# Those who agree on the list for the party, and look whether it is kept.
COMMUNITY_ROLES = (Role.PARTY_SECRETARY, Role.ORGANISER, Role.COMMUNITY_STAFF)
COMMUNITY = dict.fromkeys(COMMUNITY_ROLES, IN_AREA)
THERE = IN_AREA & InTheirEstate()
COMPANY = {Role.PROPERTY_MANAGER: OfUnit("company") & THERE}
# A list is agreed to while the contract is drawn up, which names it.
AGREES = {Role.PROPERTY_MANAGER: OfUnit("company") & IN_AREA & InTheirEstate(coming=True)}
# A company's own contracts are its papers, also before and after their time.
SIGNATORY = {Role.PROPERTY_MANAGER: OfUnit("company") & IN_AREA}
OWNERS = {Role.OWNERS_COMMITTEE_MEMBER: THERE}
PASSERS_BY = (Role.ADMINISTRATOR, Role.OPERATIONS_CENTRE)
LOOKS_ON = dict.fromkeys(PASSERS_BY, IN_AREA) | OWNERS | {Role.STEWARD: stewarding()}
SYSTEM = {Role.SYSTEM: Anywhere()}
STAFF_SEES = SYSTEM | COMMUNITY | COMPANY | LOOKS_ON
SERVING_ROLES = frozenset([*COMMUNITY_ROLES, *COMPANY, *LOOKS_ON])

# What residents may know of: lists that hold or held.
PUBLIC = ("published", "replaced")


class ServiceListQuerySet(WorkflowQuerySet):
    VISIBLE = STAFF_SEES | AGREES | {Role.RESIDENT: InOwnEstate() & InStates(PUBLIC)}

    def get_by_natural_key(self, estate, edition):
        return self.get(estate__code=estate, edition=edition)

    def published(self):
        """Lists that hold."""
        return self.filter(state="published")

    def with_rows(self):
        """Load what a list row shows in one statement."""
        return self.select_related("estate", "area", "organisation", "company").defer("area__boundary")


class ItemQuerySet(ScopedQuerySet):
    VISIBLE = (
        SYSTEM
        | dict.fromkeys((*COMMUNITY_ROLES, *PASSERS_BY), InArea("service_list__area"))
        | {Role.STEWARD: stewarding("service_list__estate", "service_list__area")}
        | {Role.OWNERS_COMMITTEE_MEMBER: InArea("service_list__area") & InTheirEstate(("service_list__estate",))}
        | {
            Role.PROPERTY_MANAGER: InArea("service_list__area")
            & OfListedCompany("service_list")
            & InTheirEstate(("service_list__estate",), coming=True)
        }
        | {Role.RESIDENT: InOwnEstate("service_list__estate") & InStates(PUBLIC, "service_list__state")}
    )


class RecordQuerySet(WorkflowQuerySet):
    VISIBLE = STAFF_SEES | {Role.RESIDENT: InOwnEstate()}

    def with_rows(self):
        """Load what a list row shows in one statement."""
        return self.select_related("item", "estate", "area", "company", "done_by", "case").defer("area__boundary")

    def of_month(self, first: date):
        """Occurrences of the month that begins with ``first``."""
        return self.filter(date__gte=first, date__lt=month_after(first))

    def to_do(self, user, day: date):
        """What the person's company has to do on ``day``, in the order in which it is due."""
        rows = self.visible_to(user).filter(state="planned", date=day)
        return rows.with_rows().order_by("ends_at", "pk")


class RatingQuerySet(ScopedQuerySet):
    """Ratings are read as figures; in words by those who answer for the list, and by who gave them."""

    VISIBLE = (
        SYSTEM
        | dict.fromkeys((*COMMUNITY_ROLES, Role.ADMINISTRATOR), InArea("item__service_list__area"))
        | {
            Role.PROPERTY_MANAGER: InArea("item__service_list__area")
            & OfListedCompany("item__service_list")
            & InTheirEstate(("item__service_list__estate",))
        }
        | {Role.RESIDENT: Own("person")}
    )


def month_after(first: date) -> date:
    """Return the first day of the next month."""
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)
