"""Keys of sources of signals: issued, rotated with overlap, revoked, recognised."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from governance.access_keys import OVERLAP, digest_of, key_end, key_make
from governance.configuration import configuration_grant
from governance.errors import NotPermitted
from governance.models.access_key import in_force
from governance.scoping import Grant
from mediation.models import SignalKey, SignalSource


@dataclass(frozen=True)
class SignalCredential:
    """A source of signals that sends. Stands in for the user of a request."""

    source: SignalSource
    is_authenticated: bool = True

    @property
    def pk(self) -> str:
        return f"signals:{self.source.pk}"


def signal_source_of(secret: str) -> SignalSource | None:
    """Return the source in use that ``secret`` lets in now, with its area, or None; one statement."""
    keys = SignalKey.objects.filter(in_force(), digest=digest_of(secret), source__is_active=True)
    key = keys.select_related("source__area").defer("source__area__boundary").first()
    return key.source if key else None


def _grant(source: SignalSource, actor) -> Grant:
    grant = configuration_grant(source, "change", actor)
    if grant is None:
        raise NotPermitted(_("You may not manage the keys of this source."))
    return grant


def signal_keys_of(source: SignalSource, *, actor) -> QuerySet[SignalKey]:
    """Return the keys of a source, newest first, for who may manage them. Raises NotPermitted."""
    _grant(source, actor)
    return source.keys.order_by("-id")


def signal_key_issue(source: SignalSource, *, actor, overlap: timedelta = OVERLAP) -> tuple[SignalKey, str]:
    """Make a key for a source and return it with its secret, which is not kept.

    Raises NotPermitted, and as ``governance.access_keys.key_make``.
    """
    return key_make(
        source, "source", actor=actor, grant=_grant(source, actor), event="signals.key_issued", overlap=overlap
    )  # fmt: skip


def signal_key_revoke(key: SignalKey, *, actor) -> SignalKey:
    """Make a key worthless at once. Raises NotPermitted, Conflict when it already is."""
    return key_end(key, actor=actor, grant=_grant(key.source, actor), event="signals.key_revoked")
