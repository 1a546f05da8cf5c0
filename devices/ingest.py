"""The one way in for readings, whatever door they come through.

A batch is one transaction: readings, latest values, alarm changes, cases and events are stored together or not at all.
Requests that arrive together may be one batch (``parcels_ingest``), each with its own answer. As long as no alarm opens
a case, a batch takes the same number of statements for any number of messages. The devices of a batch are locked first,
in the order of their ids, so that repeated and simultaneous messages of one device come one after the other: the
reading's key stores each once, and only what was stored is judged.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from devices import alarm_writes, refusals, store
from devices.alarms import AlarmBook
from devices.baselines import as_judged
from devices.keys import Credential
from devices.marks import Marks
from devices.messages import STATUS, Rejected, Sample, quick_message, read_message
from devices.models import OFFLINE, Device
from devices.parcels import IngestResult, Parcel, Rejection
from devices.profile_rules import rules_of
from devices.rates import Admission
from devices.rules import Rules
from devices.steady import Parted, steady
from devices.store import DeviceRow, Known
from devices.warned import NOT_REPORTED, not_reported, set_word_aside, warnings_of
from devices.wire import Message, as_raw
from devices.workflow import JUDGED, DeviceState
from governance.transactions import atomically

# Metrics that a profile does not know are kept for the day when it learns them, but not without end: each has a newest
# value, and those of a device are read with every message of it [J].
MOST_UNKNOWN = 64
# Samples with a wrong clock stand apart by the smallest step, so that each keeps its own reading.
STEP = timedelta(microseconds=1)


def readings_ingest(*, credential: Credential, messages: Sequence, received_at: datetime | None = None) -> IngestResult:
    """Store a batch of messages and draw the consequences; what is refused does not hold up the rest.

    Besides its codes (``devices.messages``) a message is refused with ``unknown_device``, ``foreign_device`` (not
    covered by the key), ``retired_device``, ``status_not_reported`` (that it is ``offline`` no device says),
    ``too_many_metrics`` and ``rate_limited`` (more than the device may send, ``devices.rates``; it may come again after
    ``retry_after``).
    Metrics and status words the profile does not know are stored and never judged: the history is there when the
    profile learns them; of one device at most MOST_UNKNOWN metrics. A message with such a word is taken with the
    warning ``unknown_status``, one whose time lies ahead of ours with ``clock_skewed``. Messages of one batch count in
    the order of their times. What was refused or warned of is counted for staff (``devices.refusals``).
    """
    return parcels_ingest([Parcel(credential, messages)], received_at=received_at)[0]


def parcels_ingest(parcels: Sequence[Parcel], *, received_at: datetime | None = None,
                   ask_keys: bool = False) -> list[IngestResult]:  # fmt: skip
    """Store several requests in one transaction, each as ``readings_ingest``; their messages count as one batch.

    With ``ask_keys`` their senders must have keys still that let somebody in: those of others come back with
    ``key_gone``.
    """
    received_at = received_at or timezone.now()
    results = [IngestResult() for _parcel in parcels]
    samples = list(_well_formed(parcels, received_at, results))
    if samples or ask_keys:
        with atomically(), store.binary_cursor() as cursor:
            reach = _Reach.of(cursor, parcels, {sample.device for sample in samples}, ask_keys)
            samples = _addressed(samples, reach, results)
            if samples:
                _Batch(cursor, reach, received_at, results).take(samples)
    for result in results:
        result.rejected.sort(key=_place)
        result.warnings.sort(key=_place)
    refusals.note(parcels, results, at=received_at)
    return results


def _place(rejection: Rejection) -> int:
    return rejection.index


def _well_formed(parcels: Sequence[Parcel], received_at: datetime, results: list[IngestResult]) -> Iterator[Sample]:
    for place, parcel in enumerate(parcels):
        for index, raw in enumerate(parcel.messages):
            try:
                sample = _read(index, raw, received_at)
            except Rejected as error:
                results[place].rejected.append(Rejection(index, error.code, error.detail))
            else:
                sample.parcel = place
                yield sample


def _read(index: int, raw, received_at: datetime) -> Sample:
    if isinstance(raw, Message):
        return quick_message(index, raw, received_at) or read_message(index, as_raw(raw), received_at)
    return read_message(index, raw, received_at)


@dataclass
class _Reach:
    """The devices a batch names: those its keys cover (locked until the end of the transaction), and others' codes."""

    credentials: list[Credential]
    covered: dict[str, DeviceRow]
    foreign: set[str]
    rules: dict[int, Rules]  # by device id
    known: Known
    unknown: dict[int, set[str]] | None = None  # by device id: names that its profile does not know

    @classmethod
    def of(cls, cursor, parcels: Sequence[Parcel], codes: set[str], ask_keys: bool) -> "_Reach":
        credentials = [parcel.credential for parcel in parcels]
        known = store.known(cursor, codes, set(credentials), ask_senders=ask_keys)
        covered = {row.code: row for row in known.devices}
        missing = codes - covered.keys()
        foreign = set(Device.objects.filter(code__in=missing).values_list("code", flat=True)) if missing else set()
        by_profile = rules_of({row.profile_id for row in covered.values()})
        rules = {row.pk: by_profile[row.profile_id] for row in covered.values()}
        return cls(credentials, covered, foreign, rules, known)

    def gone(self, credential: Credential) -> bool:
        """Tell whether it was asked who may send still, and this sender may not."""
        return self.known.let_in is not None and credential not in self.known.let_in

    def refusal(self, sample: Sample) -> tuple[str, str] | None:
        """Return the code and text with which a sample is refused, or None."""
        device, credential = self.covered.get(sample.device), self.credentials[sample.parcel]
        if device is not None and (
            device.pk == credential.device_id if credential.device_id else device.gateway_id == credential.gateway_id
        ):
            return self._refused_by(device, sample)
        if device is not None or sample.device in self.foreign:
            return "foreign_device", _("This key does not cover device “%(code)s”.") % {"code": sample.device}
        return "unknown_device", _("There is no device “%(code)s”.") % {"code": sample.device}

    def _refused_by(self, device: DeviceRow, sample: Sample) -> tuple[str, str] | None:
        if device.state == DeviceState.RETIRED:
            return "retired_device", _("Device “%(code)s” is no longer in use.") % {"code": sample.device}
        if sample.status == OFFLINE and not sample.metrics:
            return NOT_REPORTED, not_reported()
        if not sample.metrics.keys() <= self.rules[device.pk].metrics.keys() and not self._room_for(device.pk, sample):
            words = {"code": device.code, "most": MOST_UNKNOWN}
            return "too_many_metrics", _(
                "Of device “%(code)s” more than %(most)s metrics are not in its profile."
            ) % words
        return None

    def _room_for(self, device: int, sample: Sample) -> bool:
        """Note the names of a sample that its device's profile does not know; tell whether they are not too many."""
        unknown, new = self._unknown_of(device), sample.metrics.keys() - self.rules[device].metrics.keys()
        if new <= unknown:
            return True
        if len(unknown | new) > MOST_UNKNOWN:
            return False
        unknown |= new
        return True

    def _unknown_of(self, device: int) -> set[str]:
        """Return the names kept of a device that its profile does not know; those of all are gathered at once."""
        if self.unknown is None:
            self.unknown = defaultdict(set)
            for pk, name in self.known.latest:
                if name != STATUS and name not in self.rules[pk].metrics:
                    self.unknown[pk].add(name)
        return self.unknown[device]


