"""Who speaks on a topic. The broker has checked the key (it asks ``devices.mqtt.access``); ingest asks if one holds."""

import time
from collections.abc import Collection

from devices.keys import Credential
from devices.models import Device, Gateway

LOOK_SECONDS = 30  # how long a sender counts as known
MOST_KNOWN = 100_000


def senders_of(codes: Collection[str]) -> dict[str, Credential]:
    """Return the devices and gateways of these codes as credentials vouched for by the broker; two statements.

    Where a gateway has the code of a device, the device is meant.
    """
    gateways = Gateway.objects.filter(code__in=codes).values_list("code", "pk")
    devices = Device.objects.filter(code__in=codes).values_list("code", "pk")
    found = {code: Credential(None, gateway_id=pk) for code, pk in gateways}
    return found | {code: Credential(None, device_id=pk) for code, pk in devices}


class Senders:
    """Remembers ``senders_of`` for a while: devices that speak all the time are not looked up all the time.

    Whether a sender may speak still is not remembered: ingest asks that each time. For use by one thread at a time.
    """

    def __init__(self):
        self._known: dict[str, Credential] = {}
        self._until = 0.0

    def kept(self, codes: Collection[str]) -> dict[str, Credential] | None:
        """Return the senders of these codes as remembered; None where one is not."""
        if time.monotonic() > self._until or len(self._known) > MOST_KNOWN:
            return None
        try:
            return {code: self._known[code] for code in codes}
        except KeyError:
            return None

    def of(self, codes: Collection[str]) -> dict[str, Credential]:
        """Return the senders of these codes that there are; two statements where one is not remembered."""
        if (found := self.kept(codes)) is not None:
            return found
        now = time.monotonic()
        if now > self._until or len(self._known) > MOST_KNOWN:
            self._known, self._until = {}, now + LOOK_SECONDS
        self._known |= senders_of(set(codes) - self._known.keys())
        return {code: self._known[code] for code in codes if code in self._known}
