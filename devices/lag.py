"""How far behind a device is with what it tells, as far as its newest reading shows."""

from datetime import timedelta

from devices.models import Device

# What tells of now and is later than this is behind [J]: twice what a clock may be wrong (domain/devices.md).
BEHIND = timedelta(minutes=10)


def lag_of(device: Device) -> timedelta | None:
    """Return how old the newest reading of a device was when it came in, where that is too much; reads the prefetched
    ``latest``. Its clock is slow, or its line is: nothing is judged otherwise for it.
    """
    newest = max(device.latest.all(), key=lambda row: row.at, default=None)
    lag = newest.received_at - newest.at if newest else timedelta()
    return lag if lag > BEHIND else None
