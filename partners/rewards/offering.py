"""Drafting and offering rewards, and the book of their stock."""

from collections.abc import Sequence
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.attachments import attach, attachments_of
from governance.errors import Conflict, Invalid
from governance.models import Area, AreaKind, Attachment, AttachmentPurpose, User
from governance.photos import Upload
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from partners.models import AccountKind, Reward, RewardKind, StockEntry, StockKind
from partners.models.reward import LARGEST_STOCK
from partners.rewards.acting import check_row, database_refusals, figures_of, granted
from partners.rewards.querysets import RUNS

# What a plan holds; kind, code, community and merchant are said once.
PLAN = (
    "title", "about", "cost", "audience", "most", "per", "offered_from", "offered_to", "keep_days", "venue", "minutes",
    "pickup_place", "pickup_hours", "worth",
)  # fmt: skip
NEEDED = {
    RewardKind.SERVICE: ("venue", "minutes"), RewardKind.GOODS: ("pickup_place",), RewardKind.COUPON: ("worth",),
}  # fmt: skip
NOT_OF = {
    RewardKind.SERVICE: ("pickup_place", "pickup_hours", "worth"),
    RewardKind.GOODS: ("venue", "minutes", "worth"),
    RewardKind.COUPON: ("venue", "minutes", "pickup_place", "pickup_hours"),
}


def reward_draft(*, actor: User, area: Area, kind: str, code: str, merchant=None, photos: Sequence[Upload] = (),
                 occurred_at: datetime | None = None, **plan) -> Reward:  # fmt: skip
    """Draft a reward of a community; ``plan`` as in ``PLAN``. ``merchant``: the account of a coupon's merchant.

    Raises NotPermitted, Invalid naming the field.
    """
    at = occurred_at or timezone.now()
    row = Reward(area=area, kind=kind, code=code, merchant=merchant, made_at=at, **_of_kind(kind, plan))
    grant = granted(RUNS, row, actor)
    if area.kind != AreaKind.COMMUNITY:
        raise Invalid(_("Points belong to a community."), field="area")
    _check(row)
    with atomically(), database_refusals():
        row.save(force_insert=True)
        event = events.record("reward.made", row, actor=actor, grant=grant, payload=figures_of(row), occurred_at=at)
        _pictured(row, photos, actor, event)
    return row


def _of_kind(kind: str, plan: dict) -> dict:
    """Return a plan without what its kind has not."""
    unknown = set(plan) - set(PLAN)
    if unknown:
        raise TypeError(f"no part of a plan: {', '.join(sorted(unknown))}")
    dropped = NOT_OF.get(kind, ())
    kept = {name: value for name, value in plan.items() if name not in dropped}
    return kept | {name: value or "" for name, value in kept.items() if name in ("about", "pickup_hours")}


def _check(row: Reward) -> None:
    """Raise Invalid naming the first field that will not do."""
    for name in NEEDED.get(row.kind, ()):
        if not getattr(row, name):
            raise Invalid(_("This is needed for this kind of reward."), field=name, code="required")
    check_row(row)
    if row.offered_from and row.offered_to and row.offered_to < row.offered_from:
        raise Invalid(_("The last day lies before the first."), field="offered_to", code="order")
    if row.venue is not None and not (row.venue.is_active and row.area.contains(row.venue.area)):
        raise Invalid(_("This venue does not serve the community."), field="venue", code="outside")
    if (row.kind == RewardKind.COUPON) != (row.merchant is not None):
        raise Invalid(_("A coupon is of a merchant, and nothing else is."), field="merchant", code="required")
    fits = row.merchant is None or (row.merchant.kind, row.merchant.area_id) == (AccountKind.MERCHANT, row.area_id)
    if not fits or (row.merchant is not None and not row.merchant.is_active):
        raise Invalid(_("The merchant needs a points account in use in this community."), field="merchant")


def _pictured(row: Reward, photos: Sequence[Upload], actor: User, event) -> None:
    if any(photo.kind != "image" for photo in photos):
        raise Invalid(_("Only photos can be sent here."), field="photos", code="images_only")
    if photos:
        attach(row, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)


def picture_of(reward: Reward) -> Attachment | None:
    """Return the newest picture of a reward."""
    return attachments_of(reward).filter(content_type__startswith="image/").order_by("-uploaded_at", "-id").first()


def pictured(pks: Sequence[int]) -> set[int]:
    """Return which of the rewards have a picture."""
    rows = Attachment.objects.filter(subject_type="partners.reward", subject_id__in=pks)
    return set(rows.filter(content_type__startswith="image/").values_list("subject_id", flat=True))


