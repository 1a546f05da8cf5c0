"""Sending what waits: one message at a time per channel, at the channel's rate, with retries, across all workers.

A message is taken in one transaction (its row says when it counts as lost), handed to the service outside any, and
settled in another. A worker killed in between leaves it to the next: nothing is lost, and a message goes out twice only
if the worker died after the service took it and before that was stored. Channels do not wait for each other.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import uniform

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.models import Delivery, DeliveryState, NoticeChannel, Role, User
from governance.notices import gateways, sealing
from governance.notices.gateways import Message, NotTaken
from governance.notices.preferences import preferences_of, quiet_until
from governance.scoping import Grant

log = logging.getLogger(__name__)

MINUTE = timedelta(minutes=1)
LEASE = timedelta(minutes=2)  # after which a taken message counts as dropped; a send takes 15 s at most per host
MOST_TRIES = 8  # over about two hours
FIRST_GAP, LONGEST_GAP = MINUTE, timedelta(hours=1)
TOO_OLD = timedelta(hours=24)  # news of yesterday helps nobody; also what waits on a channel that was switched off
AT_ONCE = 50  # messages before another channel may have the thread
PUT_ASIDE = 200  # messages held or given up in one transaction


@dataclass(frozen=True)
class Taken:
    """A message that is ours to send until ``LEASE`` after ``at``."""

    delivery_id: int
    channel_id: int
    at: datetime
    message: Message | None
    fault: str = ""


def due_channels() -> list[int]:
    """Return the ids of channels that have something to send now; one statement."""
    rows = Delivery.objects.due(timezone.now()).filter(channel__is_active=True)
    return list(rows.order_by().values_list("channel_id", flat=True).distinct())


def drain(channel_id: int, stopped: Callable[[], bool] = lambda: False) -> int:
    """Send what is due on a channel until nothing is, its rate is reached or ``AT_ONCE`` were tried; tell how many."""
    tried = 0
    while tried < AT_ONCE and not stopped() and (taken := take(channel_id)):
        settle(taken, _sent(taken))
        tried += 1
    return tried


def _sent(taken: Taken) -> str:
    """Send and return why it failed; empty when it did not."""
    if taken.message is None:
        return taken.fault
    try:
        gateways.send(taken.message)
    except NotTaken as error:
        return str(error)
    return ""


def take(channel_id: int) -> Taken | None:
    """Take the next message of a channel, the urgent first; None when there is none or the rate is reached.

    The channel's row is locked meanwhile, so that two workers neither take the same nor exceed the rate.
    """
    with transaction.atomic():
        rows = NoticeChannel.objects.select_for_update(no_key=True).filter(pk=channel_id, is_active=True)
        channel = rows.first()
        now = timezone.now()
        if channel is None or _sent_lately(channel, now) >= channel.rate:
            return None
        due = Delivery.objects.due(now).filter(channel=channel)
        order = (F("urgency").desc(), "next_try_at", "id")  # "urgent" after "normal"
        for _try in range(PUT_ASIDE):
            delivery = due.select_related("notice__person").order_by(*order).first()
            if delivery is None or not _put_aside(delivery, channel, now):
                return delivery and _taken(delivery, channel, now)
    return None


def _sent_lately(channel: NoticeChannel, now: datetime) -> int:
    return Delivery.objects.filter(channel=channel, taken_at__gt=now - MINUTE).count()


def _put_aside(delivery: Delivery, channel: NoticeChannel, now: datetime) -> bool:
    """Give up what is too old or tried too often, hold what would ring in quiet hours; tell whether it was either."""
    if delivery.attempts >= MOST_TRIES or now - delivery.created_at > TOO_OLD:
        delivery.state = DeliveryState.GIVEN_UP
        delivery.last_error = delivery.last_error or _("It could not be sent in time.")
        delivery.save(update_fields=["state", "last_error"])
        _note_failure(channel, delivery, now)
        return True
    if delivery.notice is None:
        return False
    person = delivery.notice.person
    until = quiet_until(preferences_of([person])[person.pk], now, urgent=delivery.urgency == "urgent")
    if until is None:
        return False
    delivery.state, delivery.next_try_at = DeliveryState.HELD, until
    delivery.save(update_fields=["state", "next_try_at"])
    return True


def _taken(delivery: Delivery, channel: NoticeChannel, now: datetime) -> Taken:
    delivery.state, delivery.taken_at, delivery.next_try_at = DeliveryState.SENDING, now, now + LEASE
    delivery.attempts += 1
    delivery.save(update_fields=["state", "taken_at", "next_try_at", "attempts"])
    message, fault = _message(delivery, channel)
    return Taken(delivery.pk, channel.pk, now, message, fault)


def _message(delivery: Delivery, channel: NoticeChannel) -> tuple[Message | None, str]:
    """Return what to send, or why it cannot be sent."""
    try:
        address = sealing.opened(channel.address_sealed) if channel.address_sealed else ""
    except sealing.CannotOpen:
        return None, _("The address can no longer be read (the key of the installation changed): enter it again.")
    person = delivery.notice.person if delivery.notice else None
    if person is not None and not (person.is_active and person.phone):
        return None, _("This person has no phone any more.")
    return Message(channel.kind, address, delivery.title, delivery.body, person.phone if person else ""), ""


def settle(taken: Taken, fault: str) -> None:
    """Store what became of a taken message, unless another worker took it over meanwhile."""
    with transaction.atomic():
        channel = NoticeChannel.objects.select_for_update(no_key=True).get(pk=taken.channel_id)
        delivery = Delivery.objects.select_for_update(of=("self",)).filter(pk=taken.delivery_id).first()
        if delivery is None or delivery.state != DeliveryState.SENDING or delivery.taken_at != taken.at:
            return
        now = timezone.now()
        delivery.last_error = fault[:300]
        if not fault:
            delivery.state, delivery.sent_at = DeliveryState.SENT, now
            _note_success(channel)
        elif delivery.attempts >= MOST_TRIES:
            delivery.state = DeliveryState.GIVEN_UP
            _note_failure(channel, delivery, now)
        else:
            delivery.state, delivery.next_try_at = DeliveryState.FAILED, now + gap(delivery.attempts)
            log.warning("message %s over %s failed (try %s)", delivery.pk, channel.code, delivery.attempts)
        delivery.save(update_fields=["state", "sent_at", "last_error", "next_try_at"])


def gap(attempts: int) -> timedelta:
    """Return how long to wait after so many tries: doubled each time, up to half as much more by chance, so that many
    messages that failed together do not come back together."""
    return min(FIRST_GAP * 2 ** (attempts - 1), LONGEST_GAP) * uniform(1.0, 1.5)


def _note_success(channel: NoticeChannel) -> None:
    if channel.failing_since is not None:
        channel.failing_since = None
        channel.save(update_fields=["failing_since"])


def _note_failure(channel: NoticeChannel, delivery: Delivery, now: datetime) -> None:
    """Record once per outage that a channel gives messages up; a rule tells the administrators."""
    if channel.failing_since is not None:
        return
    channel.failing_since = now
    channel.save(update_fields=["failing_since"])
    payload = {"channel": channel.code, "delivery": delivery.pk, "attempts": delivery.attempts}
    actor = User.objects.system("notices")
    events.record("notice_channel.failed", channel, actor=actor, grant=Grant(Role.SYSTEM), payload=payload)
