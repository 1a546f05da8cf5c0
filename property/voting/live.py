"""Resolutions and ballots on the live push: what staff see of them, and never how anybody voted."""

from collections.abc import Sequence

from django.urls import reverse

from governance.live import describe
from property.models import Resolution


@describe("property.resolution", rows=lambda: Resolution.objects.with_rows())
def live_rows(resolutions: Sequence[Resolution]) -> dict[int, dict]:
    """Return what a toast or a list row shows of each; needs no further statement."""
    return {
        row.pk: {
            "number": row.number,
            "title": row.title,
            "state": row.state,
            "state_label": row.get_state_display(),
            "area": str(row.area),
            "version": row.version,
            "url": reverse("admin:property_resolution_change", args=[row.pk]),
        }
        for row in resolutions
    }
