"""Which alarms become of high severity while they are there, of whom nobody was told that: people are told once."""

from collections.abc import Iterable

from django.db.models import Q

from devices.alarms import Change
from devices.models import Alarm, AlarmStorm, Severity
from governance.models import Event


class Escalations:
    """The rises to high severity of a batch. Call ``first`` for its changes in their order."""

    def __init__(self, changes: Iterable[Change]):
        changes = list(changes)
        alarms = {change.alarm.pk for change in changes if _rises(change)}
        self._told: set[int] = set()
        self._in_storms: set[int] = set()
        if alarms:
            self._told = self._known(alarms)
            cases = {change.alarm.case_id for change in changes if _rises(change)} - {None}
            self._in_storms = set(AlarmStorm.objects.filter(case__in=cases).values_list("case", flat=True))

    @staticmethod
    def _known(alarms: set[int]) -> set[int]:
        """Return the alarms of which people were told as of high severity; one statement."""
        told = Q(name="alarm.raised", payload__severity=Severity.HIGH) | Q(
            name="alarm.severity_changed", payload__escalated=True
        )
        events = Event.objects.filter(told, subject_type=Alarm._meta.label_lower, subject_id__in=alarms)
        return set(events.values_list("subject_id", flat=True))

    def first(self, change: Change) -> bool:
        """Tell whether a change is such a rise. One that is held back tells nobody, nor one of a storm: of that
        everybody knows."""
        alarm = change.alarm
        if change.severity != Severity.HIGH or alarm.inhibited:
            return False
        if change.turn == "raised":
            self._told.add(alarm.pk)
        if not _rises(change) or alarm.pk in self._told or alarm.case_id in self._in_storms:
            return False
        self._told.add(alarm.pk)
        return True


def _rises(change: Change) -> bool:
    return change.turn == "severity" and change.severity == Severity.HIGH
