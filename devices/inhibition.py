"""What holds alarms back: shelved by a person, suppressed by design, out of service (ISA-18.2).

Judging and history go on; only dispatch and push wait. When nothing holds an alarm back any more and it is still there,
it is dispatched (``release``). Suppressed by design is only that a device behind a lost gateway is silent.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property

from devices.listening import Heard
from devices.models import OFFLINE, Device, Gateway, Inhibition, Shelving
from devices.workflow import DeviceState

SHELF_ENDS = "device.shelf_ends"


def shelf_key(row: Shelving) -> str:
    """Return the key of the timer that ends a shelving."""
    return f"shelving:{row.pk}"


class Inhibitions:
    """What holds back the alarms of some devices at a moment."""

    def __init__(self, shelved: dict[int, set[str]], at: datetime, heard: Heard | None = None):
        self.shelved, self.at, self._heard = shelved, at, heard

    @cached_property
    def gateways(self) -> dict[int, Gateway]:
        """The gateways that are or were lost; asked only where a device is silent."""
        return Gateway.objects.exclude(silent_since=None, back_at=None).in_bulk()

    @cached_property
    def heard(self) -> Heard:
        """When somebody listened; asked only where a device behind a gateway that is back is silent."""
        return Heard.known(self.at) if self._heard is None else self._heard

    @classmethod
    def of(cls, devices: Iterable[Device], at: datetime, heard: Heard | None = None) -> "Inhibitions":
        """Read what holds; one statement. ``heard``: when somebody listened, where that was read already."""
        shelved: dict[int, set[str]] = defaultdict(set)
        rows = Shelving.objects.in_force(at).filter(device__in=list(devices))
        for device, alarm_type in rows.values_list("device_id", "alarm_type"):
            shelved[device].add(alarm_type)
        return cls(shelved, at, heard)

    def why(self, device: Device, alarm_type: str) -> str:
        """Return what holds back alarms of a type, or nothing."""
        if device.state == DeviceState.MAINTENANCE:
            return Inhibition.OUT_OF_SERVICE
        if self.shelved.get(device.pk, set()) & {"", alarm_type}:
            return Inhibition.SHELVED
        return Inhibition.SUPPRESSED if alarm_type == OFFLINE and self.excused(device) else ""

    def excused(self, device: Device) -> bool:
        """Tell whether its gateway explains that a device is not heard: it is lost, or back for less time than the
        device may be silent. Only time in which somebody listened counts.
        """
        gateway = self.gateways.get(device.gateway_id) if device.gateway_id else None
        if gateway is None or not gateway.is_active:
            return False
        if gateway.silent_since is not None:
            return True
        since = self.heard.back(self.at, device.profile.offline_after)
        return since is None or gateway.back_at > since
