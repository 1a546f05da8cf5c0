"""Requests of the past played back as cases, through the services everybody uses: for volume, clocks and scores.

``replay(rows, *, mapping, actor, progress) -> Outcome(loaded, skipped, refused)`` is the way in for programs, tests and
benchmarks (keep it stable: the scoring tests call it)::

    mapping = read_mapping(path)                       # cases.replay_mapping
    replay_set_up(mapping, actor=administrator)        # cases.replay_set_up, once
    rows = read_incidents(path_of_csv)                 # any iterable of ``Line`` will do
    outcome = replay(rows[:2000], mapping=mapping, actor=User.objects.system("replay"))

Each row becomes a case with its whole life: opened by ``case_open`` (which lets the hub dispatch it), begun, submitted,
inspected and closed by accounts of the replay, each step at its historical time. A case is stored with all of its life
or not at all, and once: what is loaded already is skipped. Stages that ran past their limit are recorded as they would
have been.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.clocks import timer_key
from cases.models import Case, CaseState, FilingStandard, IntakeReceipt
from cases.replay_mapping import IncidentType, Mapping, Steps
from cases.replay_set_up import Ground, ground_of
from cases.services import case_open
from governance.clock import ClockUnit, Span
from governance.coordinates import CoordinateError, to_wgs84
from governance.errors import Invalid, Refused
from governance.exchange.files import Line, Source, read_lines
from governance.exchange.importers import Column
from governance.models import OrgUnit, User
from governance.timers import fire_past
from governance.workflow import act

COLUMNS = (
    Column("id", gettext_lazy("number there"), required=True),
    Column("created_at", gettext_lazy("reported at"), required=True),
    Column("closed_at", gettext_lazy("closed at")),
    Column("due_at", gettext_lazy("due")),
    Column("type", gettext_lazy("kind"), required=True),
    Column("owner", gettext_lazy("unit"), required=True),
    Column("assigned_to", gettext_lazy("assigned to")),
    Column("status", gettext_lazy("state"), required=True),
    Column("address", gettext_lazy("address")),
    Column("latitude", gettext_lazy("latitude")),
    Column("longitude", gettext_lazy("longitude")),
)
MOST_ROWS = 2_000_000
# Cases of one transaction: a commit costs about as much as a few statements, a kill loses at most these.
BATCH = 25
# The constraint that a request has one case, however many processes replay the same file.
RECEIPT_ONCE = "receipt_once"
SECOND = timedelta(seconds=1)
# Nobody kept electronic records of requests before; such a time is a slip, or stands for none.
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
# What a limit can hold (Dispatch.limit_amount).
LEAST_AMOUNT, MOST_AMOUNT = Decimal("0.01"), Decimal("9999.99")


@dataclass(frozen=True)
class Incident:
    """One row, judged: times with zone, coordinates in WGS-84, what it is and who led it in our words."""

    external_id: str
    kind: IncidentType
    unit: str
    end: str
    opened_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    address: str
    longitude: float
    latitude: float


@dataclass(frozen=True)
class RefusedRow:
    """A row that was not loaded: its line in the file, its id there, the column to blame, and why."""

    line: int
    external_id: str
    field: str
    detail: str


@dataclass
class Outcome:
    """How many rows became cases, how many had before, and which could not."""

    loaded: int = 0
    skipped: int = 0
    refused: list[RefusedRow] = field(default_factory=list)

    @property
    def seen(self) -> int:
        return self.loaded + self.skipped + len(self.refused)

    def add(self, other: "Outcome") -> None:
        """Count what another part of the rows came to."""
        self.loaded, self.skipped = self.loaded + other.loaded, self.skipped + other.skipped
        self.refused += other.refused


def read_incidents(path: Path) -> list[Line]:
    """Return the rows of a CSV file (also gzipped), the oldest first. Raises Invalid for what is no such table."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Invalid(f"{path}: {error.strerror}", field="file", code="unreadable") from error
    lines = read_lines(Source(path.name, content), COLUMNS, most=MOST_ROWS)
    return sorted(lines, key=lambda line: line.row.get("created_at", ""))


