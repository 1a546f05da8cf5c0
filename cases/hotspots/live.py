"""Hot-spot signals on the live push: what staff see of them."""

from collections.abc import Sequence

from django.urls import reverse

from cases.models import HotSpotSignal
from governance.live import describe


@describe("cases.hotspotsignal", rows=lambda: HotSpotSignal.objects.with_rows())
def live_rows(signals: Sequence[HotSpotSignal]) -> dict[int, dict]:
    """Return what a toast or a list row shows of each signal; needs no further statement."""
    return {
        signal.pk: {
            "number": str(signal),
            "state": signal.state,
            "state_label": signal.get_state_display(),
            "area": str(signal.area),
            "category": str(signal.category) if signal.category else "",
            "observed": signal.observed,
            "expected": signal.expected,
            "version": signal.version,
            "url": reverse("admin:cases_hotspotsignal_change", args=[signal.pk]),
        }
        for signal in signals
    }
