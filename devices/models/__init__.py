"""Models of devices; each topic in its own file."""

from devices.models.alarm import Alarm
from devices.models.device import Device, DeviceKey, Gateway
from devices.models.profile import NORMAL, UNKNOWN, DeviceProfile, ProfileMetric, ProfileStatus, Severity
from devices.models.reading import LatestValue, Reading

__all__ = [
    "NORMAL",
    "UNKNOWN",
    "Alarm",
    "Device",
    "DeviceKey",
    "DeviceProfile",
    "Gateway",
    "LatestValue",
    "ProfileMetric",
    "ProfileStatus",
    "Reading",
    "Severity",
]
