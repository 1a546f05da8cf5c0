"""What notices may say about an alarm, and whose device it is."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from devices.models import Alarm
from governance.notices import Parties, notice_context
from governance.notices.telling import moment

VARIABLES = {
    "device": _("device"),
    "alarm": _("alarm"),
    "severity": _("severity"),
    "area": _("area"),
    "address": _("address"),
    "raised": _("raised at"),
    "case": _("case"),
    "unit": _("unit"),
}


def parties_of(alarm: Alarm) -> Parties:
    """The unit that looks after the device leads."""
    return Parties({"lead": [alarm.device.unit_id]})


@notice_context(
    "devices.alarm",
    variables=VARIABLES,
    rows=lambda: Alarm.objects.with_rows().select_related("device__area", "device__unit"),
    parties=parties_of,
)
def alarm_words(alarm: Alarm, *, public: bool) -> dict:
    """Return an alarm in texts."""
    return {
        "device": alarm.device.code,
        "alarm": alarm.label,
        "severity": alarm.get_severity_display(),
        "area": alarm.area.name,
        "address": alarm.device.address,
        "raised": moment(alarm.raised_at),
        "case": alarm.case.number if alarm.case else "",
        "unit": str(alarm.device.unit),
        "url": reverse("admin:devices_alarm_change", args=[alarm.pk]),
    }
