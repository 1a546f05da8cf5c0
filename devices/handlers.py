"""What devices do when something happens to the cases their alarms opened, and when a time has come."""

from collections.abc import Callable, Iterable
from functools import partial

from django.db.models import QuerySet
from django.utils import timezone

from cases.models import Case
from devices.alarm_rows import alarms_follow, alarms_verified, delay_end, devices_lock
from devices.alarm_writes import ALARM_DUE
from devices.commands import COMMAND_EXPIRES, command_expire
from devices.inhibition import SHELF_ENDS
from devices.life import MAINTENANCE_ENDS, maintained_by, maintenance_end, work_begun, work_done
from devices.models import Alarm, Condition, Device, DeviceCommand, Shelving
from devices.shelving import chattering_done, shelving_end, to_mend
from governance.events import on
from governance.timers import fires, set_timer
from governance.transactions import lock_wait

LOOKED_AT, MERGED = "device.case_closed", "device.case_merged"
WORK_BEGUN, WORK_DONE = "device.work_begun", "device.work_done"
# How long the timers wait for a device of a case; a group of messages holds its devices for some tens of milliseconds.
PATIENCE = "300ms"


def _its_device(timer) -> None:
    """Lock the device of a timer, as those do who set it: ingest above all."""
    devices_lock([timer.subject_id], nowait=True)


def _device_of_shelf(timer) -> None:
    """Lock the device of a shelving, as those do who take it back."""
    devices_lock(Shelving.objects.filter(pk=timer.subject_id).values_list("device_id", flat=True), nowait=True)


def _its_command(timer) -> None:
    """Lock a command, as those do who settle it."""
    list(DeviceCommand.objects.select_for_update(of=("self",), nowait=True).filter(pk=timer.subject_id))


def _devices_of_case(devices: Callable[[int], Iterable[int]]):
    """Return what locks the devices that a case timer is about: with a little patience, for of many devices that report
    some are held at any moment, and with no more, for one that is held long must not hold up all other timers."""

    def lock(timer) -> None:
        with lock_wait(PATIENCE):
            devices_lock(devices(timer.subject_id))

    return lock


def _of_alarms(case: int, **narrowed) -> Iterable[int]:
    return Alarm.objects.filter(case=case, **narrowed).values_list("device_id", flat=True)


def _to_maintain(case: int) -> Iterable[int]:
    return maintained_by(case).values_list("pk", flat=True)


def _worked_on(case: int) -> QuerySet:
    """Return the devices that are in maintenance because of a case, or are to be mended by it."""
    maintained = Device.objects.filter(maintenance_case=case).order_by().values_list("pk", flat=True)
    return maintained.union(to_mend(case).order_by().values_list("pk", flat=True))


@on("case.merged")
def follow_the_merged(event, case: Case) -> None:
    """Alarms of a case that turned out to repeat another go on with that one: their evidence belongs there.

    Not in the transaction that holds the case locked, as below; until then ``devices.alarms`` reads them so.
    """
    if Alarm.objects.filter(case=case).exists():
        set_timer(f"case:{case.pk}:merged", MERGED, subject_id=case.pk, due_at=event.occurred_at)


@fires(MERGED, first=_devices_of_case(_of_alarms))
def merged(timer) -> None:
    """A case of alarms was merged into another."""
    alarms_follow(timer.subject_id, at=timer.due_at)


@on("case.closed")
def look_was_taken(event, case: Case) -> None:
    """Latched alarms that wait for this are over; at once, but not in the transaction that holds the case locked.

    Ingest locks the device and then the case: the other way round the two would wait for each other.
    """
    if Alarm.objects.filter(case=case, condition=Condition.AWAITING).exists():
        set_timer(f"case:{case.pk}:looked_at", LOOKED_AT, subject_id=case.pk, due_at=event.occurred_at)


@on("case.handling_begun")
def work_began(event, case: Case) -> None:
    """Devices may be maintained from now on; not in the transaction that holds the case locked, as above."""
    if maintained_by(case.pk).exists():
        set_timer(f"case:{case.pk}:work_begun", WORK_BEGUN, subject_id=case.pk, due_at=event.occurred_at)


@on("case.closed", "case.merged", "case.cancelled", "case.rejected")
def work_ended(event, case: Case) -> None:
    """The maintenances of a case end with it, and what was shelved until the device is mended; as above."""
    if _worked_on(case.pk).exists():
        set_timer(f"case:{case.pk}:work_done", WORK_DONE, subject_id=case.pk, due_at=event.occurred_at)


@fires(WORK_BEGUN, first=_devices_of_case(_to_maintain))
def begin_with_the_work(timer) -> None:
    """The handling of a case has begun."""
    work_begun(timer.subject_id, at=timezone.now())


@fires(WORK_DONE, first=_devices_of_case(_worked_on))
def end_with_the_work(timer) -> None:
    """A case is closed."""
    work_done(timer.subject_id, at=timezone.now())
    chattering_done(timer.subject_id, at=timezone.now())


@fires(LOOKED_AT, first=_devices_of_case(partial(_of_alarms, condition=Condition.AWAITING)))
def looked_at(timer) -> None:
    """The case of latched alarms was closed."""
    alarms_verified(timer.subject_id, at=timer.due_at)


@fires(ALARM_DUE, first=_its_device)
def alarm_due(timer) -> None:
    """An on-delay or off-delay has ended without another sample."""
    delay_end(timer.subject_id, timer.payload["alarm_type"], at=timezone.now())


@fires(COMMAND_EXPIRES, first=_its_command)
def command_expires(timer) -> None:
    """The time of a command is over."""
    command_expire(timer.subject_id, at=timezone.now())


@fires(SHELF_ENDS, first=_device_of_shelf)
def shelf_ends(timer) -> None:
    """A shelving has ended."""
    shelving_end(timer.subject_id, at=timer.due_at)


@fires(MAINTENANCE_ENDS, first=_its_device)
def maintenance_ends(timer) -> None:
    """The time of a maintenance is over."""
    maintenance_end(timer.subject_id, at=timezone.now())