def _addressed(samples: list[Sample], reach: _Reach, results: list[IngestResult]) -> list[Sample]:
    """Return the samples that belong to a device that may take them; refuse the others."""
    taken = []
    for result, credential in zip(results, reach.credentials, strict=True):
        result.key_gone = reach.gone(credential)
    for sample in samples:
        if results[sample.parcel].key_gone:
            continue
        refusal = reach.refusal(sample)
        if refusal is None:
            device = reach.covered[sample.device]
            sample.device_id = device.pk
            rules = reach.rules[device.pk]
            sample.bad = rules.impossible(sample.metrics)
            if sample.status is not None and not rules.judges(sample.status):
                set_word_aside(sample, rules)
            taken.append(sample)
            if device.commanded:
                results[sample.parcel].commanded.add(device.pk)
        else:
            results[sample.parcel].rejected.append(Rejection(sample.index, *refusal))
    return taken


class _Batch:
    """Stores the readings of addressed samples, then judges what is new of them."""

    def __init__(self, cursor, reach: _Reach, received_at: datetime, results: list[IngestResult]):
        self.cursor, self.reach, self.received_at, self.results = cursor, reach, received_at, results
        self.devices = {device.pk: device for device in reach.covered.values()}
        self.latest, self.good = reach.known.latest, reach.known.good
        self.marks = Marks(received_at, self.good)
        self.later = store.Later(cursor)

    def take(self, samples: list[Sample]) -> None:
        """Do all of it."""
        samples.sort(key=_by_time)
        admission = Admission.of(samples, self.devices, self.reach.rules, self.latest, self.received_at)
        for found in admission.refused:
            rejection = Rejection(found.sample.index, "rate_limited", found.detail, found.retry_after)
            self.results[found.sample.parcel].rejected.append(rejection)
        news = self._stored_and_told(admission)
        self.marks.devices |= {pk: self.devices[pk] for pk in admission.changed}
        heard = self._heard(news)
        self.marks.write(self.later)
        booked = self._judge(heard)
        self.later.send()
        admission.tell()
        if booked:
            self._book(booked)

    def _stored_and_told(self, admission: Admission) -> list[Sample]:
        """Store what was admitted; return what of it is new."""
        samples = admission.taken
        if not samples:
            return []
        _set_apart(samples, self.latest)
        news = self._stored(samples)
        for sample in samples:
            self.results[sample.parcel].duplicate += 1
            if sample.warned or sample.skewed:
                self.results[sample.parcel].warnings += warnings_of(sample)
        for sample in news:
            self.results[sample.parcel].accepted += 1
            self.results[sample.parcel].duplicate -= 1
        admission.charge(news)
        if news:
            store.hours_mark(self.later, news, self.received_at)
        return news

    def _stored(self, samples: list[Sample]) -> list[Sample]:
        """Store the readings that were not known; return the samples reduced to them, in order of their times.

        What is newer than its metric's newest reading still cannot be known. The rest is looked up, and with it what
        has the time of such a sample: of one time the first counts.
        """
        plain, others, newest = [], [], dict(self.latest)
        for sample in samples:
            claimed = store.may_repeat_a_claim(sample, self.devices[sample.device_id], self.received_at)
            if _newer(sample, newest) and not (sample.skewed or claimed or sample.bad):
                plain.append(sample)
            else:
                others.append(sample)
        if plain:
            store.readings_add(self.cursor, self.later, plain, self.received_at)
        if not others:
            return plain
        self.later.send()  # a repetition within the batch is found by what is stored
        news = plain + _news(others, store.readings_insert(self.cursor, others, self.devices, self.received_at))
        return sorted(news, key=lambda sample: (sample.at, sample.parcel, sample.index))

    def _heard(self, news: list[Sample]) -> list[Parted]:
        """Note the samples; return those to be judged, each parted into what is newest and history."""
        heard = []
        for sample in news:
            aside = sample.aside
            for name in aside:
                key = sample.device_id, name
                self.good.setdefault(key, self.latest.get(key))
            newest, late = _parted(sample, self.latest)
            fresh = newest
            if aside or self.good:
                fresh, late = self._believed(sample, newest)
            device = self.devices[sample.device_id]
            self.marks.note(sample, newest, device, heard=fresh is not None)
            if device.state in JUDGED:
                heard.append((fresh, late))
        return heard

    def _believed(self, sample: Sample, fresh: Sample | None) -> Parted:
        """Part a sample without what is not judged of it (bad figures, a word that says nothing about alarms), by the
        newest that were judged: what is not judged makes nothing before it history.

        What is left of a fresh one still says: I am here.
        """
        newer, older = set(), set()
        for name in set(sample.names()) - sample.aside:
            key = sample.device_id, name
            known = self.good.get(key)
            if key not in self.good:
                of_newest = fresh is not None and name in fresh.names()
            elif of_newest := known is None or sample.at > known:
                self.good[key] = sample.at
            (newer if of_newest else older).add(name)
        judged = sample.only(newer) if newer or fresh is not None else None
        return judged, sample.only(older) if older else None

    def _judge(self, heard: list[Parted]) -> list[Parted]:
        """Write what only goes on as it was; return what the alarm book has to decide."""
        heard = [parts for parts in heard if parts != (None, None)]
        if not heard:
            return []
        known = self.reach.known
        found = steady(as_judged(heard, self.reach.rules), known.standing, known.pending, self.reach.rules,
                       self.received_at)  # fmt: skip
        alarm_writes.deadlines_set(found.deadlines)
        store.repeated_write(self.later, found.repeated)
        return found.booked

    def _book(self, booked: list[Parted]) -> None:
        """Read samples into the alarm book of their devices and write what changed."""
        concerned = {(fresh or late).device_id for fresh, late in booked}
        since = min((fresh or late).at for fresh, late in booked)
        rules = {device: self.reach.rules[device] for device in concerned}
        book = AlarmBook(rules, received_at=self.received_at, since=since)
        for fresh, late in booked:
            book.read(fresh=fresh, late=late)
        alarm_writes.write(book)


