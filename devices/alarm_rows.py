"""Alarm books without samples: a delay that ended, a look that was taken, something that holds back no more."""

from collections.abc import Iterable
from datetime import datetime

from devices.alarm_writes import write
from devices.alarms import AlarmBook
from devices.models import Alarm, Condition, Device
from devices.profile_rules import rules_of
from governance.transactions import atomically


def book_of(devices: Iterable[int], *, at: datetime) -> AlarmBook:
    """Return the book of devices, which the caller has locked."""
    profiles = dict(Device.objects.filter(pk__in=list(devices)).values_list("pk", "profile_id"))
    rules = rules_of(profiles.values())
    return AlarmBook({pk: rules[profile] for pk, profile in profiles.items()}, received_at=at, since=at)


def delay_end(device: int, alarm_type: str, *, at: datetime) -> None:
    """Let the delay of a device's alarm type end, if it still runs."""
    with atomically():
        Device.objects.select_for_update(no_key=True).only("pk").get(pk=device)
        book = book_of([device], at=at)
        book.elapse((device, alarm_type))
        write(book)


def alarms_end(devices: Iterable[int], why: str, *, at: datetime) -> None:
    """The devices (locked) are judged no more: their open alarms are over, pending ones are none.

    ``why``: ``disabled`` or ``retired``, as the events say it.
    """
    book = book_of(devices, at=at)
    for key in list(book.alarms):
        book.end(key, why, at)
    book.drop_pending()
    write(book)


def alarms_verified(case: int, *, at: datetime) -> None:
    """The case was closed: its latched alarms that are normal again are over."""
    with atomically():
        waiting = Alarm.objects.filter(case=case, condition=Condition.AWAITING)
        devices = sorted(set(waiting.values_list("device_id", flat=True)))
        list(Device.objects.select_for_update(no_key=True).only("pk").filter(pk__in=devices).order_by("pk"))
        book = book_of(devices, at=at)
        for key in [(alarm.device_id, alarm.alarm_type) for alarm in waiting]:
            book.verified(key, at)
        write(book)
