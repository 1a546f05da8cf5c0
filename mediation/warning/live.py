"""Early warnings on the live push: what those who judge them see."""

from collections.abc import Sequence

from django.urls import reverse

from governance.live import describe
from mediation.models import EarlyWarning


@describe("mediation.earlywarning", rows=lambda: EarlyWarning.objects.with_rows())
def live_rows(warnings: Sequence[EarlyWarning]) -> dict[int, dict]:
    """Return what a toast or a list row shows of each warning; needs no further statement."""
    return {
        warning.pk: {
            "number": warning.number,
            "state": warning.state,
            "state_label": warning.get_state_display(),
            "level": warning.level,
            "level_label": warning.get_level_display(),
            "area": str(warning.area),
            "type": str(warning.type),
            "stream": warning.stream,
            "stream_label": warning.get_stream_display(),
            "observed": warning.observed,
            "expected": warning.expected,
            "version": warning.version,
            "url": reverse("admin:mediation_earlywarning_change", args=[warning.pk]),
        }
        for warning in warnings
    }
