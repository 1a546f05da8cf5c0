"""What the devices of the fictional city reported: the alarms behind its cases, and a day of ordinary readings."""

from datetime import datetime, timedelta
from random import Random

from cases.demo_material import Subject
from cases.models import Case, CaseState
from devices.alarm_rows import alarms_verified
from devices.battery import METRIC as BATTERY
from devices.demo_batteries import battery_at
from devices.demo_bins import fill_at
from devices.ingest import readings_ingest
from devices.keys import Credential
from devices.models import Alarm, Condition, Device
from devices.models.profile import NORMAL
from devices.partitions import partitions_ensure

HISTORY = timedelta(days=40)
DAY = timedelta(hours=24)
# Ordinary figures of each metric, lowest and highest [our judgement].
ORDINARY = {
    "tilt": (0.2, 3), "water_level": (0.05, 0.5), "battery": (62, 98), "fill_level": (0.1, 0.55),
    "temperature": (12, 26), "current": (0.3, 0.5), "water_depth": (0, 1), "pm10": (35, 95), "pm25": (15, 60),
    "noise": (42, 63),
}  # fmt: skip


class DemoDevices:
    """Lets the demo devices report through the same door as real ones, at times in the past."""

    def __init__(self, rng: Random, *, now: datetime):
        self._rng, self._now = rng, now
        rows = (
            Device.objects.filter(state="in_service")
            .select_related("profile")
            .prefetch_related("profile__metrics", "profile__statuses")
        )
        self._devices = {device.code: device for device in rows.order_by("code")}
        partitions_ensure(now=now - HISTORY, ahead=HISTORY)

    def sense(self, subject: Subject, at: datetime, over: bool) -> Case | None:
        """Report the condition of the subject's standard (or, with ``over``, that all is normal) at ``at``.

        Status words of the demo profiles are the condition codes of their standards. Returns the case that opened.
        """
        device = self._devices[subject.place.device]
        word = NORMAL if over else subject.standard.condition_code
        figures = {
            metric.metric: self._figure(metric, past_limit=metric.alarm == word)
            for metric in device.profile.metrics.all()
        }
        self._send(device, [self._message(device, at, figures, word)], received_at=at)
        if over:
            self._stay_normal(device, subject.standard.condition_code, at)
        return None if over else Case.objects.filter(alarms__device=device, reported_at=at).first()

    def _stay_normal(self, device: Device, word: str, at: datetime) -> None:
        """Report normal once more when the off-delay of the alarm has passed, so that it is over in its own time."""
        delay = next(status.off_delay for status in device.profile.statuses.all() if status.code == word)
        later = at + timedelta(seconds=delay)
        if delay and later < self._now:
            figures = {metric.metric: self._figure(metric) for metric in device.profile.metrics.all()}
            self._send(device, [self._message(device, later, figures, NORMAL)], received_at=later)

    def ordinary_day(self) -> int:
        """Report ordinary figures of every device for the last day, a dozen times each; returns how many messages.

        Before it, latched alarms whose case was closed are over, as the worker would see to in time.
        """
        waiting = Alarm.objects.filter(condition=Condition.AWAITING, case__state=CaseState.CLOSED)
        for case, closed_at in waiting.values_list("case_id", "case__closed_at"):
            alarms_verified(case, at=closed_at)
        for device in self._devices.values():
            messages = []
            for number in range(12):
                at = self._now - DAY * (12 - number) / 12 + timedelta(minutes=self._rng.uniform(0, 90))
                figures = {metric.metric: self._figure(metric) for metric in device.profile.metrics.all()}
                if "fill_level" in figures:
                    figures["fill_level"] = fill_at(device.code, at, self._now)
                # Cameras measure nothing: all they say is that nothing is wrong.
                messages.append(self._message(device, at, figures, NORMAL if number == 11 or not figures else None))
            self._send(device, messages, received_at=self._now)
        return 12 * len(self._devices)

    def _figure(self, metric, *, past_limit: bool = False) -> float:
        lowest, highest = ORDINARY[metric.metric]
        if past_limit and metric.high is not None:
            lowest, highest = metric.high * 1.05, metric.high * 1.6
        figure = round(self._rng.uniform(lowest, highest), 2)
        return min(figure, 1.0) if metric.metric == "fill_level" else figure

    def _message(self, device: Device, at: datetime, figures: dict, word: str | None) -> dict:
        if BATTERY in figures:
            figures[BATTERY] = battery_at(device.code, at)
        message = {"device": device.code, "at": at.isoformat(), "metrics": figures}
        return message if word is None else message | {"status": word}

    def _send(self, device: Device, messages: list[dict], *, received_at: datetime) -> None:
        own = Credential(key_id=0, device_id=device.pk)
        result = readings_ingest(credential=own, messages=messages, received_at=received_at)
        if result.rejected:
            raise RuntimeError(f"demo readings of {device.code} were refused: {result.rejected[0]}")
