"""Writing what the alarm book found: occurrences, their cases and evidence, events, deadlines.

The number of statements does not grow with the occurrences as long as they open no case of their own.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import cached_property

from cases.services import EvidenceDraft, evidence_add_many
from devices.alarm_cases import evidence_of, open_case
from devices.alarm_changes import Change, Deadline, Key
from devices.alarms import AlarmBook, is_open
from devices.chattering import Chatter
from devices.escalation import TURNS, Escalations, may_rise
from devices.first_told import FirstTold
from devices.inhibition import Inhibitions
from devices.listening import Heard
from devices.models import Alarm, Condition, Device, PendingAlarm
from devices.rules import Rules
from devices.store import binary_cursor
from devices.storms import Candidate, gather
from devices.workflow import DeviceState
from governance import events
from governance.bulk import rows_insert
from governance.columns import AT, flags, numbers, times, words
from governance.models import Role, User
from governance.scoping import Grant
from governance.statements import run_together
from governance.timers import set_timers

# A condition that goes on is added to the case again after this time [J]: a notice for every message helps nobody.
REPEAT_EVERY = timedelta(minutes=10)
ALARM_DUE = "device.alarm_due"

# Turns with which the condition begins to hold again: counted for chattering, looked at for what holds them back.
BACK = ("returned", "relapsed")
# Back before it was over (``resumed``) is recorded only where people are told of the alarm with it for the first time:
# a figure about its limit comes and goes with every sample.
BACK_EVENT = "alarm.returned"
# What is recorded and what the case is told, by turn.
EVENTS = {
    "raised": "alarm.raised",
    "returned": BACK_EVENT,
    "relapsed": BACK_EVENT,
    "severity": "alarm.severity_changed",
    "normal": "alarm.normal_again",
    "cleared": "alarm.cleared",
    "lapsed": "alarm.cleared",
    "ended": "alarm.cleared",
    "verified": "alarm.cleared",
    "disabled": "alarm.cleared",
    "unlimited": "alarm.cleared",
    "retired": "alarm.cleared",
    "released": "alarm.released",
}
WHY = {
    "cleared": "normal",
    "lapsed": "not_told_again",
    "ended": "case_closed",
    "verified": "verified",
    "disabled": "disabled",
    "unlimited": "no_limit_any_more",
    "retired": "retired",
}
EVIDENCE = {
    "raised": "alarm_raised",
    "released": "alarm_raised",
    "returned": "alarm_returned",
    "repeated": "alarm_repeated",
    "resumed": "alarm_repeated",
    "relapsed": "alarm_repeated",
    "severity": "alarm_repeated",
    "normal": "alarm_cleared",
    "cleared": "alarm_cleared",
    "lapsed": "alarm_cleared",
    "unlimited": "alarm_cleared",
}
UPDATE = f"""
UPDATE devices_alarm AS alarm
SET severity = sent.severity, condition = sent.condition, since = {AT.format("sent.since")}, asserted = sent.asserted,
    exceeded = sent.exceeded, critical = sent.critical, raised_at = {AT.format("sent.raised_at")},
    last_at = {AT.format("sent.last_at")}, cleared_at = {AT.format("sent.cleared_at")}, count = sent.count,
    inhibited = sent.inhibited, case_id = sent.case_id, noted_at = {AT.format("sent.noted_at")},
    activations = sent.activations::timestamptz[], lasts_from = {AT.format("sent.lasts_from")}
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::boolean[], %s::boolean[], %s::boolean[],
    %s::bigint[], %s::bigint[], %s::bigint[], %s::integer[], %s::text[], %s::bigint[], %s::bigint[], %s::text[],
    %s::bigint[])
    AS sent (id, severity, condition, since, asserted, exceeded, critical, raised_at, last_at, cleared_at, count,
        inhibited, case_id, noted_at, activations, lasts_from)
WHERE alarm.id = sent.id
"""
COLUMNS = (numbers, words, words, times, flags, flags, flags, times, times, times, numbers, words, numbers, times,
           words, times)  # fmt: skip


def timer_key(key: Key) -> str:
    """Return the key of the timer of a device's alarm type."""
    return f"alarm:{key[0]}:{key[1]}"


