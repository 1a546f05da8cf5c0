"""Writes of people about notices: reading, choosing, trying a channel, sending once more."""

from collections.abc import Mapping
from datetime import time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.configuration import configuration_grant
from governance.errors import Conflict, Invalid, NotPermitted, Unavailable
from governance.models import Delivery, DeliveryState, Notice, NoticeChannel, NoticePreference, NoticeRule, Role, User
from governance.models.notice import LANGUAGES, ChannelKind, Reach, Recipient
from governance.notices import gateways, sealing
from governance.notices.preferences import group_of, preferences_of
from governance.scoping import Grant, roles_of
from governance.transactions import atomically

KEEP_NOTICES, KEEP_MESSAGES = timedelta(days=365), timedelta(days=90)
AT_ONCE = 5000  # rows deleted in one statement
RETRIED = (DeliveryState.GIVEN_UP, DeliveryState.FAILED)


def notice_read(notice: Notice, *, actor: User) -> Notice:
    """Mark an own notice as read; it keeps the time it was first read. Reading is nobody's business: no event."""
    if notice.person_id != actor.pk:
        raise NotPermitted(_("This notice is not yours."))
    if notice.read_at is None:
        notice.read_at = timezone.now()
        Notice.objects.unread().filter(pk=notice.pk).update(read_at=notice.read_at)
    return notice


def notices_read(*, actor: User) -> int:
    """Mark all own notices as read; return how many were not."""
    return Notice.objects.visible_to(actor).unread().update(read_at=timezone.now())


def preference_save(*, actor: User, language: str, quiet_from: time | None, quiet_to: time | None,
                    urgent_any_time: bool, choices: Mapping[str, str]) -> NoticePreference:  # fmt: skip
    """Store a person's own choices; raises Invalid naming the field."""
    if language not in dict(LANGUAGES):
        raise Invalid(_("There is no such language."), field="language")
    if (quiet_from is None) != (quiet_to is None) or quiet_from is not None and quiet_from == quiet_to:
        raise Invalid(_("Quiet hours need a beginning and another end."), field="quiet_to")
    known = choosable()
    for name, reach in choices.items():
        if name not in known or reach not in Reach.values:
            raise Invalid(_("There is no such choice: %(name)s.") % {"name": str(name)[:60]}, field="choices")
    with atomically():
        preference = NoticePreference(
            person=actor, language=language, quiet_from=quiet_from, quiet_to=quiet_to,
            urgent_any_time=urgent_any_time, choices=dict(choices),
        )  # fmt: skip
        preference.save()
        grant = Grant(Role.SYSTEM if actor.is_system else Role.RESIDENT)
        events.record("notice_preference.changed", preference, actor=actor, grant=grant, payload={})
    return preference


def preference_of(user: User) -> NoticePreference:
    """Return what a person chose, or what holds without."""
    return preferences_of([user])[user.pk]


def choosable(user: User | None = None) -> dict[str, list[NoticeRule]]:
    """Return what may be chosen for: each group of events, then each rule, with the rules it stands for.

    With ``user`` only rules that could mean this person today.
    """
    groups: dict[str, list[NoticeRule]] = {}
    single: dict[str, list[NoticeRule]] = {}
    for rule in NoticeRule.objects.filter(is_active=True).order_by("code"):
        if user is None or _could_mean(rule, user):
            groups.setdefault(group_of(rule.event), []).append(rule)
            single[f"rule:{rule.code}"] = [rule]
    return groups | single


def _could_mean(rule: NoticeRule, user: User) -> bool:
    if rule.recipient == Recipient.ROLE:
        return rule.role in roles_of(user)
    if rule.recipient == Recipient.PERSON:
        return rule.person_id == user.pk
    return rule.recipient != Recipient.CHANNEL


def channel_test(channel: NoticeChannel, *, actor: User) -> None:
    """Send a test over a channel now. Raises Unavailable with the reason when it is not taken.

    Text messages go to the phone of whoever tries it.
    """
    grant = configuration_grant(channel, "change", actor)
    if grant is None:
        raise NotPermitted(_("You may not change this: it is not yours or lies outside your area."))
    phone = actor.phone or "" if channel.kind == ChannelKind.SMS else ""
    if channel.kind == ChannelKind.SMS and not phone:
        raise Invalid(_("Your account has no phone to send the test to."))
    try:
        address = sealing.opened(channel.address_sealed) if channel.address_sealed else ""
        title, body = _("Test message"), _("This channel can send notices.")
        gateways.send(gateways.Message(channel.kind, address, title, body, phone))
    except sealing.CannotOpen as error:
        raise Unavailable(_("The address can no longer be read: enter it again.")) from error
    except gateways.NotTaken as error:
        raise Unavailable(str(error)) from error
    events.record("notice_channel.tested", channel, actor=actor, grant=grant, payload={"channel": channel.code})


def forget_old() -> int:
    """Delete notices older than ``KEEP_NOTICES`` and messages older than ``KEEP_MESSAGES``; return how many rows."""
    now = timezone.now()
    gone = 0
    for rows in (
        Delivery.objects.filter(created_at__lt=now - KEEP_MESSAGES),
        Notice.objects.filter(created_at__lt=now - KEEP_NOTICES),
    ):
        while pks := list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
            gone += rows.model.objects.filter(pk__in=pks).delete()[0]
    return gone


def delivery_retry(delivery: Delivery, *, actor: User) -> Delivery:
    """Let a failed or given-up message be sent once more, with all its tries. Raises Conflict for any other."""
    with atomically():
        locked = Delivery.objects.select_for_update(of=("self",)).select_related("channel__area").get(pk=delivery.pk)
        grant = configuration_grant(locked, "change", actor)
        if grant is None:
            raise NotPermitted(_("You may not change this: it is not yours or lies outside your area."))
        if locked.state not in RETRIED:
            raise Conflict(_("Only what failed can be sent once more."))
        now = timezone.now()
        locked.state, locked.attempts, locked.next_try_at = DeliveryState.WAITING, 0, now
        locked.created_at = now
        locked.save(update_fields=["state", "attempts", "next_try_at", "created_at"])
        payload = {"channel": locked.channel.code, "delivery": locked.pk}
        events.record("notice_channel.retried", locked.channel, actor=actor, grant=grant, payload=payload)
    return locked
