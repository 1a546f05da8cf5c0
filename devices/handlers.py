"""What devices do when something happens to the cases their alarms opened."""

from cases.models import Case
from devices.models import Alarm
from governance.events import on


@on("case.merged")
def follow_the_merged(_event, case: Case) -> None:
    """Alarms of a case that turned out to repeat another go on with that one: their evidence belongs there."""
    Alarm.objects.filter(case=case).update(case=case.merged_into)
