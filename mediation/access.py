"""Every reading, export and unmasking of a dispute leaves a row (PIPL 51, 55-56; domain/mediation.md).

Doors that show one dispute, or a paper of it, call ``access_record`` before they answer; lists that show masked rows
need not.
"""

from collections.abc import Iterable

from django.db.models import Model

from governance.models import User
from governance.scoping import grant_for
from mediation.models import AccessKind, Dispute, DisputeAccess, Party


def access_record(dispute: Dispute, *, actor: User | None = None, party: Party | None = None,
                  kind: str = AccessKind.READ, what: str = "mediation.dispute", reason: str = "",
                  role: str = "") -> DisputeAccess:  # fmt: skip
    """Write down that ``actor`` (or a ``party`` by their link) read something of a dispute.

    ``what``: label and key of what was read, or the fields unmasked; never their content. ``role``: where it is not
    the one by which the dispute itself is visible (a clerk, a helper).
    """
    if actor is not None and not role:
        grant = grant_for(Dispute.objects.none().VISIBLE, dispute, actor)
        role = grant.role if grant else ""
    return DisputeAccess.objects.create(
        dispute=dispute, person=actor, party=party, role=role, kind=kind, what=what, reason=reason
    )


def exports_record(rows: Iterable[Model], *, actor: User, kind: str) -> None:
    """Write down that rows go out in a file of the format ``kind``: one reading for each, in the role by which it is
    theirs to read, all in one statement. Rows are disputes or belong to one; they load what their visibility reads."""
    DisputeAccess.objects.bulk_create(
        DisputeAccess(
            dispute_id=row.pk if isinstance(row, Dispute) else row.dispute_id, person=actor, role=_role(row, actor),
            kind=AccessKind.EXPORTED, what=f"{row._meta.label_lower} {row.pk}, {kind}",
        )
        for row in rows
    )  # fmt: skip


def _role(row: Model, actor: User) -> str:
    grant = grant_for(row._meta.default_manager.none().VISIBLE, row, actor)
    return grant.role if grant else ""
