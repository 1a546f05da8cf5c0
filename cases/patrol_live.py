"""Rounds on the live push: what staff see of them."""

from collections.abc import Sequence

from django.urls import reverse

from cases.models.patrol import Patrol
from governance.live import describe


@describe("cases.patrol", rows=lambda: Patrol.objects.with_rows())
def live_rows(patrols: Sequence[Patrol]) -> dict[int, dict]:
    """Return what a toast or a list row shows of each round; needs no further statement."""
    return {
        patrol.pk: {
            "number": patrol.number,
            "state": patrol.state,
            "state_label": patrol.get_state_display(),
            "route": patrol.route.name,
            "area": str(patrol.area),
            "unit": str(patrol.unit),
            "worker": str(patrol.worker) if patrol.worker else "",
            "starts_at": patrol.starts_at,
            "ends_at": patrol.ends_at,
            "version": patrol.version,
            "url": reverse("admin:cases_patrol_change", args=[patrol.pk]),
        }
        for patrol in patrols
    }
