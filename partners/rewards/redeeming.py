"""Redeeming: points set aside, a piece of the stock reserved or hours booked, and a code made; in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.bookings import booking_make
from governance.errors import Conflict, Invalid
from governance.models import Booking, User
from governance.scoping import Grant
from governance.timers import set_timer
from governance.transactions import atomically
from partners.ledger.holds import hold_place
from partners.ledger.permissions import granted as granted_by_ledger
from partners.ledger.querysets import OWNERS
from partners.models import Account, AccountKind, Audience, LimitPer, Redemption, Reward, RewardKind
from partners.rewards.acting import changed_meanwhile, database_refusals, figures_of, machine, sold_out
from partners.rewards.codes import code_new, coupon_of
from partners.rewards.deadlines import REMINDER, reminder_at, reminder_key
from partners.rewards.events import REASONS
from partners.rewards.offering import is_open
from partners.rewards.workflow import COUNTED

NEXT = "SELECT nextval(pg_get_serial_sequence('partners_redemption', 'id'))"


@dataclass(frozen=True)
class Wish:
    """What a member asks for. ``cost``: the price shown (None: whatever it is); ``starts_at``: when, of a service."""

    reward: Reward
    account: Account
    actor: User
    key: str
    cost: int | None
    starts_at: datetime | None
    at: datetime

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.reward.minutes)

    @property
    def until(self) -> datetime:
        """Until when it is set aside: so many days from now; of a service, after its hours."""
        begins = self.ends_at if self.reward.kind == RewardKind.SERVICE else self.at
        return begins + timedelta(days=self.reward.keep_days)


def redeem(reward: Reward, *, actor: User, account: Account, key: str, cost: int | None = None,
           starts_at: datetime | None = None, occurred_at: datetime | None = None) -> Redemption:  # fmt: skip
    """Redeem points of ``account`` for one piece of a reward, or for its hours from ``starts_at``.

    ``key`` names the wish: sent again it is the same redemption. Raises NotPermitted; Invalid naming ``account``,
    ``key`` or ``starts_at``; Conflict (``insufficient``, ``out_of_stock``, ``limit``, ``not_offered``, ``changed``,
    ``key_reused``, ``inactive``, ``overlap``).
    """
    grant = granted_by_ledger(OWNERS, account, actor)
    if not key or len(key) > 120 or "\0" in key:
        raise Invalid(_("A key of 1 to 120 characters is needed."), field="key")
    if account.area_id != reward.area_id or account.kind != AccountKind.MEMBER:
        raise Invalid(_("Points are redeemed in their own community."), field="account")
    with atomically(), database_refusals():
        # The account first, as the ledger does: one wish of a member at a time, so limits and keys hold.
        account = _locked(account)
        made = Redemption.objects.with_rows().filter(account=account, key=key).first()
        fresh = Reward.objects.with_rows().get(pk=reward.pk)
        wish = Wish(fresh, account, actor, key, cost, starts_at, occurred_at or timezone.now())
        if made is not None:
            return _again(made, wish)
        check_wish(wish)
        return _redeemed(wish, grant)


def _locked(account: Account) -> Account:
    rows = Account.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("area", "user", "unit").defer("area__boundary").get(pk=account.pk)


def _again(made: Redemption, wish: Wish) -> Redemption:
    """Return what the key stands for. Raises Conflict when that is something else."""
    same_time = made.booking_id is None or made.booking.made_at != made.booking.changed_at
    if made.reward_id != wish.reward.pk or not (same_time or made.booking.starts_at == wish.starts_at):
        raise Conflict(_("This key was used for something else."), field="key", code="key_reused")
    return made


def check_wish(wish: Wish) -> None:
    """Refuse what can be seen to be refused before anything is written. Raises Conflict, Invalid."""
    reward = wish.reward
    if not is_open(reward, timezone.localdate(wish.at)):
        raise Conflict(_("This is not offered at present."), code="not_offered")
    if wish.cost is not None and wish.cost != reward.cost:
        raise changed_meanwhile()
    if not is_for(reward, wish.account):
        raise Conflict(_("This is not offered to this kind of member."), field="account", code="not_for_you")
    if reward.free == 0:
        raise sold_out()
    had = had_of([reward] if reward.most is not None else [], wish.account, wish.at).get(reward.pk, 0)
    if reward.most is not None and had >= reward.most:
        raise Conflict(_("You have had as many as one member may: %(limit)s.") % {"limit": reward.limit_text},
                       code="limit")  # fmt: skip
    if reward.kind == RewardKind.SERVICE and (wish.starts_at is None or timezone.is_naive(wish.starts_at)):
        raise Invalid(_("Say when."), field="starts_at", code="required")
    if reward.kind == RewardKind.SERVICE and wish.starts_at > wish.at + AHEAD:
        raise Invalid(_("This is too far ahead."), field="starts_at", code="too_far")


def is_for(reward: Reward, account: Account) -> bool:
    """Tell whether it is meant for this member; a shop redeems no coupon of its own: it would buy its own money."""
    if reward.merchant is not None and account.unit_id == reward.merchant.unit_id:
        return False
    return reward.audience != (Audience.UNITS if account.user_id else Audience.PEOPLE)


AHEAD = timedelta(days=92)  # nobody keeps a room by points for longer than a quarter [J]


def had_of(rewards: Sequence[Reward], account: Account, at: datetime) -> dict[int, int]:
    """Return how many of each reward a member has or had in the period its limit counts in; one statement."""
    if not rewards:
        return {}
    today, counted = timezone.localdate(at), Q(pk__in=[])
    firsts = {LimitPer.MONTH: today.replace(day=1), LimitPer.YEAR: today.replace(month=1, day=1)}
    for reward in rewards:
        first = firsts.get(reward.per)
        since = Q() if first is None else Q(redeemed_at__gte=_midnight(first))
        counted |= since & Q(reward=reward.pk)
    rows = Redemption.objects.filter(counted, account=account, state__in=COUNTED)
    return dict(rows.order_by().values("reward").annotate(n=Count("pk")).values_list("reward", "n"))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))


def _redeemed(wish: Wish, grant: Grant) -> Redemption:
    reward, pk = wish.reward, _next_id()
    hold = hold_place(
        wish.account, actor=wish.actor, amount=reward.cost, key=f"redemption:{pk}", reason=REASONS[reward.kind],
        until=wish.until, evidence=("partners.redemption", pk), to=reward.merchant, occurred_at=wish.at,
    )  # fmt: skip
    row = Redemption(
        pk=pk, reward=reward, area=reward.area, account=wish.account, merchant=reward.merchant, kind=reward.kind,
        title=reward.title, worth=reward.worth, cost=reward.cost, key=wish.key, takes=reward.kind != RewardKind.SERVICE,
        hold=hold, redeemed_by=wish.actor, redeemed_at=wish.at, until=wish.until,
    )  # fmt: skip
    row.booking = _booked(wish, row)
    row.save(force_insert=True)  # here the trigger takes a piece, or refuses
    coupon_of(row, code_new()).save(force_insert=True)
    events.record("redemption.made", row, actor=wish.actor, grant=grant, payload=figures_of(row), occurred_at=wish.at)
    due_at = reminder_at(row)
    if due_at is not None:
        set_timer(reminder_key(row), REMINDER, subject_id=pk, due_at=due_at)
    return row


def _next_id() -> int:
    """Return the id the redemption will have: hold and booking name it as what they are for."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT)
        return cursor.fetchone()[0]


def _booked(wish: Wish, row: Redemption) -> Booking | None:
    if wish.reward.kind != RewardKind.SERVICE:
        return None
    return booking_make(venue=wish.reward.venue, starts_at=wish.starts_at, ends_at=wish.ends_at, actor=machine(),
                        title=wish.reward.title, purpose=row, occurred_at=wish.at)  # fmt: skip
