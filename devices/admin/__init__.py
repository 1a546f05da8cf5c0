"""Admin of devices, their profiles, gateways and alarms."""

from devices.admin import alarm, battery, collection, command, device, my_work, profile, refusal, retention, shelving

__all__ = [
    "alarm", "battery", "collection", "command", "device", "my_work", "profile", "refusal", "retention", "shelving",
]  # fmt: skip