@carries_out("partners.reward", "plan")
def reward_plan(reward: Reward, *, actor: User, photos: Sequence[Upload] = (), version=None, reason="",
                occurred_at=None, **plan) -> Reward:  # fmt: skip
    """Change what is drafted or paused. Raises as ``reward_draft`` and ``perform``."""
    plan = _of_kind(reward.kind, plan)
    with atomically():
        fresh, event = perform(reward, "plan", actor=actor, version=version, reason=reason, occurred_at=occurred_at,
                               payload={"changed": sorted(plan)}, **plan)  # fmt: skip
        _check(fresh)
        _pictured(fresh, photos, actor, event)
    return fresh


@carries_out("partners.reward", "offer")
def reward_offer(reward: Reward, *, actor: User, photos=(), version=None, reason="", occurred_at=None) -> Reward:
    """Offer it to members. Raises Conflict (``over``: its last day is) and as ``perform``."""
    with atomically():
        fresh, _event = perform(reward, "offer", actor=actor, version=version, reason=reason, occurred_at=occurred_at,
                                payload=figures_of(reward))  # fmt: skip
        _check(fresh)
        if fresh.offered_to is not None and fresh.offered_to < timezone.localdate():
            raise Conflict(_("Its last day is over: change the plan first."), code="over")
    return fresh


@carries_out("partners.reward", "pause")
def reward_pause(reward: Reward, *, actor: User, photos=(), version=None, reason="", occurred_at=None) -> Reward:
    """Let nobody redeem for now. Raises as ``perform``."""
    return perform(reward, "pause", actor=actor, version=version, reason=reason, occurred_at=occurred_at,
                   payload=figures_of(reward))[0]  # fmt: skip


@carries_out("partners.reward", "end")
def reward_end(reward: Reward, *, actor: User, photos=(), version=None, reason="", occurred_at=None) -> Reward:
    """End the offer for good; what is set aside is still handed over. Raises as ``perform``."""
    return perform(reward, "end", actor=actor, version=version, reason=reason, occurred_at=occurred_at,
                   payload=figures_of(reward))[0]  # fmt: skip


@carries_out("partners.reward", "receive")
def stock_receive(reward: Reward, *, actor: User, amount: int, note: str = "", photos=(), version=None, reason="",
                  occurred_at=None) -> Reward:  # fmt: skip
    """Enter pieces that came in, or coupons agreed with the merchant. Raises Invalid, as ``perform``."""
    if not 0 < amount <= LARGEST_STOCK:
        raise Invalid(_("A whole number above 0 is needed."), field="amount", code="out_of_range")
    return _entered(reward, "receive", StockKind.RECEIPT, amount, note or reason, actor, version, reason, occurred_at)


@carries_out("partners.reward", "correct")
def stock_correct(reward: Reward, *, actor: User, amount: int, reason: str, photos=(), version=None,
                  occurred_at=None) -> Reward:  # fmt: skip
    """Correct the stock by so many pieces, with the reason. Raises Conflict (``out_of_stock``: they are taken)."""
    if amount == 0 or abs(amount) > LARGEST_STOCK:
        raise Invalid(_("By how many pieces, other than 0?"), field="amount", code="out_of_range")
    return _entered(reward, "correct", StockKind.CORRECTION, amount, reason, actor, version, reason, occurred_at)


def _entered(reward, name, kind, amount, note, actor, version, reason, occurred_at) -> Reward:
    with atomically():
        fresh, _event = perform(reward, name, actor=actor, version=version, reason=reason, occurred_at=occurred_at,
                                payload={"amount": amount})  # fmt: skip
        if fresh.stocked + amount < fresh.taken:
            text = _("%(count)d are set aside or gone: the stock cannot be less.") % {"count": fresh.taken}
            raise Conflict(text, field="amount", code="out_of_stock")
        if fresh.stocked + amount > LARGEST_STOCK:
            raise Invalid(_("The stock would be too large."), field="amount", code="out_of_range")
        with database_refusals():
            StockEntry.objects.create(reward=fresh, area=fresh.area, kind=kind, amount=amount, entered_by=actor,
                                      note=note.strip()[:200])  # fmt: skip
        fresh.refresh_from_db(fields=["stocked", "taken"])
    return fresh


def is_open(reward: Reward, today: date | None = None) -> bool:
    """Tell whether members redeem for it today."""
    today = today or timezone.localdate()
    begun = reward.offered_from is None or reward.offered_from <= today
    return reward.state == "offered" and begun and (reward.offered_to is None or today <= reward.offered_to)
