"""What notices may say about redemptions, and when the member is told."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.events import on
from governance.notices import Parties, notice_context, notify_if_kept
from governance.notices.telling import moment
from partners.models import Redemption

HISTORY = timedelta(hours=1)  # what was entered so long after it happened is no news [J]
TOLD = {
    "redemption.made": "redemption_made",
    "redemption.ready": "redemption_ready",
    "redemption.timed_out": "redemption_timed_out",
    "redemption.called_off": "redemption_called_off",
    "redemption.returned": "redemption_returned",
}


@notice_context(
    "partners.redemption",
    variables={
        "name": _("name"), "cost": _("cost in points"), "state": _("state"), "until": _("set aside until"),
        "time": _("time"), "place": _("place"), "area": _("area"), "reason": _("reason"),
    },
    rows=lambda: Redemption.objects.with_rows(),
    parties=lambda row: Parties({}, row.redeemed_by_id),
)  # fmt: skip
def redemption_words(row: Redemption, *, public: bool) -> dict:
    """Return a redemption in texts; its member reads the own page of it."""
    page = "residents_rewards:redemption" if public else "admin:partners_redemption_change"
    return {
        "name": row.title, "cost": row.cost, "state": row.get_state_display(), "until": moment(row.until),
        "time": row.time_text, "place": place_of(row), "area": row.area.name, "url": reverse(page, args=[row.pk]),
    }  # fmt: skip


def place_of(row: Redemption) -> str:
    """Return where it is fulfilled: at the pick-up place in its hours, in the venue at its time, at the merchant's."""
    if row.booking is not None:
        return " ".join(part for part in (row.booking.venue.name, row.booking.venue.address, row.time_text) if part)
    if row.merchant is not None:
        return row.merchant.unit.name
    return " ".join(part for part in (row.reward.pickup_place, row.reward.pickup_hours) if part)


def _tell(row: Redemption, key: str, **more) -> None:
    """Tell who redeemed it; a place that has removed the template tells nobody."""
    # The own page, also of a member who works here.
    own = {"url": reverse("residents_rewards:redemption", args=[row.pk])}
    notify_if_kept([row.redeemed_by], key, subject=row, context=own | more)


@on(*TOLD)
def told_of_redemption(event, row: Redemption) -> None:
    """Tell the member what became of the redemption; why, where somebody else ended it. Nobody is told of history."""
    if event.occurred_at < timezone.now() - HISTORY:
        return
    why = {"reason": row.words} if row.words else {}
    _tell(Redemption.objects.with_rows().get(pk=row.pk), TOLD[event.name], **why)


def reminder_tell(row: Redemption) -> None:
    """Say that it ends tomorrow, or that the booked hours are tomorrow."""
    _tell(row, "redemption_hours" if row.booking_id else "redemption_ends")
