"""What holds alarms back: shelved by a person, suppressed by design, out of service (ISA-18.2).

Judging and history go on; only dispatch and push wait. When nothing holds an alarm back any more and it is still there,
it is dispatched (``release``). Suppressed by design is only that a device behind a lost gateway is silent.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property

from devices.models import OFFLINE, Device, Gateway, Inhibition, Shelving
from devices.workflow import DeviceState

SHELF_ENDS = "device.shelf_ends"


def shelf_key(row: Shelving) -> str:
    """Return the key of the timer that ends a shelving."""
    return f"shelving:{row.pk}"


class Inhibitions:
    """What holds back the alarms of some devices at a moment."""

    def __init__(self, shelved: dict[int, set[str]], at: datetime):
        self.shelved, self.at = shelved, at

    @cached_property
    def gateways(self) -> dict[int, Gateway]:
        """The gateways that are or were lost; asked only where a device is silent."""
        return Gateway.objects.exclude(silent_since=None, back_at=None).in_bulk()

    @classmethod
    def of(cls, devices: Iterable[Device], at: datetime) -> "Inhibitions":
        """Read what holds; one statement."""
        shelved: dict[int, set[str]] = defaultdict(set)
        rows = Shelving.objects.in_force(at).filter(device__in=list(devices))
        for device, alarm_type in rows.values_list("device_id", "alarm_type"):
            shelved[device].add(alarm_type)
        return cls(shelved, at)

    def why(self, device: Device, alarm_type: str) -> str:
        """Return what holds back alarms of a type, or nothing."""
        if device.state == DeviceState.MAINTENANCE:
            return Inhibition.OUT_OF_SERVICE
        if self.shelved.get(device.pk, set()) & {"", alarm_type}:
            return Inhibition.SHELVED
        gateway = self.gateways.get(device.gateway_id) if alarm_type == OFFLINE and device.gateway_id else None
        if gateway is not None and gateway.excuses(device.profile.offline_after, self.at):
            return Inhibition.SUPPRESSED
        return ""
