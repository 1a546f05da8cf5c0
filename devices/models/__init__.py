"""Models of devices; each topic in its own file."""

from devices.models.alarm import Alarm, Condition, Inhibition, PendingAlarm, Shelving
from devices.models.baseline import DeviceBaseline
from devices.models.claim import DeviceClaim
from devices.models.collection import CollectionRound, CollectionRun, CollectionStop, FillRate, StopReason
from devices.models.command import DeviceCommand
from devices.models.datastream import Datastream, ObservedProperty
from devices.models.device import Device, DeviceKey, Gateway
from devices.models.forecast import DeviceForecast, ForecastKind, Outlook
from devices.models.listening import Listening
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
from devices.models.profile_command import ProfileCommand
from devices.models.reading import LatestValue, Quality, Reading
from devices.models.reading_hour import ReadingHour, RollUpMark, RollUpProgress
from devices.models.refusal import DeviceRefusal
from devices.models.retention import ReadingRetention
from devices.models.storm import AlarmStorm
from devices.models.trial import ProfileTrial

__all__ = [
    "BATTERY_LOW",
    "NORMAL",
    "OFFLINE",
    "UNKNOWN",
    "Alarm",
    "AlarmStorm",
    "CollectionRound",
    "CollectionRun",
    "CollectionStop",
    "Condition",
    "Datastream",
    "Device",
    "DeviceBaseline",
    "DeviceClaim",
    "DeviceCommand",
    "DeviceForecast",
    "DeviceKey",
    "DeviceProfile",
    "DeviceRefusal",
    "FillRate",
    "ForecastKind",
    "Gateway",
    "Inhibition",
    "LatestValue",
    "Listening",
    "ObservedProperty",
    "Outlook",
    "PendingAlarm",
    "ProfileCommand",
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
    "StopReason",
]
