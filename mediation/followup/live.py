"""Visits on the live push: numbers and states, no words and no names."""

from collections.abc import Sequence

from django.urls import reverse

from governance.live import describe
from mediation.models import FollowUpVisit


@describe("mediation.followupvisit", rows=lambda: FollowUpVisit.objects.with_rows())
def visit_rows(rows: Sequence[FollowUpVisit]) -> dict[int, dict]:
    """Return what a toast shows of each visit."""
    return {
        row.pk: {
            "number": row.number, "state": row.state, "state_label": row.get_state_display(), "version": row.version,
            "url": reverse("admin:mediation_followupvisit_change", args=[row.pk]),
        }
        for row in rows
    }  # fmt: skip
