"""Every reading, export and unmasking of a dispute leaves a row (PIPL 51, 55-56; domain/mediation.md).

Doors that show one dispute, or a paper of it, call ``access_record`` before they answer; lists that show masked rows
need not, unless they were found by words.
"""

from collections.abc import Collection, Iterable
from datetime import timedelta

from django.db.models import Model
from django.utils import timezone

from governance.models import User
from governance.scoping import grant_for
from mediation.models import AccessKind, Dispute, DisputeAccess, Party

# A page of a list may draw its rows anew whenever something happens: within this time it reads no more [J].
FOUND_ONCE = timedelta(hours=1)


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


def found_record(disputes: Collection[Dispute], *, actor: User) -> None:
    """Write down that a list showed disputes as what was found by words: who is a party, or what it is about, is told
    by that. A list that is left open and drawn anew reads no more within the hour; one statement for any number."""
    what = {row.pk: f"{row._meta.label_lower} {row.pk}, search" for row in disputes}
    lately = DisputeAccess.objects.filter(
        dispute__in=list(what), person=actor, kind=AccessKind.READ, what__in=list(what.values()),
        at__gte=timezone.now() - FOUND_ONCE,
    )  # fmt: skip
    known = set(lately.values_list("dispute_id", flat=True)) if what else set()
    DisputeAccess.objects.bulk_create(
        DisputeAccess(dispute=row, person=actor, role=_role(row, actor), kind=AccessKind.READ, what=what[row.pk])
        for row in disputes if row.pk not in known
    )  # fmt: skip


def _role(row: Model, actor: User) -> str:
    grant = grant_for(row._meta.default_manager.none().VISIBLE, row, actor)
    return grant.role if grant else ""
