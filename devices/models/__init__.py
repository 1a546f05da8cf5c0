"""Models of devices; each topic in its own file."""

from devices.models.alarm import Alarm, Condition, Inhibition, PendingAlarm, Shelving
from devices.models.device import Device, DeviceKey, Gateway
from devices.models.profile import (
    NORMAL,
    OFFLINE,
    UNKNOWN,
    DeviceProfile,
    ProfileMetric,
    ProfileState,
    ProfileStatus,
    Severity,
)
from devices.models.reading import LatestValue, Reading
from devices.models.storm import AlarmStorm
from devices.models.trial import ProfileTrial

__all__ = [
    "NORMAL",
    "OFFLINE",
    "UNKNOWN",
    "Alarm",
    "AlarmStorm",
    "Condition",
    "Device",
    "DeviceKey",
    "DeviceProfile",
    "Gateway",
    "Inhibition",
    "LatestValue",
    "PendingAlarm",
    "ProfileMetric",
    "ProfileState",
    "ProfileStatus",
    "ProfileTrial",
    "Reading",
    "Severity",
    "Shelving",
]
