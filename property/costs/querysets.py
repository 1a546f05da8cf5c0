"""Who sees what of an estate's money; every list starts from ``visible_to(user)``.

Staff of the area see the books. A property company sees only the books it keeps: in one community two companies serve
two estates. What a single household owes and paid is for those who collect it and for the household itself; the
owners' committee and the party organisation see sums. Residents see what is published about the estate of their home,
former owners the statements of what they were charged.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.apps import apps
from django.db.models import (
    Case,
    DateField,
    Exists,
    F,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    Value,
    When,
    Window,
)
from django.db.models.functions import RowNumber

from governance.models.organisation import Role
from governance.querysets import NaturalCodeQuerySet
from governance.scoping import Anywhere, InArea, Relation, ScopedQuerySet
from governance.workflow import WorkflowQuerySet
from property.estates import InTheirEstate

HOUSEHOLD_KINDS = ("owner", "family")
WATCHERS = (
    Role.ADMINISTRATOR, Role.COMMUNITY_STAFF, Role.PARTY_SECRETARY, Role.ORGANISER, Role.OWNERS_COMMITTEE_MEMBER,
)  # fmt: skip
COLLECTORS = (Role.ADMINISTRATOR, Role.COMMUNITY_STAFF)


def reached(obj, path: str):
    """Return what lies at the end of a path of relations (``books__estate``); the object itself for an empty one."""
    for part in path.split("__") if path else ():
        obj = getattr(obj, part)
    return obj


def joined(*parts: str) -> str:
    """Return a path of relations, empty parts left out."""
    return "__".join(part for part in parts if part)


@dataclass(frozen=True)
class KeptBy(Relation):
    """The books (at the end of ``path``) are kept by the grant's unit."""

    path: str = ""

    def q(self, grant, user):
        return Q(**{joined(self.path, "company_id"): grant.unit_id}) if grant.unit_id else Q(pk__isnull=True)

    def holds(self, obj, grant, user):
        return grant.unit_id is not None and reached(obj, self.path).company_id == grant.unit_id


@dataclass(frozen=True)
class NotInHands(Relation):
    """The person wrote nothing of the draft (``CostPeriod.hands``)."""

    def q(self, grant, user):
        return ~Q(hands__contains=[user.pk])

    def holds(self, obj, grant, user):
        return user.pk not in obj.hands


@dataclass(frozen=True)
class OfMyEstate(Relation):
    """The books (at the end of ``path``) are those of an estate where the person owns or lives, confirmed."""

    path: str = ""

    def q(self, grant, user):
        column = joined(self.path, "estate_id")
        found = Q(pk__isnull=True)
        for name in ("ownership", "residency"):
            ties = apps.get_model("governance", name).objects.filter(user=user, state="verified")
            found |= Q(**{f"{column}__in": ties.values("dwelling__building__estate_id")})
        return found

    def holds(self, obj, grant, user):
        estate = reached(obj, self.path).estate_id
        return any(
            apps.get_model("governance", name)
            .objects.filter(user=user, state="verified", dwelling__building__estate_id=estate)
            .exists()
            for name in ("ownership", "residency")
        )


def accounts_of_user(user, day=None):
    """Return the accounts of households that are ``user``'s: as owner, now or formerly, or as one who lives there.

    Who lives in a dwelling as owner or family reads the account that ran when they moved in, so that the seller's
    family does not read the buyer's. A tenant is not told what the landlord owes. ``seen_until``: where the account
    went on with others, the last day whose money a former co-owner reads. ``day``: only accounts whose money of that
    day (a value or a column of the query around) is the user's to read.
    """
    owners = apps.get_model("property", "accountowner").objects
    owned = owners.filter(ownership__user=user, ownership__state__in=("verified", "ended"))
    latest = owned.filter(account=OuterRef("pk")).order_by(F("ownership__valid_to").desc(nulls_first=True))
    lived_in = apps.get_model("governance", "residency").objects.filter(
        user=user, state="verified", kind__in=HOUSEHOLD_KINDS, dwelling=OuterRef("dwelling_id")
    )
    lives_there = Q(Exists(lived_in.filter(valid_from__contained_by=OuterRef("days"))))
    all_of_it = lives_there | Q(days__isempty=True) | Q(days__endswith__lte=F("last_owned") + timedelta(days=1))
    rows = apps.get_model("property", "householdaccount").objects.filter(
        Q(pk__in=owned.values("account")) | lives_there
    )
    rows = rows.annotate(last_owned=Subquery(latest.values("ownership__valid_to")[:1])).annotate(
        seen_until=Case(When(all_of_it, then=Value(None)), default=F("last_owned"), output_field=DateField())
    )
    return rows if day is None else rows.filter(Q(seen_until=None) | Q(seen_until__gte=day))


