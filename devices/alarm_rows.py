"""Alarm books without samples: a delay that ended, a look that was taken, something that holds back no more."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from cases.models import Case, CaseState
from devices.alarm_changes import Deadline
from devices.alarm_writes import deadlines_set, write
from devices.alarms import AlarmBook
from devices.models import Alarm, Condition, Device, DeviceProfile, PendingAlarm
from devices.profile_rules import rules_of
from devices.tracks import Phase
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


def endings_set(devices: Iterable[int], *, at: datetime) -> None:
    """Set the deadlines of open alarms that are over by themselves; the devices are locked, their rules are new."""
    book = book_of(devices, at=at)
    tracks = {(pk, word): track for pk, known in book.tracks.items() for word, track in known.items()}
    due = {key: track.due_at for key, track in tracks.items() if track.phase is Phase.ACTIVE}
    deadlines_set([Deadline(key, max(moment, at)) for key, moment in due.items() if moment is not None])


def alarms_end(devices: Iterable[int], why: str, *, at: datetime) -> None:
    """The devices (locked) are judged no more: their open alarms are over, pending ones are none.

    ``why``: ``disabled`` or ``retired``, as the events say it.
    """
    book = book_of(devices, at=at)
    for key in list(book.alarms):
        book.end(key, why, at)
    book.drop_pending()
    write(book)


def limits_gone(profile: DeviceProfile, *, at: datetime) -> dict[str, int]:
    """A new version, which its devices (locked) follow, has limits no more: what only such a limit holds is over, what
    waited for it is none. Return how many alarms ended, by type.

    No figure would end them: only the device's word is judged now, and it never said so.
    """
    limited = [metric.alarm for metric in profile.metrics.all() if metric.alarm]
    held = Alarm.objects.active().filter(device__profile=profile, exceeded=True).exclude(alarm_type__in=limited)
    waiting = PendingAlarm.objects.filter(device__profile=profile).exclude(alarm_type__in=limited)
    waiting.delete()
    book = book_of(held.values_list("device_id", flat=True), at=at)
    ended: Counter[str] = Counter()
    for key in held.order_by("pk").values_list("device_id", "alarm_type"):
        if book.lift(key, at):
            ended[key[1]] += 1
    write(book)
    return dict(ended)


def alarms_follow(case: int, *, at: datetime) -> None:
    """The case was merged into another: its alarms go on with that one, and are over if it was looked at already."""
    with atomically():
        alarms = Alarm.objects.filter(case=case)
        devices_lock(alarms.values_list("device_id", flat=True))
        main = Case.objects.get(pk=case).merged_into
        if main is None:
            return
        alarms.update(case=main)
    if main.state == CaseState.CLOSED:
        alarms_verified(main.pk, at=at)


def alarms_verified(case: int, *, at: datetime) -> None:
    """The case was closed: its latched alarms that are normal again are over."""
    with atomically():
        waiting = Alarm.objects.filter(case=case, condition=Condition.AWAITING)
        book = book_of(devices_lock(waiting.values_list("device_id", flat=True)), at=at)
        for key in [(alarm.device_id, alarm.alarm_type) for alarm in waiting]:
            book.verified(key, at)
        write(book)


def devices_lock(devices: Iterable[int], *, nowait: bool = False) -> list[int]:
    """Lock devices in the order of their keys, as ingest does; return the keys.

    ``nowait``: raises OperationalError where somebody holds one of them.
    """
    keys = sorted(set(devices))
    rows = Device.objects.select_for_update(no_key=True, nowait=nowait).only("pk")
    list(rows.filter(pk__in=keys).order_by("pk"))
    return keys
