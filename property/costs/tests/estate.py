"""Books of the estate 桂园 for the tests of shared costs."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from governance.models import Ownership, Role, User
from governance.registry.services import ownership_enter
from governance.workflow import act
from property.costs.accounts import account_of
from property.costs.books import books_open
from property.costs.households import account_on
from property.models import CostPeriod, DisclosureRule, EstateBooks, IncomeEntry, MaintenanceFund, Resolution, RuleSet
from property.tests.neighbourhood import Neighbourhood, company_serves

ROLES = (
    Role.PROPERTY_MANAGER, Role.OWNERS_COMMITTEE_MEMBER, Role.COMMUNITY_STAFF, Role.PARTY_SECRETARY,
    Role.ADMINISTRATOR, Role.ORGANISER, Role.STEWARD,
)  # fmt: skip
RULES = [  # code, kind, months, days
    ("fund", "fund", 6, 30),
    ("income", "public_income", 3, 30),
    ("notice", "notice", None, 7),
    ("settlement", "settlement", None, 15),
    ("supplement", "supplement", None, 20),
]


@dataclass
class Estate:
    """The neighbourhood with its books kept by ``company``. Shortcuts act as the manager unless said otherwise."""

    place: Neighbourhood
    books: EstateBooks

    def user(self, role):
        return self.place.city.user(role)

    def outsider(self, role):
        return self.place.city.outsider(role)

    @property
    def manager(self):
        return self.user(Role.PROPERTY_MANAGER)

    @property
    def owners_member(self):
        return self.user(Role.OWNERS_COMMITTEE_MEMBER)

    @property
    def dwellings(self):
        return self.place.dwellings

    def earn(self, amount="1000.00", **given):
        """Income from parking."""
        given = {"kind": "parking", "booked_on": timezone.localdate(), "purpose": "地面停车"} | given
        return act(self.books, "earn", actor=self.manager, amount=Decimal(amount), **given).made

    def pay(self, place=0, amount="100.00", **given):
        """A payment for the dwelling at ``place``."""
        given = {"method": "bank", "paid_on": timezone.localdate(), "actor": self.manager} | given
        return act(self.books, "pay", dwelling=self.dwellings[place], amount=Decimal(amount), **given).made

    def draft(self, *amounts, basis="area", terms=None, name="2026年第三季度") -> CostPeriod:
        """A draft with a line for each amount (800.00 when none); households bear 2 of 4 parts."""
        first, last = date(2026, 7, 1), date(2026, 9, 30)
        period = act(self.books, "open_period", actor=self.manager, title=name, first=first, last=last).made
        for amount in amounts or ("800.00",):
            given = {"kind": "cleaning", "title": "保洁", "amount": Decimal(amount)}
            period = act(period, "add_line", actor=self.manager, **given)
        one, two = Decimal(1), Decimal(2)
        terms = terms or {"subsidy": (one, None), "public_income": (one, None), "household": (two, None)}
        return act(period, "set_terms", actor=self.manager, basis=basis, terms=terms)

    def account(self, place=0):
        """What the present owner of the dwelling at ``place`` owes and paid."""
        return account_of(self.books, account_on(self.books, self.dwellings[place].pk, timezone.localdate()).pk)

    def sold(self, place, buyer: User, day: date | None = None) -> Ownership:
        """The dwelling at ``place`` changes hands: the last day of its owner was the one before."""
        day, staff = day or timezone.localdate(), self.user(Role.COMMUNITY_STAFF)
        dwelling = self.dwellings[place]
        for ownership in Ownership.objects.current().filter(dwelling=dwelling):
            act(ownership, "end", actor=staff, ended_on=day - timedelta(days=1))
        given = {"user": buyer, "owner_name": buyer.name, "valid_from": day, "reason": "不动产登记"}
        return ownership_enter(actor=staff, dwelling=dwelling, **given)

    def publish(self, period) -> CostPeriod:
        """Hung out by the owners' committee, forty days ago, so that it can be collected; public income has enough."""
        if not IncomeEntry.objects.exists():
            self.earn("100000.00")
        moment = timezone.now() - timedelta(days=40)
        return act(period, "publish", actor=self.owners_member, occurred_at=moment)

    def collecting(self, *amounts, due_in=30, **given) -> CostPeriod:
        """A period that is collected; public income has enough."""
        self.earn("100000.00")
        period = self.publish(self.draft(*amounts, **given))
        return self.collect(period, due_in)

    def collect(self, period, due_in=30) -> CostPeriod:
        """Collected from now, or from so many days ago that payment was due then."""
        moment = timezone.now() + timedelta(days=min(due_in, 0))
        due_on = timezone.localdate() + timedelta(days=due_in)
        return act(period, "collect", actor=self.manager, due_on=due_on, occurred_at=moment)

    def fund(self, amount="10000.00") -> MaintenanceFund:
        """A fund with so much in it."""
        staff = self.user(Role.COMMUNITY_STAFF)
        given = {"bank": "云川银行", "amount": Decimal(amount), "booked_on": timezone.localdate()}
        return act(self.books, "open_fund", actor=staff, **given).made

    def resolution(self, state="deliberating", **given) -> Resolution:
        """A joint decision of the owners about using the fund."""
        rules, _made = RuleSet.objects.get_or_create(
            code="fund-use", defaults={"name": "使用维修资金", "kind": "statutory", "source": "民法典 278"}
        )
        given = {
            "title": "屋面维修使用维修资金", "text": "……", "kind": "statutory", "area": self.place.estate.area,
            "estate": self.place.estate, "rule_set": rules, "proposed_by": self.owners_member, "state": state,
        } | given  # fmt: skip
        return Resolution.objects.create(**given)

    def use(self, fund, state="effective", amount="5000.00"):
        """What a resolution lets be used, and the resolution moved on to ``state`` past its own workflow."""
        resolution = self.resolution()
        given = {"resolution": resolution, "amount": Decimal(amount), "purpose": "屋面维修"}
        made = act(fund, "propose_use", actor=self.owners_member, **given).made
        moved_on(resolution, state)
        return made


def locks_of(asked) -> list[str]:
    """The statements that locked dwellings or books, in their order."""
    locking = [query["sql"] for query in asked.captured_queries if " FOR " in query["sql"]]
    return [sql for sql in locking if 'FROM "governance_dwelling"' in sql or 'FROM "property_estatebooks"' in sql]


def moved_on(resolution: Resolution, state: str) -> None:
    """Put a resolution into a state without a vote: votes are tested where they are held."""
    Resolution.objects.bulk_update([_with_state(resolution, state)], ["state"])


def _with_state(resolution: Resolution, state: str) -> Resolution:
    resolution.__dict__["state"] = state
    return resolution


def build_books(place: Neighbourhood) -> Estate:
    """Open the books of the estate and lay down the rules."""
    DisclosureRule.objects.bulk_create(
        DisclosureRule(code=code, kind=kind, months=months, days=days, valid_from="2020-01-01", source="试验")
        for code, kind, months, days in RULES
    )
    staff = place.city.user(Role.COMMUNITY_STAFF)
    company_serves(place)
    return Estate(place, books_open(actor=staff, estate=place.estate, company=place.city.unit("company")))