def replay(rows: Iterable[Line], *, mapping: Mapping, actor: User,
           progress: Callable[[Outcome], None] | None = None) -> Outcome:  # fmt: skip
    """Make cases of the rows that are none yet; ``actor`` (a system actor) reports and files them.

    ``progress`` is called after each batch with the outcome so far. Raises Invalid without ``replay_set_up``.
    """
    ground, outcome = ground_of(mapping), Outcome()
    waiting = iter(rows)
    while batch := list(islice(waiting, BATCH)):
        incidents = list(_judged(batch, mapping, outcome))
        with transaction.atomic():
            ids = [incident.external_id for _line, incident in incidents]
            known = IntakeReceipt.objects.cases_of(ground.source, ids)
            for line, incident in incidents:
                if incident.external_id in known:
                    outcome.skipped += 1
                else:
                    known[incident.external_id] = 0
                    _load(line, incident, ground, actor, mapping.steps, outcome)
        if progress:
            progress(outcome)
    return outcome


def _load(line: Line, incident: Incident, ground: Ground, actor: User, steps: Steps, outcome: Outcome) -> None:
    try:
        with transaction.atomic():  # a savepoint: a row that is refused leaves nothing and the others stay
            _Life(incident, ground, actor, steps).run()
    except Refused as error:
        outcome.refused.append(RefusedRow(line.number, incident.external_id, error.field or "", str(error.detail)))
    except IntegrityError as error:
        if getattr(error.__cause__, "diag", None) is None or error.__cause__.diag.constraint_name != RECEIPT_ONCE:
            raise
        outcome.skipped += 1  # another process has loaded it in the meantime
    else:
        outcome.loaded += 1


def _judged(batch: list[Line], mapping: Mapping, outcome: Outcome) -> Iterator[tuple[Line, Incident]]:
    for line in batch:
        try:
            if line.wrong:
                raise Invalid(line.wrong)
            yield line, incident_of(line.row, mapping)
        except Invalid as error:
            row = RefusedRow(line.number, line.row.get("id", ""), error.field or "", str(error.detail))
            outcome.refused.append(row)


def incident_of(row: dict[str, str], mapping: Mapping) -> Incident:
    """Judge one row. Raises Invalid naming the column: no place, closed before it was opened, a word nobody mapped."""
    if not row.get("id") or len(row["id"]) > IntakeReceipt._meta.get_field("external_id").max_length:
        raise Invalid(_("An id of at most 120 characters is needed."), field="id")
    end = _mapped(mapping.statuses, row, "status")
    opened_at = _moment(row, "created_at", mapping)
    closed_at = _moment(row, "closed_at", mapping)
    if opened_at is None or not EARLIEST <= opened_at <= timezone.now():
        raise Invalid(_("A time in the past is needed, 1970 or later."), field="created_at")
    if closed_at is None and end not in ("handling", "dispatched"):
        raise Invalid(_("It is over, but nobody knows since when."), field="closed_at", code="required")
    if closed_at is not None and closed_at > timezone.now():
        raise Invalid(_("A time in the past is needed."), field="closed_at", code="in_future")
    if closed_at is not None and closed_at < opened_at:
        raise Invalid(_("It was closed before it was opened."), field="closed_at", code="before_opening")
    due_at = _moment(row, "due_at", mapping)
    if due_at is not None and due_at < opened_at:
        raise Invalid(_("It was due before it was opened."), field="due_at", code="before_opening")
    unit = mapping.unit_of(row["owner"], row.get("assigned_to", ""))
    if unit is None:
        raise Invalid(_("The mapping does not know “%(value)s”.") % {"value": row["owner"]}, field="owner")
    longitude, latitude = _place(row, mapping)
    return Incident(
        external_id=row["id"],
        kind=_mapped(mapping.types, row, "type"),
        unit=unit,
        end=end,
        opened_at=opened_at,
        closed_at=closed_at,
        due_at=due_at,
        address=row.get("address", "")[: Case._meta.get_field("address").max_length],
        longitude=longitude,
        latitude=latitude,
    )


def _mapped(table: dict, row: dict[str, str], column: str):
    if row.get(column) not in table:
        raise Invalid(_("The mapping does not know “%(value)s”.") % {"value": row.get(column, "")}, field=column)
    return table[row[column]]


def _moment(row: dict[str, str], column: str, mapping: Mapping) -> datetime | None:
    if not row.get(column):
        return None
    try:
        moment = datetime.fromisoformat(row[column])
    except ValueError as error:
        text = _("“%(value)s” is no time such as 2018-12-31T23:55:30.") % {"value": row[column]}
        raise Invalid(text, field=column) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=mapping.time_zone)


