"""What samples do to alarms: raise, repeat, bring back, clear, add to history; and what alarms do to cases.

One occurrence opens one case. A repetition and a return add evidence to it; clearing adds evidence and never closes
it. An occurrence whose case was closed while the condition went on is over: the next abnormal sample begins a new one
with a new case, because otherwise nobody would look at what was not put right.
"""

import logging
from collections import defaultdict
from datetime import datetime
from functools import cached_property

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from cases.models import Case, CaseState
from cases.services import case_open, evidence_add
from cases.workflow import OPEN
from devices.messages import Sample
from devices.models import Alarm, Device
from devices.rules import REOPEN_WINDOW, Rules, Verdict
from governance import events
from governance.errors import Invalid
from governance.models import Role, User
from governance.scoping import Grant

log = logging.getLogger(__name__)


class AlarmBook:
    """The alarms of the devices of a batch, kept in step while its samples are read in order of their times.

    ``devices`` (locked) and ``rules`` are by device id; ``since`` is the time of the earliest sample. Loading takes one
    statement; only changes write.
    """

    def __init__(self, devices: dict[int, Device], rules: dict[int, Rules], *, received_at: datetime, since: datetime):
        self.devices, self.rules, self.received_at = devices, rules, received_at
        self.active: dict[int, dict[str, Alarm]] = defaultdict(dict)
        self.over: dict[tuple[int, str], list[Alarm]] = defaultdict(list)
        recent = Q(cleared_at=None) | Q(cleared_at__gte=since - REOPEN_WINDOW)
        rows = Alarm.objects.filter(recent, device__in=devices).select_related("case").order_by("raised_at", "id")
        for alarm in rows:
            if alarm.active:
                self.active[alarm.device_id][alarm.alarm_type] = alarm
            else:
                self.over[alarm.device_id, alarm.alarm_type].append(alarm)

    @cached_property
    def actor(self) -> User:
        """The system actor that devices act as."""
        return User.objects.system("devices")

    def read(self, *, fresh: Sample, late: Sample) -> None:
        """Take up one sample, parted into what is newer than all known of it and what is history."""
        rules, active = self.rules[fresh.device_id], self.active[fresh.device_id]
        for alarm_type in sorted(active.keys() | set(rules.raised_by(fresh.status, fresh.metrics))):
            verdict = rules.verdict(alarm_type, fresh.status, fresh.metrics)
            if alarm_type in active:
                self._continue(active[alarm_type], verdict, fresh)
            else:
                self._begin(alarm_type, verdict, fresh)
        for alarm_type in rules.raised_by(late.status, late.metrics):
            self._remember(alarm_type, rules.verdict(alarm_type, late.status, late.metrics), late)

    def _continue(self, alarm: Alarm, verdict: Verdict, sample: Sample) -> None:
        """The alarm is active: it is over, reported again, or held by something else."""
        # Words and figures come in their own order: each is newer than the last of its kind, not always than the alarm.
        held = verdict.held(alarm.asserted, alarm.exceeded, newest=sample.at >= alarm.last_at)
        if not any(held):
            self._clear(alarm, sample)
        elif verdict.abnormal and _closed_before(alarm.case, sample.at):
            self._end(alarm, max(alarm.case.closed_at, alarm.last_at), why="case_closed")
            self._begin(alarm.alarm_type, verdict, sample)
        elif verdict.abnormal:
            self._again(alarm, held, sample)
            self._evidence(alarm, "alarm_repeated", sample)
        elif held != (alarm.asserted, alarm.exceeded):
            alarm.asserted, alarm.exceeded = held
            alarm.save(update_fields=["asserted", "exceeded"])

    def _begin(self, alarm_type: str, verdict: Verdict, sample: Sample) -> None:
        """The condition holds and was not active: the same occurrence soon after clearing, else a new one."""
        held = verdict.held(False, False)
        alarm = self._to_bring_back(sample.device_id, alarm_type, sample.at)
        if alarm is None:
            self._raise(alarm_type, verdict, held, sample)
            return
        self.over[sample.device_id, alarm_type].remove(alarm)
        alarm.cleared_at = None
        self._again(alarm, held, sample)
        self.active[sample.device_id][alarm_type] = alarm
        self._evidence(alarm, "alarm_returned", sample)
        self._record("alarm.returned", alarm, at=sample.at, count=alarm.count)

    def _to_bring_back(self, device: int, alarm_type: str, at: datetime) -> Alarm | None:
        """Return the occurrence that ended less than the window ago and whose case still waits to be closed."""
        for alarm in reversed(self.over[device, alarm_type]):
            if not alarm.late and alarm.cleared_at >= at - REOPEN_WINDOW and _is_open(alarm.case):
                return alarm
        return None

    def _again(self, alarm: Alarm, held: tuple[bool, bool], sample: Sample) -> None:
        alarm.asserted, alarm.exceeded = held
        alarm.last_at, alarm.count = max(alarm.last_at, sample.at), alarm.count + 1
        alarm.save(update_fields=["asserted", "exceeded", "last_at", "count", "cleared_at"])

    def _clear(self, alarm: Alarm, sample: Sample) -> None:
        self._end(alarm, max(sample.at, alarm.last_at), why="normal")
        if alarm.case is not None:
            self._evidence(alarm, "alarm_cleared", sample)

    def _end(self, alarm: Alarm, at: datetime, *, why: str) -> None:
        alarm.cleared_at, alarm.asserted, alarm.exceeded = at, False, False
        alarm.save(update_fields=["cleared_at", "asserted", "exceeded"])
        del self.active[alarm.device_id][alarm.alarm_type]
        self.over[alarm.device_id, alarm.alarm_type].append(alarm)
        self._record("alarm.cleared", alarm, at=at, why=why)

    def _raise(self, alarm_type: str, verdict: Verdict, held: tuple[bool, bool], sample: Sample) -> None:
        alarm = self._new(alarm_type, verdict, sample)
        alarm.asserted, alarm.exceeded = held
        alarm.save(force_insert=True)
        self.active[sample.device_id][alarm_type] = alarm
        if self.rules[sample.device_id].statuses[alarm_type].opens_case:
            alarm.case = self._open_case(alarm, sample)
            alarm.save(update_fields=["case"])
            self._evidence(alarm, "alarm_raised", sample)
        self._record("alarm.raised", alarm, at=sample.at)

    def _new(self, alarm_type: str, verdict: Verdict, sample: Sample) -> Alarm:
        device = self.devices[sample.device_id]
        return Alarm(
            device=device,
            alarm_type=alarm_type,
            severity=self.rules[sample.device_id].statuses[alarm_type].severity,
            area=device.area,
            device_at=sample.device_at,
            received_at=self.received_at,
            raised_at=sample.at,
            last_at=sample.at,
            value=verdict.value,
        )

    def _remember(self, alarm_type: str, verdict: Verdict, sample: Sample) -> None:
        """A late abnormal sample: part of an occurrence we know, of a late one near it, or a late one of its own."""
        known = self.over[sample.device_id, alarm_type]
        active = self.active[sample.device_id].get(alarm_type)
        if (active and active.raised_at <= sample.at) or any(_spans(alarm, sample.at) for alarm in known):
            return
        for alarm in known:
            if alarm.late and alarm.raised_at - REOPEN_WINDOW <= sample.at <= alarm.cleared_at + REOPEN_WINDOW:
                alarm.raised_at = min(alarm.raised_at, sample.at)
                alarm.last_at = alarm.cleared_at = max(alarm.cleared_at, sample.at)
                alarm.count += 1
                alarm.save(update_fields=["raised_at", "last_at", "cleared_at", "count"])
                return
        alarm = self._new(alarm_type, verdict, sample)
        alarm.late, alarm.cleared_at = True, sample.at
        alarm.save(force_insert=True)
        known.append(alarm)

    def _open_case(self, alarm: Alarm, sample: Sample) -> Case:
        """Open the alarm's case; the hub dispatches it as the filing standard says."""
        device, rules = self.devices[sample.device_id], self.rules[sample.device_id]
        standard = rules.statuses[alarm.alarm_type].standard
        what = {
            "actor": self.actor,
            "source": rules.profile.case_source,
            "description": _description(device, rules, alarm, sample),
            "category": standard.category if standard else rules.profile.category,
            "standard": standard,
            "area": device.area,
            "address": device.address,
            "origin": {"device": device.code, "alarm": alarm.pk, "profile": rules.profile.code},
            "occurred_at": self.received_at,
        }
        try:
            with transaction.atomic():  # a savepoint: the reading stays when the place is refused
                return case_open(**what, longitude=device.longitude, latitude=device.latitude)
        except Invalid as error:
            # Boundaries may have been redrawn since the device was registered; its area still says who must go.
            log.warning("place of device %s not taken for the case: %s", device.code, error)
            return case_open(**what)

    def _evidence(self, alarm: Alarm, kind: str, sample: Sample) -> None:
        """Add a sample to the alarm's case; repetitions no longer concern a case that is over."""
        if alarm.case is None or (kind == "alarm_repeated" and not _is_open(alarm.case)):
            return
        data = {"device": sample.device, "alarm": alarm.pk, "alarm_type": alarm.alarm_type, "count": alarm.count}
        data |= {name: text or value for name, value, text in sample.readings()}
        rules = self.rules[alarm.device_id]
        status = rules.statuses.get(alarm.alarm_type)  # None: taken out of the profile since it was raised
        data |= {"label": status.label if status else alarm.alarm_type, "measured": _measured(rules, sample)}
        evidence_add(alarm.case, actor=self.actor, kind=kind, data=data, happened_at=sample.at)

    def _record(self, name: str, alarm: Alarm, *, at: datetime, **more) -> None:
        payload = {
            "device": self.devices[alarm.device_id].code,
            "alarm_type": alarm.alarm_type,
            "severity": alarm.severity,
            "case": alarm.case.number if alarm.case else None,
        }
        grant = Grant(Role.SYSTEM)
        events.record(name, alarm, actor=self.actor, grant=grant, payload=payload | more, occurred_at=at)


