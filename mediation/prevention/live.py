"""Hazards on the live push: a number and a state, no words.

Whoever reported one hears of it too, and is told the outcome alone: so nothing goes out of what was assessed, nor the
number of the dispute it became. Who keeps it reads that on the page.
"""

from collections.abc import Sequence

from django.urls import reverse

from governance.live import describe
from mediation.models import Hazard


@describe("mediation.hazard", rows=lambda: Hazard.objects.with_rows(), figures=("from", "to"))
def hazard_rows(rows: Sequence[Hazard]) -> dict[int, dict]:
    """Return what a toast shows of each hazard."""
    return {
        hazard.pk: {
            "number": hazard.number, "state": hazard.state, "state_label": hazard.get_state_display(),
            "version": hazard.version, "url": reverse("phone_hazards:hazard", args=[hazard.pk]),
        }
        for hazard in rows
    }  # fmt: skip
