"""A community with partners for tests: a lawyer (a person), a bakery (a unit), rules, and a merchant."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from conftest import PASSWORD, SINCE, City
from governance.models import Appointment, OrgUnit, Role, User
from governance.scoping import forget_grants
from partners.earning.donations import donation_receive
from partners.earning.records import record_submit
from partners.ledger.accounts import account_open
from partners.models import (
    Account,
    Donation,
    EarningRule,
    Partner,
    PartnerKind,
    Profession,
    ServiceKind,
    ServiceRecord,
    SettlementRate,
)


@dataclass
class House:
    """People: ``lawyer``, ``baker`` (acts for ``bakery``), ``shopkeeper`` (of the merchant), ``manager`` and
    ``manager2`` (partner managers here), ``staff``, ``elsewhere`` (a partner manager of the other community).
    """

    city: City
    people: dict[str, User] = field(default_factory=dict)
    partners: dict[str, Partner] = field(default_factory=dict)
    kinds: dict[str, ServiceKind] = field(default_factory=dict)
    shop: Account | None = None
    numbers: count = field(default_factory=count)

    def user(self, name: str) -> User:
        if name not in self.people:
            return self.city.user(name)
        forget_grants(self.people[name])
        return self.people[name]

    @property
    def area(self):
        return self.city.area("community")

    def rule(self, kind: str = "consultation", **given) -> EarningRule:
        """Set the rule of a kind in the community, from long ago unless said otherwise."""
        given = {"points": 10, "valid_from": SINCE, "area": self.area} | given
        return EarningRule.objects.create(kind=self.kinds[kind], **given)

    def record(self, *, by: str = "lawyer", partner: str = "lawyer", kind: str = "consultation", **given):
        """Report a service: each a minute later than the last one, yesterday."""
        at = timezone.now().replace(hour=3, minute=0, second=0, microsecond=0) - timedelta(days=1)
        given = {"performed_at": at + timedelta(minutes=next(self.numbers))} | given
        return record_submit(actor=self.user(by), partner=self.partners[partner], kind=self.kinds[kind], **given)

    def donation(self, *, by: str = "staff", partner: str = "bakery", **given) -> Donation:
        given = {"description": "大米 20 袋", "received_on": timezone.localdate(), "kind": self.kinds["gift"]} | given
        return donation_receive(actor=self.user(by), partner=self.partners[partner], **given)

    def points(self, name: str) -> int:
        return Account.objects.get(pk=self.partners[name].account_id).available

    def fresh(self, row):
        return type(row).objects.with_rows().get(pk=row.pk)


WORKING = ("manager", "manager2", "elsewhere")
KINDS = [("consultation", "法律咨询", "service", False), ("class", "健身课", "service", True),
         ("gift", "捐赠物资", "donation", False), ("outcome", "项目成果", "project", False)]  # fmt: skip


def build_house(city: City) -> House:
    """Add the partners, the kinds of service and the merchant; rules are the tests' own."""
    made = House(city)
    password = make_password(PASSWORD)
    here, there = city.area("community"), city.area("other_community")
    names = ("lawyer", "baker", "baker2", "shopkeeper", "manager", "manager2", "elsewhere", "stranger")
    rows = [
        User(username=f"h-{name}", name=f"{name}员", password=password, is_staff="manage" in name) for name in names
    ]
    made.people = dict(zip(names, User.objects.bulk_create(rows), strict=True))
    made.people["staff"] = city.people["community_staff"]
    units = [OrgUnit(code="bakery", name="麦香面包房", kind="other", area=here),
             OrgUnit(code="shop", name="惠民便利店", kind="merchant", area=here)]  # fmt: skip
    city.units |= {unit.code: unit for unit in OrgUnit.objects.bulk_create(units)}
    jobs = [
        ("baker", "bakery", Role.PARTNER, here), ("baker2", "bakery", Role.PARTNER, here),
        ("shopkeeper", "shop", Role.MERCHANT, here), ("manager", "committee", Role.PARTNER_MANAGER, here),
        ("manager2", "committee", Role.PARTNER_MANAGER, here),
        ("elsewhere", "other_committee", Role.PARTNER_MANAGER, there),
    ]  # fmt: skip
    Appointment.objects.bulk_create(
        Appointment(user=made.people[name], unit=city.units[unit], role=role, area=area, valid_from=SINCE)
        for name, unit, role, area in jobs
    )
    made.kinds = {
        row.code: row
        for row in ServiceKind.objects.bulk_create(
            ServiceKind(code=code, name=name, use=use, counts_hours=hours) for code, name, use, hours in KINDS
        )
    }
    _partners(made)
    return made


def _partners(made: House) -> None:
    administrator, here = made.city.user("administrator"), made.area
    lawyer = made.people["lawyer"]
    profession = Profession.objects.create(code="lawyer", name="律师")
    common = {"area": here, "state": "active", "active_from": date(2026, 1, 5)}
    made.partners["lawyer"] = Partner.objects.create(
        kind=PartnerKind.PROFESSIONAL, person=lawyer, applicant=lawyer, name="律师", profession=profession,
        account=account_open(here, actor=administrator, user=lawyer), **common,
    )  # fmt: skip
    bakery = made.city.units["bakery"]
    made.partners["bakery"] = Partner.objects.create(
        kind=PartnerKind.RESOURCE, unit=bakery, applicant=made.people["baker"], name="麦香面包房",
        credit_code="91350100M000100Y43", account=account_open(here, actor=administrator, unit=bakery), **common,
    )  # fmt: skip
    made.shop = account_open(here, actor=administrator, unit=made.city.units["shop"], kind="merchant")
    SettlementRate.objects.create(area=here, yuan=Decimal("0.5"), valid_from=SINCE)


def at_noon(day: date) -> datetime:
    """Return noon of a day in Shanghai."""
    return timezone.make_aware(datetime.combine(day, datetime.min.time())) + timedelta(hours=12)


__all__ = ["House", "ServiceRecord", "at_noon", "build_house"]
