"""Disputes on the live push: number and state, for those who may read them; no names, no words."""

from collections.abc import Sequence

from django.urls import reverse

from governance.live import describe
from mediation.models import Dispute


@describe("mediation.dispute", rows=lambda: Dispute.objects.with_rows())
def dispute_rows(rows: Sequence[Dispute]) -> dict[int, dict]:
    """Return what a toast shows of each dispute."""
    return {
        row.pk: {
            "number": row.number, "state": row.state, "state_label": row.get_state_display(), "version": row.version,
            "url": reverse("admin:mediation_dispute_change", args=[row.pk]),
        }
        for row in rows
    }  # fmt: skip
