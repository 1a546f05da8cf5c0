"""Demo devices that live: real traffic, normal most of the time, with a tilt, an overflow ... now and then.

A message is a dict as the doors take it; what a camera tells has its picture beside it, as bytes (``snapshot``).
"""

import logging
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import httpx
from django.utils import timezone

from cases.models import CaseSource
from devices.battery import METRIC as BATTERY
from devices.demo_batteries import battery_at
from devices.demo_readings import ORDINARY
from devices.demo_snapshots import snapshot_of
from devices.models import NORMAL, OFFLINE, Device, ProfileMetric, ProfileStatus
from devices.scenarios import Part, Scenario
from devices.workflow import JUDGED

log = logging.getLogger(__name__)

READINGS = "/api/v1/devices/readings/"
EVENTS = "/api/v1/devices/events/"
RESULT = "/api/v1/devices/commands/{}/result/"
# Something happens to some device about every two to three minutes, and is put right some minutes later [J].
BETWEEN_INCIDENTS = (120, 180)
INCIDENT_LASTS = (240, 480)
MOST_INCIDENTS = 4
# The first reports of all devices are spread over this time, so that every screen has life soon.
FIRST_REPORTS = 90
FIRST_DELAY, LONGEST_DELAY = 1.0, 60.0


class StoppedError(Exception):
    """The simulator was told to stop."""


@dataclass
class Life:
    """One device: its figures wander, and during an incident it reports a status other than normal.

    Times are seconds of the simulator's clock.
    """

    device: Device
    next_at: float
    figures: dict[str, float] = field(default_factory=dict)
    trouble: ProfileStatus | None = None
    trouble_ends: float = 0.0
    part: Part | None = None  # in the scenario that is played
    silent_until: float = 0.0  # it has sent too much

    @property
    def due_at(self) -> float:
        """When it says something next."""
        return max(self.next_at, self.silent_until)

    @property
    def interval(self) -> float:
        return (self.part and self.part.interval) or self.device.profile.reporting_interval

    def message(self, rng: random.Random) -> dict:
        """Return the next message of the device."""
        metrics, now = self.device.profile.metrics.all(), timezone.localtime()
        said = {
            "device": self.device.code,
            "at": now.isoformat(),
            "status": self.trouble.code if self.trouble else NORMAL,
            "metrics": {metric.metric: self._figure(metric, rng) for metric in metrics},
        }
        if self.trouble and self.device.profile.case_source == CaseSource.VIDEO:
            said["snapshot"] = snapshot_of(self.device.code, now, rng)
        return said

    def _figure(self, metric: ProfileMetric, rng: random.Random) -> float:
        if self.trouble and metric.alarm == self.trouble.code:
            return round(_past_limit(metric, rng), 2)
        if metric.metric == BATTERY:
            return battery_at(self.device.code, timezone.now())
        low, high = _ordinary(metric)
        value = self.figures.get(metric.metric, rng.uniform(low, high)) + rng.uniform(-1, 1) * (high - low) / 20
        self.figures[metric.metric] = min(max(value, low), high)
        return round(self.figures[metric.metric], 2)


def _ordinary(metric: ProfileMetric) -> tuple[float, float]:
    """Return the range of a metric when all is well, on the good side of its limit."""
    low, high = ORDINARY.get(metric.metric, (0.0, 1.0))
    if metric.high is not None:
        high = min(high, metric.clear)
        return min(low, high), high
    if metric.low is not None:
        low = max(low, metric.clear)
        return low, max(low, high)
    return low, high


def _past_limit(metric: ProfileMetric, rng: random.Random) -> float:
    if metric.high is None:
        return metric.low * rng.uniform(0.5, 0.95)
    # A share of a whole cannot exceed it.
    return min(metric.high * rng.uniform(1.05, 2.2), 1.0 if metric.high < 1 else float("inf"))


class TooManyError(Exception):
    """A device sends too much: it may again in so many ``seconds``."""

    def __init__(self, seconds: float):
        super().__init__(seconds)
        self.seconds = seconds


class Door:
    """Sends messages over HTTP, each with the key of its device, and does not give up while the server is away."""

    def __init__(self, client: httpx.Client, keys: dict[str, str], wait: Callable[[float], bool]):
        """``wait(seconds)`` returns True when the simulator was told to stop."""
        self.client, self.keys, self.wait = client, keys, wait

    def post(self, message: dict) -> httpx.Response:
        """Send one message once, and do what its answer tells the device to do (docs/api.md).

        Raises httpx.TransportError when there is no answer, KeyError without a key.
        """
        headers = {"Authorization": f"Device {self.keys[message['device']]}"}
        response = self._post(message, headers)
        told = response.json().get("commands") if response.status_code == 202 else None
        while told:  # the next comes with the answer to the one before
            command = told.pop()
            log.info("%s does %s", command["device"], command["name"])
            answered = self.client.post(RESULT.format(command["id"]), json={"done": True}, headers=headers)
            told = answered.json()["commands"] if answered.is_success else None
        return response

    def _post(self, message: dict, headers: dict[str, str]) -> httpx.Response:
        if "snapshot" in message:
            said = {name: message[name] for name in ("device", "at", "status")}
            picture = {"snapshot": ("snapshot.jpg", message["snapshot"], "image/jpeg")}
            return self.client.post(EVENTS, data=said, files=picture, headers=headers)
        return self.client.post(READINGS, json={"readings": [message]}, headers=headers)

    def send(self, message: dict) -> bool:
        """Send a message until it is answered; return whether it was taken. Raises StoppedError, TooManyError.

        No answer, a server error or 429: again after 1, 2, 4 ... 60 s (sent twice is stored once). One too many for its
        device is not waited for (TooManyError says how long), for others have something to say meanwhile. Refused
        otherwise: given up.
        """
        delay = FIRST_DELAY
        while True:
            try:
                response = self.post(message)
                reason = f"answer {response.status_code}"
            except httpx.TransportError as error:
                response, reason = None, str(error) or type(error).__name__
            if response is not None and response.status_code < 500 and response.status_code != 429:
                wait = _told_to_wait(response)
                if wait is None:
                    return _taken(message, response)
                log.info("%s sends too much, again in %.0f s", message["device"], wait)
                raise TooManyError(wait)
            log.warning("%s not sent (%s), again in %.0f s", message["device"], reason, delay)
            self.pause(delay)
            delay = min(2 * delay, LONGEST_DELAY)

    def pause(self, seconds: float) -> None:
        """Wait; raises StoppedError when told to stop."""
        if self.wait(seconds):
            raise StoppedError