@dataclass(frozen=True)
class OfMyAccount(Relation):
    """The account is of the person's household."""

    def q(self, grant, user):
        return Q(pk__in=accounts_of_user(user).values("pk"))

    def holds(self, obj, grant, user):
        return accounts_of_user(user).filter(pk=obj.pk).exists()


@dataclass(frozen=True)
class PaidByUs(Relation):
    """The payment is of an account of the person's household, and not of a day after they gave up their part of it."""

    def q(self, grant, user):
        return Q(Exists(accounts_of_user(user, OuterRef("paid_on")).filter(pk=OuterRef("account_id"))))

    def holds(self, obj, grant, user):
        return accounts_of_user(user, obj.paid_on).filter(pk=obj.account_id).exists()


@dataclass(frozen=True)
class ChargedToMe(Relation):
    """The charge is on an account of the person's household: one whose days hold the day its owners are charged for."""

    def q(self, grant, user):
        own = accounts_of_user(user, OuterRef("period__owners_of")).filter(
            books=OuterRef("period__books_id"), dwelling=OuterRef("dwelling_id"),
            days__contains=OuterRef("period__owners_of"),
        )  # fmt: skip
        return Q(Exists(own))

    def holds(self, obj, grant, user):
        day = obj.period.owners_of
        own = accounts_of_user(user, day).filter(books=obj.period.books_id, dwelling=obj.dwelling_id)
        return day is not None and own.filter(days__contains=day).exists()


@dataclass(frozen=True)
class BilledToMe(Relation):
    """The cost period (at the end of ``path``) was charged to the person's household, also of a home they sold."""

    path: str = ""

    def _periods(self, user):
        charges = apps.get_model("property", "charge").objects.filter(ChargedToMe().q(None, user))
        return charges.order_by().values("period")

    def q(self, grant, user):
        return Q(**{f"{joined(self.path, 'pk')}__in": self._periods(user)})

    def holds(self, obj, grant, user):
        return self._periods(user).filter(period=reached(obj, self.path)).exists()


@dataclass(frozen=True)
class InState(Relation):
    """The state (at the end of ``path``) is one of ``states``."""

    states: tuple[str, ...]
    path: str = "state"

    def q(self, grant, user):
        return Q(**{f"{self.path}__in": self.states})

    def holds(self, obj, grant, user):
        return reached(obj, self.path) in self.states


def places(path: str) -> tuple[Relation, Relation]:
    """Return (in the grant's area; and in an estate of a committee or company) for books at the end of ``path``."""
    in_area = InArea(joined(path, "estate", "area"))
    return in_area, in_area & InTheirEstate((joined(path, "estate"),))


def seen_by(path: str, *, watchers=WATCHERS, residents: Relation | None = None) -> dict:
    """Return a rule for rows whose books lie at the end of ``path``."""
    in_area, there = places(path)
    rule = {Role.SYSTEM: Anywhere()} | dict.fromkeys(watchers, in_area)
    if Role.OWNERS_COMMITTEE_MEMBER in rule:
        rule[Role.OWNERS_COMMITTEE_MEMBER] = there
    rule[Role.PROPERTY_MANAGER] = there & KeptBy(path)
    if residents is not None:
        rule[Role.RESIDENT] = residents
    return rule


