"""What devices do when something happens to the cases their alarms opened, and when a time has come."""

from django.utils import timezone

from cases.models import Case
from devices.alarm_rows import alarms_verified, delay_end
from devices.alarm_writes import ALARM_DUE
from devices.commands import COMMAND_EXPIRES, command_expire
from devices.life import MAINTENANCE_ENDS, maintenance_end
from devices.models import Alarm, Condition
from devices.shelving import SHELF_ENDS, shelving_end
from governance.events import on
from governance.timers import fires, set_timer

LOOKED_AT = "device.case_closed"


@on("case.merged")
def follow_the_merged(_event, case: Case) -> None:
    """Alarms of a case that turned out to repeat another go on with that one: their evidence belongs there."""
    Alarm.objects.filter(case=case).update(case=case.merged_into)


@on("case.closed")
def look_was_taken(event, case: Case) -> None:
    """Latched alarms that wait for this are over; at once, but not in the transaction that holds the case locked.

    Ingest locks the device and then the case: the other way round the two would wait for each other.
    """
    if Alarm.objects.filter(case=case, condition=Condition.AWAITING).exists():
        set_timer(f"case:{case.pk}:looked_at", LOOKED_AT, subject_id=case.pk, due_at=event.occurred_at)


@fires(LOOKED_AT)
def looked_at(timer) -> None:
    """The case of latched alarms was closed."""
    alarms_verified(timer.subject_id, at=timer.due_at)


@fires(ALARM_DUE)
def alarm_due(timer) -> None:
    """An on-delay or off-delay has ended without another sample."""
    delay_end(timer.subject_id, timer.payload["alarm_type"], at=timezone.now())


@fires(COMMAND_EXPIRES)
def command_expires(timer) -> None:
    """The time of a command is over."""
    command_expire(timer.subject_id, at=timezone.now())


@fires(SHELF_ENDS)
def shelf_ends(timer) -> None:
    """A shelving has ended."""
    shelving_end(timer.subject_id, at=timer.due_at)


@fires(MAINTENANCE_ENDS)
def maintenance_ends(timer) -> None:
    """The time of a maintenance is over."""
    maintenance_end(timer.subject_id, at=timezone.now())
