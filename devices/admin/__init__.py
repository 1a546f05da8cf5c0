"""Admin of devices, their profiles, gateways and alarms."""

from devices.admin import alarm, device, my_work, profile, retention

__all__ = ["alarm", "device", "my_work", "profile", "retention"]
