"""Keys of devices and gateways: made, shown once, rotated with overlap, revoked, recognised."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Least
from django.utils import timezone
from django.utils.translation import gettext as _

from devices.models import Device, DeviceKey, Gateway
from governance import events
from governance.configuration import configuration_grant
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Role
from governance.scoping import Grant, grants_of
from governance.transactions import atomically

PREFIX_LENGTH = 8
OVERLAP = timedelta(hours=24)
LONGEST_OVERLAP = timedelta(days=30)


@dataclass(frozen=True)
class Credential:
    """Who sends: a device for itself, or a gateway for its devices. Stands in for the user of a request."""

    key_id: int
    device_id: int | None = None
    gateway_id: int | None = None
    is_authenticated: bool = True

    def covers(self) -> dict:
        """Return the filter of the devices it may send for."""
        return {"pk": self.device_id} if self.device_id else {"gateway_id": self.gateway_id}

    @property
    def pk(self) -> str:
        return f"key:{self.key_id}"


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def credential_of(secret: str, *, at: datetime | None = None) -> Credential | None:
    """Return what ``secret`` lets in at ``at`` (default now), or None; one statement.

    A retired device's key is still recognised, so that its messages are refused by name; a retired gateway's is not.
    """
    keys = DeviceKey.objects.in_force(at).filter(Q(gateway=None) | Q(gateway__is_active=True), digest=_digest(secret))
    row = keys.values_list("pk", "device_id", "gateway_id").first()
    return Credential(*row) if row else None


def _grant(owner: Device | Gateway, actor) -> Grant:
    """Return the role in which ``actor`` may make and revoke keys of ``owner``; raises NotPermitted."""
    for grant in grants_of(actor):
        if grant.role == Role.SYSTEM:
            return grant
    grant = configuration_grant(owner, "change", actor)
    if grant is None:
        raise NotPermitted(_("You may not manage the keys of this device."))
    return grant


def key_issue(owner: Device | Gateway, *, actor, overlap: timedelta = OVERLAP) -> tuple[DeviceKey, str]:
    """Make a key for a device or gateway and return it with its secret, which is not kept.

    Older keys stay valid for ``overlap`` more, so that the device can be changed over. Raises NotPermitted, Invalid for
    an overlap below zero or above 30 days, Conflict for an owner no longer in use.
    """
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise Invalid(_("The overlap is 0 hours to 30 days."), field="overlap")
    grant = _grant(owner, actor)
    part = owner._meta.model_name
    prefix, now = secrets.token_hex(PREFIX_LENGTH // 2), timezone.now()
    secret = f"{prefix}.{secrets.token_urlsafe(32)}"
    with atomically():
        locked = type(owner).objects.select_for_update(of=("self",), no_key=True).get(pk=owner.pk)
        if not locked.is_active:
            raise Conflict(_("“%(code)s” is no longer in use.") % {"code": locked.code})
        older = DeviceKey.objects.filter(**{part: owner}).in_force(now)
        older.update(expires_at=Least("expires_at", now + overlap))
        key = DeviceKey.objects.create(**{part: owner}, prefix=prefix, digest=_digest(secret), valid_from=now)
        payload = {"code": owner.code, "key": prefix, "overlap_hours": overlap / timedelta(hours=1)}
        events.record(f"{part}.key_issued", owner, actor=actor, grant=grant, payload=payload)
    return key, secret


def key_revoke(key: DeviceKey, *, actor) -> DeviceKey:
    """Make a key worthless at once. Raises NotPermitted, Conflict when it already is."""
    owner = key.owner
    grant = _grant(owner, actor)
    with atomically():
        fresh = DeviceKey.objects.select_for_update(of=("self",)).get(pk=key.pk)
        if fresh.revoked_at is not None:
            raise Conflict(_("This key has been revoked already."))
        fresh.revoked_at = timezone.now()
        fresh.save(update_fields=["revoked_at"])
        payload = {"code": owner.code, "key": fresh.prefix}
        events.record(f"{owner._meta.model_name}.key_revoked", owner, actor=actor, grant=grant, payload=payload)
    return fresh
