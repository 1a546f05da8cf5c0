"""What holds alarms back: shelved by a person, suppressed by design, out of service (ISA-18.2).

Judging and history go on; only dispatch and push wait. When nothing holds an alarm back any more and it is still there,
it is dispatched (``release``).
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from devices.models import Device, Inhibition, Shelving
from devices.workflow import DeviceState


class Inhibitions:
    """What holds back the alarms of some devices at a moment."""

    def __init__(self, shelved: dict[int, set[str]]):
        self.shelved = shelved

    @classmethod
    def of(cls, devices: Iterable[Device], at: datetime) -> "Inhibitions":
        """Read what holds; one statement."""
        shelved: dict[int, set[str]] = defaultdict(set)
        rows = Shelving.objects.filter(device__in=list(devices), ended_at=None, until__gt=at)
        for device, alarm_type in rows.values_list("device_id", "alarm_type"):
            shelved[device].add(alarm_type)
        return cls(shelved)

    def why(self, device: Device, alarm_type: str) -> str:
        """Return what holds back alarms of a type, or nothing."""
        if device.state == DeviceState.MAINTENANCE:
            return Inhibition.OUT_OF_SERVICE
        if self.shelved.get(device.pk, set()) & {"", alarm_type}:
            return Inhibition.SHELVED
        return ""
