"""What notices may say about an alarm, and whose device it is."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from devices.models import Alarm, AlarmStorm, Gateway
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


@notice_context(
    "devices.gateway",
    variables={"gateway": _("gateway"), "code": _("code"), "area": _("area"), "since": _("silent since"),
               "case": _("case")},
    rows=lambda: Gateway.objects.select_related("area", "case"),
    parties=lambda gateway: Parties({}),
)  # fmt: skip
def gateway_words(gateway: Gateway, *, public: bool) -> dict:
    """Return a gateway in texts."""
    return {
        "gateway": gateway.name,
        "code": gateway.code,
        "area": gateway.area.name,
        "since": moment(gateway.silent_since) if gateway.silent_since else "",
        "case": gateway.case.number if gateway.case else "",
        "url": reverse("admin:devices_gateway_change", args=[gateway.pk]),
    }


@notice_context(
    "devices.alarmstorm",
    variables={"area": _("area"), "alarms": _("alarms"), "what": _("what the case says"), "case": _("case")},
    rows=lambda: AlarmStorm.objects.select_related("area", "case__lead_unit"),
    parties=lambda storm: Parties({"lead": [storm.case.lead_unit_id] if storm.case.lead_unit_id else []}),
)
def storm_words(storm: AlarmStorm, *, public: bool) -> dict:
    """Return a storm of alarms in texts."""
    return {
        "area": storm.area.name,
        "alarms": storm.alarms,
        "what": storm.case.description,
        "case": storm.case.number,
        "url": reverse("admin:cases_case_change", args=[storm.case_id]),
    }