def write(book: AlarmBook, heard: Heard | None = None) -> None:
    """Store all that changed in the book; call it inside the transaction of the readings, the devices locked.

    ``heard``: when somebody listened, where that was read already (``Inhibitions``).
    """
    _write_pending(book)
    deadlines_set(book.deadlines.values())
    if book.repeated:
        update([alarm for key, alarm in book.repeated.items() if key not in book.dirty])
    if book.changes or book.dirty:
        _Writer(book, heard).run()


def deadlines_set(deadlines: Collection[Deadline]) -> None:
    """Set the timers of deadlines, or move those that run; one statement."""
    if deadlines:
        set_timers(ALARM_DUE, [(timer_key(row.key), row.key[0], row.due_at, {"alarm_type": row.key[1]})
                               for row in deadlines])  # fmt: skip


def _write_pending(book: AlarmBook) -> None:
    kept, gone = [], []
    for row in book.pending.values():
        if row.since or row.window:
            kept.append(row)
        elif row.pk:
            gone.append(row.pk)
    if gone:
        PendingAlarm.objects.filter(pk__in=gone).delete()
    if kept:
        PendingAlarm.objects.bulk_create(
            kept, update_conflicts=True, unique_fields=["device", "alarm_type"],
            update_fields=["since", "window", "device_at", "received_at", "value"],
        )  # fmt: skip


