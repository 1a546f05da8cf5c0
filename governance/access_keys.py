"""Keys of machines: made, shown once, rotated with overlap, revoked. Who may, the apps that have such keys decide."""

import hashlib
import secrets
from datetime import timedelta

from django.db import models
from django.db.models.functions import Least
from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Conflict, Invalid
from governance.models.access_key import AccessKey, in_force
from governance.scoping import Grant
from governance.transactions import atomically

PREFIX_LENGTH = 8
OVERLAP = timedelta(hours=24)
LONGEST_OVERLAP = timedelta(days=30)


def digest_of(secret: str) -> str:
    """Return what is stored of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def key_make(owner: models.Model, part: str, *, actor, grant: Grant, event: str,
             overlap: timedelta = OVERLAP) -> tuple[AccessKey, str]:  # fmt: skip
    """Make a key of ``owner`` (a row with ``code``, ``is_active`` and ``keys``) and return it with its secret, which is
    not kept. ``part`` is the field of the key that names the owner.

    Older keys stay valid for ``overlap`` more, so that the machine can be changed over. Raises Invalid for an overlap
    below zero or above 30 days, Conflict for an owner no longer in use.
    """
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise Invalid(_("The overlap is 0 hours to 30 days."), field="overlap")
    prefix, now = secrets.token_hex(PREFIX_LENGTH // 2), timezone.now()
    secret = f"{prefix}.{secrets.token_urlsafe(32)}"
    with atomically():
        locked = type(owner).objects.select_for_update(of=("self",), no_key=True).get(pk=owner.pk)
        if not locked.is_active:
            raise Conflict(_("“%(code)s” is no longer in use.") % {"code": locked.code})
        owner.keys.filter(in_force(now)).update(expires_at=Least("expires_at", now + overlap))
        key = owner.keys.model.objects.create(**{part: owner}, prefix=prefix, digest=digest_of(secret), valid_from=now)
        payload = {"code": owner.code, "key": prefix, "overlap_hours": overlap / timedelta(hours=1)}
        events.record(event, owner, actor=actor, grant=grant, payload=payload)
    return key, secret


def key_end(key: AccessKey, *, actor, grant: Grant, event: str) -> AccessKey:
    """Make a key worthless at once. Raises Conflict when it already is."""
    owner = key.owner
    with atomically():
        fresh = type(key).objects.select_for_update(of=("self",)).get(pk=key.pk)
        if fresh.revoked_at is not None:
            raise Conflict(_("This key has been revoked already."))
        fresh.revoked_at = timezone.now()
        fresh.save(update_fields=["revoked_at"])
        events.record(event, owner, actor=actor, grant=grant, payload={"code": owner.code, "key": fresh.prefix})
    return fresh
