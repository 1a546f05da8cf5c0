"""Admin of devices, their profiles, gateways and alarms."""

from devices.admin import alarm, collection, device, my_work, profile

__all__ = ["alarm", "collection", "device", "my_work", "profile"]
