"""Random histories of cases that take every turn the workflow knows, written straight into Event and StageClock.

They need not be possible in every detail (a workflow test's matter); the two computations must agree on any of them.
"""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random

from django.db import connection

from cases.models import Case
from governance import events
from governance.models import Area, Event, OrgUnit, User

HOUR = timedelta(hours=1)
# Steps of the workflow that another branch brings: registered here where they are not yet.
MORE = (
    "signed", "contacted", "extended", "suspended", "resumed", "merged", "appeal_upheld", "appeal_settled",
    "arbitrated", "handed_over", "disposed", "arbitration_needed", "warned", "escalated", "attached", "part_done",
)  # fmt: skip
# What random histories must have in them.
TURNS = (
    "verified", "rejected", "cancelled", "merged", "disposed", "dispatched", "arbitrated", "recalled", "handed_over",
    "returned", "signed", "contacted", "handling_begun", "extended", "suspended", "resumed", "overdue", "submitted",
    "reworked", "inspected", "closed", "rated", "reopened", "appeal_upheld", "appeal_settled",
)  # fmt: skip


def register_missing() -> None:
    for name in MORE:
        if f"case.{name}" not in events.registered():
            events.register(f"case.{name}", name)


class Life:
    """One case on its random way: gathers events and clocks."""

    def __init__(self, rng: Random, began: datetime, units: list[OrgUnit], desk: int):
        self.rng, self.at, self.units, self.desk = rng, began, units, desk
        self.events: list[dict] = []
        self.clocks: list[dict] = []
        self.lead: OrgUnit | None = None

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def later(self, hours: float) -> None:
        self.at += timedelta(seconds=self.rng.expovariate(1 / (hours * 3600)))

    def tell(self, name: str, unit=None, **payload) -> None:
        self.events.append({"name": f"case.{name}", "occurred_at": self.at, "unit_id": unit, "payload": payload})

    def clock(self, stage: str, hours: float) -> datetime:
        due = self.at + hours * HOUR
        self.clocks.append({"stage": stage, "started_at": self.at, "due_at": due})
        return due

    def run(self) -> None:
        self.tell("reported", self.rng.choice([None, self.desk]), to="reported")
        if self.chance(0.8):
            self.clock("verification", 24)
        self.aside(0.1, "contacted", self.desk)
        if self.chance(0.15):
            return  # nobody has looked at it yet
        self.later(10)
        if self.chance(0.4):
            self.tell("verified", self.desk)
            self.clock("acceptance", 4)
            self.later(2)
        ending = self.rng.choices(["accepted", "rejected", "cancelled", "merged", "disposed"], [80, 5, 3, 4, 8])[0]
        self.tell(ending, self.desk, **({"into": "C1"} if ending == "merged" else {}))
        if ending == "disposed":
            self.answer()
            if not self.reopen():
                return
        elif ending != "accepted":
            return
        self.from_desk()

    def aside(self, share: float, name: str, unit=None, **payload) -> None:
        if self.chance(share):
            self.later(1)
            self.tell(name, unit, **payload)

    def from_desk(self) -> None:
        """Accepted, returned, recalled or reopened: dispatched at once or after a while, or not yet."""
        if self.chance(0.4):
            self.clock("dispatch", 4)
            if self.chance(0.1):
                return
            self.later(3)
        name = "arbitrated" if self.chance(0.05) else "dispatched"
        if self.lead is None or self.chance(0.6):
            self.lead = self.rng.choice(self.units)
        due = self.clock("handling", self.rng.choice([8, 24, 72]))
        self.tell(name, self.rng.choice([None, self.desk]), lead=self.lead.code, due_at=due.isoformat())
        self.with_unit(due)

    def with_unit(self, due: datetime) -> None:
        lead = self.lead.pk
        self.aside(0.7, "signed", lead)
        self.aside(0.4, "contacted", self.rng.choice([lead, self.desk]))
        self.aside(0.1, "urged")
        if self.chance(0.08):
            self.later(2)
            self.tell("recalled")
            return self.from_desk()
        if self.chance(0.06):
            self.later(2)
            self.lead = self.rng.choice(self.units)
            told = {"due_at": (due + HOUR).isoformat()} if self.chance(0.5) else {}
            self.tell("handed_over", self.desk, lead=self.lead.code, **told)
        if self.chance(0.15):
            return None  # still there
        self.later(6)
        self.tell("handling_begun", self.lead.pk)
        self.aside(0.05, "overdue", stage="handling", due_at=due.isoformat())
        if self.chance(0.15):
            self.later(4)
            due += self.rng.choice([12, 48]) * HOUR
            self.tell("extended", self.desk, due_at=due.isoformat())
        if self.chance(0.1) and not self.pause(due):
            return None
        if self.chance(0.15):
            self.later(3)
            self.tell("returned", lead)
            self.aside(0.2, "arbitration_needed")
            return self.from_desk()
        return self.finish()

    def pause(self, due: datetime) -> bool:
        self.tell("suspended", self.desk)
        if self.chance(0.4):
            return False
        self.later(48)
        ends = self.clock("handling", 20)
        self.tell("resumed", self.desk, **({"due_at": ends.isoformat()} if self.chance(0.5) else {}))
        return True

    def finish(self) -> None:
        if self.chance(0.15):
            return
        self.later(16)
        self.tell("submitted", self.lead.pk)
        self.clock("inspection", 4)
        while self.chance(0.15):
            self.later(3)
            self.tell("reworked")
            self.clock("handling", 6)
            if self.chance(0.1):
                return
            self.later(5)
            self.tell("submitted", self.lead.pk)
            self.clock("inspection", 4)
        if self.chance(0.1):
            return
        self.later(2)
        self.tell("inspected")
        if self.chance(0.8):
            self.clock("closing", 8)
        if self.chance(0.1):
            return
        self.later(3)
        self.tell("closed", self.desk)
        self.answer()
        self.aside(0.03, "appeal_upheld")
        self.aside(0.03, "appeal_settled", outcome=self.rng.choice(["upheld", "refused"]))
        if self.reopen():
            self.from_desk()

    def answer(self) -> None:
        while self.chance(0.35):
            self.later(20)
            self.tell("rated", score=self.rng.randint(1, 5), solved=self.rng.choice(["yes", "partly", "no"]))

    def reopen(self) -> bool:
        if not self.chance(0.12):
            return False
        self.later(30)
        self.tell("reopened")
        return True


