"""Alarms that chatter are shelved by themselves, and one maintenance case is opened for the owner of the device.

An alarm chatters when its condition begins to hold, or comes back, so often within so short a time that nobody can act
on it: three times in a minute by ISA-18.2 and EEMUA 191, other figures by the profile. It is found in the transaction
of the sample that makes it so, with the device locked: two processes cannot both find it. The shelving ends by itself
(``devices.shelving``); what still chatters then is shelved again. What begins or comes back while the device is in
maintenance does not count (``devices.alarm_writes``), and what was counted before is forgotten when that ends.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from cases.models import Case, CaseCategory, CaseSource, CaseState
from cases.services import EvidenceDraft, case_dispatch
from devices.alarm_cases import case_at, label_in
from devices.alarm_changes import Key
from devices.alarms import AlarmBook, is_open
from devices.inhibition import SHELF_ENDS, Inhibitions, shelf_key
from devices.messages import SKEW
from devices.models import Alarm, Device, Shelving
from governance import events
from governance.clock import ClockUnit
from governance.models import User
from governance.timers import set_timers

# How long the owner unit has for the device [J]; a filing standard or a dispatch rule for the category says otherwise.
MAINTENANCE = (5, ClockUnit.WORK_DAY)


class Chatter:
    """What chatters in a book and is not shelved yet: keys in order, noted in ``inhibitions`` as shelved."""

    def __init__(self, book: AlarmBook, inhibitions: Inhibitions):
        self.book, self.at = book, book.received_at
        self.alarms: dict[Key, Alarm] = {}
        for alarm in book.activated.values():
            held = inhibitions.shelved.get(alarm.device_id, set())
            if not held & {"", alarm.alarm_type} and self._chatters(alarm):
                self.alarms[alarm.device_id, alarm.alarm_type] = alarm
        for device, alarm_type in self.alarms:
            inhibitions.shelved[device].add(alarm_type)

    def _chatters(self, alarm: Alarm) -> bool:
        """Tell whether it does now: a backlog may tell of what is long over."""
        profile = self.book.rules[alarm.device_id].profile
        if not profile.chatter_count or len(alarm.activations) < profile.chatter_count:
            return False
        return alarm.activations[-1] >= self.at - timedelta(seconds=profile.chatter_window) - SKEW

    def write(self, actor: User) -> tuple[list[events.Draft], list[EvidenceDraft]]:
        """Shelve them and see to their maintenance cases; return the events and the evidence to be written.

        Call it when the occurrences are stored.
        """
        if not self.alarms:
            return [], []
        self._shelve(actor)
        rows = Device.objects.filter(pk__in={device for device, _type in self.alarms}).order_by("pk")
        rows = rows.select_related("area", "unit", "profile", "chatter_case__merged_into").defer("area__boundary")
        devices = {device.pk: device for device in rows}
        told, evidence = [], []
        for key in sorted(self.alarms):
            alarm, device = self.alarms[key], devices[key[0]]
            evidence += self._maintain(device, alarm, actor)
            case = device.chatter_case
            payload = {
                "device": device.code, "alarm_type": alarm.alarm_type, "severity": alarm.severity,
                "times": len(alarm.activations), "until": self._until(alarm).isoformat(),
                "case": case.number if case else None,
            }  # fmt: skip
            told.append(events.Draft("alarm.chattering", alarm, payload, self.at))
        return told, evidence

    def _until(self, alarm: Alarm) -> datetime:
        return self.at + timedelta(minutes=self.book.rules[alarm.device_id].profile.chatter_shelf)

    def _shelve(self, actor: User) -> None:
        keys = self.alarms.keys()
        # One whose time has come and whose timer has not fired yet would be in the way.
        stale = Shelving.objects.filter(device__in={device for device, _type in keys}, ended_at=None)
        ended = [row.pk for row in stale if (row.device_id, row.alarm_type) in keys]
        if ended:
            Shelving.objects.filter(pk__in=ended).update(ended_at=self.at)
        rows = Shelving.objects.bulk_create(
            Shelving(device_id=alarm.device_id, alarm_type=alarm.alarm_type, shelved_by=actor, shelved_at=self.at,
                     until=self._until(alarm), chattering=True)
            for alarm in self.alarms.values()
        )  # fmt: skip
        set_timers(SHELF_ENDS, [(shelf_key(row), row.pk, row.until, {}) for row in rows])

    def _maintain(self, device: Device, alarm: Alarm, actor: User) -> list[EvidenceDraft]:
        """Open the maintenance case of a device, where its profile has a category for it; tell one that is open."""
        profile = self.book.rules[device.pk].profile
        label = label_in(self.book.rules[device.pk], alarm.alarm_type)
        case = standing(device.chatter_case)
        if case is None and profile.chatter_category_id is not None:
            case = self._open(device, alarm, label, actor)
        if case is None:
            return []
        if case.pk != device.chatter_case_id:
            device.chatter_case = case
            Device.objects.filter(pk=device.pk).update(chatter_case=case)
        data = {"device": device.code, "alarm": alarm.pk, "alarm_type": alarm.alarm_type, "label": label,
                "count": len(alarm.activations)}  # fmt: skip
        return [EvidenceDraft(case, "alarm_chattering", data, self.at)]

    def _open(self, device: Device, alarm: Alarm, label: str, actor: User) -> Case:
        profile = self.book.rules[device.pk].profile
        words = {"name": device.name, "code": device.code, "label": label, "count": len(alarm.activations),
                 "seconds": profile.chatter_window}  # fmt: skip
        with translation.override(settings.LANGUAGE_CODE):
            text = _("%(name)s (%(code)s): “%(label)s” was raised %(count)s times within %(seconds)s seconds. "
                     "Look at the device.") % words  # fmt: skip
            reason = _("The owner unit looks after its device.")
        case = case_at(
            device, actor=actor, source=CaseSource.SENSOR, description=text, standard=None, occurred_at=self.at,
            category=CaseCategory.objects.get(pk=profile.chatter_category_id),
            origin={"device": device.code, "alarm": alarm.pk, "profile": profile.code},
        )  # fmt: skip
        if case.state == CaseState.ACCEPTED and device.unit.is_active:
            amount, unit = MAINTENANCE
            case = case_dispatch(case, actor=actor, lead_unit=device.unit, limit_amount=amount, limit_unit=unit,
                                 reason=reason, occurred_at=self.at)  # fmt: skip
        return case


def count_anew(devices: Iterable[int]) -> None:
    """Forget how often the alarms of devices (locked) began lately: what was counted before somebody worked on a device
    says nothing of how it is after it. Call it when that is over.
    """
    counted = Alarm.objects.filter(device__in=devices, activations__len__gt=0)
    counted.order_by().update(activations=[])


def standing(case: Case | None) -> Case | None:
    """Return a case, or the one it was merged into, while somebody has to do something about it; else None."""
    if case is None:
        return None
    case = case.merged_into or case
    return case if is_open(case) else None