def _by_time(sample: Sample) -> tuple[datetime, int, int]:
    return sample.device_at, sample.parcel, sample.index


def _set_apart(samples: list[Sample], latest: dict[tuple[int, str], datetime]) -> None:
    """Give samples whose time is not believed times of their own, from now on and after all others of their device."""
    if not any(sample.skewed for sample in samples):
        return
    newest: dict[int, datetime] = {}
    believed = [(sample.device_id, sample.at) for sample in samples if not sample.skewed]
    for device, at in [*((device, at) for (device, _name), at in latest.items()), *believed]:
        newest[device] = max(at, newest.get(device, at))
    for sample in samples:
        if sample.skewed:
            known = newest.get(sample.device_id)
            sample.at = sample.at if known is None else max(sample.at, known + STEP)
            newest[sample.device_id] = sample.at


def _newer(sample: Sample, newest: dict[tuple[int, str], datetime]) -> bool:
    """Tell whether all a sample reports is newer than what is known; ``newest`` moves on with what of it is."""
    device, at, newer = sample.device_id, sample.at, True
    for name in sample.names():
        known = newest.get((device, name))
        if known is None or at > known:
            newest[device, name] = at
        else:
            newer = False
    return newer


def _news(samples: list[Sample], stored: set[store.Key]) -> list[Sample]:
    """Return the samples reduced to the readings that were not known, without empty ones."""
    news = []
    for sample in samples:
        names = {name for name in sample.names() if (sample.device_id, name, sample.at) in stored}
        stored.difference_update([(sample.device_id, name, sample.at) for name in names])
        if names:
            news.append(sample.only(names))
    return news


def _parted(sample: Sample, latest: dict[tuple[int, str], datetime]) -> tuple[Sample | None, Sample | None]:
    """Part a sample into what is newer than the latest of its metric and what is history; ``latest`` moves on."""
    newer, older = [], []
    device, at = sample.device_id, sample.at
    for name in sample.names():
        known = latest.get((device, name))
        if known is None or at > known:
            newer.append(name)
            latest[device, name] = at
        else:
            older.append(name)
    if not older:
        return sample, None
    return (sample.only(set(newer)) if newer else None), sample.only(set(older))