def write(rng: Random, count: int, **given) -> list[Case]:
    """Write ``count`` cases with their histories; ``given`` as for ``prepare``. Returns them."""
    cases, told = prepare(rng, count, **given)
    store_events(told)
    return cases


def prepare(rng: Random, count: int, *, first: datetime, days: int, areas: list[Area], units: list[OrgUnit],
            desk: OrgUnit, categories: list) -> tuple[list[Case], list[Event]]:  # fmt: skip
    """Write ``count`` cases reported within ``days`` from ``first``; returns them and their events, not stored."""
    register_missing()
    lives = []
    for _number in range(count):
        life = Life(rng, first + timedelta(seconds=rng.randrange(days * 86400)), units, desk.pk)
        life.run()
        lives.append(life)
    sources = ["resident", "hotline", "sensor", "grid_worker"]
    cases = Case.objects.bulk_create(
        Case(
            source=rng.choice(sources), description="随机", area=rng.choice(areas), category=rng.choice(categories),
            reported_at=life.events[0]["occurred_at"],
        )
        for life in lives
    )  # fmt: skip
    store_clocks(cases, lives)
    actor = User.objects.system("public")
    return cases, [
        Event(subject_type="cases.case", subject_id=case.pk, actor=actor, role="system", area_id=case.area_id, **told)
        for case, life in zip(cases, lives, strict=True)
        for told in life.events
    ]


def store_events(rows: Iterable[Event]) -> None:
    """Store many events at once: ten thousand in a second."""
    columns = ("name", "subject_type", "subject_id", "actor_id", "role", "unit_id", "area_id", "occurred_at")
    copied = f"COPY governance_event ({', '.join(columns)}, payload) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(copied) as copy:
        for row in rows:
            copy.write_row([*(getattr(row, name) for name in columns), json.dumps(row.payload)])


def store_clocks(cases: Iterable[Case], lives: Iterable) -> None:
    """Store the clocks of histories; every clock ended: one may run at most, and figures do not ask when they ended."""
    copied = "COPY cases_stageclock (case_id, stage, started_at, due_at, ended_at, limit_amount, limit_unit) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(copied) as copy:
        for case, life in zip(cases, lives, strict=True):
            for told in life.clocks:
                due = told["due_at"]
                copy.write_row([case.pk, told["stage"], told["started_at"], due, due, 1, "urgent_hour"])
