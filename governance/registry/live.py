"""What the live push adds to events about residencies and ownerships: where, never who."""

from collections.abc import Sequence

from django.urls import reverse

from governance.live import describe
from governance.models import Ownership, Residency

Tie = Residency | Ownership


def _rows(ties: Sequence[Tie]) -> dict[int, dict]:
    return {
        tie.pk: {
            "number": str(tie),
            "state": tie.state,
            "state_label": tie.get_state_display(),
            "version": tie.version,
            "url": reverse(f"admin:governance_{tie._meta.model_name}_change", args=[tie.pk]),
        }
        for tie in ties
    }


@describe("governance.residency", rows=lambda: Residency.objects.with_rows())
def residency_rows(ties: Sequence[Residency]) -> dict[int, dict]:
    """Return what a toast shows of each residency; needs no further statement."""
    return _rows(ties)


@describe("governance.ownership", rows=lambda: Ownership.objects.with_rows())
def ownership_rows(ties: Sequence[Ownership]) -> dict[int, dict]:
    """Return what a toast shows of each ownership; needs no further statement."""
    return _rows(ties)
