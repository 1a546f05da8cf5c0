"""What the evidence that alarms add to cases is called."""

from django.utils.translation import gettext_lazy as _

from cases.evidence import register_kind, register_origin


def tell(data: dict) -> str:
    """Return device, what it says and what it measured, as kept with the evidence."""
    said = [data.get("device", ""), data.get("gateway", ""), data.get("label", ""), *data.get("measured", [])]
    return " · ".join(part for part in said if part)


for _kind, _label in {
    "alarm_raised": _("Alarm raised"),
    "alarm_repeated": _("Alarm reported again"),
    "alarm_returned": _("Alarm came back"),
    "alarm_cleared": _("Alarm cleared"),
    "alarm_chattering": _("Alarm chatters"),
    "gateway_lost": _("Gateway lost"),
    "gateway_back": _("Gateway heard again"),
    "gateway_unused": _("Lost gateway taken out of use"),
    "gateway_emptied": _("No device in use behind the lost gateway any more"),
}.items():
    register_kind(_kind, _label, tell)
register_origin("device", _("device"))
register_origin("gateway", _("gateway"))
