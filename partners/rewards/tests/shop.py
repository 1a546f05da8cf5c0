"""A small shop for tests: goods, a merchant's coupon and hours of a room in ``community``; everybody who has a part."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import count

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.utils import timezone

from conftest import PASSWORD, SINCE
from governance.clock import SHANGHAI
from governance.models import Appointment, OpeningHours, OrgUnit, Role, User, Venue
from governance.workflow import act
from partners.ledger.accounts import account_open
from partners.models import Hold, Redemption, Reward
from partners.rewards.codes import code_of
from partners.rewards.offering import reward_draft
from partners.rewards.redeeming import redeem
from partners.tests.bank import Bank

RICE = {"kind": "goods", "code": "rice", "title": "大米5公斤", "cost": 20, "pickup_place": "社区服务台"}
TEN = {"kind": "coupon", "code": "ten", "title": "10元券", "cost": 10, "worth": "满10元减10元"}
ROOM = {"kind": "service", "code": "room", "title": "活动室优先使用", "cost": 5, "minutes": 120}


@dataclass
class Shop:
    """``rice`` (goods), ``ten`` (a coupon of ``shop``), ``room`` (a service); ``lawyer`` and ``baker`` are members.

    ``shopkeeper`` acts for the merchant ``shop``, ``bookseller`` for the merchant ``books``; ``manager`` is the partner
    manager of ``community``, ``other_manager`` elsewhere.
    """

    bank: Bank
    venue: Venue
    rewards: dict[str, Reward] = field(default_factory=dict)
    numbers: count = field(default_factory=count)

    def user(self, name: str) -> User:
        if name in self.bank.people:
            return self.bank.user(name)
        return self.bank.city.user(name)

    @property
    def manager(self) -> User:
        return self.user("manager")

    def reward(self, name: str) -> Reward:
        """A reward as it is now."""
        return Reward.objects.with_rows().get(pk=self.rewards[name].pk)

    def redeem(self, name: str, by: str = "lawyer", **given) -> Redemption:
        """Redeem points of a member for a reward; of hours, the next free ones."""
        account = self.bank.account({"baker": "bakery"}.get(by, by))
        if name == "room":
            given = {"starts_at": self.hour()} | given
        given = {"key": f"wish:{next(self.numbers)}"} | given
        return redeem(self.reward(name), actor=self.user(by), account=account, **given)

    def hour(self, days: int = 1, hour: int = 9) -> datetime:
        """An hour so many days from now."""
        day = timezone.localdate() + timedelta(days=days)
        return datetime.combine(day, time(hour), SHANGHAI)

    def step(self, obj, step: str, by: str = "manager", /, **given):
        return act(type(obj).objects.get(pk=obj.pk), step, actor=self.user(by), **given)

    def fulfilled(self, redemption: Redemption, by: str = "") -> Redemption:
        """Hand over by the code: the manager what is the community's, the shopkeeper the coupon."""
        by = by or ("shopkeeper" if redemption.merchant_id else "manager")
        return self.step(redemption, "fulfil", by, code=code_of(redemption))

    @staticmethod
    def fresh(redemption: Redemption) -> Redemption:
        return Redemption.objects.with_rows().get(pk=redemption.pk)

    @staticmethod
    def hold(redemption: Redemption) -> Hold:
        return Hold.objects.with_rows().get(pk=redemption.hold_id)


def build_shop(bank: Bank, *, points: int = 100, stock: int = 5) -> Shop:
    """Add a venue, a partner manager, another merchant and three rewards on offer; give both members points."""
    city, here = bank.city, bank.city.area("community")
    venue = Venue.objects.create(code="hall", name="活动室", area=here, unit=city.unit("committee"), capacity=20,
                                 open_on_holidays=True)  # fmt: skip
    OpeningHours.objects.bulk_create(
        OpeningHours(venue=venue, weekday=day, opens="08:00", closes="21:00") for day in range(7)
    )
    _people(bank)
    made = Shop(bank, venue)
    more = {"rice": {}, "ten": {"merchant": bank.account("shop")}, "room": {"venue": venue}}
    for told in (RICE, TEN, ROOM):
        row = reward_draft(actor=made.manager, area=here, **told, **more[told["code"]])
        if told["kind"] != "service":
            row = made.step(row, "receive", amount=stock)
        made.rewards[told["code"]] = made.step(row, "offer")
    for name in ("lawyer", "bakery"):
        bank.earn(name, points)
    return made


def _people(bank: Bank) -> None:
    city = bank.city
    here, elsewhere = city.area("community"), city.area("other_community")
    books = OrgUnit.objects.create(code="books", name="书吧", kind="merchant", area=here)
    city.units["books"] = books
    names = ("manager", "other_manager", "bookseller")
    password = make_password(PASSWORD)
    for name in names:
        bank.people[name] = User.objects.create(username=f"p-{name}", name=f"{name}员", password=password,
                                                is_staff="manager" in name)  # fmt: skip
    rows = [
        ("manager", city.unit("committee"), Role.PARTNER_MANAGER, here),
        ("other_manager", city.unit("other_committee"), Role.PARTNER_MANAGER, elsewhere),
        ("bookseller", books, Role.MERCHANT, here),
        ("shopkeeper", city.unit("shop"), Role.MERCHANT, here),
    ]
    Appointment.objects.filter(user=bank.people["shopkeeper"]).delete()
    Appointment.objects.bulk_create(
        Appointment(user=bank.people[name], unit=unit, role=role, area=area, valid_from=SINCE)
        for name, unit, role, area in rows
    )
    bank.accounts["books"] = account_open(here, actor=city.user("administrator"), unit=books, kind="merchant")


def load_notices() -> None:
    """The texts that every installation begins with."""
    call_command("loaddata", str(settings.BASE_DIR / "fixtures" / "0009_reward_notices.json"), verbosity=0)
