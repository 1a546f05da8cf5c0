"""The life of one case of the demo history: who does what to it, and when."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random

from cases import clocks
from cases.demo_lives_aside import DeedsAside
from cases.demo_material import Cast, Subject
from cases.demo_photos import photo_of_work
from cases.dispatch import resolve_units
from cases.feedback import case_rate
from cases.models import Case, CaseSource, CaseState
from cases.services import case_open, case_report
from governance.clock import SHANGHAI, Span
from governance.models import Role, User
from governance.workflow import act

FILED = ["report", "verify", "accept", "dispatch"]
DONE = [*FILED, "start", "note", "submit"]
CLOSED = [*DONE, "inspect", "close"]
# What happens to a case, by how it ends. Deeds that do not apply (a sensor's alarm is not verified) are left out.
DEEDS = {
    "sensed": CLOSED,
    "closed": CLOSED,
    "rated": [*CLOSED, "rate"],
    "late": CLOSED,
    "unplaced": CLOSED,
    "urged": [*FILED, "start", "urge", "submit", "inspect", "close", "rate"],
    "reworked": [*DONE, "rework", "start", "submit", "inspect", "close"],
    "returned": [*FILED, "return", "dispatch", "start", "submit", "inspect", "close"],
    "recalled": [*FILED, "recall", "dispatch", "start", "submit", "inspect", "close"],
    "reopened": [*CLOSED, "rate_badly", "reopen", "dispatch", "start", "submit", "inspect", "close", "rate"],
    "extended": [*FILED, "start", "ask_extension", "extend", "submit", "inspect", "close"],
    "appealed": [*CLOSED, "appeal", "review", "review_again"],
    "repeated": ["report", "repeat", "verify", "accept", "dispatch", "start", "submit", "inspect", "close"],
    "rejected": ["report", "verify", "reject"],
    "cancelled": ["report", "cancel"],
    "now_reported": ["report"],
    "now_verified": ["report", "verify"],
    "now_accepted": ["report", "verify", "accept"],
    "now_dispatched": FILED,
    "now_handling": [*FILED, "start", "note"],
    "now_overdue": [*FILED, "start", "urge"],
    "now_submitted": DONE,
    "now_inspected": [*DONE, "inspect"],
    "now_returned": [*FILED, "return"],
    "now_reworked": [*DONE, "rework"],
    "now_reopened": [*CLOSED, "reopen"],
    "now_rejected": ["report", "reject"],
    "now_cancelled": ["report", "cancel"],
    "now_asking": [*FILED, "start", "ask_extension"],
    "now_suspended": [*FILED, "start", "ask_suspension", "suspend"],
    "now_arbitration": [*FILED, "return", "refer"],
    "now_appealed": [*CLOSED, "appeal"],
}
LATE = ("late", "urged")
OBSERVED_THERE = (CaseSource.SENSOR, CaseSource.GRID_WORKER, CaseSource.PATROL, CaseSource.VIDEO, CaseSource.DEPARTMENT)
# Minutes between a deed and the one before, where no limit governs it [our judgement].
MINUTES = {
    "verify": (8, 70), "accept": (3, 25), "reject": (10, 90), "cancel": (20, 240), "recall": (5, 20), "start": (5, 45),
    "note": (5, 30), "inspect": (15, 110), "rework": (15, 110), "close": (5, 50), "rate": (30, 1200),
    "rate_badly": (30, 1200), "reopen": (20, 1500), "ask_extension": (20, 90), "extend": (5, 40), "appeal": (60, 900),
    "ask_suspension": (20, 90), "suspend": (5, 60), "refer": (20, 90), "review": (60, 600), "review_again": (60, 600),
    "repeat": (3, 25),
}  # fmt: skip
# Working hours between a deed and the one before, where people at a desk decide.
WORK_HOURS = {"dispatch": (0.1, 1.8), "return": (0.2, 1.5)}
BY_DAY = ("verify", "inspect", "rework", "rate", "rate_badly", "reopen")
# Lets the device at the subject's place report it (with True: that it is over); returns the case it opened, if any.
Sense = Callable[[Subject, datetime, bool], Case | None]
WAITING = (CaseState.ACCEPTED, CaseState.RETURNED, CaseState.REOPENED)


def opened(subject: Subject, at: datetime, over: bool) -> Case | None:
    """Open the case of a sensor without any alarm behind it."""
    if over:
        return None
    return case_open(
        actor=User.objects.system("devices"), source=subject.source, description=subject.text,
        category=subject.category, standard=subject.standard, origin={"device": subject.place.device},
        occurred_at=at, **subject.place.given(),
    )  # fmt: skip


class Life(DeedsAside):
    """One case: ``run`` yields the time of its next deed, and does it when resumed."""

    def __init__(self, subject: Subject, fate: str, cast: Cast, rng: Random, *,
                 began: datetime, now: datetime, sense: Sense = opened):  # fmt: skip
        self.subject, self.fate, self.cast, self.rng = subject, fate, cast, rng
        self.at, self.began = began, began
        self.sense = sense
        self.area = subject.place.area
        self.case: Case | None = None
        self.reporter: User | None = None
        self.former_lead = None
        self.worker: User | None = None
        self.deeds = [deed for deed in DEEDS[fate] if self._applies(deed)]
        # Where a case is under way today, its deeds are spread over the time until now, whatever the hour.
        self.ends_at = now - timedelta(minutes=rng.uniform(3, 25)) if fate.startswith("now_") else None

    def run(self) -> Iterator[datetime]:
        """Yield when the next deed is due; the deed is done on resuming."""
        for place, deed in enumerate(self.deeds):
            if deed == "dispatch" and self.case.state not in WAITING:
                continue  # the hub has done it
            self.at = max(self._when(deed, place), self.at + timedelta(seconds=1))
            yield self.at
            getattr(self, f"_{deed}", self._plainly(deed))()
            if self.case is None:
                return  # the device was in alarm already: it has told the earlier case

    def _applies(self, deed: str) -> bool:
        if deed == "verify":
            return self.subject.source not in OBSERVED_THERE
        if deed == "accept":
            return self.subject.source != CaseSource.SENSOR
        if deed in ("rate", "rate_badly"):
            return self.subject.source in (CaseSource.RESIDENT, CaseSource.HOTLINE)
        return deed != "note" or self.rng.random() < 0.3

    def _when(self, deed: str, place: int) -> datetime:
        if deed == "report":
            return self.began
        if self.ends_at is not None:
            return self._before_now(deed, place)
        if deed == "submit":
            return self._handled_at()
        if deed == "urge":
            return self.case.due_at + timedelta(minutes=self.rng.uniform(5, 40))
        if deed in WORK_HOURS:
            hours = Span(f"{self.rng.uniform(*WORK_HOURS[deed]):.2f}", "work_hour")
            return clocks.deadline(self.area, self.at, hours)
        at = self.at + timedelta(minutes=self.rng.uniform(*MINUTES[deed]))
        return self._by_day(at) if deed in BY_DAY else at

    def _before_now(self, deed: str, place: int) -> datetime:
        """Spread the deeds over the time until now; what the centre does at once it does at once here too."""
        part = (place + self.rng.uniform(-0.2, 0.2)) / max(1, len(self.deeds) - 1)
        spread = min(self.began + (self.ends_at - self.began) * part, self.ends_at)
        if deed not in ("verify", "accept"):
            return spread
        return min(self.at + timedelta(minutes=self.rng.uniform(*MINUTES[deed])), spread)

    def _by_day(self, at: datetime) -> datetime:
        """Put off to the morning what nobody does between 20:30 and 7:30."""
        local = at.astimezone(SHANGHAI)
        minutes = local.hour * 60 + local.minute
        if 450 <= minutes < 1230:
            return at
        morning = local.replace(hour=7, minute=30) + timedelta(minutes=self.rng.uniform(0, 90))
        return morning + timedelta(days=1) if minutes >= 1230 else morning

    def _handled_at(self) -> datetime:
        """Return when the unit is done: within its limit, or some time after it where the case is late."""
        clock = self.case.clocks.get(ended_at=None)
        again = self.case.clocks.filter(stage=clock.stage).count() > 1
        shortest, longest = (1.2, 2.2) if self.fate in LATE else (0.1, 0.3) if again else (0.3, 0.9)
        amount = max(float(clock.limit_amount) * self.rng.uniform(shortest, longest), 0.1)
        begun = self.at if again else clock.started_at
        done = clocks.deadline(self.area, begun, Span(f"{amount:.2f}", clock.limit_unit))
        return max(done, self.at + timedelta(minutes=4))

    def _act(self, deed: str, actor: User, **data) -> None:
        self.case = act(self.case, deed, actor=actor, occurred_at=self.at, **data)

    def _plainly(self, deed: str):
        """Return the deed of somebody in charge who only says why."""
        return lambda: self._act(deed, self._in_charge(deed), reason=self.cast.because(deed))

    def _in_charge(self, deed: str) -> User:
        if deed == "return":
            return self._handler()
        if deed == "recall":
            return self.cast.who(Role.DISPATCHER, self.area)
        if deed in ("urge", "rework"):
            return self._supervisor()
        if deed == "note" and self.case.lead_unit is not None:
            return self._handler()
        return self.cast.who(Role.REGISTRAR, self.area)

    def _handler(self) -> User:
        if self.worker is None:
            self.worker = self.cast.who(Role.HANDLER, self.area, self.case.lead_unit_id)
        return self.worker

    def _supervisor(self) -> User:
        supervising = self.case.units_as("supervising")
        people = [self.cast.who(Role.SUPERVISOR, self.area, unit.pk) for unit in supervising]
        return next(filter(None, people), None) or self.cast.who(Role.OPERATIONS_CENTRE, self.area)

    def _report(self) -> None:
        subject = self.subject
        if subject.source == CaseSource.SENSOR:
            self.case = self.sense(subject, self.at, False)
            return
        given = {"source": subject.source, "description": subject.text, "occurred_at": self.at} | subject.place.given()
        self.case = case_report(actor=self._teller(given), **given)

    def _teller(self, given: dict) -> User:
        """Return who tells us, and add to ``given`` who stands behind it where that is somebody else."""
        source = self.subject.source
        if source in (CaseSource.RESIDENT, CaseSource.HOTLINE):
            if source == CaseSource.RESIDENT and self.rng.random() < 0.6:
                self.reporter = given["reporter"] = self.rng.choice(self.cast.residents)
                return self.reporter
            given.update(self.cast.caller())
            return self.cast.system("public") if source == "resident" else self.cast.who(Role.REGISTRAR, self.area)
        roles = {CaseSource.VIDEO: Role.OPERATIONS_CENTRE, CaseSource.DEPARTMENT: Role.HANDLER}
        return self.cast.who(roles.get(source, Role.GRID_WORKER), self.area)

    def _verify(self) -> None:
        self._act("verify", self.cast.who(Role.GRID_WORKER, self.area))

    def _accept(self) -> None:
        subject, registrar = self.subject, self.cast.who(Role.REGISTRAR, self.area)
        self._act("accept", registrar, category=subject.category, standard=subject.standard)

    def _reject(self) -> None:
        self._act("reject", self.cast.who(Role.REGISTRAR, self.area), reason=self.subject.reject_reason)

    def _dispatch(self) -> None:
        """A dispatcher decides: the unit that had it where it was reopened, else the street office."""
        standard = self.subject.standard
        lead = self.former_lead or self.cast.street_office(self.area)
        limit = (standard.limit_amount, standard.limit_unit) if standard else (2, "work_day")
        named = resolve_units(standard, self.area) if standard else {"supervising": []}
        self._act(
            "dispatch", self.cast.who(Role.DISPATCHER, self.area), reason=self.cast.because("dispatch"), lead_unit=lead,
            supervising_units=named["supervising"], limit_amount=limit[0], limit_unit=limit[1],
        )  # fmt: skip
        self.worker = None

    def _start(self) -> None:
        self._act("start", self._handler())

    def _submit(self) -> None:
        wanted = self.case.standard is not None and self.case.standard.photo_after
        photos = [photo_of_work(self.case, self.at, self.rng)] if wanted else []
        self._act("submit", self._handler(), result=self.rng.choice(self.subject.results), photos=photos)
        if self.subject.source == CaseSource.SENSOR:
            self.sense(self.subject, self.at, True)

    def _inspect(self) -> None:
        if self.case.state == CaseState.INSPECTED:
            return  # the photo was enough, by the share of the standard
        looks = self._supervisor() if self.rng.random() < 0.3 else self.cast.who(Role.GRID_WORKER, self.area)
        self._act("inspect", looks)

    def _close(self) -> None:
        self.former_lead = self.case.lead_unit
        self._act("close", self.cast.who(Role.REGISTRAR, self.area), closing_condition_met=True)

    def _rate(self) -> None:
        high = self.fate not in LATE and self.rng.random() < 0.8
        self._rated(self.rng.choice([5, 5, 5, 4]) if high else self.rng.choice([3, 2, 4]))

    def _rate_badly(self) -> None:
        self._rated(self.rng.choice([1, 2]))

    def _rated(self, score: int) -> None:
        solved = {1: "no", 2: "partly", 3: "partly"}.get(score, "yes")
        case_rate(
            self.case, actor=self.reporter or self.cast.system("public"), score=score, solved=solved,
            comment=self.rng.choice(self.cast.comments[str(score)]), occurred_at=self.at,
        )  # fmt: skip

    def _reopen(self) -> None:
        actor = self.reporter or self.cast.who(Role.COMMUNITY_STAFF, self.area)
        self._act("reopen", actor, reason=self.cast.because("reopen"))

    def _cancel(self) -> None:
        actor = self.reporter or self.cast.who(Role.REGISTRAR, self.area)
        self._act("cancel", actor, reason=self.cast.because("cancel"))
