"""Devices and alarms on the live push: what staff see of them."""

from collections.abc import Sequence

from django.db.models import prefetch_related_objects
from django.urls import reverse

from devices.models import Alarm, AlarmStorm, Device, Gateway
from governance.live import coalesce, describe, list_by_area


@describe("devices.alarm", rows=lambda: Alarm.objects.with_rows().select_related("device__area"))
def live_rows(alarms: Sequence[Alarm]) -> dict[int, dict]:
    """Return what a toast or a list row shows of each alarm; at most one statement, for labels not loaded yet."""
    prefetch_related_objects(alarms, "device__profile__statuses")
    return {
        alarm.pk: {
            "number": alarm.device.code,
            "state": alarm.state,
            "state_label": alarm.get_state_display(),
            "category": alarm.label,
            "severity": alarm.severity,
            "active": alarm.active,
            "held_back": bool(alarm.inhibited),
            "area": str(alarm.area),
            "address": alarm.device.address,
            "case": alarm.case.number if alarm.case else None,
            "url": reverse("admin:devices_alarm_change", args=[alarm.pk]),
        }
        for alarm in alarms
    }


@describe("devices.device", rows=lambda: Device.objects.select_related("area", "unit").defer("area__boundary"))
def live_devices(devices: Sequence[Device]) -> dict[int, dict]:
    """Return what a toast or a list row shows of each device; needs no further statement."""
    return {
        device.pk: {
            "number": device.code,
            "state": device.state,
            "state_label": device.get_state_display(),
            "category": device.name,
            "area": str(device.area),
            "address": device.address,
            "lead_unit": str(device.unit),
            "url": reverse("admin:devices_device_change", args=[device.pk]),
        }
        for device in devices
    }


@describe("devices.gateway", rows=lambda: Gateway.objects.select_related("area", "case").defer("area__boundary"))
def live_gateways(gateways: Sequence[Gateway]) -> dict[int, dict]:
    """Return what a toast shows of each gateway; needs no further statement."""
    return {
        gateway.pk: {
            "number": gateway.code,
            "category": gateway.name,
            "area": str(gateway.area),
            "case": gateway.case.number if gateway.case else None,
            "url": reverse("admin:devices_gateway_change", args=[gateway.pk]),
        }
        for gateway in gateways
    }


@describe("devices.alarmstorm", rows=lambda: AlarmStorm.objects.select_related("area", "case").defer("area__boundary"))
def live_storms(storms: Sequence[AlarmStorm]) -> dict[int, dict]:
    """Return what a toast shows of each storm: its case; needs no further statement."""
    return {
        storm.pk: {
            "number": storm.case.number,
            "area": str(storm.area),
            "case": storm.case.number,
            "url": reverse("admin:cases_case_change", args=[storm.case_id]),
        }
        for storm in storms
    }


ALARMS, DEVICES = "admin:devices_alarm_changelist", "admin:devices_device_changelist"
coalesce("devices.alarm", tell=list_by_area(ALARMS))
coalesce("devices.alarmstorm", tell=list_by_area(ALARMS))
coalesce("devices.device", tell=list_by_area(DEVICES), whole=3)
