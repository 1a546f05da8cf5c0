"""What notices may say about an early warning. Who is told is reference data (``0601_warning_notices.json``)."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.notices import Parties, notice_context
from mediation.models import EarlyWarning
from mediation.warning.telling import chance_told, days_told

VARIABLES = {
    "area": _("area"), "type": _("dispute type"), "level": _("warning level"), "observed": _("observed"),
    "expected": _("expected"), "days": _("by chance once in days"), "chance": _("by chance once in"),
    "first": _("first day"), "last": _("last day"),
    "stream": _("what is counted"),
}  # fmt: skip


@notice_context(
    "mediation.earlywarning",
    variables=VARIABLES,
    rows=lambda: EarlyWarning.objects.with_rows(),
    parties=lambda warning: Parties({}, None),
)
def warning_words(warning: EarlyWarning, *, public: bool) -> dict:
    """Return a warning in texts: figures, a place and a type."""
    return {
        "area": warning.area.name, "type": warning.type.name, "level": warning.get_level_display(),
        "observed": str(warning.observed), "expected": f"{warning.expected:.1f}",
        "days": days_told(warning), "chance": chance_told(warning),
        "first": f"{warning.first_day:%m-%d}",
        "last": f"{warning.last_day:%m-%d}", "stream": warning.get_stream_display(),
        "url": reverse("admin:mediation_earlywarning_change", args=[warning.pk]),
    }  # fmt: skip
