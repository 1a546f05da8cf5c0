"""What must hold for templates, rules and channels: asked by their forms, and again before anything is saved."""

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from governance import events
from governance.configuration import configuration_grant, guards
from governance.errors import Invalid
from governance.models import NoticeChannel, NoticeRule, NoticeTemplate
from governance.models.notice import ChannelKind, Part, Recipient
from governance.notices import addresses, sealing, wording

MOST_CONDITIONS = 10
# What a rule must name for each kind of recipient; everything else must be empty.
NEEDS = {
    Recipient.ROLE: {"role", "part"},
    Recipient.UNIT: set(),
    Recipient.PERSON: {"person"},
    Recipient.REPORTER: set(),
    Recipient.ACTOR: set(),
    Recipient.CHANNEL: {"channel"},
}
MAY = {Recipient.UNIT: {"unit", "part"}}
NAMED = ("role", "part", "unit", "person", "channel")


def check_template(template: NoticeTemplate) -> None:
    """Raise ValidationError by field: what a template may not say, or variables its context does not have."""
    for field in ("title", "body"):
        try:
            wording.check(getattr(template, field), template.context)
        except ValidationError as error:
            where = "context" if error.code == "unknown_context" else field
            raise ValidationError({where: error}) from error


def check_rule(rule: NoticeRule, actor) -> None:
    """Raise ValidationError by field: an unknown event or template, a recipient that is not wholly named."""
    if rule.event not in events.registered():
        raise ValidationError({"event": _("There is no such event.")})
    if not NoticeTemplate.objects.filter(key=rule.template).exists():
        raise ValidationError({"template": _("There is no template with this key.")})
    check_condition(rule.condition)
    _check_recipient(rule)
    if rule.channel is not None and configuration_grant(rule.channel, "view", actor) is None:
        raise ValidationError({"channel": _("This channel is not yours.")})


def check_condition(condition) -> None:
    """Raise ValidationError for anything but a few names with plain values."""
    plain = isinstance(condition, dict) and len(condition) <= MOST_CONDITIONS
    if not plain or any(isinstance(value, (dict, list)) for value in condition.values()):
        raise ValidationError({"condition": _('Write names and plain values, such as {"stage": "handling"}.')})


def _check_recipient(rule: NoticeRule) -> None:
    needed, allowed = NEEDS[rule.recipient], NEEDS[rule.recipient] | MAY.get(rule.recipient, set())
    for name in NAMED:
        given = bool(getattr(rule, f"{name}_id" if name in ("unit", "person", "channel") else name))
        if name in needed and not given:
            raise ValidationError({name: _("Say who is meant.")})
        if given and name not in allowed:
            raise ValidationError({name: _("This does not go with the chosen recipient.")})
    if rule.recipient == Recipient.UNIT and bool(rule.unit_id) == (rule.part not in ("", Part.AREA)):
        raise ValidationError({"unit": _("Name one unit, or the part a unit has in it.")})
    if rule.channel is not None and rule.channel.kind == ChannelKind.SMS:
        raise ValidationError({"channel": _("Text messages go to people, not to a group.")})


def check_channel(channel: NoticeChannel) -> None:
    """Raise ValidationError by field: an address the kind may not have, a unit outside the area."""
    try:
        address = sealing.opened(channel.address_sealed) if channel.address_sealed else ""
    except sealing.CannotOpen as error:
        unreadable = _("The address can no longer be read (the key of the installation changed): enter it again.")
        raise ValidationError({NOT_SHOWN: unreadable}) from error
    try:
        addresses.check(address, channel.kind)
    except ValidationError as error:
        raise ValidationError({NOT_SHOWN: error}) from error


NOT_SHOWN = "__all__"  # the address has a field of its own in the form, but is none of the model's


def _guarded(check: Callable[..., None], *, asks_actor: bool = False):
    def guard(row: models.Model, _stored, actor) -> None:
        try:
            check(row, actor) if asks_actor else check(row)
        except ValidationError as error:
            field, messages = next(iter(error.message_dict.items()))
            raise Invalid(messages[0], field=None if field == NOT_SHOWN else field) from error

    return guard


guards("governance.noticetemplate", _guarded(check_template))
guards("governance.noticerule", _guarded(check_rule, asks_actor=True))
guards("governance.noticechannel", _guarded(check_channel))
