"""The simulator's way in by MQTT: every device with a connection of its own, its code and key as name and password."""

import json
import logging
import threading
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
        self._lines: dict[str, Line] = {}

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        for line in self._lines.values():
            line.close()

    def send(self, message: dict) -> bool:
        """Publish a message and wait until the broker has acknowledged it. Raises StoppedError, KeyError without a key.

        Returns False where the broker lets the device not in.
        """
        code = message["device"]
        line = self._line(code)
        # A picture has no way by MQTT: what the camera saw is told without.
        told = {name: value for name, value in message.items() if name != "snapshot"}
        # Without a connection paho keeps the message and sends it once there is one.
        mid = line.client.publish(f"jiceng/v1/{code}/readings", json.dumps(told), qos=1).mid
        waited = 0.0
        while not line.answered(mid, LOOK):
            if line.refused:
                return False
            self.pause(0)
            waited += LOOK
            if COMPLAIN <= waited < COMPLAIN + LOOK:
                log.warning("%s waits for the broker %s:%s", code, self.options.host, self.options.port)
        return True

    def pause(self, seconds: float) -> None:
        """Wait; raises StoppedError when told to stop."""
        if self.wait(seconds):
            raise StoppedError

    def _line(self, code: str) -> "Line":
        if code not in self._lines:
            self._lines[code] = Line(self.options, code, self.keys[code])
        return self._lines[code]


class Line:
    """The connection of one device, which does what it is told. ``refused``: the broker does not let it in."""

    def __init__(self, options: Options, code: str, key: str):
        self.code, self.refused = code, False
        self._published: set[int] = set()
        self._results: set[int] = set()  # what nobody waits for
        self._news = threading.Condition()
        self.client = Client(CallbackAPIVersion.VERSION2, client_id=f"sim-{code}", protocol=MQTTv311)
        self.client.username_pw_set(code, key)
        if options.tls:
            self.client.tls_set_context(options.tls)
        self.client.on_connect, self.client.on_publish = self._connected, self._acknowledged
        self.client.on_message = self._told
        self.client.connect_async(options.host, options.port)
        self.client.loop_start()

    def answered(self, mid: int, seconds: float) -> bool:
        """Wait so long at most; tell whether the broker has acknowledged a message."""
        with self._news:
            self._news.wait_for(lambda: mid in self._published or self.refused, seconds)
            if mid not in self._published:
                return False
            self._published.discard(mid)
            return True

    def close(self) -> None:
        """Leave the broker."""
        self.client.disconnect()
        self.client.loop_stop()

    def _connected(self, client, _userdata, _flags, reason, _properties) -> None:
        if reason.is_failure:
            log.error("%s is not let in by the broker: %s", self.code, reason)
        else:
            client.subscribe(f"jiceng/v1/{self.code}/commands", qos=1)
        with self._news:
            self.refused = reason.is_failure
            self._news.notify()

    def _told(self, client, _userdata, message) -> None:
        command = json.loads(message.payload)
        log.info("%s does %s", self.code, command["name"])
        answer = json.dumps({"id": command["id"], "done": True})
        self._results.add(client.publish(f"jiceng/v1/{self.code}/commands/result", answer, qos=1).mid)

    def _acknowledged(self, _client, _userdata, mid, _reason, _properties) -> None:
        if mid in self._results:
            self._results.discard(mid)
            return
        with self._news:
            self._published.add(mid)
            self._news.notify()
