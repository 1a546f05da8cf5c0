"""Models of devices; each topic in its own file."""

from devices.models.alarm import Alarm, Condition, Inhibition, PendingAlarm, Shelving
from devices.models.datastream import Datastream, ObservedProperty
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
from devices.models.reading import LatestValue, Quality, Reading
from devices.models.reading_hour import ReadingHour, RollUpMark, RollUpProgress
from devices.models.retention import ReadingRetention
from devices.models.storm import AlarmStorm
from devices.models.trial import ProfileTrial

__all__ = [
    "NORMAL",
    "OFFLINE",
    "UNKNOWN",
    "Alarm",
    "AlarmStorm",
    "Condition",
    "Datastream",
    "Device",
    "DeviceKey",
    "DeviceProfile",
    "Gateway",
    "Inhibition",
    "LatestValue",
    "ObservedProperty",
    "PendingAlarm",
    "ProfileMetric",
    "ProfileState",
    "ProfileStatus",
    "ProfileTrial",
    "Quality",
    "Reading",
    "ReadingHour",
    "ReadingRetention",
    "RollUpMark",
    "RollUpProgress",
    "Severity",
    "Shelving",
]
