"""What the simulator can let happen to demo devices: tilt, overflow, storm, offline, chatter, camera. No database.

A scenario picks its devices and gives each a part: a function of (seconds since the scenario began, the message of an
ordinary moment) that returns the message to send, or None where the device is silent. Figures are our own judgement.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from django.utils.translation import gettext as _

from cases.models import CaseSource
from devices.demo_snapshots import snapshot_of
from devices.models import OFFLINE, Device, ProfileMetric, ProfileStatus
from governance.errors import Invalid

MINUTE = 60.0
Play = Callable[[float, dict], dict | None]


@dataclass(frozen=True)
class Part:
    """What a device does in a scenario; ``interval``: seconds between its messages, where not those of its profile.

    ``in_real_time``: told how long the scenario has gone on by the clock on the wall, however fast life goes.
    """

    play: Play
    interval: float | None = None
    in_real_time: bool = False


@dataclass(frozen=True)
class Scenario:
    """``alarms``: words of which a device must know one to take part (none: any device with a limit); ``count``: how
    many take part unless said otherwise (None: all)."""

    label: str
    alarms: tuple[str, ...]
    count: int | None
    part: Callable[[list, random.Random], Part]

    def cast(self, devices: Sequence[Device], rng: random.Random, count: int | None = None) -> dict[str, Part]:
        """Return the parts of the devices that take part, by code. Raises Invalid where there are too few."""
        able = [device for device in devices if self.known_to(device)]
        wanted = count or self.count or len(able)
        if not able or wanted > len(able):
            raise Invalid(
                _("This scenario needs %(wanted)s devices; %(able)s of the demo devices in use can take part.")
                % {"wanted": max(wanted, 1), "able": len(able)}, field="scenario",
            )  # fmt: skip
        return {device.code: self.part(self.known_to(device), rng) for device in rng.sample(able, wanted)}

    def known_to(self, device: Device) -> list:
        """Return what of a device's profile its part is about: the limits it can pass; none: it takes no part."""
        metrics = [metric for metric in device.profile.metrics.all() if metric.high is not None]
        return [metric for metric in metrics if not self.alarms or metric.alarm in self.alarms]


class Seen(Scenario):
    """A scenario of cameras, which tell by a word what they see."""

    def known_to(self, device: Device) -> list[ProfileStatus]:
        """Return the words of a camera; none of other devices."""
        statuses = device.profile.statuses.all() if device.profile.case_source == CaseSource.VIDEO else ()
        return [status for status in statuses if status.code != OFFLINE]


def _past(metric: ProfileMetric, factor: float) -> float:
    """Return a figure past the limit; a share of a whole cannot exceed it."""
    return round(min(metric.high * factor, 1.0) if metric.high < 1 else metric.high * factor, 2)


def _with(message: dict, **figures: float) -> dict:
    """Return a message with other figures, in which the device asserts no status: the figures are to be judged."""
    return {name: value for name, value in message.items() if name != "status"} | {
        "metrics": message["metrics"] | figures
    }


def _tilt(metrics, rng) -> Part:
    figure, alarm = _past(metrics[0], rng.uniform(1.3, 3)), metrics[0].alarm

    def play(elapsed, message):
        if not MINUTE / 6 <= elapsed < 30 * MINUTE:
            return message
        return _with(message, **{metrics[0].metric: figure}) | {"status": alarm}

    return Part(play, interval=MINUTE)


def _overflow(metrics, rng) -> Part:
    start, minutes = rng.uniform(0.2, 0.5), rng.uniform(15, 30)

    def play(elapsed, message):
        filled = min(start + (1 - start) * elapsed / (minutes * MINUTE), 1.0)
        return _with(message, **{metrics[0].metric: round(filled, 3)})

    return Part(play, interval=2 * MINUTE)


def _storm(metrics, rng) -> Part:
    """Rain: ten minutes of rise, twenty at the top, twenty of fall; every sensor with its own strength and delay."""
    top, delay = rng.uniform(1.2, 2.5), rng.uniform(0, 5 * MINUTE)

    def play(elapsed, message):
        past = elapsed - delay
        share = min(past / (10 * MINUTE), 1.0, (50 * MINUTE - past) / (20 * MINUTE))
        if share <= 0:
            return message
        return _with(message, **{metric.metric: round(metric.high * top * share, 3) for metric in metrics})

    return Part(play, interval=MINUTE / 2)


def _offline(metrics, rng) -> Part:
    """Heard once, then silent for an hour and a half: a real one, for silence is judged by the product's own clock."""
    heard = []

    def play(elapsed, message):
        if heard and elapsed < 90 * MINUTE:
            return None
        heard.append(elapsed)
        return message

    return Part(play, in_real_time=True)


def _chatter(metrics, rng) -> Part:
    """A device that says every ten seconds, in turn, that its alarm is there and that all is normal.

    It is the device's word that swings: a word has no delay, whereas the on-delays and the N of M of a profile keep a
    swinging figure from ever raising anything. The figure of that alarm is left out while the word is said.
    """
    metric, turns = metrics[0], count()

    def play(elapsed, message):
        if next(turns) % 2:
            return message
        figures = {name: value for name, value in message["metrics"].items() if name != metric.metric}
        return message | {"status": metric.alarm, "metrics": figures}

    return Part(play, interval=MINUTE / 6)


def _camera(statuses, rng) -> Part:
    """What a camera saw is told with a picture every two minutes, for a quarter of an hour."""
    word = rng.choice(statuses).code

    def play(elapsed, message):
        if elapsed >= 15 * MINUTE:
            return message
        at = datetime.fromisoformat(message["at"])
        return message | {"status": word, "snapshot": snapshot_of(message["device"], at, rng)}

    return Part(play, interval=2 * MINUTE)


SCENARIOS = {
    "tilt": Scenario("a manhole cover or pole is tilted for half an hour", ("tilted", "pole_tilted"), 1, _tilt),
    "overflow": Scenario("bins fill up within half an hour", ("full",), 3, _overflow),
    "storm": Scenario("rain fills every water-level sensor", ("waterlogging", "water_high"), None, _storm),
    "offline": Scenario("devices fall silent for an hour and a half", (), 3, _offline),
    "chatter": Scenario("a device raises its alarm and takes it back every ten seconds", (), 1, _chatter),
    "camera": Seen("a camera tells for a quarter of an hour what it sees, with pictures", (), 1, _camera),
}
