"""Real requests as histories, written at once: what ``cases.replay`` makes of them through the services, much faster.

A replay costs about 100 ms of CPU a case, which 2,000 of them in the tests cannot. So most are written here, event by
event as the services would, and a test plays some of the same requests through the services and compares.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from cases.models import Case, StageLimit
from cases.replay import Incident, incident_of
from cases.replay_mapping import Mapping
from cases.replay_set_up import Ground, office_code
from cases.tests.scoring_histories import store_clocks, store_events
from governance.clock import ClockUnit, Span
from governance.errors import Invalid
from governance.models import Event, OrgUnit, User
from governance.work_calendars import NATIONAL, calendar_of


class Desk:
    """What histories are written with, loaded once."""

    def __init__(self, mapping: Mapping, ground: Ground):
        self.ground, self.steps = ground, mapping.steps
        self.office = OrgUnit.objects.get(code=office_code(mapping)).pk
        self.limits = {row.stage: Span(row.limit_amount, row.limit_unit) for row in StageLimit.objects.all()}
        self.calendar = calendar_of(ground.area)

    def deadline(self, start: datetime, span: Span) -> datetime:
        return (NATIONAL if span.unit.is_urgent else self.calendar).deadline(start, span)


class Written:
    """One request's history: ``events`` and ``clocks`` as plain dictionaries."""

    def __init__(self, incident: Incident, desk: "Desk"):
        self.incident, self.desk, self.office = incident, desk, desk.office
        self.unit = desk.ground.units[incident.unit]
        self.events: list[dict] = []
        self.clocks: list[dict] = []
        self.due: tuple[str, datetime] | None = None  # of the running stage; None once it was passed
        self.run()

    def tell(self, name: str, at: datetime, unit: int | None = None, **payload) -> None:
        self.pass_limit(at)
        self.events.append({"name": f"case.{name}", "occurred_at": at, "unit_id": unit, "payload": payload})

    def pass_limit(self, until: datetime) -> None:
        if self.due is not None and self.due[1] < until:
            stage, due_at = self.due
            payload = {"stage": stage, "due_at": due_at.isoformat()}
            self.events.append({"name": "case.overdue", "occurred_at": due_at, "unit_id": None, "payload": payload})
            self.due = None

    def enter(self, stage: str, at: datetime, span: Span | None = None) -> datetime:
        due_at = self.desk.deadline(at, span or self.desk.limits[stage])
        self.clocks.append({"stage": stage, "started_at": at, "due_at": due_at})
        self.due = (stage, due_at)
        return due_at

    def run(self) -> None:
        incident, opened = self.incident, self.incident.opened_at
        self.tell("reported", opened)
        if incident.end in ("cancelled", "rejected"):
            self.enter("verification", opened)
            self.tell(incident.end, incident.closed_at, self.office)
            return
        self.tell("accepted", opened)
        span, by = incident.kind.limit, None
        if incident.unit != incident.kind.unit or incident.due_at is not None:
            self.tell("review_needed", opened)
            self.enter("dispatch", opened)
            span, by = self.term(), self.office
        due_at = self.enter("handling", opened, span)
        self.tell("dispatched", opened, by, lead=incident.unit, due_at=due_at.isoformat())
        self.with_unit()

    def term(self) -> Span:
        if self.incident.due_at is None:
            return self.incident.kind.limit
        hours = Decimal((self.incident.due_at - self.incident.opened_at) // timedelta(seconds=1)) / 3600
        return Span(max(round(hours, 2), Decimal("0.01")), ClockUnit.URGENT_HOUR)

    def with_unit(self) -> None:
        incident, unit = self.incident, self.unit.pk
        if incident.end == "dispatched":
            return self.pass_limit(timezone.now())
        if incident.end == "handling":
            self.tell("handling_begun", incident.opened_at, unit)
            return self.pass_limit(timezone.now())
        begun, submitted, inspected = self.desk.steps.between(incident.opened_at, incident.closed_at)
        self.tell("handling_begun", begun, unit)
        self.tell("submitted", submitted, unit)
        self.enter("inspection", submitted)
        self.tell("inspected", inspected, self.office)
        self.enter("closing", inspected)
        return self.tell("closed", incident.closed_at, self.office)


def incidents_of(rows, mapping: Mapping) -> Iterator[tuple]:
    """Yield the rows that a replay would load, with what they say."""
    for line in rows:
        try:
            if not line.wrong:
                yield line, incident_of(line.row, mapping)
        except Invalid:
            continue


def write(written: list[Written], ground: Ground) -> list[Case]:
    """Store histories with their cases."""
    actor = User.objects.system("replay")
    cases = Case.objects.bulk_create(
        Case(
            source=ground.source.kind, description=one.incident.kind.condition, area=ground.area,
            category=None if one.incident.end in ("cancelled", "rejected") else category_of(one, ground),
            reported_at=one.incident.opened_at,
        )
        for one in written
    )  # fmt: skip
    store_clocks(cases, written)
    store_events(
        Event(subject_type="cases.case", subject_id=case.pk, actor=actor, role="system", area=ground.area, **told)
        for case, one in zip(cases, written, strict=True)
        for told in one.events
    )
    return cases


def category_of(one: Written, ground: Ground):
    return ground.standards[one.incident.kind.category].category