def _place(row: dict[str, str], mapping: Mapping) -> tuple[float, float]:
    for column in ("longitude", "latitude"):
        if not row.get(column):
            raise Invalid(_("It has no place."), field=column, code="required")
    try:
        return to_wgs84(float(row["longitude"]), float(row["latitude"]), mapping.coordinates)
    except CoordinateError as error:
        field = {"lon": "longitude", "lat": "latitude"}.get(error.field, "longitude")
        raise Invalid(str(error.detail), field=field, code=error.code) from error
    except ValueError as error:
        raise Invalid(_("A coordinate must be a number in degrees."), field="longitude") from error


class _Life:
    """Plays one incident: who does what to its case, and when."""

    def __init__(self, incident: Incident, ground: Ground, actor: User, steps: Steps):
        self.incident, self.ground, self.actor, self.steps = incident, ground, actor, steps
        self.case: Case | None = None

    def run(self) -> None:
        incident, people = self.incident, self.ground.people
        over = {"cancelled": "cancel", "rejected": "reject"}.get(incident.end)
        self._open(waits=over is not None)
        if over:
            self._act(over, people["registrar"], incident.closed_at, reason=_("As the file says."))
            return
        self._give_to(self.ground.units[incident.unit])
        if incident.end == "dispatched":
            self._let_pass(timezone.now())
            return
        handler = self.ground.handlers[incident.unit]
        if incident.end == "handling":
            self._act("start", handler, incident.opened_at)
            self._let_pass(timezone.now())
            return
        started_at, submitted_at, inspected_at = self.steps.between(incident.opened_at, incident.closed_at)
        self._act("start", handler, started_at)
        self._act("submit", handler, submitted_at, result=_("Done, as the file says."))
        self._act("inspect", people["inspector"], inspected_at)
        self._act("close", people["registrar"], incident.closed_at)

    def _open(self, *, waits: bool) -> None:
        """Report the case; filed at once, unless it is to be turned away."""
        incident, source = self.incident, self.ground.source
        standard = None if waits or self._by_dispatcher() else self._standard()
        self.case = case_open(
            actor=self.actor, source=source.kind, description=incident.kind.condition,
            category=None if waits else self._standard().category, standard=standard, area=self.ground.area,
            address=incident.address, longitude=incident.longitude, latitude=incident.latitude,
            origin={"source": source.code, "external_id": incident.external_id}, occurred_at=incident.opened_at,
        )  # fmt: skip
        IntakeReceipt.objects.create(source=source, external_id=incident.external_id, case=self.case)

    def _standard(self) -> FilingStandard:
        return self.ground.standards[self.incident.kind.category]

    def _by_dispatcher(self) -> bool:
        """Whether the file knows better than the standard: another unit, or a term of its own."""
        return self.incident.unit != self.incident.kind.unit or self.incident.due_at is not None

    def _give_to(self, unit: OrgUnit) -> None:
        """Dispatch as the file says where the hub did not."""
        if not self._by_dispatcher() and self.case.lead_unit_id == unit.pk:
            return
        dispatcher, at = self.ground.people["dispatcher"], self.incident.opened_at
        if self.case.state == CaseState.DISPATCHED:
            self._act("recall", dispatcher, at, reason=_("The file names another unit."))
        limit = self._limit()
        self._act(
            "dispatch", dispatcher, at, reason=_("As the file says."), lead_unit=unit, limit_amount=limit.amount,
            limit_unit=str(limit.unit),
        )  # fmt: skip

    def _limit(self) -> Span:
        """Return the term of the file, in hours or days of 24 hours, or else that of the standard."""
        if self.incident.due_at is None:
            return self.incident.kind.limit
        hours = Decimal((self.incident.due_at - self.incident.opened_at) // SECOND) / 3600
        if hours <= MOST_AMOUNT:
            return Span(max(round(hours, 2), LEAST_AMOUNT), ClockUnit.URGENT_HOUR)
        return Span(min(round(hours / 24, 2), MOST_AMOUNT), ClockUnit.URGENT_DAY)

    def _act(self, name: str, who: User, at: datetime, **data) -> None:
        self._let_pass(at)
        self.case = act(self.case, name, actor=who, occurred_at=at, **data)

    def _let_pass(self, until: datetime) -> None:
        """Record the running stage as overdue where it should have ended before ``until``."""
        if self.case.due_at is not None and self.case.due_at < until:
            fire_past(timer_key(self.case), until)
