"""A client of aiomqtt whose messages are acknowledged by hand, and which can stop reading.

aiomqtt acknowledges what it has put into its queue, and drops what does not fit there. Here messages go straight to
``arrived``, in the event loop, in their order; ``acknowledge`` is for whoever has stored them. It leans on aiomqtt's
own client object (``_client``) and its hooks, hence the exact pin; ``devices/tests/test_mqtt.py`` holds it to that.
"""

import asyncio
import logging
import socket
from collections.abc import Callable

import aiomqtt
from paho.mqtt.client import MQTTMessage
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from devices.mqtt.options import Options

log = logging.getLogger(__name__)
# How long a broker keeps what it could not deliver to us [J].
SESSION_SECONDS = 7 * 24 * 3600
KEEPALIVE = 30
FAILED = 0x80  # reason codes from here on are refusals
NO_RETAINED = 2  # retain handling of MQTT 5: do not send retained messages at all


class BridgeClient(aiomqtt.Client):
    """Connects with a session that outlives the connection: what was not acknowledged comes again."""

    def __init__(self, options: Options, arrived: Callable[[MQTTMessage], None]):
        five = options.version == "5"
        session = {"clean_start": False, "properties": _properties(options)} if five else {"clean_session": False}
        super().__init__(
            options.host, options.port, username=options.username, password=options.password,
            identifier=options.client_id, tls_context=options.tls, keepalive=KEEPALIVE,
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
            protocol=aiomqtt.ProtocolVersion.V5 if five else aiomqtt.ProtocolVersion.V311, **session,
        )  # fmt: skip
        self._five, self._group, self._arrived, self._reading = five, options.group, arrived, True
        self._client.manual_ack_set(True)

    def _on_message(self, client, userdata, message: MQTTMessage) -> None:
        self._arrived(message)

    async def subscribe_to(self, filters: list[str]) -> None:
        """Subscribe at QoS 1. Raises MqttError, also when the broker refuses one."""
        if self._group:
            filters = [f"$share/{self._group}/{one}" for one in filters]
        if self._five:
            options = SubscribeOptions(qos=1, retainHandling=NO_RETAINED)
            codes = [code.value for code in await self.subscribe([(one, options) for one in filters])]
        else:
            codes = list(await self.subscribe([(one, 1) for one in filters]))
            codes = [getattr(code, "value", code) for code in codes]
        refused = [one for one, code in zip(filters, codes, strict=True) if code >= FAILED]
        if refused:
            raise aiomqtt.MqttError(f"the broker refuses to subscribe us to {', '.join(refused)}")

    def acknowledge(self, mid: int) -> None:
        """Tell the broker that a message of this connection need not come again."""
        self._client.ack(mid, 1)

    def pause(self) -> None:
        """Read nothing more from the broker until ``resume``."""
        if self._reading and (found := self._client.socket()) is not None:
            self._loop.remove_reader(found)
            self._reading = False

    def resume(self) -> None:
        """Read on."""
        if not self._reading and (found := self._client.socket()) is not None:
            self._loop.add_reader(found, self._readable)
            self._reading = True

    def _readable(self) -> None:
        try:
            self._client.loop_read()
            while (pending := getattr(self._client.socket(), "pending", None)) and pending():
                self._client.loop_read()  # TLS: read already, so the socket will not tell
        except Exception as error:
            log.exception("reading from the broker failed")
            if not self._disconnected.done():
                self._disconnected.set_exception(error)

    async def lost(self) -> None:
        """Wait until the connection is lost, then raise MqttError."""
        try:
            await asyncio.shield(self._disconnected)
        except Exception as error:
            raise aiomqtt.MqttError(str(error)) from error
        raise aiomqtt.MqttError("the broker closed the connection")


def _properties(options: Options) -> Properties:
    properties = Properties(PacketTypes.CONNECT)
    properties.SessionExpiryInterval = SESSION_SECONDS
    properties.ReceiveMaximum = options.in_flight
    return properties
