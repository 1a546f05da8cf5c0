"""Redemption in the fictional city: the rewards of a community, and redemptions in every state.

Told through the services, at the times at which it would have happened. Needs the fixtures of the city loaded.
"""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from governance.clock import SHANGHAI
from governance.models import Area, OrgUnit, User, Venue
from governance.workflow import act
from partners.ledger.accounts import account_open, balance_of
from partners.ledger.adjustments import adjustment_approve, adjustment_propose
from partners.models import Account, Redemption, Reward
from partners.rewards.codes import code_of
from partners.rewards.members import times_of
from partners.rewards.offering import reward_draft
from partners.rewards.redeeming import redeem

DAY = timedelta(days=1)
AREA, VENUE, MANAGER, STAFF, ADMINISTRATOR = (
    "990102001002", "liudi-activity", "partners.liudi", "community.liudi", "admin",
)  # fmt: skip
SHELF = {"pickup_place": "柳堤社区党群服务中心一楼服务台", "pickup_hours": "工作日 9:00–17:00"}
REWARDS = [  # code, kind, title, cost, stock, the rest of the plan
    ("liudi-room", "service", "活动室优先使用", 20, 0,
     {"minutes": 120, "most": 2, "per": "month", "keep_days": 3,
      "about": "提前选定时段，文体活动室两小时归您使用，适合排练、读书会、家庭聚会。"}),
    ("liudi-rice", "goods", "大米5公斤", 60, 40, SHELF | {"most": 1, "per": "month", "about": "本地新米，社区采购。"}),
    ("liudi-oil", "goods", "食用油1.8升", 50, 30, SHELF | {"most": 1, "per": "month"}),
    ("liudi-washing", "goods", "洗衣液2公斤", 35, 2, SHELF),
    ("liudi-liangyou-10", "coupon", "柳堤粮油10元券", 10, 200,
     {"merchant": "merchant-liangyou", "worth": "满10元减10元", "keep_days": 30, "most": 5, "per": "month"}),
    ("liudi-shuba-coffee", "coupon", "茶屿书吧咖啡券", 15, 60,
     {"merchant": "merchant-shuba", "worth": "美式或拿铁一杯", "keep_days": 30}),
]  # fmt: skip
MEMBERS = {"resident": 180, "neighbour.1": 120, "neighbour.2": 90, "neighbour.3": 40}
WHY = "积分银行开户前的志愿服务，按台账补记"


def load_rewards(*, now: datetime | None = None) -> int:
    """Write the rewards and redemptions; returns how many redemptions there are."""
    now = now or timezone.now()
    with transaction.atomic():
        area = Area.objects.get(code=AREA)
        accounts = {name: _member(area, name, points) for name, points in MEMBERS.items()}
        rewards = {code: _offered(area, now, code, *told) for code, *told in REWARDS}
        _redemptions(now, accounts, rewards)
    return Redemption.objects.count()


def _person(username: str) -> User:
    return User.objects.get(username=username)


def _member(area: Area, username: str, points: int) -> Account:
    """Open the account of a person, with at least so many points."""
    account = account_open(area, actor=_person(STAFF), user=_person(username))
    missing = points - balance_of(account).spendable
    if missing > 0:
        row = adjustment_propose(account, actor=_person(STAFF), amount=missing, reason=WHY)
        adjustment_approve(row, actor=_person(ADMINISTRATOR))
    return account


def _offered(area: Area, now: datetime, code: str, kind: str, title: str, cost: int, stock: int, plan: dict) -> Reward:
    plan, manager, at = dict(plan), _person(MANAGER), now - 30 * DAY
    if kind == "coupon":
        unit = OrgUnit.objects.get(code=plan.pop("merchant"))
        plan["merchant"] = account_open(area, actor=_person(STAFF), unit=unit, kind="merchant")
    if kind == "service":
        plan["venue"] = Venue.objects.select_related("area").get(code=VENUE)
    row = reward_draft(actor=manager, area=area, kind=kind, code=code, title=title, cost=cost, occurred_at=at, **plan)
    if stock:
        row = act(row, "receive", actor=manager, amount=stock, note="首批入库", occurred_at=at)
    return act(row, "offer", actor=manager, occurred_at=at)


def _redemptions(now: datetime, accounts: dict[str, Account], rewards: dict[str, Reward]) -> None:
    def wish(who: str, code: str, at: datetime, **given) -> Redemption:
        return redeem(rewards[code], actor=_person(who), account=accounts[who], key=f"demo:{code}:{at:%d%H}",
                      occurred_at=at, **given)  # fmt: skip

    def step(row: Redemption, name: str, by: str, at: datetime, **given) -> Redemption:
        return act(row, name, actor=_person(by), occurred_at=at, **given)

    # waiting for the resident: a coupon to show, rice that is ready, hours to come
    wish("resident", "liudi-liangyou-10", now - DAY)
    step(wish("resident", "liudi-rice", now - 3 * DAY), "prepare", MANAGER, now - 2 * DAY)
    times = times_of(rewards["liudi-room"], datetime.combine(now.date() + 2 * DAY, time(), SHANGHAI))
    wish("neighbour.1", "liudi-room", now - DAY, starts_at=times[4])
    # taken by the merchants, handed over at the desk, one taken back
    for who, code, till in (("resident", "liudi-liangyou-10", "merchant.liangyou"),
                            ("neighbour.1", "liudi-liangyou-10", "merchant.liangyou"),
                            ("neighbour.2", "liudi-shuba-coffee", "merchant.shuba")):  # fmt: skip
        row = wish(who, code, now - 4 * DAY)
        step(row, "fulfil", till, now - 2 * DAY, code=code_of(row))
    row = wish("neighbour.1", "liudi-oil", now - 5 * DAY)
    step(row, "fulfil", MANAGER, now - 3 * DAY, code=code_of(row))
    row = wish("neighbour.2", "liudi-washing", now - 5 * DAY)
    done = step(row, "fulfil", STAFF, now - 4 * DAY, code=code_of(row))
    step(done, "return", MANAGER, now - DAY, reason="包装破损，已退货", restock=False)
    # cancelled by the member, and for a member; one that times out a few minutes after the demo was loaded
    step(wish("neighbour.3", "liudi-liangyou-10", now - 6 * DAY), "cancel", "neighbour.3", now - 5 * DAY)
    step(
        wish("neighbour.3", "liudi-washing", now - 4 * DAY),
        "call_off",
        MANAGER,
        now - 3 * DAY,
        reason="本批洗衣液批次不合格，请改换",
    )
    wish("neighbour.2", "liudi-oil", now - 7 * DAY + timedelta(minutes=5))
