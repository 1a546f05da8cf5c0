"""The simulator's way in by MQTT: every device with a connection of its own, its code and key as name and password."""

import json
import logging
from collections.abc import Callable

from paho.mqtt.client import Client, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

from devices.mqtt.options import Options
from devices.simulator import StoppedError

log = logging.getLogger("devices.simulator")
LOOK = 0.2  # seconds between looks whether the broker has answered
COMPLAIN = 15.0  # seconds without an answer after which it is said


class MqttDoor:
    """Publishes messages at QoS 1; paho connects again, and sends again, while the broker is away."""

    def __init__(self, options: Options, keys: dict[str, str], wait: Callable[[float], bool]):
        """``options``: of the bridge; only host, port and TLS are used. ``wait(seconds)`` returns True when told to
        stop."""
        self.options, self.keys, self.wait = options, keys, wait
        self._clients: dict[str, Client] = {}
        self._refused: set[str] = set()

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        for client in self._clients.values():
            client.disconnect()
            client.loop_stop()

    def send(self, message: dict) -> bool:
        """Publish a message and wait until the broker has acknowledged it. Raises StoppedError, KeyError without a key.

        Returns False where the broker lets the device not in.
        """
        code = message["device"]
        info = self._client(code).publish(f"jiceng/v1/{code}/readings", json.dumps(message), qos=1)
        waited = 0.0
        while not info.is_published():
            if code in self._refused:
                return False
            info.wait_for_publish(LOOK)
            if info.is_published():
                break
            self.pause(0)
            waited += LOOK
            if COMPLAIN <= waited < COMPLAIN + LOOK:
                log.warning("%s waits for the broker %s:%s", code, self.options.host, self.options.port)
        return True

    def pause(self, seconds: float) -> None:
        """Wait; raises StoppedError when told to stop."""
        if self.wait(seconds):
            raise StoppedError

    def _client(self, code: str) -> Client:
        if code not in self._clients:
            client = Client(CallbackAPIVersion.VERSION2, client_id=f"sim-{code}", protocol=MQTTv311)
            client.username_pw_set(code, self.keys[code])
            if self.options.tls:
                client.tls_set_context(self.options.tls)

            def connected(_client, _userdata, _flags, reason, _properties):
                if reason.is_failure:
                    log.error("%s is not let in by the broker: %s", code, reason)
                    self._refused.add(code)
                else:
                    self._refused.discard(code)

            client.on_connect = connected
            client.connect_async(self.options.host, self.options.port)
            client.loop_start()
            self._clients[code] = client
        return self._clients[code]
