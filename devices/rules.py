"""What a sample says about each alarm of its device: pure rules, no database (domain/devices.md, "Alarm model").

A status word other than ``normal`` asserts the alarm of that type at once: the device has judged. A metric is judged
against the limits of its profile: past ``high`` (or ``low``) abnormal, past ``clear`` normal, between them no change.
"""

import math
from collections.abc import Container
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from devices.models.profile import NORMAL, OFFLINE, UNKNOWN, DeviceProfile, ProfileMetric, ProfileStatus, Severity

NONE: frozenset[str] = frozenset()


def _within(known: tuple[float, float] | None, value: float) -> bool:
    return known is None or known[0] <= value <= known[1]


class Judgement(Enum):
    """Where a figure lies."""

    ABNORMAL = "abnormal"
    BETWEEN = "between"
    NORMAL = "normal"


def judge(metric: ProfileMetric, value: float) -> Judgement | None:
    """Judge a figure against the limits of its metric; None without limits."""
    if metric.high is not None:
        past, clear = value >= metric.high, value <= metric.clear
    elif metric.low is not None:
        past, clear = value <= metric.low, value >= metric.clear
    else:
        return None
    if past:
        return Judgement.ABNORMAL
    return Judgement.NORMAL if clear else Judgement.BETWEEN


def critical(metric: ProfileMetric, value: float) -> bool:
    """Tell whether a figure lies at or past the critical limit of its metric."""
    if metric.critical is None:
        return False
    return value >= metric.critical if metric.high is not None else value <= metric.critical


@dataclass(frozen=True)
class Verdict:
    """What one sample says about one alarm type.

    ``asserted``: True when the device asserts it, False when it says ``normal``, None when its status says neither.
    ``limit`` and ``value``: the metric that raises this type, when the sample has it. ``critical``: past its critical
    limit.
    """

    asserted: bool | None
    limit: Judgement | None
    value: float | None
    critical: bool = False

    @property
    def abnormal(self) -> bool:
        """Whether the condition holds by this sample alone."""
        return self.asserted is True or self.limit is Judgement.ABNORMAL

    def held(self, asserted: bool, exceeded: bool, *, newest: bool = True) -> tuple[bool, bool]:
        """Return what holds an alarm after this sample, given what held it before: the device's word, the limit.

        Neither means cleared. Only ``normal`` takes the word back, only the metric at or past ``clear`` the limit; a
        device that had asserted the alarm and now says ``normal`` without the figure has judged both, unless a figure
        newer than the word is known (not ``newest``).
        """
        if self.limit is None:
            now_exceeded = exceeded and not (newest and asserted and self.asserted is False)
        elif self.limit is Judgement.BETWEEN:
            now_exceeded = exceeded
        else:
            now_exceeded = self.limit is Judgement.ABNORMAL
        return (asserted if self.asserted is None else self.asserted), now_exceeded


@dataclass(frozen=True)
class AlarmRule:
    """When an alarm of one type is raised and over: delays, N of M, latching; severities, calm and critical.

    ``over_after``: the device's word is a single event, over by itself that long after it was last said.
    """

    type: str
    severity: str
    critical_severity: str = Severity.HIGH
    on_delay: timedelta = timedelta()
    off_delay: timedelta = timedelta()
    needed: int = 1
    of: int = 1
    latched: bool = False
    reopen_window: timedelta = timedelta(minutes=30)
    over_after: timedelta | None = None

    def raises_at_once(self, verdict: Verdict) -> bool:
        """Whether a sample that is abnormal raises the alarm by itself: the device's word and a critical figure do, any
        other only where neither an on-delay nor N of M waits for more."""
        return bool(verdict.asserted) or verdict.critical or not (self.on_delay or self.needed > 1)

    @classmethod
    def of_status(cls, status: ProfileStatus, metric: ProfileMetric | None) -> "AlarmRule":
        """Read the rule of a status and of the metric that raises it, if any does.

        What a figure raises, a figure ends (``devices.profiles`` publishes nothing else): silence would clear it.
        """
        momentary = metric is None and status.over_after is not None
        return cls(
            status.code,
            status.severity,
            metric.critical_severity if metric else Severity.HIGH,
            timedelta(seconds=status.on_delay),
            timedelta(seconds=status.off_delay),
            status.samples_needed,
            status.samples_of,
            status.latched,
            timedelta(seconds=status.reopen_window),
            timedelta(seconds=status.over_after) if momentary else None,
        )