def _spans(alarm: Alarm, at: datetime) -> bool:
    return not alarm.late and alarm.raised_at <= at <= alarm.cleared_at


def _is_open(case: Case | None) -> bool:
    """Whether somebody still has to do something about the case; an alarm that opens none is open while it lasts."""
    return case is None or case.state in OPEN


def _closed_before(case: Case | None, at: datetime) -> bool:
    return case is not None and case.state == CaseState.CLOSED and case.closed_at < at


def _measured(rules: Rules, sample: Sample) -> list[str]:
    """Return the sample's figures with the names and units of the profile."""
    return [
        f"{metric.label} {sample.metrics[name]:g}{metric.unit}"
        for name, metric in rules.metrics.items()
        if name in sample.metrics
    ]


def _description(device: Device, rules: Rules, alarm: Alarm, sample: Sample) -> str:
    """Return the case's text in the language of the installation, with the figures the sample has."""
    words = {"name": device.name, "code": device.code, "label": rules.statuses[alarm.alarm_type].label}
    figures = _measured(rules, sample)
    with translation.override(settings.LANGUAGE_CODE):
        if not figures:
            return _("%(name)s (%(code)s) reports “%(label)s”.") % words
        words["figures"] = "、".join(figures)
        return _("%(name)s (%(code)s) reports “%(label)s”. Measured: %(figures)s.") % words
