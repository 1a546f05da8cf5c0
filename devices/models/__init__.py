"""Models of devices; each topic in its own file."""

from devices.models.alarm import Alarm, Condition, Inhibition, PendingAlarm, Shelving
from devices.models.collection import CollectionRound, CollectionRun, CollectionStop, FillRate, StopReason
from devices.models.device import Device, DeviceKey, Gateway
from devices.models.profile import (
    BATTERY_LOW,
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
from devices.models.trial import ProfileTrial

__all__ = [
    "BATTERY_LOW",
    "NORMAL",
    "OFFLINE",
    "UNKNOWN",
    "Alarm",
    "CollectionRound",
    "CollectionRun",
    "CollectionStop",
    "Condition",
    "Device",
    "DeviceKey",
    "DeviceProfile",
    "FillRate",
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
    "StopReason",
]