@dataclass(frozen=True)
class Rules:
    """One version of a profile, ready for judging."""

    profile: DeviceProfile
    statuses: dict[str, ProfileStatus] = field(repr=False)
    metrics: dict[str, ProfileMetric] = field(repr=False)
    limits: dict[str, ProfileMetric] = field(repr=False)  # by the alarm type it raises
    alarms: dict[str, AlarmRule] = field(repr=False)
    edges: dict[str, tuple[bool, float]] = field(repr=False)  # metric → (limited above, its limit)
    ranges: dict[str, tuple[float, float]] = field(repr=False)  # metric → what can be
    step: timedelta = timedelta()  # between two messages of a device that keeps its rate
    relative: frozenset[str] = frozenset()  # metrics judged by their distance from the baseline (devices.baselines)

    @classmethod
    def of(cls, profile: DeviceProfile) -> "Rules":
        """Read a profile whose statuses and metrics are loaded."""
        statuses = {status.code: status for status in profile.statuses.all()}
        metrics = {metric.metric: metric for metric in profile.metrics.all()}
        limits = {metric.alarm: metric for metric in metrics.values() if metric.alarm}
        alarms = {code: AlarmRule.of_status(status, limits.get(code)) for code, status in statuses.items()}
        edges = {
            metric.metric: (metric.high is not None, metric.high if metric.high is not None else metric.low)
            for metric in limits.values()
        }
        ranges = {
            row.metric: (
                -math.inf if row.valid_min is None else row.valid_min,
                math.inf if row.valid_max is None else row.valid_max,
            )
            for row in metrics.values()
            if row.valid_min is not None or row.valid_max is not None
        }
        step = timedelta(minutes=1) / profile.rate
        relative = frozenset(name for name, metric in metrics.items() if metric.relative_to_baseline)
        return cls(profile, statuses, metrics, limits, alarms, edges, ranges, step, relative)

    def impossible(self, metrics: dict[str, float]) -> frozenset[str]:
        """Return the metrics whose figures cannot be: bad, never judged."""
        ranges = self.ranges
        if not ranges:
            return NONE
        for name in metrics:
            known = ranges.get(name)
            if known is not None and not known[0] <= metrics[name] <= known[1]:
                return frozenset(name for name in metrics if not _within(ranges.get(name), metrics[name]))
        return NONE

    def calm(self, status: str | None, metrics: dict[str, float]) -> bool:
        """Tell whether nothing a sample says is abnormal: what nearly all samples are, judged in the shortest way."""
        if status is not None and status != NORMAL:
            return False
        edges = self.edges
        for name in metrics:
            edge = edges.get(name)
            if edge is not None and (metrics[name] >= edge[1] if edge[0] else metrics[name] <= edge[1]):
                return False
        return True

    def raises_only(self, known: Container[str], status: str | None, metrics: dict[str, float]) -> bool:
        """Tell whether each alarm type that is abnormal by a sample (``raised_by``) is among those known."""
        if status is not None and status not in known and status in self.statuses:
            return False
        edges = self.edges
        for name in metrics:
            edge = edges.get(name)
            if edge is not None and (metrics[name] >= edge[1] if edge[0] else metrics[name] <= edge[1]):
                alarm = self.metrics[name].alarm
                if alarm not in known and alarm in self.statuses:
                    return False
        return True

    def judges(self, status: str) -> bool:
        """Whether a word says something about alarms of this profile; that it is offline no device says."""
        return status == NORMAL or (status in self.statuses and status != OFFLINE)

    def knows(self, status: str) -> bool:
        """Whether a device of this profile may report the word. By ``unknown`` it says that it does not know."""
        return status == UNKNOWN or self.judges(status)

    def alarm(self, alarm_type: str) -> AlarmRule:
        """Return the rule of an alarm type; a plain one where it was taken out of the profile since it was raised."""
        return self.alarms.get(alarm_type) or AlarmRule(alarm_type, Severity.MEDIUM)

    def verdict(self, alarm_type: str, status: str | None, metrics: dict[str, float]) -> Verdict:
        """Return what a sample's status and metrics say about ``alarm_type``."""
        asserted = {alarm_type: True, NORMAL: False}.get(status)
        limit = self.limits.get(alarm_type)
        if limit is None:  # also a limit taken out of the profile: then the device's word is all there is
            return Verdict(asserted, Judgement.NORMAL if asserted is False else None, None)
        if limit.metric not in metrics:
            return Verdict(asserted, None, None)
        value = metrics[limit.metric]
        return Verdict(asserted, judge(limit, value), value, critical(limit, value))

    def raised_by(self, status: str | None, metrics: dict[str, float]) -> list[str]:
        """Return the alarm types that are abnormal by a sample, each once, in a fixed order."""
        types = {status} if status is not None and status != NORMAL else set()
        for name, value in metrics.items():
            limit = self.metrics.get(name)
            if limit is not None and judge(limit, value) is Judgement.ABNORMAL:
                types.add(limit.alarm)
        return sorted(types & self.statuses.keys())
