"""Admin of devices, their profiles, gateways and alarms."""

from devices.admin import alarm, command, device, my_work, profile

__all__ = ["alarm", "command", "device", "my_work", "profile"]
