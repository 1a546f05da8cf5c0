"""``make bench-kill``: kill -9 in mid-load, and look whether anything that was acknowledged is missing.

DEVICES (120) devices report ROUNDS (60) times: a third to the live process, a third to the web process, a third by
MQTT. From the middle on each is past its limit. On the way the live process, the web process, the bridge and the
database are killed with SIGKILL, each once; senders repeat what was not acknowledged. Then every acknowledged message
must be stored, none judged twice, and every device must have exactly one alarm, active. Exit code 1 otherwise.
"""

import asyncio
import json
import os
import signal
import sys
import tempfile
from pathlib import Path

import aiomqtt
import django
import httpx

from benchmarks.broker import Broker
from benchmarks.instance import Instance

DEVICES = int(os.environ.get("DEVICES", "120"))
ROUNDS = int(os.environ.get("ROUNDS", "60"))
PATH = "/api/v1/devices/readings/"
PAUSE = 0.2  # seconds between two messages of a device, so that the load lasts
AGAIN = 0.5  # seconds until what was not acknowledged is sent again
KILLED = ("live", "mqtt", "database", "web")


class Load:
    """Sends everything and notes what was acknowledged: (device, time)."""

    def __init__(self, work, instance: Instance, port: int):
        self.work, self.port = work, port
        self.times = [at for at, _abnormal in work.rounds(ROUNDS)]
        self.doors = [instance.live.replace("ws://", "http://"), instance.web]
        self.acknowledged: set[tuple[str, object]] = set()
        self.again = 0

    @property
    def share(self) -> float:
        """How much is done."""
        return len(self.acknowledged) / (len(self.work.codes) * ROUNDS)

    async def run(self) -> None:
        """Send until all is acknowledged."""
        headers = {"Authorization": f"Device {self.work.key}"}
        limits = httpx.Limits(max_connections=DEVICES)
        async with (
            httpx.AsyncClient(headers=headers, timeout=30, limits=limits, trust_env=False) as http,
            aiomqtt.Client("127.0.0.1", self.port, identifier="bench-kill") as mqtt,
        ):
            mqtt.pending_calls_threshold = DEVICES
            ways = [(self._post, http, door) for door in self.doors] + [(self._publish, mqtt, None)]
            await asyncio.gather(*(self._device(code, *ways[n % 3]) for n, code in enumerate(self.work.codes)))

    async def _device(self, code: str, send, client, door) -> None:
        for number, at in enumerate(self.times):
            metrics = {"tilt": 20.0 if number >= ROUNDS // 2 else 2.0}
            message = {"device": code, "at": at.isoformat(), "metrics": metrics}
            while not await send(client, door, message):
                self.again += 1
                await asyncio.sleep(AGAIN)
            self.acknowledged.add((code, at))
            await asyncio.sleep(PAUSE)

    async def _post(self, client: httpx.AsyncClient, door: str, message: dict) -> bool:
        try:
            answer = await client.post(door + PATH, json={"readings": [message]})
        except httpx.TransportError:
            return False
        if answer.status_code == 202 and answer.json()["rejected"]:
            raise RuntimeError(f"refused: {answer.text[:200]}")
        return answer.status_code == 202

    async def _publish(self, client: aiomqtt.Client, _door, message: dict) -> bool:
        try:
            await client.publish(f"jiceng/v1/{message['device']}/readings", json.dumps(message), qos=1)
        except aiomqtt.MqttError:
            return False
        return True


async def strike(load: Load, instance: Instance, bridge: list, start) -> None:
    """Kill one after the other while the load runs."""
    for place, name in enumerate(KILLED, 1):
        while load.share < place / (len(KILLED) + 1):
            await asyncio.sleep(0.05)
        print(f"{load.share:4.0%} acknowledged: kill -9 {name}", flush=True)
        if name == "mqtt":
            bridge[-1].kill()
            bridge[-1].wait()
            bridge.append(start())
        elif name == "database":
            postmaster = (instance.var / "pg" / "postmaster.pid").read_text().split()[0]
            os.kill(int(postmaster), signal.SIGKILL)
        else:
            instance.kill(name)


async def under_fire(load: Load, instance: Instance, bridge: list, start) -> None:
    """Run the load and the strikes."""
    await asyncio.gather(load.run(), strike(load, instance, bridge, start))


def main() -> int:
    """Run, print what was found; return the exit code."""
    with Instance() as instance, tempfile.TemporaryDirectory(prefix="jiceng-broker-") as folder:
        instance.adopt()
        django.setup()
        from benchmarks import ingest_arms, ingest_mqtt, kill_found

        work = ingest_arms.prepare(DEVICES)
        work.start()
        broker = Broker(Path(folder)).start()
        try:
            with ingest_mqtt.bridge(instance, broker) as (bridge, start):
                load = Load(work, instance, broker.port)
                asyncio.run(under_fire(load, instance, bridge, start))
                wrong = kill_found.wrong(load)
        finally:
            broker.stop()
    print(f"FAILED: {'; '.join(wrong)}" if wrong else f"passed (broker: {broker.kind})")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
