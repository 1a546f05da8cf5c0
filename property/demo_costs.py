"""Shared costs of the three demo estates, told through the services: a quarter disclosed, one collected, one drafted.

桂子苑 has a fund and a company, 云澜华苑 lifts and a large fund, 船厂宿舍 neither: there the community keeps the books.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from django.utils import timezone

from governance.models import Estate, Event, OrgUnit, User
from governance.workflow import act
from property.costs.accounts import accounts_of
from property.costs.books import books_open
from property.costs.disclosures import disclosures_plan
from property.costs.rules import span_of
from property.models import CostPeriod, Disclosure, EstateBooks, HouseholdAccount

YUAN = Decimal
PAID_SHARE = 0.7  # of the households pay in time [J]
NAMES = ("第一季度", "第二季度", "第三季度", "第四季度")


@dataclass(frozen=True)
class Told:
    """What is told of an estate: who keeps and who publishes, monthly income, costs of a quarter, terms, its fund."""

    estate: str
    company: str | None
    keeper: str
    publisher: str
    income: tuple
    costs: tuple
    terms: dict
    basis: str
    fund: tuple | None


ESTATES = (
    Told(
        "GZY", "property-anlan", "manager.anlan", "owners.gzy",
        (("parking", "1260.00", "地面车位停车费"), ("advertising", "300.00", "宣传栏广告")),
        (("cleaning", "楼道及院内保洁", "2700.00", "云川洁美保洁部"), ("security", "门岗值守", "3600.00", ""),
         ("greening", "绿化养护", "860.50", "青禾园艺"), ("repairs", "公共部位小修", "1238.20", ""),
         ("featured", "快递代收与助老服务", "400.00", "")),
        {"subsidy": (None, YUAN("2000.00")), "public_income": (YUAN(2), None), "household": (YUAN(3), None)},
        "area", ("云川市维修资金管理中心", "86420.35"),
    ),
    Told(
        "YLHY", "property-heyuan", "manager.heyuan", "owners.ylhy",
        (("parking", "5400.00", "公共车位月租"), ("lift_advertising", "2600.00", "电梯轿厢广告"),
         ("vending", "450.00", "快递柜场地费")),
        (("staff", "管理及客服人员", "15600.00", ""), ("cleaning", "保洁", "6900.00", "洁万家"),
         ("security", "安保", "11800.00", ""), ("lifts", "电梯维保与年检", "4260.00", "云川电梯"),
         ("energy", "公共水电", "5317.46", "")),
        {"public_income": (YUAN(1), None), "household": (YUAN(4), None)},
        "area", ("云川市维修资金管理中心", "1254880.00"),
    ),
    Told(
        "CCSS", None, "community.dukouli", "admin",
        (("parking", "240.00", "院内停车"),),
        (("cleaning", "院落保洁", "1050.00", ""), ("repairs", "楼道灯更换", "186.00", "")),
        {"subsidy": (YUAN(6), None), "public_income": (YUAN(1), None), "household": (YUAN(3), None)},
        "dwelling", None,
    ),
)  # fmt: skip


def load_costs(*, now: datetime | None = None, seed: int = 9904) -> int:
    """Write books, income, three cost periods and disclosures of each estate; returns how many payments there are."""
    now = now or timezone.now()
    people = {user.username: user for user in User.objects.filter(is_system=False)}
    quarters = _quarters(timezone.localdate(now))
    for told in ESTATES:
        _load(told, people, quarters, now, Random(seed))
    disclosures_plan(timezone.localdate(now))
    _publish_older(people)
    return Event.objects.filter(name="books.payment_recorded").count()


def _quarters(today: date) -> list[tuple[date, date]]:
    """Return the quarter under way and the two before it, the oldest first."""
    found, day = [], today
    for _number in range(3):
        found.append(span_of(day, 3))
        day = found[-1][0] - timedelta(days=1)
    return found[::-1]


def _load(told: Told, people: dict, quarters: list, now: datetime, rng: Random) -> None:
    company = OrgUnit.objects.filter(code=told.company).first()
    estate = Estate.objects.select_related("area").get(code=told.estate)
    books = books_open(actor=people["admin"], estate=estate, company=company)
    keeper, publisher = people[told.keeper], people[told.publisher]
    begun = quarters[0][0]
    if told.fund:
        bank, amount = told.fund
        fund = act(books, "open_fund", actor=people["admin"], bank=bank, amount=YUAN(amount), booked_on=begun).made
        act(fund, "deposit", actor=people["admin"], kind="interest", amount=YUAN("312.08"), purpose="季度利息",
            booked_on=min(quarters[1][0] + timedelta(days=20), timezone.localdate(now)))  # fmt: skip
    _income(told, books, keeper, begun, timezone.localdate(now))
    for place, days in enumerate(quarters):
        period = _draft(told, books, keeper, days)
        if place < 2:
            _collected(told, period, keeper, publisher, now - timedelta(days=(130, 45)[place]))
            _payments(books, keeper, timezone.localdate(now), rng, all_of_them=place == 0)
        if place == 0:
            _finished(period, keeper, publisher, now)


def _income(told: Told, books: EstateBooks, keeper: User, begun: date, today: date) -> None:
    day = begun + timedelta(days=9)
    while day <= today:
        for kind, amount, purpose in told.income:
            act(books, "earn", actor=keeper, kind=kind, amount=YUAN(amount), booked_on=day, purpose=purpose)
        day += timedelta(days=30)
    act(books, "spend", actor=keeper, kind="parking", amount=YUAN("180.00"), purpose="车位划线",
        booked_on=begun + timedelta(days=40))  # fmt: skip


def _draft(told: Told, books: EstateBooks, keeper: User, days: tuple[date, date]) -> CostPeriod:
    title = f"{days[0].year}年{NAMES[(days[0].month - 1) // 3]}物业服务"
    given = {"first": days[0], "last": days[1], "agreement": "物业服务合同及成本共担协商纪要"}
    period = act(books, "open_period", actor=keeper, title=title, **given).made
    for kind, line, amount, supplier in told.costs:
        given = {"kind": kind, "title": line, "amount": YUAN(amount), "supplier": supplier}
        period = act(period, "add_line", actor=keeper, **given)
    return act(period, "set_terms", actor=keeper, basis=told.basis, terms=told.terms)


def _collected(told: Told, period: CostPeriod, keeper: User, publisher: User, moment: datetime) -> None:
    act(period, "publish", actor=publisher, occurred_at=moment)
    begins = moment + timedelta(days=8)
    due_on = timezone.localdate(begins) + timedelta(days=30)
    act(period, "collect", actor=keeper, due_on=due_on, occurred_at=begins)


def _payments(books: EstateBooks, keeper: User, today: date, rng: Random, *, all_of_them: bool) -> None:
    """Let households pay: all but one, or most of them, one a part and one too much."""
    rows = HouseholdAccount.objects.filter(books=books).select_related("dwelling__building")
    accounts = sorted(accounts_of(books).values(), key=lambda account: account.account_id)
    named = {row.pk: row for row in rows}
    for place, account in enumerate(accounts):
        late = place == 3 or (not all_of_them and place > 1 and rng.random() > PAID_SHARE)
        if late or not account.owed:
            continue
        amount = account.owed
        if not all_of_them and place in (0, 1):
            amount = (amount / 2).quantize(YUAN("0.01")) if place == 0 else amount + 20
        row = named[account.account_id]
        given = {
            "account": row,
            "dwelling": row.dwelling,
            "method": rng.choice(["bank", "wechat", "cash"]),
            "paid_on": today - timedelta(days=rng.randint(5, 30)),
        }
        act(books, "pay", actor=keeper, amount=amount, **given)


def _finished(period: CostPeriod, keeper: User, publisher: User, now: datetime) -> None:
    """Correct a line, settle, disclose."""
    period.refresh_from_db()
    line = period.lines.order_by("id").first()
    given = {"line": line, "amount": line.amount - 36, "reason": "发票金额与公示不符，按发票更正"}
    period = act(period, "correct", actor=publisher, **given)
    subsidy = sum(part.amount for part in period.parts.filter(source="subsidy"))
    period = act(period, "settle", actor=keeper, subsidy_received=YUAN(subsidy))
    act(period, "disclose", actor=publisher)


def _publish_older(people: dict) -> None:
    """Publish all but the newest of what is due, so that some of it is late."""
    publishers = {told.estate: people[told.publisher] for told in ESTATES}
    newest = Disclosure.objects.order_by("-last").values_list("last", flat=True).first()
    for row in Disclosure.objects.with_rows().exclude(last=newest).order_by("first"):
        act(row, "publish", actor=publishers[row.books.estate.code])
