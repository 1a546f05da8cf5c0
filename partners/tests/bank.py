"""A small points bank for tests: two members and a merchant in ``community``, one member in the other."""

from dataclasses import dataclass, field
from datetime import date
from itertools import count

from django.contrib.auth.hashers import make_password

from conftest import PASSWORD, City
from governance.models import Appointment, OrgUnit, Role, User
from governance.scoping import forget_grants
from partners.ledger.accounts import account_open
from partners.ledger.points import points_earn
from partners.models import Account, Transfer

SINCE = date(2020, 1, 1)
EVIDENCE = ("property.servicerecord", 1)


@dataclass
class Bank:
    """``lawyer`` and ``bakery`` (a unit, run by ``baker``) are members, ``shop`` a merchant; ``stranger`` elsewhere."""

    city: City
    people: dict[str, User] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    numbers: count = field(default_factory=count)

    def user(self, name: str) -> User:
        forget_grants(self.people[name])
        return self.people[name]

    @property
    def staff(self) -> User:
        return self.city.user("community_staff")

    def account(self, name: str) -> Account:
        return self.accounts[name]

    def key(self) -> str:
        return f"test:{next(self.numbers)}"

    def earn(self, name: str, amount: int, **given) -> Transfer:
        given = {"actor": self.staff, "key": self.key(), "reason": "consultation", "evidence": EVIDENCE} | given
        return points_earn(self.account(name), amount=amount, **given)


def build_bank(city: City) -> Bank:
    """Add people, a unit of members and one of a merchant, and open their accounts."""
    made = Bank(city)
    password = make_password(PASSWORD)
    names = ("lawyer", "baker", "shopkeeper", "stranger")
    users = [User(username=f"p-{name}", name=f"{name}员", password=password) for name in names]
    made.people = dict(zip(names, User.objects.bulk_create(users), strict=True))
    here, elsewhere = city.area("community"), city.area("other_community")
    units = [
        OrgUnit(code="bakery", name="麦香面包房", kind="other", area=here),
        OrgUnit(code="shop", name="惠民便利店", kind="merchant", area=here),
    ]
    city.units |= {unit.code: unit for unit in OrgUnit.objects.bulk_create(units)}
    Appointment.objects.bulk_create(
        Appointment(user=made.people[name], unit=city.units[unit], role=Role.HANDLER, area=here, valid_from=SINCE)
        for name, unit in (("baker", "bakery"), ("shopkeeper", "shop"))
    )
    administrator = city.user("administrator")
    owners = {
        "lawyer": {"area": here, "user": made.people["lawyer"]},
        "bakery": {"area": here, "unit": city.units["bakery"]},
        "shop": {"area": here, "unit": city.units["shop"], "kind": "merchant"},
        "stranger": {"area": elsewhere, "user": made.people["stranger"]},
    }
    made.accounts = {name: account_open(actor=administrator, **owner) for name, owner in owners.items()}
    return made
