"""What members and merchants are shown: their accounts, the shop, a code they are shown, a merchant's month."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from governance.bookings import Timetable
from governance.models import User
from governance.scoping import grant_for, visible_q
from partners.ledger.accounts import balance_of
from partners.ledger.points import unsettled
from partners.models import Account, AccountKind, Redemption, Reward, RewardKind
from partners.rewards.acting import expired, is_own, own_coupon, told
from partners.rewards.codes import code_find
from partners.rewards.offering import is_open, pictured
from partners.rewards.querysets import HANDS_OVER, MERCHANT_ACCOUNTS
from partners.rewards.redeeming import had_of, is_for

# Beginnings of hours offered on a page: every half hour, of the next fortnight [J].
SLOT, DAYS = timedelta(minutes=30), 14
MOST = 200  # rewards of a community on one page


def accounts_of(user: User) -> list[Account]:
    """Return the members' accounts a person redeems from: the own ones first, then those of units they act for."""
    rows = Account.objects.own_of(user).filter(kind=AccountKind.MEMBER, is_active=True)
    return sorted(rows.with_rows(), key=lambda row: (row.user_id is None, row.pk))


def merchants_of(user: User) -> list[Account]:
    """Return the accounts of the merchants a person acts for."""
    found = visible_q(MERCHANT_ACCOUNTS, user)
    if found is None:
        return []
    rows = Account.objects.filter(found, kind=AccountKind.MERCHANT)
    return list(rows.with_rows().order_by("pk"))


def account_chosen(accounts: list[Account], asked: str) -> Account | None:
    """Return the account a page was asked for, the first where none was; None for one that is not among them."""
    if not asked:
        return accounts[0] if accounts else None
    return next((row for row in accounts if str(row.pk) == asked), None)


@dataclass(frozen=True)
class Offer:
    """A reward as one member sees it. ``why_not``: code of why it cannot be redeemed now; empty when it can."""

    reward: Reward
    why_not: str
    missing: int
    picture: bool = False


def offers_for(account: Account) -> list[Offer]:
    """Return what is offered to a member, cheapest first, with what of it the points are enough for."""
    spendable, now = balance_of(account).spendable, timezone.now()
    rows = Reward.objects.filter(area=account.area_id, state="offered").with_rows().order_by("cost", "pk")[:MOST]
    shown = pictured([row.pk for row in rows])
    had = had_of([row for row in rows if row.most is not None], account, now)
    found = [_offer(row, account, spendable, had) for row in rows]
    return [replace(offer, picture=offer.reward.pk in shown) for offer in found if offer.why_not != "not_for_you"]


def offer_for(reward: Reward, account: Account, spendable: int, now: datetime) -> Offer:
    """Return one reward as a member sees it."""
    return _offer(reward, account, spendable, had_of([reward], account, now))


def _offer(reward: Reward, account: Account, spendable: int, had: dict[int, int]) -> Offer:
    missing = max(0, reward.cost - spendable)
    return Offer(reward, _why_not(reward, account, missing, had), missing)


def _why_not(reward: Reward, account: Account, missing: int, had: dict[int, int]) -> str:
    if not is_for(reward, account):
        return "not_for_you"
    if not is_open(reward):
        return "not_offered"
    if reward.free == 0:
        return "out_of_stock"
    if missing:
        return "insufficient"
    if reward.most is not None and had.get(reward.pk, 0) >= reward.most:
        return "limit"
    return ""


def times_of(reward: Reward, now: datetime) -> list[datetime]:
    """Return when the hours of a service may begin in the next two weeks."""
    if reward.kind != RewardKind.SERVICE:
        return []
    end, length = now + timedelta(days=DAYS), timedelta(minutes=reward.minutes)
    table = Timetable.of(reward.venue, timezone.localdate(now), timezone.localdate(end))
    found = []
    for opens, closes in table.free_between(now, end):
        begins = _on_the_half_hour(opens)
        while begins + length <= closes:
            found.append(begins)
            begins += SLOT
    return found


def _on_the_half_hour(moment: datetime) -> datetime:
    over = timedelta(minutes=moment.minute % 30, seconds=moment.second, microseconds=moment.microsecond)
    return moment if not over else moment - over + SLOT


@dataclass(frozen=True)
class Shown:
    """A code somebody was shown. ``usable``: they may hand over now; else ``text`` says why not."""

    redemption: Redemption
    usable: bool
    code: str
    text: str


def code_shown(text: str, *, actor: User) -> Shown | None:
    """Return what a code is for, to who may hand over for it; None when that is not ``actor``.

    Raises Invalid (``unknown``), TooMany.
    """
    row = code_find(text, actor=actor)
    if grant_for(HANDS_OVER, row, actor) is None:
        return None
    why = told(row)
    codes = {"held": "", "fulfilled": "used", "timed_out": "expired"}
    if not why and row.until <= timezone.now():
        return Shown(row, False, "expired", expired(row))
    if not why and is_own(row, actor):
        return Shown(row, False, "own", own_coupon())
    return Shown(row, not why, codes.get(row.state, row.state), why)


@dataclass(frozen=True)
class MerchantMonth:
    """What a merchant took in a month: coupons and their points; ``returned``: taken back later.

    ``unsettled``: points the merchant was given altogether and is not yet settled with.
    """

    month: date
    coupons: int
    points: int
    returned: int
    unsettled: int


def month_of(merchant: Account, month: date) -> MerchantMonth:
    """Return the total of a calendar month (Asia/Shanghai)."""
    rows = month_rows(Redemption.objects.filter(merchant=merchant), month)
    taken = Q(state="fulfilled")
    sums = rows.aggregate(
        coupons=Count("pk", filter=taken), points=Coalesce(Sum("cost", filter=taken), 0),
        returned=Count("pk", filter=Q(state="returned")),
    )  # fmt: skip
    return MerchantMonth(month, unsettled=unsettled(merchant), **sums)


def month_rows(rows: QuerySet[Redemption], month: date) -> QuerySet[Redemption]:
    """Return the coupons that were taken in a month."""
    first = timezone.make_aware(datetime(month.year, month.month, 1))
    after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    end = timezone.make_aware(datetime(after.year, after.month, 1))
    return rows.filter(state__in=["fulfilled", "returned"], ended_at__gte=first, ended_at__lt=end)