class _Writer:
    """Writes one book."""

    def __init__(self, book: AlarmBook, heard: Heard | None):
        self.book, self.received_at, self.heard = book, book.received_at, heard
        concerned = {change.alarm.device_id for change in book.changes}
        rows = Device.objects.filter(pk__in=concerned).select_related("area", "profile").defer("area__boundary")
        self.devices = {device.pk: device for device in rows} if concerned else {}
        self.recorded: list[events.Draft] = []
        self.evidence: list[EvidenceDraft] = []
        self.chatter: Chatter | None = None
        self.escalations: Escalations | None = None
        self.first_told: FirstTold | None = None

    @cached_property
    def actor(self) -> User:
        """The system actor that devices act as."""
        return User.objects.system("devices")

    def run(self) -> None:
        begun = [change.alarm for change in self.book.changes if change.new]
        back = [change.alarm for change in self.book.changes if change.turn in BACK]
        dirty = list(self.book.touched())
        self._hold_back([*begun, *back])
        update([alarm for alarm in dirty if alarm.pk])
        self._create(begun)
        before = {id(alarm): (alarm.case_id, alarm.noted_at) for alarm in dirty}
        # Before any case is touched: batches at one place wait for each other here.
        self.recorded += gather(self._opening(), rising=self._rising(), actor=self.actor, at=self.received_at)
        self.escalations = Escalations(self.book.changes, self.book.rules)
        self.first_told = FirstTold(self.book.changes)
        if self.chatter is not None:
            told, self.evidence = self.chatter.write(self.actor)
            self.recorded += told
        for change in self.book.changes:
            self._follow(change)
        update([alarm for alarm in dirty if before[id(alarm)] != (alarm.case_id, alarm.noted_at)])
        evidence_add_many(self.evidence, actor=self.actor)
        events.record_many(self.recorded, actor=self.actor, grant=Grant(Role.SYSTEM))

    def _create(self, begun: list[Alarm]) -> None:
        for alarm in begun:
            alarm.device = self.devices[alarm.device_id]
            alarm.area = alarm.device.area
        rows_insert(begun)

    def _hold_back(self, alarms: list[Alarm]) -> None:
        """Note what holds back occurrences that begin or come back; what held one before it was over may have ended."""
        if not alarms:
            return
        inhibitions = Inhibitions.of(self.devices.values(), self.received_at, self.heard)
        for alarm in alarms:
            # Who lifts and closes a cover on which they work makes no alarm that chatters.
            if self.devices[alarm.device_id].state == DeviceState.MAINTENANCE:
                alarm.activations = []
        self.chatter = Chatter(self.book, inhibitions)
        for alarm in alarms:
            if not alarm.late:
                alarm.inhibited = inhibitions.why(self.devices[alarm.device_id], alarm.alarm_type)

    def _opens(self, change: Change) -> bool:
        """Tell whether a change opens a case as things stand.

        The condition holds with it, be it for a moment of the batch; of what is released it is asked. Also what was
        released while its off-delay ran and holds again.
        """
        alarm = change.alarm
        if change.turn not in ("raised", "released", "resumed", *BACK) or alarm.inhibited or alarm.case is not None:
            return False
        status = self.book.rules[alarm.device_id].statuses.get(alarm.alarm_type)
        holds = change.turn != "released" or alarm.condition == Condition.ACTIVE
        return status is not None and status.opens_case and holds

    def _opening(self) -> list[Candidate]:
        """Return the alarms that are about to open a case, each once."""
        return self._candidates(change.alarm for change in self.book.changes if self._opens(change))

    def _rising(self) -> list[Candidate]:
        """Return the alarms that may have become of high severity, each once."""
        return self._candidates(change.alarm for change in self.book.changes if may_rise(change))

    def _candidates(self, alarms: Iterable[Alarm]) -> list[Candidate]:
        found = []
        for alarm in {id(alarm): alarm for alarm in alarms}.values():
            status = self.book.rules[alarm.device_id].statuses.get(alarm.alarm_type)
            if status is not None:
                found.append(Candidate(alarm, self.devices[alarm.device_id], status))
        return found

    def _follow(self, change: Change) -> None:
        """Open the case, draft evidence and event."""
        alarm = change.alarm
        rules = self.book.rules[alarm.device_id]
        opens = self._opens(change)
        joined = alarm.case is not None and not opens
        if opens:
            alarm.case = open_case(alarm, self.devices[alarm.device_id], rules, change, actor=self.actor,
                                   at=self.received_at)  # fmt: skip
        self._evidence(change, rules)
        name = EVENTS.get(change.turn)
        if change.turn == "raised" and alarm.inhibited:
            name = "alarm.held_back"
        if name is not None or change.turn == "resumed":
            told = self._told(change, joined)
            if name is not None or told.get("escalated") or told.get("first_told"):
                self.recorded.append(events.Draft(name or BACK_EVENT, alarm, told, change.at))

    def _told(self, change: Change, joined: bool) -> dict:
        """Return what the event of a change says."""
        alarm = change.alarm
        payload = {
            "device": self.devices[alarm.device_id].code,
            "alarm_type": alarm.alarm_type,
            "severity": change.severity,
            "case": alarm.case.number if alarm.case else None,
        }
        escalated = self.escalations.first(change)
        if change.turn == "raised":
            payload["joined"] = joined  # to the case of a storm, of which everybody is told once
        if joined or change.turn in TURNS:
            payload["escalated"] = escalated  # to what people are told of, for the first time
        if self.first_told.first(change):
            payload["first_told"] = True  # it was held back when it was raised
        if change.turn in WHY:
            payload["why"] = WHY[change.turn]
        if change.turn in BACK:
            payload["count"] = change.count
        if alarm.inhibited:
            payload["held_back"] = str(alarm.inhibited)
        return payload

    def _evidence(self, change: Change, rules: Rules) -> None:
        """Add a sample to the alarm's case, of what goes on or is held back only now and then; repetitions no longer
        concern a case that is over."""
        alarm, kind = change.alarm, EVIDENCE.get(change.turn)
        if kind is None or alarm.case is None:
            return
        if kind == "alarm_repeated" or alarm.inhibited:
            soon = alarm.noted_at is not None and change.at - alarm.noted_at < REPEAT_EVERY
            if not is_open(alarm.case) or (soon and change.turn != "severity"):
                return
        alarm.noted_at = change.at
        data = evidence_of(change, self.devices[alarm.device_id], rules)
        self.evidence.append(EvidenceDraft(alarm.case, kind, data, change.at))


def update(alarms: list[Alarm]) -> None:
    """Store the changed columns of occurrences; one statement for any number."""
    if not alarms:
        return
    rows = [
        (
            alarm.pk, alarm.severity, str(alarm.condition), alarm.since, alarm.asserted, alarm.exceeded, alarm.critical,
            alarm.raised_at, alarm.last_at, alarm.cleared_at, alarm.count, str(alarm.inhibited), alarm.case_id,
            alarm.noted_at, _array(alarm.activations), alarm.lasts_from,
        )
        for alarm in alarms
    ]  # fmt: skip
    columns = [column(values) for column, values in zip(COLUMNS, zip(*rows, strict=True), strict=True)]
    with binary_cursor() as cursor:
        run_together(cursor.connection, [(UPDATE, columns)])


def _array(times: list[datetime]) -> str:
    """Write times as PostgreSQL's text of an array: an array of arrays would have to be square."""
    return f"{{{','.join(at.isoformat() for at in times)}}}"
