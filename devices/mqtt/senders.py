"""Who speaks on a topic. The broker has checked the key (it asks ``devices.mqtt.access``); ingest asks if one holds."""

from collections.abc import Collection

from devices.keys import Credential
from devices.models import Device, Gateway


def senders_of(codes: Collection[str]) -> dict[str, Credential]:
    """Return the devices and gateways of these codes as credentials vouched for by the broker; two statements.

    Where a gateway has the code of a device, the device is meant.
    """
    gateways = Gateway.objects.filter(code__in=codes).values_list("code", "pk")
    devices = Device.objects.filter(code__in=codes).values_list("code", "pk")
    found = {code: Credential(None, gateway_id=pk) for code, pk in gateways}
    return found | {code: Credential(None, device_id=pk) for code, pk in devices}
