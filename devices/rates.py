"""How many messages a minute one device may send (``DeviceProfile.rate``); what is more is refused, not dropped.

A bucket of a minute's messages, kept as the time until which a device has paid (GCRA, ITU-T I.371). It runs in the time
of the messages: a backlog whose messages lie as far apart as usual costs nothing, however fast it comes in. Messages
older than the newest known are paid from a bucket of their own that holds a day's messages, so that a backlog sent
newest first, or beside live messages, is taken too. What was stored before costs nothing.

The device's row is locked, so the bucket holds across processes and restarts; it is written only while a device is
ahead of its rate: what keeps the rate is known by its newest reading, and costs no statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from django.utils.translation import gettext as _

from devices.messages import Sample
from devices.models import Device
from devices.rules import Rules
from devices.store import DeviceRow
from governance import events
from governance.models import Role, User
from governance.scoping import Grant

MINUTE = timedelta(minutes=1)
LATE_DEPTH = timedelta(days=1)
# A device that is refused again within this time is still the same trouble: no further event.
SAME_TROUBLE = timedelta(minutes=10)


@dataclass
class Refused:
    """A message that was too many, and in how many seconds it may come again."""

    sample: Sample
    retry_after: int
    detail: str


@dataclass
class Admission:
    """Which messages of a batch keep the rate. ``late``: (request, index) of those older than what was known;
    ``started``: until when a device had paid before the batch."""

    devices: dict[int, DeviceRow]
    rules: dict[int, Rules]
    received_at: datetime
    taken: list[Sample] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    late: set[tuple[int, int]] = field(default_factory=set)
    started: dict[int, datetime] = field(default_factory=dict)
    changed: set[int] = field(default_factory=set)
    ahead: dict[int, datetime] = field(default_factory=dict)  # the newest time of a device in the batch
    begun: set[int] = field(default_factory=set)  # devices whose trouble begins with this batch

    @classmethod
    def of(cls, samples: list[Sample], devices: dict[int, DeviceRow], rules: dict[int, Rules],
           latest: dict[tuple[int, str], datetime], received_at: datetime) -> "Admission":  # fmt: skip
        """Judge samples in the order of their times; ``latest``: the newest time known of each metric."""
        found = cls(devices, rules, received_at)
        newest: dict[int, datetime] = {}
        for (device, _name), at in latest.items():
            newest[device] = max(at, newest.get(device, at))
        paid: dict[int, datetime] = {}
        late_paid: dict[int, datetime] = {}
        for sample in samples:
            known = newest.get(sample.device_id)
            if known is not None and sample.at <= known:
                found._judge_late(sample, late_paid)
            else:
                found._judge(sample, known, paid)
        return found

    def _judge(self, sample: Sample, known: datetime | None, paid: dict[int, datetime]) -> None:
        pk, step = sample.device_id, self.rules[sample.device_id].step
        if pk not in paid:
            paid[pk] = self.started[pk] = self._paid(self.devices[pk], known, sample.at, step)
        until = max(paid[pk], sample.at) + step
        # One whose time is not believed comes after all others of its device, whose clock may be minutes ahead.
        present = self.ahead[pk] = max(sample.at, self.received_at, self.ahead.get(pk, sample.at))
        over = until - present - MINUTE
        if over > timedelta():
            self._refuse(sample, over)
        else:
            paid[pk] = until
            self.taken.append(sample)

    @staticmethod
    def _paid(device: DeviceRow, known: datetime | None, at: datetime, step: timedelta) -> datetime:
        """Return until when a device has paid: as kept, or by its newest reading."""
        until = at if known is None else max(at, known + step)
        return until if device.paid_until is None else max(until, device.paid_until)

    def _judge_late(self, sample: Sample, paid: dict[int, datetime]) -> None:
        pk, now = sample.device_id, self.received_at
        if pk not in paid:
            paid[pk] = max(self.devices[pk].late_paid_until or now, now)
        until = paid[pk] + self.rules[pk].step
        if until - now > LATE_DEPTH:
            self._refuse(sample, until - now - LATE_DEPTH)
        else:
            paid[pk] = until
            self.late.add((sample.parcel, sample.index))
            self.taken.append(sample)

    def charge(self, news: Sequence[Sample]) -> None:
        """Let those of the messages be paid that were not known before; ``news`` in the order of their times."""
        for sample in news:
            device, step = self.devices[sample.device_id], self.rules[sample.device_id].step
            if (sample.parcel, sample.index) in self.late:
                now = self.received_at
                device.late_paid_until = max(device.late_paid_until or now, now) + step
                self.changed.add(device.pk)
                continue
            paid = max(self.started[device.pk], sample.at)
            self.started[device.pk] = paid + step
            if paid > sample.at:
                device.paid_until = paid + step
                self.changed.add(device.pk)

    def _refuse(self, sample: Sample, over: timedelta) -> None:
        device = self.devices[sample.device_id]
        seconds = ceil(over.total_seconds())
        words = {"code": device.code, "rate": f"{self.rules[device.pk].profile.rate:g}", "seconds": seconds}
        told = _("Device “%(code)s” may send %(rate)s messages a minute. Try again in %(seconds)s s.") % words
        self.refused.append(Refused(sample, seconds, told))
        if device.refused_at is None or self.received_at - device.refused_at > SAME_TROUBLE:
            self.begun.add(device.pk)
        device.refused += 1
        device.refused_at = max(self.received_at, device.refused_at or self.received_at)
        self.changed.add(device.pk)

    def tell(self) -> None:
        """Record for whom the trouble begins; none or three statements."""
        if not self.begun:
            return
        devices = Device.objects.filter(pk__in=self.begun).only("code", "area_id").order_by("pk")
        drafts = [
            events.Draft("device.rate_limited", device, {"device": device.code,
                         "rate": self.rules[device.pk].profile.rate}, self.received_at)
            for device in devices
        ]  # fmt: skip
        events.record_many(drafts, actor=User.objects.system("devices"), grant=Grant(Role.SYSTEM))
