"""The one way in for readings, whatever door they come through.

A batch is one transaction: readings, latest values, alarm changes, cases and events are stored together or not at all.
As long as no alarm changes, a batch takes the same number of statements for any number of messages. The devices of a
batch are locked first, in the order of their ids, so that repeated and simultaneous messages of one device come one
after the other: the reading's key stores each once, and only what was stored is judged.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext as _

from devices import store
from devices.alarms import AlarmBook
from devices.keys import Credential
from devices.messages import Rejected, Sample, read_message
from devices.models import Device, ProfileStatus
from devices.rules import Rules
from governance.transactions import atomically

# Samples with a wrong clock stand apart by the smallest step, so that each keeps its own reading.
STEP = timedelta(microseconds=1)
# With what an alarm needs to open its case.
STATUSES = Prefetch("profile__statuses", ProfileStatus.objects.select_related("standard__category"))


@dataclass(frozen=True)
class Rejection:
    """A message that was not taken; ``index`` is its place in the batch, from 0."""

    index: int
    code: str
    detail: str


@dataclass
class IngestResult:
    """What became of a batch: messages stored, messages that said nothing new, messages refused."""

    accepted: int = 0
    duplicate: int = 0
    rejected: list[Rejection] = field(default_factory=list)


def readings_ingest(*, credential: Credential, messages: Sequence, received_at: datetime | None = None) -> IngestResult:
    """Store a batch of messages and draw the consequences; what is refused does not hold up the rest.

    ``messages`` are decoded JSON values (``devices.messages`` says what they hold). Besides its codes a message is
    refused with ``unknown_device``, ``foreign_device`` (not covered by the key), ``retired_device`` and
    ``unknown_status`` (not in the device's profile). Metrics the profile does not know are stored and never judged: the
    history is there when the profile learns them. Messages of one batch count in the order of their times.
    """
    received_at = received_at or timezone.now()
    result = IngestResult()
    samples = list(_well_formed(messages, received_at, result))
    if samples:
        with atomically():
            reach = _Reach.of(credential, {sample.device for sample in samples})
            samples = _addressed(samples, reach, result)
            if samples:
                _take(samples, reach, received_at, result)
        result.rejected.sort(key=lambda rejection: rejection.index)
    return result


def _well_formed(messages: Sequence, received_at: datetime, result: IngestResult) -> Iterator[Sample]:
    for index, raw in enumerate(messages):
        try:
            yield read_message(index, raw, received_at)
        except Rejected as error:
            result.rejected.append(Rejection(index, error.code, error.detail))


@dataclass
class _Reach:
    """The devices a batch names: those its key covers (locked until the end of the transaction), and others' codes."""

    covered: dict[str, Device]
    foreign: set[str]
    rules: dict[int, Rules]  # by device id

    @classmethod
    def of(cls, credential: Credential, codes: set[str]) -> "_Reach":
        rows = Device.objects.filter(code__in=codes, **credential.covers()).order_by("pk")
        rows = rows.select_for_update(of=("self",), no_key=True).select_related("profile", "area")
        rows = rows.defer("area__boundary").prefetch_related(STATUSES, "profile__metrics")
        covered = {device.code: device for device in rows}
        missing = codes - covered.keys()
        foreign = set(Device.objects.filter(code__in=missing).values_list("code", flat=True)) if missing else set()
        by_profile = {device.profile_id: Rules.of(device.profile) for device in covered.values()}
        return cls(covered, foreign, {device.pk: by_profile[device.profile_id] for device in covered.values()})

    def refusal(self, sample: Sample) -> tuple[str, str] | None:
        """Return the code and text with which a sample is refused, or None."""
        device = self.covered.get(sample.device)
        if device is None and sample.device in self.foreign:
            return "foreign_device", _("This key does not cover device “%(code)s”.") % {"code": sample.device}
        if device is None:
            return "unknown_device", _("There is no device “%(code)s”.") % {"code": sample.device}
        if not device.is_active:
            return "retired_device", _("Device “%(code)s” is no longer in use.") % {"code": sample.device}
        if sample.status is not None and not self.rules[device.pk].knows(sample.status):
            return "unknown_status", _("Devices of this profile have no status “%(status)s”.") % {
                "status": sample.status
            }
        return None


def _addressed(samples: list[Sample], reach: _Reach, result: IngestResult) -> list[Sample]:
    """Return the samples that belong to a device that may take them; refuse the others."""
    taken = []
    for sample in samples:
        refusal = reach.refusal(sample)
        if refusal is None:
            sample.device_id = reach.covered[sample.device].pk
            taken.append(sample)
        else:
            result.rejected.append(Rejection(sample.index, *refusal))
    return taken


def _take(samples: list[Sample], reach: _Reach, received_at: datetime, result: IngestResult) -> None:
    """Store the readings of ``samples``, then judge what is new of them."""
    devices = {device.pk: device for device in reach.covered.values()}
    samples.sort(key=lambda sample: (sample.device_at, sample.index))
    with connection.cursor() as cursor:
        latest = store.latest_times(cursor, {sample.device_id for sample in samples})
        _set_apart(samples, latest)
        stored = store.readings_insert(cursor, samples, devices, received_at)
        news = _news(samples, stored)
        result.accepted, result.duplicate = len(news), len(samples) - len(news)
        if not news:
            return
        book = AlarmBook(devices, reach.rules, received_at=received_at, since=min(sample.at for sample in news))
        marks = store.Marks(received_at)
        for sample in news:
            fresh, late = _parted(sample, latest)
            marks.note(sample, fresh, devices[sample.device_id])
            book.read(fresh=fresh, late=late)
        store.latest_write(cursor, marks)
        store.devices_write(cursor, marks)


def _set_apart(samples: list[Sample], latest: dict[tuple[int, str], datetime]) -> None:
    """Give samples whose time is not believed times of their own, from now on and after all others of their device."""
    newest: dict[int, datetime] = {}
    believed = [(sample.device_id, sample.at) for sample in samples if not sample.skewed]
    for device, at in [*((device, at) for (device, _name), at in latest.items()), *believed]:
        newest[device] = max(at, newest.get(device, at))
    for sample in samples:
        if sample.skewed:
            known = newest.get(sample.device_id)
            sample.at = sample.at if known is None else max(sample.at, known + STEP)
            newest[sample.device_id] = sample.at


def _news(samples: list[Sample], stored: set[store.Key]) -> list[Sample]:
    """Return the samples reduced to the readings that were not known, without empty ones, in order of their times."""
    news = []
    for sample in samples:
        names = {name for name, _value, _text in sample.readings() if (sample.device_id, name, sample.at) in stored}
        stored.difference_update([(sample.device_id, name, sample.at) for name in names])
        if names:
            news.append(sample.only(names))
    return sorted(news, key=lambda sample: (sample.at, sample.index))


def _parted(sample: Sample, latest: dict[tuple[int, str], datetime]) -> tuple[Sample, Sample]:
    """Part a sample into what is newer than the latest of its metric and what is history; ``latest`` moves on."""
    newer, older = set(), set()
    for name, _value, _text in sample.readings():
        known = latest.get((sample.device_id, name))
        if known is None or sample.at > known:
            newer.add(name)
            latest[sample.device_id, name] = sample.at
        else:
            older.add(name)
    return sample.only(newer), sample.only(older)
