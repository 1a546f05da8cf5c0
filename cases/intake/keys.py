"""Keys of named sources: issued, rotated with overlap, revoked, recognised."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from cases.models import IntakeSource, SourceKey
from governance.access_keys import OVERLAP, digest_of, key_end, key_make
from governance.configuration import configuration_grant
from governance.errors import NotPermitted
from governance.models import Role
from governance.scoping import Grant, grants_of


@dataclass(frozen=True)
class SourceCredential:
    """A named source that sends. Stands in for the user of a request."""

    source: IntakeSource
    is_authenticated: bool = True

    @property
    def pk(self) -> str:
        return f"source:{self.source.pk}"


def source_of(secret: str) -> IntakeSource | None:
    """Return the source in use that ``secret`` lets in now, with its area and unit, or None; one statement."""
    keys = SourceKey.objects.in_force().filter(digest=digest_of(secret), source__is_active=True)
    key = keys.select_related("source__area", "source__unit").defer("source__area__boundary").first()
    return key.source if key else None


def _grant(source: IntakeSource, actor) -> Grant:
    for grant in grants_of(actor):
        if grant.role == Role.SYSTEM:
            return grant
    grant = configuration_grant(source, "change", actor)
    if grant is None:
        raise NotPermitted(_("You may not manage the keys of this source."))
    return grant


def key_issue(source: IntakeSource, *, actor, overlap: timedelta = OVERLAP) -> tuple[SourceKey, str]:
    """Make a key for a source and return it with its secret, which is not kept.

    Raises NotPermitted, and as ``governance.access_keys.key_make``.
    """
    return key_make(
        source, "source", actor=actor, grant=_grant(source, actor), event="intake.key_issued", overlap=overlap
    )  # fmt: skip


def key_revoke(key: SourceKey, *, actor) -> SourceKey:
    """Make a key worthless at once. Raises NotPermitted, Conflict when it already is."""
    return key_end(key, actor=actor, grant=_grant(key.source, actor), event="intake.key_revoked")
