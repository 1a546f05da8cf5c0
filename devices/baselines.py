"""Baselines: what a device measures when all is well where it stands, and judging by the distance from it.

Only metrics that the profile marks ``relative_to_baseline`` are judged so; a device without a baseline is judged as if
it were 0. Readings are stored as they came: the distance exists only while a sample is judged, so an alarm's figure is
the distance.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from math import isfinite

from django.utils import timezone
from django.utils.translation import gettext as _

from devices.messages import Sample
from devices.models import Device, DeviceBaseline, LatestValue, ProfileMetric
from devices.querysets import INSTALLS, KEEPS_DEVICES
from devices.rules import Rules
from devices.shelving import device_lock
from governance import events
from governance.errors import Invalid, NotPermitted
from governance.models import User
from governance.scoping import Grant, grant_for
from governance.transactions import atomically

# Baselines of devices: device id → metric → value.
Baselines = dict[int, dict[str, float]]


def relative(metrics: Mapping[str, float], names: frozenset[str], zero: Mapping[str, float]) -> dict[str, float]:
    """Return figures as they are judged: those of ``names`` as distances, either way, from their zero."""
    return {name: abs(value - zero.get(name, 0.0)) if name in names else value for name, value in metrics.items()}


def baselines_of(devices: Iterable[int]) -> Baselines:
    """Return the baselines of devices; one statement."""
    found: Baselines = {}
    rows = DeviceBaseline.objects.filter(device__in=list(devices)).values_list("device_id", "metric", "value")
    for device, metric, value in rows:
        found.setdefault(device, {})[metric] = value
    return found


Parted = tuple[Sample | None, Sample | None]


def as_judged(heard: Sequence[Parted], rules: Mapping[int, Rules]) -> Sequence[Parted]:
    """Return the samples of a batch as they are judged; no statement where no profile of theirs has a relative metric,
    else one."""
    concerned = {(fresh or late).device_id for fresh, late in heard}
    concerned = {device for device in concerned if rules[device].relative}
    if not concerned:
        return heard
    zeros = baselines_of(concerned)

    def judged(sample: Sample | None) -> Sample | None:
        if sample is None or sample.device_id not in concerned:
            return sample
        names = rules[sample.device_id].relative
        return replace(sample, metrics=relative(sample.metrics, names, zeros.get(sample.device_id, {})))

    return [(judged(fresh), judged(late)) for fresh, late in heard]


def baseline_set(device: Device, *, actor: User, metric: str, value: float | None = None, reason: str = "",
                 occurred_at: datetime | None = None) -> DeviceBaseline:  # fmt: skip
    """Say what ``metric`` is at a device when all is well, after the road was resurfaced for example.

    Without a value it is the newest one reported. The next sample is judged by it. Raises NotPermitted; Invalid for a
    metric that is not relative, a figure that is none, or no value where none was reported.
    """
    at = occurred_at or timezone.now()
    with atomically():
        device_lock(device.pk)  # samples of the device wait
        fresh = Device.objects.select_related("area").get(pk=device.pk)
        grant = grant_for(KEEPS_DEVICES, fresh, actor)
        if grant is None:
            raise NotPermitted(_("You may not set the baselines of this device."))
        if not relative_metrics(fresh).filter(metric=metric).exists():
            raise Invalid(_("This metric is not judged by its distance from a baseline."), field="metric")
        if value is None:
            newest = LatestValue.objects.filter(device=fresh, metric=metric, quality=None)
            value = newest.values_list("value", flat=True).first()
        if value is None or not isfinite(value):
            raise Invalid(_("A figure is needed: the device has reported none."), field="value", code="required")
        return _write(fresh, metric, value, actor=actor, grant=grant, at=at, reason=reason)


def relative_metrics(device: Device):
    """Return the metrics of a device's profile that are judged by the distance from a baseline."""
    return ProfileMetric.objects.filter(profile=device.profile_id, relative_to_baseline=True)


def baselines_take(device: Device, samples: Sequence[Mapping[str, float]], *, actor: User, at: datetime) -> None:
    """Take the baselines of a device (locked) as the means of samples in which nothing was abnormal.

    A metric of which there is no such sample keeps the baseline it has.
    """
    grant = grant_for(INSTALLS, device, actor)
    for name in relative_metrics(device).order_by("metric").values_list("metric", flat=True):
        values = [sample[name] for sample in samples if name in sample]
        if values:
            _write(device, name, sum(values) / len(values), actor=actor, grant=grant, at=at, samples=len(values))


def _write(device: Device, metric: str, value: float, *, actor: User, grant: Grant, at: datetime, reason: str = "",
           **told) -> DeviceBaseline:  # fmt: skip
    before = DeviceBaseline.objects.filter(device=device, metric=metric).values_list("value", flat=True).first()
    row, _made = DeviceBaseline.objects.update_or_create(
        device=device, metric=metric, defaults={"value": value, "set_at": at, "set_by": actor}
    )
    payload = {"device": device.code, "metric": metric, "before": before, "value": value} | told
    events.record("device.baseline_set", device, actor=actor, grant=grant, payload=payload, occurred_at=at,
                  text=reason.strip())  # fmt: skip
    return row
