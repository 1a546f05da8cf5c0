"""What devices do when something happens to the cases their alarms opened, and when a time has come."""

from django.utils import timezone

from cases.models import Case
from devices.alarm_rows import alarms_follow, alarms_verified, delay_end, devices_lock
from devices.alarm_writes import ALARM_DUE
from devices.commands import COMMAND_EXPIRES, command_expire
from devices.inhibition import SHELF_ENDS
from devices.life import MAINTENANCE_ENDS, maintained_by, maintenance_end, work_begun, work_done
from devices.models import Alarm, Condition, Device, DeviceCommand, Shelving
from devices.shelving import shelving_end
from governance.events import on
from governance.timers import fires, set_timer

LOOKED_AT, MERGED = "device.case_closed", "device.case_merged"
WORK_BEGUN, WORK_DONE = "device.work_begun", "device.work_done"


@on("case.merged")
def follow_the_merged(event, case: Case) -> None:
    """Alarms of a case that turned out to repeat another go on with that one: their evidence belongs there.

    Not in the transaction that holds the case locked, as below; until then ``devices.alarms`` reads them so.
    """
    if Alarm.objects.filter(case=case).exists():
        set_timer(f"case:{case.pk}:merged", MERGED, subject_id=case.pk, due_at=event.occurred_at)


@fires(MERGED)
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
    """The maintenances of a case end with it; as above."""
    if Device.objects.filter(maintenance_case=case).exists():
        set_timer(f"case:{case.pk}:work_done", WORK_DONE, subject_id=case.pk, due_at=event.occurred_at)


@fires(WORK_BEGUN)
def begin_with_the_work(timer) -> None:
    """The handling of a case has begun."""
    work_begun(timer.subject_id, at=timezone.now())


@fires(WORK_DONE)
def end_with_the_work(timer) -> None:
    """A case is closed."""
    work_done(timer.subject_id, at=timezone.now())


@fires(LOOKED_AT)
def looked_at(timer) -> None:
    """The case of latched alarms was closed."""
    alarms_verified(timer.subject_id, at=timer.due_at)


def _its_device(timer) -> None:
    """Lock the device of a timer, as those do who set it: ingest above all."""
    devices_lock([timer.subject_id])


def _device_of_shelf(timer) -> None:
    """Lock the device of a shelving, as those do who take it back."""
    devices_lock(Shelving.objects.filter(pk=timer.subject_id).values_list("device_id", flat=True))


def _its_command(timer) -> None:
    """Lock a command, as those do who settle it."""
    list(DeviceCommand.objects.select_for_update(of=("self",)).filter(pk=timer.subject_id))


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
