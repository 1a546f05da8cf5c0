"""Which alarms of medium severity people are told of only now, because they were held back when they were raised.

Those of high severity are told by ``devices.escalation``; of low ones nobody is told. Told was an occurrence that has
``alarm.raised`` (it is ``alarm.held_back`` otherwise; in a storm all are told at once), or ``first_told`` or
``escalated`` in the payload of an event after that.
"""

from collections.abc import Iterable

from django.db.models import Q

from devices.alarm_changes import Change
from devices.models import Alarm, Condition, Severity
from governance.models import Event

# Turns with which one that was held back may be told of: it is held back no more, or holds again when nothing does:
# also one that was released while its off-delay ran, and is back before that was over.
TURNS = ("released", "returned", "relapsed", "resumed")
NAMES = ("alarm.raised", "alarm.released", "alarm.returned", "alarm.severity_changed")
TOLD = Q(name="alarm.raised") | Q(payload__first_told=True) | Q(payload__escalated=True)


class FirstTold:
    """The alarms of a batch that are told of now for the first time. Make it when storms have their cases
    (``storms.gather``) and before others are opened: what has a case by then was told of, alone or with its storm.

    Call ``first`` for the changes in their order. One statement, none where nothing can be.
    """

    def __init__(self, changes: Iterable[Change]):
        self._untold = {change.alarm.pk for change in changes if _may_be(change)}
        if self._untold:
            events = Event.objects.filter(name__in=NAMES, subject_type=Alarm._meta.label_lower)
            self._untold -= set(events.filter(TOLD, subject_id__in=self._untold).values_list("subject_id", flat=True))

    def first(self, change: Change) -> bool:
        """Tell whether a change is the first of an alarm that people are told of."""
        pk = change.alarm.pk
        found = pk in self._untold and _tells(change)
        if found or (change.turn == "raised" and not change.alarm.inhibited):
            self._untold.discard(pk)
        return found


def _may_be(change: Change) -> bool:
    return _tells(change) and change.alarm.case_id is None


def _tells(change: Change) -> bool:
    """Tell whether people hear of an alarm of medium severity with such a change. What is released counts if it holds
    still."""
    if change.turn not in TURNS or change.severity != Severity.MEDIUM or change.alarm.inhibited:
        return False
    return change.turn != "released" or change.alarm.condition == Condition.ACTIVE
