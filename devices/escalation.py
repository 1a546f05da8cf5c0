"""Which alarms become of high severity of whom nobody was told that: people are told once, of a storm once for all.

Told is what ``alarm.raised`` says with high severity outside of storms, and what has ``escalated`` in its payload: a
rise, a return past the critical limit (also before it was over), the release of one that was held back, and the first
of a storm.
"""

from collections.abc import Iterable, Mapping

from django.db.models import Q

from devices.alarm_changes import Change
from devices.models import Alarm, AlarmStorm, Condition, Severity
from devices.rules import Rules
from governance.models import Event

# Turns with which an alarm can be of high severity that was less before, or that nobody was told of.
TURNS = ("severity", "returned", "relapsed", "resumed", "released")
TOLD = Q(name="alarm.raised", payload__severity=Severity.HIGH) | Q(payload__escalated=True)
# That an alarm joined a storm with high severity told nobody.
TOLD_ALONE = Q(name="alarm.raised", payload__severity=Severity.HIGH, payload__joined=False) | Q(payload__escalated=True)
NAMES = ("alarm.raised", "alarm.severity_changed", "alarm.returned", "alarm.released")


class Escalations:
    """The rises to high severity of a batch. Make it when storms have their cases (``storms.gather``) and before others
    are opened: a new alarm that has a case by then is one of a storm. Call ``first`` for the changes in their order.

    ``rules`` are by device id. At most four statements, none where nothing is of high severity.
    """

    def __init__(self, changes: Iterable[Change], rules: Mapping[int, Rules]):
        self.rules = rules
        found = {change.alarm.pk: change.alarm for change in changes if self._rises(change)}
        self._told: set[int] = set()
        self._storms: set[int] = set()
        self._storms_told: set[int] = set()
        if found:
            self._told = set(_events().filter(TOLD, subject_id__in=found).values_list("subject_id", flat=True))
            cases = {pk for alarm in found.values() for pk in _cases(alarm)}
            self._storms = set(AlarmStorm.objects.filter(case__in=cases).values_list("case", flat=True))
        if self._storms:
            self._storms_told = self._known()

    def _known(self) -> set[int]:
        """Return the storms, by their cases, of which people know already that an alarm of theirs is of high
        severity."""
        of_storms = Alarm.objects.filter(Q(case__in=self._storms) | Q(case__parent__in=self._storms))
        told = _events().filter(TOLD_ALONE, subject_id__in=of_storms.order_by().values("pk"))
        rows = of_storms.filter(pk__in=list(told.values_list("subject_id", flat=True)))
        return {pk for row in rows.values_list("case", "case__parent") for pk in row if pk in self._storms}

    def first(self, change: Change) -> bool:
        """Tell whether a change is such a rise. One that is held back tells nobody."""
        alarm = change.alarm
        if change.severity != Severity.HIGH or alarm.inhibited:
            return False
        storm = self._storm_of(alarm)
        if not self._rises(change) or (change.turn == "raised" and storm is None):
            if change.turn == "raised":
                self._told.add(alarm.pk)  # that it was raised tells of it
            return False
        if storm is None:
            known = alarm.pk in self._told
        else:
            # A storm of alarms that are of high severity anyhow is told as such.
            known = storm in self._storms_told or self._ordinarily_high(alarm)
            self._storms_told.add(storm)
        self._told.add(alarm.pk)
        return not known

    def _storm_of(self, alarm: Alarm) -> int | None:
        return next((pk for pk in _cases(alarm) if pk in self._storms), None)

    def _ordinarily_high(self, alarm: Alarm) -> bool:
        return self.rules[alarm.device_id].alarm(alarm.alarm_type).severity == Severity.HIGH

    def _rises(self, change: Change) -> bool:
        """Tell whether a change may be one that people are to be told of."""
        if change.turn == "raised":
            in_storm = change.alarm.case_id is not None
            return change.severity == Severity.HIGH and in_storm and not self._ordinarily_high(change.alarm)
        return may_rise(change)


def may_rise(change: Change) -> bool:
    """Tell whether an alarm that is there may be of high severity with a change for the first time. What is released
    counts if it holds still."""
    if change.severity != Severity.HIGH or change.turn not in TURNS:
        return False
    return change.turn != "released" or change.alarm.condition == Condition.ACTIVE


def _events():
    return Event.objects.filter(name__in=NAMES, subject_type=Alarm._meta.label_lower)


def _cases(alarm: Alarm) -> list[int]:
    """Return the case of an alarm, and the one that is under: as a storm puts those that were there before."""
    return [pk for pk in (alarm.case_id, alarm.case and alarm.case.parent_id) if pk]