def _told_to_wait(response: httpx.Response) -> float | None:
    """Return in how many seconds (60 at most) a message may come again that was one too many, else None."""
    if response.status_code != 202:
        return None
    waits = [row["retry_after"] for row in response.json()["rejected"] if row.get("code") == "rate_limited"]
    return min(max(waits), LONGEST_DELAY) if waits else None


def _taken(message: dict, response: httpx.Response) -> bool:
    if response.status_code != 202:
        log.error("%s refused (%s): %s", message["device"], response.status_code, response.text[:300])
        return False
    for rejected in response.json()["rejected"]:
        log.error("%s refused: %s %s", message["device"], rejected["code"], rejected["detail"])
    return not response.json()["rejected"]


class Simulator:
    """Lets devices live. ``clock()`` gives seconds that never go back.

    With a ``scenario`` nothing else happens to anybody; ``count`` devices take part. Raises Invalid for too few. Life
    goes ``speed`` times as fast; messages are stamped with the moment they are sent all the same.
    """

    def __init__(self, devices: Iterable[Device], door, *, clock: Callable[[], float], rng: random.Random,
                 scenario: Scenario | None = None, count: int | None = None, speed: float = 1.0):  # fmt: skip
        self.door, self.rng, self.speed = door, rng, speed
        self.clock = lambda: clock() * speed
        self.start = start = self.clock()
        devices = list(devices)
        self.lives = [
            Life(device, start + rng.uniform(0, min(FIRST_REPORTS, device.profile.reporting_interval)))
            for device in devices
        ]
        self.next_incident = float("inf") if scenario else start + rng.uniform(*BETWEEN_INCIDENTS) / 4
        parts = scenario.cast(devices, rng, count) if scenario else {}
        for life in self.lives:
            life.part = parts.get(life.device.code)
            if life.part:
                life.next_at = start
                log.info("%s takes part", life.device.code)

    def run(self) -> None:
        """Live until told to stop (StoppedError)."""
        while True:
            self.turn()
            self.door.pause(max(0.05, min((self.next_event() - self.clock()) / self.speed, 5.0)))

    def next_event(self) -> float:
        """Return when something is due next."""
        return min([self.next_incident, *(life.due_at for life in self.lives)])

    def turn(self) -> None:
        """Do all that is due now."""
        now = self.clock()
        if now >= self.next_incident:
            self.next_incident = now + self.rng.uniform(*BETWEEN_INCIDENTS)
            self._incident(now)
        for life in self.lives:
            if life.trouble and now >= life.trouble_ends:
                log.info("%s is normal again", life.device.code)
                life.trouble, life.next_at = None, now
            if now >= life.due_at:
                life.next_at = now + life.interval * self.rng.uniform(0.95, 1.05)
                message = life.message(self.rng)
                if life.part:
                    elapsed = now - self.start
                    message = life.part.play(elapsed / self.speed if life.part.in_real_time else elapsed, message)
                if message is not None:
                    self._send(life, message)

    def _send(self, life: Life, message: dict) -> None:
        """Send a message; a device that sends too much is silent for as long as it is told, the others go on."""
        try:
            self.door.send(message)
        except TooManyError as error:
            life.silent_until = self.clock() + error.seconds * self.speed

    def _incident(self, now: float) -> None:
        """Let something happen to a device that is well, unless enough is going on."""
        well = [life for life in self.lives if life.trouble is None and _troubles(life.device)]
        if not well or sum(life.trouble is not None for life in self.lives) >= MOST_INCIDENTS:
            return
        life = self.rng.choice(well)
        life.trouble = self.rng.choice(_troubles(life.device))
        life.trouble_ends, life.next_at = now + self.rng.uniform(*INCIDENT_LASTS), now
        log.info("%s: %s (%s)", life.device.code, life.trouble.code, life.trouble.label)


def _troubles(device: Device) -> list[ProfileStatus]:
    """Return what a device can say is wrong; that it is offline none says."""
    return [status for status in device.profile.statuses.all() if status.code != OFFLINE]


def demo_devices(codes: Iterable[str]) -> list[Device]:
    """Return the devices of these codes that are in service or maintained, with their profiles."""
    rows = Device.objects.filter(code__in=list(codes), state__in=JUDGED).select_related("profile").order_by("code")
    return list(rows.prefetch_related("profile__statuses", "profile__metrics"))


def single_message(device: Device, status: str, rng: random.Random) -> dict:
    """Return one message of a device with a given status, and figures that fit it. Raises KeyError: no such status."""
    life = Life(device, 0.0)
    if status != NORMAL:
        life.trouble = {found.code: found for found in device.profile.statuses.all()}[status]
    return life.message(rng)
