"""Keys of devices and gateways: made, shown once, rotated with overlap, revoked, recognised."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from devices.models import Device, DeviceKey, Gateway
from governance.access_keys import LONGEST_OVERLAP, OVERLAP, digest_of, key_end, key_make
from governance.configuration import configuration_grant
from governance.errors import Invalid, NotPermitted
from governance.models import Role
from governance.scoping import Grant, grants_of


@dataclass(frozen=True)
class Credential:
    """Who sends: a device for itself, or a gateway for its devices. Stands in for the user of a request.

    Without ``key_id`` somebody else (a broker) has checked the key and vouches for the sender.
    """

    key_id: int | None
    device_id: int | None = None
    gateway_id: int | None = None
    is_authenticated: bool = True

    def covers(self) -> dict:
        """Return the filter of the devices it may send for."""
        return {"pk": self.device_id} if self.device_id else {"gateway_id": self.gateway_id}

    @property
    def pk(self) -> str:
        return f"key:{self.key_id}"


def credential_of(secret: str, *, at: datetime | None = None) -> Credential | None:
    """Return what ``secret`` lets in at ``at`` (default now), or None; one statement.

    Keys of a retired device are revoked with it (``devices.life``), those of a gateway not in use let nobody in.
    """
    keys = DeviceKey.objects.in_force(at).filter(Q(gateway=None) | Q(gateway__is_active=True), digest=digest_of(secret))
    row = keys.values_list("pk", "device_id", "gateway_id").first()
    return Credential(*row) if row else None


def keys_in_force(keys: Collection[int], *, at: datetime | None = None) -> set[int]:
    """Return those of the keys that still let somebody in; one statement."""
    rows = DeviceKey.objects.in_force(at).filter(Q(gateway=None) | Q(gateway__is_active=True), pk__in=keys)
    return set(rows.values_list("pk", flat=True))


def credentials_in_force(credentials: Collection[Credential], *, at: datetime | None = None) -> set[Credential]:
    """Return those of the credentials that still let somebody in; at most three statements.

    A vouched device needs a key in force of its own or of its gateway, a vouched gateway one of its own.
    """
    keys = {one.key_id for one in credentials if one.key_id is not None}
    known = keys_in_force(keys, at=at) if keys else set()
    vouched = [one for one in credentials if one.key_id is None]
    devices, gateways = {one.device_id for one in vouched} - {None}, {one.gateway_id for one in vouched} - {None}
    if devices:
        devices = set(Device.objects.filter(_keyed(at), pk__in=devices).values_list("pk", flat=True))
    if gateways:
        rows = Gateway.objects.filter(Exists(_keys(at, gateway=OuterRef("pk"))), is_active=True, pk__in=gateways)
        gateways = set(rows.values_list("pk", flat=True))
    return {
        one for one in credentials
        if one.key_id in known or one.key_id is None and (one.device_id in devices or one.gateway_id in gateways)
    }  # fmt: skip


def _keys(at: datetime | None, **of):
    return DeviceKey.objects.in_force(at).filter(**of)


def _keyed(at: datetime | None) -> Q:
    """Devices that may send: with a key of their own, or one of their gateway."""
    behind = Exists(_keys(at, gateway=OuterRef("gateway")))
    return Q(Exists(_keys(at, device=OuterRef("pk")))) | Q(behind, gateway__is_active=True)


def _grant(owner: Device | Gateway, actor) -> Grant:
    """Return the role in which ``actor`` may make and revoke keys of ``owner``; raises NotPermitted."""
    for grant in grants_of(actor):
        if grant.role == Role.SYSTEM:
            return grant
    grant = configuration_grant(owner, "change", actor)
    if grant is None:
        raise NotPermitted(_("You may not manage the keys of this device."))
    return grant


def keys_of(owner: Device | Gateway, *, actor):
    """Return the keys of a device or gateway, newest first, for who manages them. Raises NotPermitted."""
    _grant(owner, actor)
    return owner.keys.order_by("-id")


def key_issue(owner: Device | Gateway, *, actor, overlap: timedelta = OVERLAP) -> tuple[DeviceKey, str]:
    """Make a key for a device or gateway and return it with its secret, which is not kept.

    Raises NotPermitted, and as ``governance.access_keys.key_make``.
    """
    part = owner._meta.model_name
    return key_make(
        owner, part, actor=actor, grant=_grant(owner, actor), event=f"{part}.key_issued", overlap=overlap
    )  # fmt: skip


def key_rotate(owner: Device | Gateway, *, actor,
               old_keys_end_at: datetime | None = None) -> tuple[DeviceKey, str]:  # fmt: skip
    """Make a key beside the old ones, which end by themselves at a chosen time (in a day, where none is given).

    Raises Invalid where that lies behind or more than 30 days ahead, otherwise as ``key_issue``.
    """
    if old_keys_end_at is None:
        return key_issue(owner, actor=actor)
    overlap = old_keys_end_at - timezone.now()
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise Invalid(_("The end must lie ahead, within 30 days."), field="old_keys_end_at", code="out_of_range")
    return key_issue(owner, actor=actor, overlap=overlap)


def key_revoke(key: DeviceKey, *, actor) -> DeviceKey:
    """Make a key worthless at once. Raises NotPermitted, Conflict when it already is."""
    owner = key.owner
    return key_end(key, actor=actor, grant=_grant(owner, actor), event=f"{owner._meta.model_name}.key_revoked")
