"""Imports of notice channels and rules."""

from functools import partial

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from governance import events
from governance.exchange.importers import Column, RowError, importer
from governance.exchange.model_importer import EMPTIED, ModelImporter, model_importer
from governance.exchange.widgets import ByKey, Choice
from governance.models import Area, NoticeChannel, NoticeRule, OrgUnit, User
from governance.notices import addresses, sealing


class ChannelImporter(ModelImporter):
    """Channels with their addresses, which come in and never go out again."""

    fixed = ("kind",)
    beside = (
        Column(
            "address",
            _("address"),
            help=_("Secret: kept encrypted and never shown or exported. Leave empty to keep what is stored."),
        ),
    )

    def complete(self, obj, row):
        given = row["address"]
        if not given and not obj._state.adding:
            return []
        address = "" if given in EMPTIED else addresses.normal(given)
        try:
            addresses.check(address, obj.kind)
        except ValidationError as error:
            raise RowError("address", error.messages[0]) from error
        if _same(obj, address):
            return []
        obj.address_sealed = sealing.sealed(address) if address else ""
        return ["address"]


def _same(channel: NoticeChannel, address: str) -> bool:
    """Tell whether the channel has this address already; one that can no longer be read is another."""
    try:
        return address == (sealing.opened(channel.address_sealed) if channel.address_sealed else "")
    except sealing.CannotOpen:
        return False


def _event_names() -> Choice:
    return Choice(events.registered().items())


importer(
    model_importer(
        NoticeChannel,
        by=("code",),
        fields=("code", "name", "kind", "area", "unit", "rate", "is_active"),
        foreign={"area": partial(ByKey, Area), "unit": partial(ByKey, OrgUnit)},
        base=ChannelImporter,
    )
)
importer(
    model_importer(
        NoticeRule,
        by=("code",),
        fields=(
            "code", "name", "event", "condition", "area", "recipient", "role", "part", "unit", "person", "channel",
            "template", "urgency", "reach", "is_active",
        ),
        foreign={
            "event": _event_names,
            "area": partial(ByKey, Area),
            "unit": partial(ByKey, OrgUnit),
            "person": partial(ByKey, User, "username"),
            "channel": partial(ByKey, NoticeChannel),
        },
        helps={
            "event": _("name such as case.dispatched, or its label"),
            "condition": '{"stage": "handling"}',
            "person": _("user name"),
            "template": _("key of a notice template"),
        },
    )
)  # fmt: skip
