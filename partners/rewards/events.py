"""Names of what happens to rewards and redemptions, and the reasons their transfers have on statements."""

from django.utils.translation import gettext_lazy as _

from governance.events import register
from partners.ledger.reasons import register_reason

for name, label in {
    "reward.made": _("Reward drafted"),
    "reward.planned": _("Reward changed"),
    "reward.offered": _("Reward offered"),
    "reward.received": _("Stock received"),
    "reward.corrected": _("Stock corrected"),
    "reward.paused": _("Reward paused"),
    "reward.ended": _("Offer of a reward ended"),
    "redemption.made": _("Points redeemed for a reward"),
    "redemption.ready": _("Ready for pick-up"),
    "redemption.fulfilled": _("Redemption fulfilled"),
    "redemption.cancelled": _("Redemption cancelled by the member"),
    "redemption.called_off": _("Redemption cancelled for the member"),
    "redemption.timed_out": _("Redemption timed out"),
    "redemption.returned": _("Redemption taken back"),
}.items():
    register(name, label)

# What a redemption's transfers say they were for, by the kind of its reward.
REASONS = {
    "service": register_reason("reward_service", _("Redeemed: community service")),
    "goods": register_reason("reward_goods", _("Redeemed: goods")),
    "coupon": register_reason("reward_coupon", _("Redeemed: merchant's coupon")),
}
RETURNED = register_reason("reward_returned", _("A redemption was taken back"))
