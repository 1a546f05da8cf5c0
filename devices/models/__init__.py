"""Models of devices; each topic in its own file."""

from devices.models.alarm import Alarm, Condition, Inhibition, PendingAlarm, Shelving
from devices.models.baseline import DeviceBaseline
from devices.models.claim import DeviceClaim
from devices.models.command import DeviceCommand
from devices.models.device import Device, DeviceKey, Gateway
from devices.models.forecast import DeviceForecast, ForecastKind, Outlook
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
from devices.models.profile_command import ProfileCommand
from devices.models.reading import LatestValue, Reading
from devices.models.trial import ProfileTrial

__all__ = [
    "NORMAL",
    "OFFLINE",
    "UNKNOWN",
    "Alarm",
    "Condition",
    "Device",
    "DeviceBaseline",
    "DeviceClaim",
    "DeviceCommand",
    "DeviceForecast",
    "DeviceKey",
    "DeviceProfile",
    "ForecastKind",
    "Gateway",
    "Inhibition",
    "LatestValue",
    "Outlook",
    "PendingAlarm",
    "ProfileCommand",
    "ProfileMetric",
    "ProfileState",
    "ProfileStatus",
    "ProfileTrial",
    "Reading",
    "Severity",
    "Shelving",
]