PUBLIC = ("published", "collecting", "settled", "disclosed")


class BooksQuerySet(WorkflowQuerySet):
    VISIBLE = seen_by("")

    def with_rows(self):
        """Load what a list row shows."""
        return self.select_related("estate__area", "company", "fund").defer("estate__area__boundary")

    def with_balances(self):
        """Load what the fund and public income of each come to, in the same statement."""
        lines = {"fund_balance": ("fundentry", "fund__books"), "income_balance": ("incomeentry", "books")}
        newest = {
            name: Subquery(
                apps.get_model("property", model)
                .objects.filter(**{path: OuterRef("pk")})
                .order_by("-ordinal")
                .values("balance")[:1]
            )
            for name, (model, path) in lines.items()
        }
        return self.annotate(**newest)


class FundQuerySet(WorkflowQuerySet):
    VISIBLE = seen_by("books")

    def with_rows(self):
        """Load what a list row shows."""
        return self.select_related("books__estate__area", "books__company").defer("books__estate__area__boundary")

    def with_balance(self):
        """Load the balance of each in the same statement."""
        lines = apps.get_model("property", "fundentry").objects.filter(fund=OuterRef("pk")).order_by("-ordinal")
        return self.annotate(balance=Subquery(lines.values("balance")[:1]))


class BookRowQuerySet(ScopedQuerySet):
    """Rows of the income ledger: sums of the estate, nobody's debts."""

    VISIBLE = seen_by("books")


class FundRowQuerySet(ScopedQuerySet):
    VISIBLE = seen_by("fund__books")


READS_PERIOD = OfMyEstate("books") | BilledToMe()


class PeriodQuerySet(WorkflowQuerySet):
    VISIBLE = seen_by("books", residents=InState(PUBLIC) & READS_PERIOD)

    def with_rows(self):
        """Load what a list row shows."""
        return self.select_related("books__estate__area", "books__company").defer("books__estate__area__boundary")

    def public(self):
        """Periods that hang out or hung out."""
        return self.filter(state__in=PUBLIC)


class PeriodRowQuerySet(ScopedQuerySet):
    """Lines, shares and parts of a period, its agreed shares and subsidies after settlement."""

    VISIBLE = seen_by(
        "period__books",
        residents=InState(PUBLIC, "period__state") & (OfMyEstate("period__books") | BilledToMe("period")),
    )


class DisclosureQuerySet(WorkflowQuerySet):
    VISIBLE = seen_by("books", residents=InState(("published",)) & OfMyEstate("books"))

    def with_rows(self):
        """Load what a list row shows."""
        return self.select_related("books__estate__area", "books__company").defer("books__estate__area__boundary")

    def overdue(self, today):
        """Those that should have been published before ``today``."""
        return self.filter(state="due", due_on__lt=today)


class AccountQuerySet(ScopedQuerySet):
    VISIBLE = seen_by("books", watchers=COLLECTORS, residents=OfMyAccount())

    def with_owners(self):
        """Load what names an account: the dwelling's address and the owners; two statements."""
        ownerships = apps.get_model("property", "accountowner").objects.select_related("ownership")
        rows = self.select_related("books__estate", "dwelling__building__estate", "dwelling__entrance")
        return rows.prefetch_related(Prefetch("owners", queryset=ownerships))


class ChargeQuerySet(ScopedQuerySet):
    VISIBLE = seen_by("period__books", watchers=COLLECTORS, residents=InState(PUBLIC, "period__state") & ChargedToMe())


class PaymentQuerySet(ScopedQuerySet):
    VISIBLE = seen_by("books", watchers=COLLECTORS, residents=PaidByUs())

    def newest_of_each(self, most: int):
        """The newest ``most`` of each account."""
        place = Window(RowNumber(), partition_by="account", order_by=F("id").desc())
        ranked = self.order_by().annotate(place=place).filter(place__lte=most)
        return self.model.objects.filter(pk__in=ranked.values("pk"))


class RuleQuerySet(NaturalCodeQuerySet):
    """Reference data: every signed-in person who works here sees it."""
